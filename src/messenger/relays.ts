/** The relays a person uses, and whether they hide behind them. */
import { encodeRelayLink, InviteError, parseRelayLink } from '../../protocols/pairing/index.ts'
import { fromHex, toHex } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import { MessengerError } from './errors.ts'
import { FoundRelays } from './found-relays.ts'
import { relayName } from './ids.ts'
import type { Mailboxes } from './mailboxes/ports.ts'
import type { NetworkKind, RelayAt, RelaySearch } from './ports.ts'
import type { RelayFound, RelayView } from './views.ts'

const RELAYS = 'relays'
const HIDE_ADDRESS = 'hideAddress'
const NETWORK = 'network'
/** Two are enough; each keeps a connection and a place somewhere. */
const MAX_RELAYS = 8

interface Kept extends RelayAt {
  /** in the public network, by nobody's choice */
  readonly found?: true
  /** when its link was last given */
  readonly addedAt: number
}

export class Relays {
  readonly #context: Context
  readonly #mailboxes: Pick<Mailboxes, 'hideBehind'>
  readonly #peerIdOf: (key: Uint8Array) => string
  readonly #mailboxesAt: (peer: string) => Pick<RelayView, 'mailboxes' | 'contacts'>

  readonly #searchIn: (network: NetworkKind) => RelaySearch | undefined
  readonly #network: NetworkKind | undefined
  readonly #changed: () => Promise<void>
  readonly #found: FoundRelays

  constructor(
    context: Context,
    parts: { mailboxes: Pick<Mailboxes, 'hideBehind'>; mailboxesAt: (peer: string) => Pick<RelayView, 'mailboxes' | 'contacts'>; peerIdOf: (key: Uint8Array) => string; searchIn: (network: NetworkKind) => RelaySearch | undefined; network: NetworkKind | undefined; changed: () => Promise<void> },
  ) {
    this.#context = context
    this.#mailboxes = parts.mailboxes
    this.#peerIdOf = parts.peerIdOf
    this.#mailboxesAt = parts.mailboxesAt
    this.#searchIn = parts.searchIn
    this.#network = parts.network
    this.#changed = parts.changed
    this.#found = new FoundRelays(context, {
      search: () => this.#search,
      used: () => this.#kept(),
      hidden: () => this.hideAddress,
      take: async (found) => {
        await this.#keep(found.map(({ peer, addresses }) => this.#kept().find((each) => each.peer === peer) ?? { peer, addresses, addedAt: context.clock.now(), found: true }))
        await parts.changed()
      },
    })
  }

  /** Before the courier starts. */
  async start(): Promise<void> {
    await this.#giveUpFound()
    this.#context.courier.useRelays(this.#kept())
    await this.#hide(this.hideAddress)
    this.#found.start()
  }

  stop(): void {
    this.#found.stop()
  }

  /** The network is another one now. */
  retry(): void {
    this.#found.retry()
  }

  list(): RelayView[] {
    const states = new Map(this.#context.courier.relays().map(({ peer, state }) => [peer, state]))
    return this.#kept().map(({ peer, addresses, addedAt, found = false }) => ({
      id: relayName(peer),
      peerId: this.#peerIdOf(fromHex(peer)),
      addresses,
      state: states.get(peer) ?? 'trying',
      found,
      ...this.#mailboxesAt(peer),
      addedAt,
    }))
  }

  /** The same relay again takes over its new addresses. @throws MessengerError */
  async use(link: string): Promise<RelayView> {
    const { key, addresses } = readLink(link)
    const peer = toHex(key)
    // What was found by itself is given up for what the person chose.
    const others = this.#kept().filter((each) => each.peer !== peer && each.found !== true)
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
    for (const { peer, found } of meant) if (found === true) await this.#found.forgotten(peer)
    await this.#keep(kept.filter((each) => !meant.includes(each)))
  }

  /** @throws MessengerError 'conflict' on a private network, 'unreachable' when nobody answered */
  async find(): Promise<RelayFound[]> {
    const search = this.#search
    if (!search) throw new MessengerError('conflict', 'this node keeps to a private network', 'dure settings network public, or dure start --bootstrap with an address to begin at')
    if (this.hideAddress) throw new MessengerError('conflict', 'your address is hidden, and a search would show it to strangers', 'first: dure settings hide-address off')
    const found = await search()
    if (!found) throw new MessengerError('unreachable', 'nobody of the public network answered', 'are you online? dure start --bootstrap gives another address to begin at')
    return found.map(({ peer, addresses }) => ({ id: relayName(peer), link: encodeRelayLink({ key: fromHex(peer), addresses }), addresses }))
  }

  get network(): NetworkKind {
    return this.#network ?? (this.#context.store.setting(NETWORK) === 'private' ? 'private' : 'public')
  }

  async setNetwork(network: NetworkKind): Promise<void> {
    await this.#context.store.commit([{ put: 'setting', key: NETWORK, value: network }])
    if (await this.#giveUpFound()) await this.#changed()
    this.#found.retry()
  }

  get #search(): RelaySearch | undefined {
    return this.#searchIn(this.network)
  }

  /** Who keeps to what they configured uses nothing that strangers named. @returns whether there was any */
  async #giveUpFound(): Promise<boolean> {
    const kept = this.#kept()
    const chosen = kept.filter(({ found }) => found !== true)
    if (this.#search || chosen.length === kept.length) return false
    await this.#keep(chosen)
    return true
  }

  get hideAddress(): boolean {
    return this.#context.store.setting(HIDE_ADDRESS) === 'on'
  }

  /** @throws MessengerError 'conflict' without a relay to hide behind */
  async setHideAddress(on: boolean): Promise<void> {
    if (on && this.#kept().every(({ found }) => found === true)) throw new MessengerError('conflict', 'there is no relay to hide behind', 'dure relay use LINK')
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
