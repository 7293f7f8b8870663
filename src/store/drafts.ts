/** What waits to be signed. */
import type { ChannelId, DraftRow } from '../messenger/channels/ports.ts'
import type { Connection } from './database.ts'
import { blob, findable, plainBytes } from './values.ts'

interface DraftColumns {
  id: string
  kind: number
  body: Buffer
  at: number
}

export class Drafts {
  readonly #ofChannel
  readonly #put
  readonly #remove
  readonly #removeAll

  constructor(db: Connection) {
    this.#ofChannel = db.prepare<[Buffer], DraftColumns>('SELECT id, kind, body, at FROM draft WHERE channel = ? ORDER BY place')
    this.#put = db.prepare(`
      INSERT INTO draft (id, channel, kind, at, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, kind = excluded.kind, at = excluded.at, body = excluded.body`)
    this.#remove = db.prepare('DELETE FROM draft WHERE id = ?')
    this.#removeAll = db.prepare('DELETE FROM draft WHERE channel = ?')
  }

  all(channel: ChannelId): DraftRow[] {
    const id = findable(channel)
    return id === undefined ? [] : this.#ofChannel.all(id).map((row) => ({ ...row, channel, body: plainBytes(row.body) }))
  }

  put({ id, channel, kind, body, at }: DraftRow): void {
    this.#put.run(id, blob(channel), kind, at, body)
  }

  remove(id: string): void {
    this.#remove.run(id)
  }

  removeChannel(channel: ChannelId): void {
    this.#removeAll.run(blob(channel))
  }
}
