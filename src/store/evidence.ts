/** Proofs that somebody broke the rules of a channel. */
import type { ChannelId } from '../messenger/channels/ports.ts'
import type { Connection } from './database.ts'
import { blob, findable, plainBytes } from './values.ts'

export class Evidence {
  readonly #ofChannel
  readonly #add
  readonly #removeAll

  constructor(db: Connection) {
    this.#ofChannel = db.prepare<[Buffer], Buffer>('SELECT bytes FROM evidence WHERE channel = ? ORDER BY place').pluck()
    this.#add = db.prepare('INSERT INTO evidence (channel, id, bytes) VALUES (?, ?, ?) ON CONFLICT (channel, id) DO NOTHING')
    this.#removeAll = db.prepare('DELETE FROM evidence WHERE channel = ?')
  }

  all(channel: ChannelId): Uint8Array[] {
    const id = findable(channel)
    return id === undefined ? [] : this.#ofChannel.all(id).map(plainBytes)
  }

  add(channel: ChannelId, id: string, bytes: Uint8Array): void {
    this.#add.run(blob(channel), id, bytes)
  }

  removeChannel(channel: ChannelId): void {
    this.#removeAll.run(blob(channel))
  }
}
