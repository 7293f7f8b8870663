/** The relays a person uses, and whether they hide behind them. */
import { InviteError, parseRelayLink } from '../../protocols/pairing/index.ts'
import { fromHex, toHex } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import { MessengerError } from './errors.ts'
import { relayName } from './ids.ts'
import type { Mailboxes } from './mailboxes/ports.ts'
import type { RelayAt } from './ports.ts'
import type { RelayView } from './views.ts'

const RELAYS = 'relays'
const HIDE_ADDRESS = 'hideAddress'
/** Two are enough; each keeps a connection and a place somewhere. */
const MAX_RELAYS = 8

interface Kept extends RelayAt {
  /** when its link was last given */
  readonly addedAt: number
}

export class Relays {
  readonly #context: Context
  readonly #mailboxes: Pick<Mailboxes, 'hideBehind'>
  readonly #peerIdOf: (key: Uint8Array) => string
  readonly #mailboxesAt: (peer: string) => Pick<RelayView, 'mailboxes' | 'contacts'>

  constructor(
    context: Context,
    parts: { mailboxes: Pick<Mailboxes, 'hideBehind'>; mailboxesAt: (peer: string) => Pick<RelayView, 'mailboxes' | 'contacts'>; peerIdOf: (key: Uint8Array) => string },
  ) {
    this.#context = context
    this.#mailboxes = parts.mailboxes
    this.#peerIdOf = parts.peerIdOf
    this.#mailboxesAt = parts.mailboxesAt
  }

  /** Before the courier starts. */
  async start(): Promise<void> {
    this.#context.courier.useRelays(this.#kept())
    await this.#hide(this.hideAddress)
  }

  list(): RelayView[] {
    const states = new Map(this.#context.courier.relays().map(({ peer, state }) => [peer, state]))
    return this.#kept().map(({ peer, addresses, addedAt }) => ({
      id: relayName(peer),
      peerId: this.#peerIdOf(fromHex(peer)),
      addresses,
      state: states.get(peer) ?? 'trying',
      ...this.#mailboxesAt(peer),
      addedAt,
    }))
  }

  /** The same relay again takes over its new addresses. @throws MessengerError */
  async use(link: string): Promise<RelayView> {
    const { key, addresses } = readLink(link)
    const peer = toHex(key)
    const others = this.#kept().filter((each) => each.peer !== peer)
    if (others.length >= MAX_RELAYS) throw new MessengerError('too-large', `you use ${MAX_RELAYS} relays already`, 'dure relay forget ID makes room')
    await this.#keep([...others, { peer, addresses, addedAt: this.#context.clock.now() }])
    return this.list().at(-1) as RelayView
  }

  /** @param id as `list` shows it, or the peer id. @throws MessengerError */
  async forget(id: string): Promise<void> {
    const kept = this.#kept()
    const meant = kept.filter(({ peer }) => peer.startsWith(id.toLowerCase()) || this.#peerIdOf(fromHex(peer)) === id)
    if (meant.length > 1) throw new MessengerError('ambiguous', `${meant.length} relays begin with that`, 'write more of it')
    if (meant.length === 0) throw new MessengerError('not-found', 'you use no such relay', 'dure relay list')
    if (kept.length === 1 && this.hideAddress) throw new MessengerError('conflict', 'you hide behind this relay', 'first: dure settings hide-address off')
    await this.#keep(kept.filter((each) => !meant.includes(each)))
  }

  get hideAddress(): boolean {
    return this.#context.store.setting(HIDE_ADDRESS) === 'on'
  }

  /** @throws MessengerError 'conflict' without a relay to hide behind */
  async setHideAddress(on: boolean): Promise<void> {
    if (on && this.#kept().length === 0) throw new MessengerError('conflict', 'there is no relay to hide behind', 'dure relay use LINK')
    await this.#context.store.commit([{ put: 'setting', key: HIDE_ADDRESS, value: on ? 'on' : 'off' }])
    await this.#hide(on)
  }

  async #hide(on: boolean): Promise<void> {
    this.#mailboxes.hideBehind(on ? () => this.#likeliest() : undefined)
    await this.#context.courier.hideAddress(on)
  }

  /** @throws MessengerError 'unreachable': whoever answered an invite of ours could not reach us */
  needAddress(): void {
    if (!this.hideAddress || this.#context.courier.addresses().length > 0) return
    throw new MessengerError('unreachable', 'your address is hidden, and no relay has a place for you yet', 'dure relay list shows them; an invite needs one')
  }

  used(): readonly Kept[] {
    return this.#kept()
  }

  /** Those that have a place for us answer. */
  #likeliest(): readonly RelayAt[] {
    const reserved = new Set(this.#context.courier.relays().flatMap(({ peer, state }) => (state === 'reserved' ? [peer] : [])))
    return this.#kept().toSorted((a, b) => Number(reserved.has(b.peer)) - Number(reserved.has(a.peer)))
  }

  #kept(): Kept[] {
    return JSON.parse(this.#context.store.setting(RELAYS) ?? '[]') as Kept[]
  }

  async #keep(kept: readonly Kept[]): Promise<void> {
    await this.#context.store.commit([{ put: 'setting', key: RELAYS, value: JSON.stringify(kept) }])
    this.#context.courier.useRelays(kept)
  }
}

function readLink(link: string): ReturnType<typeof parseRelayLink> {
  try {
    return parseRelayLink(link)
  } catch (error) {
    if (!(error instanceof InviteError)) throw error
    const hint = error.code === 'other-kind' ? `it is a ${error.kind} code` : 'copy the whole of it; the operator sees it with dure status'
    throw new MessengerError('invite-invalid', 'this is not the link of a relay', hint)
  }
}
