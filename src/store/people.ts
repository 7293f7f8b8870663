/** Ourselves, settings, contacts and the questions that wait for the person. */
import type { ContactRow, RequestRow, SelfRow } from '../messenger/ports.ts'
import type { Connection } from './database.ts'
import { bit, blob, hex, maybe, orNull, plainBytes, same } from './values.ts'

interface SelfColumns {
  entropy: Buffer
  device: Buffer
  device_list: Buffer
  name: string
  picture: Buffer | null
}

interface ContactColumns {
  account: Buffer
  state: ContactRow['state']
  profile_name: string
  name: string
  picture: Buffer | null
  device_list: Buffer
  addresses: string
  verified: number
  scanned: number
  timer: number
  added_at: number
}

interface RequestColumns {
  id: string
  kind: RequestRow['kind']
  account: Buffer
  device: Buffer
  code: string | null
  at: number
}

export class People {
  readonly #getSelf
  readonly #putSelf
  readonly #getSetting
  readonly #putSetting
  readonly #contacts
  readonly #putContact
  readonly #removeContact
  readonly #requests
  readonly #putRequest
  readonly #removeRequest

  constructor(db: Connection) {
    this.#getSelf = db.prepare<[], SelfColumns>('SELECT * FROM self')
    this.#putSelf = db.prepare('INSERT OR REPLACE INTO self VALUES (1, ?, ?, ?, ?, ?)')
    this.#getSetting = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck()
    this.#putSetting = db.prepare('INSERT OR REPLACE INTO setting VALUES (?, ?)')
    this.#contacts = db.prepare<[], ContactColumns>('SELECT * FROM contact ORDER BY place')
    this.#putContact = db.prepare(`
      INSERT INTO contact (account, state, profile_name, name, picture, device_list, addresses, verified, scanned, timer, added_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (account) DO UPDATE SET state = excluded.state, profile_name = excluded.profile_name, name = excluded.name,
        picture = excluded.picture, device_list = excluded.device_list, addresses = excluded.addresses, verified = excluded.verified,
        scanned = excluded.scanned, timer = excluded.timer, added_at = excluded.added_at`)
    this.#removeContact = db.prepare('DELETE FROM contact WHERE account = ?')
    this.#requests = db.prepare<[], RequestColumns>('SELECT * FROM request ORDER BY place')
    this.#putRequest = db.prepare(`
      INSERT INTO request (id, kind, account, device, code, at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, account = excluded.account, device = excluded.device,
        code = excluded.code, at = excluded.at`)
    this.#removeRequest = db.prepare('DELETE FROM request WHERE id = ?')
  }

  self(): SelfRow | undefined {
    const row = this.#getSelf.get()
    if (row === undefined) return undefined
    const { entropy, device, device_list: deviceList, name, picture } = row
    return {
      entropy: plainBytes(entropy),
      device: plainBytes(device),
      deviceList: plainBytes(deviceList),
      name,
      picture: maybe(picture, plainBytes),
    }
  }

  putSelf(row: SelfRow): void {
    this.#putSelf.run(row.entropy, row.device, row.deviceList, row.name, orNull(row.picture))
  }

  setting(key: string): string | undefined {
    return this.#getSetting.get(key)
  }

  putSetting(key: string, value: string): void {
    this.#putSetting.run(key, value)
  }

  contacts(): ContactRow[] {
    return this.#contacts.all().map((row) => ({
      account: hex(row.account),
      state: row.state,
      profileName: row.profile_name,
      name: row.name,
      picture: maybe(row.picture, plainBytes),
      deviceList: plainBytes(row.device_list),
      addresses: JSON.parse(row.addresses) as ContactRow['addresses'],
      verified: row.verified === 1,
      scanned: row.scanned === 1,
      timer: row.timer,
      addedAt: row.added_at,
    }))
  }

  putContact(row: ContactRow): void {
    this.#putContact.run(
      blob(row.account), row.state, row.profileName, row.name, orNull(row.picture), row.deviceList,
      JSON.stringify(row.addresses), bit(row.verified), bit(row.scanned), row.timer, row.addedAt,
    )
  }

  removeContact(account: string): void {
    this.#removeContact.run(blob(account))
  }

  requests(): RequestRow[] {
    return this.#requests.all().map(({ id, kind, account, device, code, at }) => {
      return { id, kind, account: hex(account), device: hex(device), code: maybe(code, same), at }
    })
  }

  putRequest(row: RequestRow): void {
    this.#putRequest.run(row.id, row.kind, blob(row.account), blob(row.device), orNull(row.code), row.at)
  }

  removeRequest(id: string): void {
    this.#removeRequest.run(id)
  }
}
