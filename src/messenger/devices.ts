/**
 * The devices of people we know: setting up sessions with them outside an invite, and what happens when the signed list of
 * an account changes.
 */
import {
  decodePrekeySecrets,
  encodePrekeySecrets,
  HandshakeError,
  type Initiated,
  initiate,
  makeBundle,
  peekPrekeyIds,
  type Responded,
  respond,
  type VerifiedBundle,
  verifyBundle,
} from '../../protocols/handshake/index.ts'
import { type DeviceListError, type VerifiedDeviceList, verifyDeviceList } from '../../protocols/identity/index.ts'
import { RETENTION } from '../../protocols/mailbox/index.ts'
import { decodeReply, encodeRequest } from '../../protocols/pairing/index.ts'
import { startBeside, startSession } from '../../protocols/session/index.ts'
import { fromHex, toHex } from '../../protocols/suite/index.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Notices } from './notices.ts'
import type { Outbox } from './outbox.ts'
import { type AccountKey, type Change, CourierError, type DeviceKey, type PrekeyRow, type RequestRow } from './ports.ts'
import type { Views } from './present.ts'
import type { Self } from './self.ts'
import type { Sessions } from './sessions.ts'

/** A bundle handed to a contact may be used this long: the time a session's first message may take. */
export const BUNDLE_LIFETIME_MS = 7 * 24 * 3600_000
/** How long one that lies in mailboxes may be used. Renewed at the half, so who stays away as long as mailboxes keep anything leaves one that is good. */
const LAID_OUT_LIFETIME_MS = 2 * RETENTION
/** Bundles laid out for one contact: who uses them up makes us draw keys so often and no more (attack 11). */
const MAX_LAID_OUT_A_DAY = 4
const DAY_MS = 24 * 3600_000
/** Whoever makes it look as if sessions were gone, a contact or a node, makes us start one so often and no more. */
const START_AGAIN_AFTER_MS = 6 * 3600_000
/** Unused bundles a contact may hold at once; asking for more replaces the oldest (attack 11). */
const MAX_BUNDLES_A_CONTACT = 4

export class Devices {
  readonly #context: Context
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #sessions: Sessions
  readonly #notices: Notices
  readonly #views: Views
  /** when a session with a contact last began, whichever side started it, as far as this run knows */
  readonly #begun = new Map<AccountKey, number>()
  /** when bundles were drawn to be laid out, of the last day */
  readonly #drawn = new Map<AccountKey, readonly number[]>()
  #outbox: Outbox | undefined

  constructor(context: Context, self: Self, contacts: Contacts, sessions: Sessions, notices: Notices, views: Views) {
    this.#context = context
    this.#self = self
    this.#contacts = contacts
    this.#sessions = sessions
    this.#notices = notices
    this.#views = views
  }

  /** The outbox asks us for sessions and we tell it when they stand: the one circle of the house, closed here. */
  join(outbox: Outbox): void {
    this.#outbox = outbox
  }

