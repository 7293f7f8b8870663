/** Invites we made and invites we answered, as the store keeps them. */
import { bundleHash, encodePrekeySecrets, makeBundle } from '../../protocols/handshake/index.ts'
import {
  type AskedInvite,
  bundleReply,
  createInvite,
  decodeInviteState,
  decodeScanState,
  encodeInvite,
  encodeInviteState,
  encodeScanState,
  type InviteState,
  inviteIdOf,
  LINK_LIFETIME,
  type OpenInvite,
  pairingFrame,
  SCREEN_LIFETIME,
  type ScanState,
} from '../../protocols/pairing/index.ts'
import { RETENTION } from '../../protocols/mailbox/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import { commit, type Context, newStep } from './context.ts'
import { newPrekeyIds } from './devices.ts'
import { MessengerError } from './errors.ts'
import type { InviteMailboxes } from './mailboxes/mailboxes.ts'
import type { Change, DeviceKey } from './ports.ts'
import type { Outbox } from './outbox.ts'
import type { Self } from './self.ts'
import type { InviteView } from './views.ts'

/** Invites that wait at once: each is a door left ajar, and each costs 8 KB. */
const MAX_OPEN_INVITES = 200
/** Seconds. Shorter is over before it is read; longer is a password. */
const MIN_LIFETIME = 30
const MAX_LIFETIME = 30 * 24 * 3600

/** So often what has expired is forgotten. */
const FORGET_EVERY_MS = 3600_000

export class Invites {
  readonly #context: Context
  readonly #self: Self
  readonly #outbox: Pick<Outbox, 'settled'>
  readonly #mailboxes: () => Pick<InviteMailboxes, 'open'>
  #cancel: (() => void) | undefined

  constructor(context: Context, self: Self, outbox: Pick<Outbox, 'settled'>, mailboxes: () => Pick<InviteMailboxes, 'open'>) {
    this.#context = context
    this.#self = self
    this.#outbox = outbox
    this.#mailboxes = mailboxes
  }

  async start(): Promise<void> {
    const { clock, log } = this.#context
    this.#cancel = clock.after(FORGET_EVERY_MS, () => void this.start().catch(() => log.warn('expired invites were not forgotten; tried again later')))
    await this.forgetExpired()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** @param options `inPerson`: to be shown on a screen; `lifetime` in seconds */
  async create(options: { inPerson: boolean; lifetime?: number }): Promise<InviteView> {
    const { suite, random, clock, courier, store } = this.#context
    const lifetime = options.lifetime ?? (options.inPerson ? SCREEN_LIFETIME : LINK_LIFETIME)
    if (!Number.isInteger(lifetime) || lifetime < MIN_LIFETIME || lifetime > MAX_LIFETIME) {
      throw new MessengerError('bad-input', 'an invite lives between 30 seconds and 30 days', 'try --expires 10m')
    }
    await this.forgetExpired()
    if (store.invites().filter((row) => row.role === 'inviter').length >= MAX_OPEN_INVITES) {
      throw new MessengerError('too-large', `${MAX_OPEN_INVITES} invites are waiting`, 'let some of them expire first')
    }
    const expires = Math.floor(clock.now() / 1000) + lifetime
    const { bundle, secrets } = makeBundle(suite, random, {
      device: this.#self.device,
      deviceList: this.#self.list.bytes,
      notAfter: expires * 1000,
      ids: newPrekeyIds(this.#context),
    })
    const made = createInvite(random, {
      device: this.#self.deviceId,
      bundle,
      bundleHash: bundleHash(suite, bundle),
      prekeys: encodePrekeySecrets(suite, secrets),
      addresses: courier.addresses(),
      inPerson: options.inPerson,
      expires,
    })
    // A code on a screen is answered there and then.
    const opened = options.inPerson ? undefined : await this.#mailboxes().open(made.invite.secret, bundleReply(suite, made))
    const state: OpenInvite = opened ? { ...made, invite: { ...made.invite, mailbox: opened.mailbox } } : made
    const step = newStep()
    step.changes.push(this.putOurs(state))
    opened?.put(step)
    await commit(this.#context, step)
    return { link: encodeInvite(state.invite), expires: expires * 1000, inPerson: options.inPerson }
  }

  ours(id: Uint8Array): InviteState | undefined {
    const row = this.#row(id, 'inviter')
    return row && decodeInviteState(row.state)
  }

  allOurs(): InviteState[] {
    return this.#context.store
      .invites()
      .flatMap((row) => (row.role === 'inviter' ? [decodeInviteState(row.state)] : []))
  }

  putOurs(state: InviteState): Change {
    const expires = (state.step === 'open' ? state.invite.expires : state.expires) * 1000
    const { suite } = this.#context
    return { put: 'invite', row: { id: toHex(inviteIdOf(suite, state)), role: 'inviter', state: encodeInviteState(state), expires } }
  }

  answered(id: Uint8Array): ScanState | undefined {
    const row = this.#row(id, 'scanner')
    return row && decodeScanState(row.state)
  }

  /** The invites of this device that we answered and have heard nothing of. */
  asked(device: DeviceKey): AskedInvite[] {
    const states = this.#context.store.invites().flatMap((row) => (row.role === 'scanner' ? [decodeScanState(row.state)] : []))
    return states.filter((state): state is AskedInvite => state.step === 'asked' && toHex(state.device) === device)
  }

  putAnswered(state: ScanState): Change {
    const row = { id: toHex(state.id), role: 'scanner' as const, state: encodeScanState(state), expires: state.expires * 1000 }
    return { put: 'invite', row }
  }

  /** First the hellos that still wait to be left for them, which nobody answers any more; an answer may lie in a mailbox as long as that keeps anything. */
  async forgetExpired(): Promise<void> {
    const { store, clock } = this.#context
    const now = clock.now()
    const over = store.invites().filter((row) => row.expires <= now)
    const step = newStep()
    for (const { id, role, expires } of over) if (role === 'inviter' || expires + RETENTION <= now) step.changes.push({ remove: 'invite', id })
    const hellos = new Set(over.flatMap(({ id, role }) => (role === 'scanner' ? [id] : [])))
    if (hellos.size > 0) for (const { id, device, envelope } of store.outbox()) if (hellos.has(id) && envelope && pairingFrame(envelope) === 'left') this.#outbox.settled(step, device, id)
    if (step.changes.length > 0) await commit(this.#context, step)
  }

  #row(id: Uint8Array, role: 'inviter' | 'scanner'): { state: Uint8Array } | undefined {
    const key = toHex(id)
    return this.#context.store.invites().find((row) => row.id === key && row.role === role)
  }
}
