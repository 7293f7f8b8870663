/** The secret keys of channels. */
import type { ChannelId, ChannelKeyRow } from '../messenger/channels/ports.ts'
import type { Connection } from './database.ts'
import { blob, findable, maybe, orNull, plainBytes } from './values.ts'

interface KeyColumns {
  role: ChannelKeyRow['role']
  secret: Buffer
  entropy: Buffer | null
}

export class ChannelKeys {
  readonly #ofChannel
  readonly #put
  readonly #remove
  readonly #removeAll

  constructor(db: Connection) {
    this.#ofChannel = db.prepare<[Buffer], KeyColumns>('SELECT role, secret, entropy FROM channel_key WHERE channel = ? ORDER BY role')
    this.#put = db.prepare('INSERT OR REPLACE INTO channel_key (channel, role, secret, entropy) VALUES (?, ?, ?, ?)')
    this.#remove = db.prepare('DELETE FROM channel_key WHERE channel = ? AND role = ?')
    this.#removeAll = db.prepare('DELETE FROM channel_key WHERE channel = ?')
  }

  all(channel: ChannelId): ChannelKeyRow[] {
    const id = findable(channel)
    if (id === undefined) return []
    return this.#ofChannel.all(id).map(({ role, secret, entropy }) => {
      const row = { channel, secret: plainBytes(secret) }
      return role === 'root' ? { ...row, role, entropy: maybe(entropy, plainBytes) } : { ...row, role }
    })
  }

  put(row: ChannelKeyRow): void {
    this.#put.run(blob(row.channel), row.role, row.secret, row.role === 'root' ? orNull(row.entropy) : null)
  }

  remove(channel: ChannelId, role: ChannelKeyRow['role']): void {
    this.#remove.run(blob(channel), role)
  }

  removeChannel(channel: ChannelId): void {
    this.#removeAll.run(blob(channel))
  }
}
