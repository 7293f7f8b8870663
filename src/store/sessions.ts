/** Invites, prekeys and ratchet sessions. */
import type { AccountKey, DeviceKey, InviteRow, PrekeyRow } from '../messenger/ports.ts'
import type { Connection } from './database.ts'
import type { Parties } from './parties.ts'
import { bit, blob, hex, plainBytes } from './values.ts'

interface InviteColumns {
  id: Buffer
  role: InviteRow['role']
  expires: number
  state: Buffer
}

interface PrekeyColumns {
  id: number
  account: Buffer
  expires: number
  secrets: Buffer
  laid_out: number
}

export class Sessions {
  readonly #parties: Parties
  /** Sessions of the open group: a busy device's session is written once a transaction, however many messages it carried. */
  readonly #waiting = new Map<DeviceKey, Uint8Array | undefined>()
  readonly #invites
  readonly #putInvite
  readonly #removeInvite
  readonly #prekey
  readonly #prekeys
  readonly #prekeysOf
  readonly #putPrekey
  readonly #removePrekey
  readonly #session
  readonly #devices
  readonly #putSession
  readonly #removeSession

  constructor(db: Connection, parties: Parties) {
    this.#parties = parties
    this.#invites = db.prepare<[], InviteColumns>('SELECT * FROM invite ORDER BY place')
    this.#putInvite = db.prepare(`
      INSERT INTO invite (id, role, expires, state) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET role = excluded.role, expires = excluded.expires, state = excluded.state`)
    this.#removeInvite = db.prepare('DELETE FROM invite WHERE id = ?')
    this.#prekey = db.prepare<[number], PrekeyColumns>('SELECT * FROM prekey WHERE id = ?')
    this.#prekeys = db.prepare<[], PrekeyColumns>('SELECT * FROM prekey ORDER BY expires, id')
    this.#prekeysOf = db.prepare<[Buffer], PrekeyColumns>('SELECT * FROM prekey WHERE account = ? ORDER BY expires, id')
    this.#putPrekey = db.prepare('INSERT OR REPLACE INTO prekey (id, account, expires, secrets, laid_out) VALUES (?, ?, ?, ?, ?)')
    this.#removePrekey = db.prepare('DELETE FROM prekey WHERE id = ?')
    this.#session = db.prepare<[number], Buffer>('SELECT record FROM session WHERE device = ?').pluck()
    this.#devices = db.prepare<[], Buffer>('SELECT key FROM session JOIN party ON ref = device').pluck()
    this.#putSession = db.prepare('INSERT INTO session VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET record = excluded.record')
    this.#removeSession = db.prepare('DELETE FROM session WHERE device = ?')
  }

  invites(): InviteRow[] {
    return this.#invites.all().map(({ id, role, expires, state }) => ({ id: hex(id), role, state: plainBytes(state), expires }))
  }

  putInvite(row: InviteRow): void {
    this.#putInvite.run(blob(row.id), row.role, row.expires, row.state)
  }

  removeInvite(id: string): void {
    this.#removeInvite.run(blob(id))
  }

  prekey(id: number): PrekeyRow | undefined {
    const row = this.#prekey.get(id)
    return row === undefined ? undefined : prekeyOf(row)
  }

  prekeys(account?: AccountKey): PrekeyRow[] {
    return (account === undefined ? this.#prekeys.all() : this.#prekeysOf.all(blob(account))).map(prekeyOf)
  }

  putPrekey(row: PrekeyRow): void {
    this.#putPrekey.run(row.id, blob(row.account), row.expires, row.secrets, bit(row.laidOut === true))
  }

  removePrekey(id: number): void {
    this.#removePrekey.run(id)
  }

  session(device: DeviceKey): Uint8Array | undefined {
    if (this.#waiting.has(device)) return this.#waiting.get(device)
    const ref = this.#parties.find(device)
    const record = ref === undefined ? undefined : this.#session.get(ref)
    return record === undefined ? undefined : plainBytes(record)
  }

  devices(): DeviceKey[] {
    this.write()
    return this.#devices.all().map(hex).sort()
  }

  put(device: DeviceKey, record: Uint8Array | undefined): void {
    blob(device)
    this.#waiting.set(device, record)
  }

  /** Writes what waits into the open transaction. */
  write(): void {
    for (const [device, record] of this.#waiting) {
      const ref = this.#parties.ref(device)
      if (record === undefined) this.#removeSession.run(ref)
      else this.#putSession.run(ref, record)
    }
    this.#waiting.clear()
  }

  /** After a rollback. */
  forget(): void {
    this.#waiting.clear()
  }
}

const prekeyOf = ({ id, account, expires, secrets, laid_out }: PrekeyColumns): PrekeyRow => {
  return { id, account: hex(account), secrets: plainBytes(secrets), expires, ...(laid_out === 1 && { laidOut: true as const }) }
}
