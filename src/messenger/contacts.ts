/** The people we know: their rows, which device is whose, and finding one by what a person typed. */
import {
  acceptDeviceList,
  accountFingerprint,
  DeviceListError,
  type VerifiedDeviceList,
  verifyDeviceList,
} from '../../protocols/identity/index.ts'
import { fromHex, toHex } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import { MessengerError } from './errors.ts'
import type { AccountKey, Change, ContactRow, DeviceKey } from './ports.ts'

/** Addresses remembered for a device: the newest few; older ones rarely answer and every dial costs time. */
export const MAX_ADDRESSES_A_DEVICE = 8

export class Contacts {
  readonly #context: Context
  #rows = new Map<AccountKey, ContactRow>()
  #lists = new Map<AccountKey, VerifiedDeviceList>()
  #owners = new Map<DeviceKey, AccountKey>()

  constructor(context: Context) {
    this.#context = context
    this.reload()
  }

  /** Back to what the store holds: at the start, and after a transaction failed. */
  reload(): void {
    this.#rows = new Map()
    this.#lists = new Map()
    this.#owners = new Map()
    for (const row of this.#context.store.contacts()) this.#hold(row)
  }

  all(): ContactRow[] {
    return [...this.#rows.values()]
  }

  get(account: AccountKey): ContactRow | undefined {
    return this.#rows.get(account)
  }

  /** The contact a device belongs to by the newest list we accepted: a device struck off the list is nobody's (attack 41). */
  ownerOf(device: DeviceKey): ContactRow | undefined {
    const account = this.#owners.get(device)
    return account === undefined ? undefined : this.#rows.get(account)
  }

  list(account: AccountKey): VerifiedDeviceList | undefined {
    return this.#lists.get(account)
  }

  devices(account: AccountKey): DeviceKey[] {
    return this.#lists.get(account)?.list.devices.map((device) => toHex(device.signing)) ?? []
  }

  /** As its owner calls it. '' for a device that is on nobody's list. */
  deviceName(device: DeviceKey): string {
    const account = this.#owners.get(device)
    const devices = account === undefined ? undefined : this.#lists.get(account)?.list.devices
    return devices?.find(({ signing }) => toHex(signing) === device)?.name ?? ''
  }

  /** Somebody we want to hear from wherever we are: a contact, or whom we asked to become one, whose yes may come when we have gone. */
  isWanted(account: AccountKey): boolean {
    const state = this.#rows.get(account)?.state
    return state === 'accepted' || state === 'asked'
  }

  put(row: ContactRow): Change {
    const unchanged = this.#rows.get(row.account)?.deviceList === row.deviceList
    if (unchanged) this.#rows.set(row.account, row)
    else {
      this.#forget(row.account)
      this.#hold(row)
    }
    return { put: 'contact', row }
  }

  update(account: AccountKey, changed: Partial<ContactRow>): Change {
    return this.put({ ...this.#known(account), ...changed })
  }

  /** Newest first, each once. */
  withAddresses(account: AccountKey, device: DeviceKey, addresses: readonly string[]): Change {
    const row = this.#known(account)
    const merged = [...new Set([...addresses, ...(row.addresses[device] ?? [])])].slice(0, MAX_ADDRESSES_A_DEVICE)
    return this.update(account, { addresses: { ...row.addresses, [device]: merged } })
  }

  /**
   * What a newly presented device list means for a contact.
   * @throws DeviceListError 'rollback', 'fork', 'unknown-prev', 'other-account' (attack 39)
   */
  judgeList(account: AccountKey, next: VerifiedDeviceList): 'same' | 'newer' | 'recovered' {
    const known = this.#lists.get(account)
    if (!known) throw new DeviceListError('other-account')
    if (this.claimsOthers(next)) throw new DeviceListError('other-account', 'one of its devices does')
    return acceptDeviceList(known, next)
  }

  /** A list is signed by its account alone, which could name the device of another contact, and so be taken for who speaks from it (attack 8). */
  claimsOthers({ list }: VerifiedDeviceList): boolean {
    const owners = list.devices.flatMap(({ signing }) => this.#owners.get(toHex(signing)) ?? [])
    return owners.some((owner) => owner !== toHex(list.account))
  }

  /**
   * The contact a person means: our name for them whatever the case, else the only one that starts so, else the hex account.
   * @throws MessengerError 'not-found', 'ambiguous'
   */
  find(typed: string): ContactRow {
    const wanted = fold(typed)
    if (wanted === '') throw new MessengerError('bad-input', 'a name is needed', 'dure contacts lists the names')
    const rows = this.all().filter((row) => row.state !== 'refused')
    const exact = rows.filter((row) => fold(row.name) === wanted || row.account === wanted)
    const found = exact.length > 0 ? exact : rows.filter((row) => fold(row.name).startsWith(wanted))
    if (found.length > 1) {
      throw new MessengerError('ambiguous', `"${typed}" could be ${found.map((row) => row.name).join(' or ')}`, 'type more of the name')
    }
    const [row] = found
    if (!row) throw new MessengerError('not-found', `no contact is called "${typed}"`, 'dure contacts lists the names')
    return row
  }

  /** A contact we may write to. @throws MessengerError 'not-accepted' and those of `find` */
  findAccepted(typed: string): ContactRow {
    const row = this.find(typed)
    if (row.state === 'accepted') return row
    const hint = {
      asked: 'they have not accepted yet; they see your request in "dure requests"',
      asking: 'accept them first: dure requests, then dure accept ID',
      refused: 'pair again with a new invite',
      blocked: `dure unblock ${row.name}`,
    }[row.state]
    throw new MessengerError('not-accepted', `${row.name} is ${row.state === 'blocked' ? 'blocked' : 'not a contact yet'}`, hint)
  }

  /** A name nobody else has: the wish, or the wish with a number. */
  freeName(wish: string, except?: AccountKey): string {
    const base = wish.trim() || 'Somebody'
    const taken = new Set(this.all().flatMap((row) => (row.account === except ? [] : [fold(row.name)])))
    let name = base
    for (let n = 2; taken.has(fold(name)); n++) name = `${base} ${n}`
    return name
  }

  fingerprint(account: AccountKey): string {
    return accountFingerprint(this.#context.suite, fromHex(account))
  }

  #known(account: AccountKey): ContactRow {
    const row = this.#rows.get(account)
    if (!row) throw new MessengerError('not-found', 'this contact is not known')
    return row
  }

  #hold(row: ContactRow): void {
    this.#rows.set(row.account, row)
    // Verified when it was stored, and a list past its end still names the devices it named: time is judged on arrival.
    const list = verifyDeviceList(this.#context.suite, row.deviceList, 0)
    this.#lists.set(row.account, list)
    for (const device of list.list.devices) this.#owners.set(toHex(device.signing), row.account)
  }

  #forget(account: AccountKey): void {
    for (const device of this.devices(account)) this.#owners.delete(device)
    this.#rows.delete(account)
    this.#lists.delete(account)
  }
}

const fold = (name: string): string => name.trim().normalize('NFKC').toLocaleLowerCase()