  /** Fetches a bundle from a contact's device, shakes hands and seals what waited, all in one commit. */
  async renew(device: DeviceKey): Promise<void> {
    const { courier } = this.#context
    const contact = this.#contacts.ownerOf(device)
    if (!contact) throw new CourierError('refused', 'this device is nobody we know')
    const request = encodeRequest({ type: 'fetchContactBundle', deviceList: this.#self.list.bytes })
    const reply = decodeReply(await courier.pairing(device, contact.addresses[device] ?? [], request))
    if (reply.type !== 'contactBundle') throw new CourierError('refused', 'the device hands out no keys to us')
    await this.renewWith(device, [reply.bundle])
  }

  /**
   * The same with bundles that lay in mailboxes: whoever brought them, they must be of this very device. The newest is used: a node may go on
   * handing out one that was used up.
   * @throws CourierError refused
   */
  async renewWith(device: DeviceKey, found: readonly Uint8Array[]): Promise<void> {
    const contact = this.#contacts.ownerOf(device)
    if (!contact) throw new CourierError('refused', 'this device is nobody we know')
    const shaken = found.flatMap((bytes) => this.#shakeHands(contact.account, device, bytes) ?? [])
    const [newest] = shaken.toSorted((a, b) => b.bundle.bundle.notAfter - a.bundle.bundle.notAfter)
    if (!newest) throw new CourierError('refused', 'these are no keys of the device that may be used')
    const { bundle, handshake } = newest
    const step = newStep()
    this.listPresented(step, contact.account, bundle.list)
    step.changes.push(this.startSession(contact.account, device, handshake))
    this.#outbox?.sealWaiting(step, device)
    await commit(this.#context, step)
  }

  /**
   * Whether a device has used up the keys that our session with it began with, going by what it laid out, and never answered: it opened something
   * else with them, as a session of ours that we do not remember, and cannot open this one.
   */
  passedOver(device: DeviceKey, found: readonly Uint8Array[]): boolean {
    const used = this.#sessions.unanswered(device)
    return used !== undefined && this.#everyOne(device, found, ({ signedPrekey }) => signedPrekey.id !== used)
  }

  /**
   * Whether a device laid out its keys later than the last it said to us, by its own clock. Whoever lays out keys says something after it: this one was
   * put back to an older state, and can neither open anything of our session nor say so.
   */
  laidOutUnsaid(device: DeviceKey, found: readonly Uint8Array[]): boolean {
    const heard = this.#sessions.heard(device)
    return heard !== undefined && this.#everyOne(device, found, ({ notAfter }) => notAfter - LAID_OUT_LIFETIME_MS > heard)
  }

  #everyOne(device: DeviceKey, found: readonly Uint8Array[], holds: (bundle: VerifiedBundle['bundle']) => boolean): boolean {
    const account = this.#contacts.ownerOf(device)?.account
    const laidOut = account === undefined ? [] : found.flatMap((bytes) => this.#verified(account, device, bytes) ?? [])
    return laidOut.length > 0 && laidOut.every(({ bundle }) => holds(bundle))
  }

  #shakeHands(account: AccountKey, device: DeviceKey, bytes: Uint8Array): { bundle: VerifiedBundle; handshake: Initiated } | undefined {
    const { suite, random } = this.#context
    const bundle = this.#verified(account, device, bytes)
    return bundle && { bundle, handshake: initiate(suite, random, { device: this.#self.device, deviceList: this.#self.list.bytes, bundle }) }
  }

  #verified(account: AccountKey, device: DeviceKey, bytes: Uint8Array): VerifiedBundle | undefined {
    const { suite, clock, log } = this.#context
    try {
      const bundle = verifyBundle(suite, bytes, clock.now())
      return toHex(bundle.bundle.device) === device && toHex(bundle.list.list.account) === account ? bundle : undefined
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      log.info('keys of a contact were refused', { code: error.code })
      return undefined
    }
  }

  /** A session with a contact began, or is about to. */
  begun(account: AccountKey): void {
    this.#begun.set(account, this.#context.clock.now())
  }

  begunLately(account: AccountKey): boolean {
    const since = this.#context.clock.now() - (this.#begun.get(account) ?? -Infinity)
    return since >= 0 && since < START_AGAIN_AFTER_MS
  }

  startSession(account: AccountKey, device: DeviceKey, handshake: Initiated): Change {
    const { suite, clock } = this.#context
    const record = startSession(suite, this.#sessions.get(device), {
      handshake,
      self: this.#self.end,
      peer: { account: fromHex(account), device: fromHex(device) },
      now: clock.now(),
    })
    this.begun(account)
    return this.#sessions.put(device, record)
  }

  /** For a hello: beside the session in which they write to us, if they do, for it may be refused or never answered. */
  startForHello(account: AccountKey, device: DeviceKey, handshake: Initiated): Change {
    const record = this.#sessions.get(device)
    if (!record?.active.heard) return this.startSession(account, device, handshake)
    const { suite, clock } = this.#context
    const peer = { account: fromHex(account), device: fromHex(device) }
    return this.#sessions.put(device, startBeside(suite, record, { handshake, self: this.#self.end, peer, now: clock.now() }))
  }

  /**
   * Keys for a contact, or whom we asked to become one, who has no session with us: after a restore, an import, or a lost database. The list it
   * presents must be signed by the account and name the very device that asks. Undefined: a stranger, who is not answered.
   */
  async bundleFor(device: DeviceKey, presented: Uint8Array): Promise<Uint8Array | undefined> {
    const { suite, clock } = this.#context
    const list = verifyDeviceList(suite, presented, clock.now())
    const account = toHex(list.list.account)
    if (!this.#contacts.isWanted(account)) return undefined
    if (!list.list.devices.some((entry) => toHex(entry.signing) === device)) return undefined
    const step = newStep()
    this.listPresented(step, account, list)
    if (this.#contacts.ownerOf(device)?.account !== account) {
      await commit(this.#context, step)
      return undefined
    }
    const held = this.#heldPrekeys(step, account).filter(({ laidOut }) => !laidOut)
    for (const row of held.slice(0, Math.max(0, held.length + 1 - MAX_BUNDLES_A_CONTACT))) step.changes.push({ remove: 'prekey', id: row.id })
    const { row, bundle } = this.#draw(account, clock.now() + BUNDLE_LIFETIME_MS)
    step.changes.push({ put: 'prekey', row })
    await commit(this.#context, step)
    return bundle
  }

  /**
   * The prekeys of the one bundle that lies in all queues of a contact, drawn anew when it was used or has lived half its life.
   * Undefined: for no contact, and for who has used up those of today.
   * @param say adds a word to them to the step that draws: keys without one after them say that we were put back
   */
  async laidOut(account: AccountKey, say: (step: Step) => void): Promise<PrekeyRow | undefined> {
    if (!this.#contacts.isWanted(account)) return undefined
    const { clock, store } = this.#context
    const now = clock.now()
    const step = newStep()
    const good = this.#heldPrekeys(step, account).find(({ laidOut, expires }) => laidOut && expires - RETENTION - now > LAID_OUT_LIFETIME_MS / 2)
    if (good) {
      await store.settled() // drawn for another node in this very turn, they leave when they are durable
      return good
    }
    const drawn = (this.#drawn.get(account) ?? []).filter((at) => now - at < DAY_MS)
    if (drawn.length >= MAX_LAID_OUT_A_DAY) return undefined
    this.#drawn.set(account, [...drawn, now])
    const row = { ...this.#draw(account, now + LAID_OUT_LIFETIME_MS).row, laidOut: true as const }
    step.changes.push({ put: 'prekey', row })
    say(step)
    await commit(this.#context, step)
    return row
  }

  /** What lies in queues names us by a list that was: it is answered as long as it may be used, and takes its place no more. */
  layOutAnew(step: Step, lay: () => Promise<void>): void {
    for (const { laidOut, ...row } of this.#context.store.prekeys()) if (laidOut) step.changes.push({ put: 'prekey', row })
    step.afterwards.push(() => void lay().catch(() => this.#context.log.warn('keys in mailboxes were not renewed')))
  }

  /** Those that are still answered; the others go with the step. */
  #heldPrekeys(step: Step, account: AccountKey): PrekeyRow[] {
    const { clock, store } = this.#context
    return store.prekeys(account).filter(({ id, expires }) => {
      if (expires > clock.now()) return true
      step.changes.push({ remove: 'prekey', id })
      return false
    })
  }

  /** They stay until what was made with them at the last moment has lain in a mailbox to its age. */
  #draw(account: AccountKey, notAfter: number): { row: PrekeyRow; bundle: Uint8Array } {
    const { suite, random } = this.#context
    const ids = newPrekeyIds(this.#context)
    const { bundle, secrets } = makeBundle(suite, random, { device: this.#self.device, deviceList: this.#self.list.bytes, notAfter, ids })
    return { row: { id: ids.signedPrekey, account, secrets: encodePrekeySecrets(suite, secrets), expires: notAfter + RETENTION }, bundle }
  }

  /** How a first message from a contact's device is answered, and what follows once it was opened: until then no key is spent (attack 10). */
  responder(account: AccountKey, device: DeviceKey): { respond: (message: Uint8Array) => Responded | undefined; opened: (step: Step) => void } {
    let used: PrekeyRow | undefined
    let answered: Responded | undefined
    return {
      respond: (message) => {
        const { suite, store, clock } = this.#context
        used = store.prekey(peekPrekeyIds(message).signedPrekey)
        if (used?.account !== account || used.expires <= clock.now()) return undefined
        answered = respond(suite, {
          device: this.#self.device,
          prekeys: decodePrekeySecrets(suite, used.secrets),
          message,
          now: clock.now(),
        })
        const theirs = toHex(answered.peer.device) === device && toHex(answered.peer.list.list.account) === account
        return theirs ? answered : undefined
      },
      opened: (step) => {
        this.begun(account)
        if (used) step.changes.push({ remove: 'prekey', id: used.id })
        if (answered) this.listPresented(step, account, answered.peer.list)
        this.#outbox?.sealAnew(step, device)
      },
    }
  }

  /** A verified list of a contact's account was shown to us: take it over when it is newer, tell when it must be refused. */
  listPresented(step: Step, account: AccountKey, next: VerifiedDeviceList): void {
    let judged: 'same' | 'newer' | 'recovered'
    try {
      judged = this.#contacts.judgeList(account, next)
    } catch (error) {
      return this.listRefused(step, account, error as DeviceListError)
    }
    if (judged === 'same') return
    const before = this.#contacts.devices(account)
    step.changes.push(this.#contacts.update(account, { deviceList: next.bytes }))
    const after = this.#contacts.devices(account)
    const added = after.filter((device) => !before.includes(device))
    const struckOff = before.filter((device) => !after.includes(device))
    if (added.length > 0) this.#notices.add(step, account, 'new-device')
    const held = this.#outbox?.moveToNewDevices(step, account, struckOff, added) ?? false
    const [device] = added
    if (held && device !== undefined) {
      const row: RequestRow = {
        id: newRequestId(this.#context),
        kind: 'new-device',
        account,
        device,
        code: undefined,
        at: this.#context.clock.now(),
      }
      step.changes.push({ put: 'request', row })
      step.afterwards.push(() => this.#context.events.emit({ type: 'request', request: this.#views.request(row) }))
    }
    step.afterwards.push(() => {
      const row = this.#contacts.get(account)
      if (row) this.#context.events.emit({ type: 'contact', contact: this.#views.contact(row) })
    })
  }

  /** Refused and shown: an older list, or two lists with one number (attack 39). */
  listRefused(step: Step, account: AccountKey, error: DeviceListError): void {
    const name = this.#contacts.get(account)?.name ?? ''
    step.afterwards.push(() =>
      this.#context.events.emit({
        type: 'warning',
        code: 'device-list-refused',
        text: `${name} showed a device list that was refused: ${error.message}`,
      }),
    )
  }
}

/** 31 random bits an id: prekeys are found by it, nothing depends on it being secret. */
export function newPrekeyIds(context: Context): { signedPrekey: number; pqPrekey: number; ratchet: number; oneTimePrekey: number } {
  const draw = (): number => new DataView(context.random(4).slice().buffer).getUint32(0) >>> 1
  return { signedPrekey: draw(), pqPrekey: draw(), ratchet: draw(), oneTimePrekey: draw() }
}

const REQUEST_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Six characters people can type: no l, o, 0 or 1. */
export function newRequestId(context: Context): string {
  return Array.from(context.random(6), (byte) => REQUEST_ALPHABET[byte % REQUEST_ALPHABET.length]).join('')
}
