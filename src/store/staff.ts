/** Who was asked to post for a channel, by us or us by others. */
import type { ChannelId, StaffRow } from '../messenger/channels/ports.ts'
import type { Connection } from './database.ts'
import { blob, hex, plainBytes } from './values.ts'

interface StaffColumns {
  id: string
  channel: Buffer
  role: StaffRow['role']
  account: Buffer
  terms: Buffer
  at: number
}

export class Staff {
  readonly #all
  readonly #put
  readonly #remove
  readonly #removeAll

  constructor(db: Connection) {
    this.#all = db.prepare<[], StaffColumns>('SELECT id, channel, role, account, terms, at FROM staff ORDER BY place')
    this.#put = db.prepare(`
      INSERT INTO staff (id, channel, role, account, at, terms) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, role = excluded.role, account = excluded.account, at = excluded.at,
        terms = excluded.terms`)
    this.#remove = db.prepare('DELETE FROM staff WHERE id = ?')
    this.#removeAll = db.prepare('DELETE FROM staff WHERE channel = ?')
  }

  all(): StaffRow[] {
    return this.#all.all().map((row) => ({ ...row, channel: hex(row.channel), account: hex(row.account), terms: plainBytes(row.terms) }))
  }

  put({ id, channel, role, account, terms, at }: StaffRow): void {
    this.#put.run(id, blob(channel), role, blob(account), at, terms)
  }

  remove(id: string): void {
    this.#remove.run(id)
  }

  removeChannel(channel: ChannelId): void {
    this.#removeAll.run(blob(channel))
  }
}
