/** A few people with whole messengers over in-memory ports, on one virtual clock. */
import { decodeDeviceSecrets } from '../../protocols/identity/index.ts'
import { encodeRelayLink } from '../../protocols/pairing/index.ts'
import { fromHex, type Suite, toHex } from '../../protocols/suite/index.ts'
import { openssl } from '../../src/crypto/index.ts'
import { type PeerKey, type Web, WebError } from '../../src/messenger/channels/ports.ts'
import { createMessenger } from '../../src/messenger/create.ts'
import { createIdentity } from '../../src/messenger/identity.ts'
import type { Messenger } from '../../src/messenger/messenger.ts'
import type { DeviceKey, NetworkKind, Random, RelaySearch, SelfRow } from '../../src/messenger/ports.ts'
import type { EventView } from '../../src/messenger/views.ts'
import { Life, type Skew } from './life.ts'
import { createMemoryNetwork, type Faults, type MemoryNetwork } from './memory-courier.ts'
import { createMemoryGossipNetwork, type MemoryGossipNetwork } from './memory-gossip.ts'
import { createMemoryMailboxNetwork, type MemoryMailboxNetwork, type MemoryNode } from './memory-mailboxes.ts'
import { createMemoryStore, type MemorySnapshot, type MemoryStore } from './memory-store.ts'
import { seededRandom } from './seeded.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface Person {
  readonly name: string
  messenger: Messenger
  store: MemoryStore
  readonly device: DeviceKey
  /** its node of the channel network */
  readonly peer: PeerKey
  /** of the process that runs now */
  life: Life
  readonly skew: Skew
  events: EventView[]
}

export class World {
  readonly suite: Suite = openssl
  readonly clock: VirtualClock
  readonly random: Random
  readonly network: MemoryNetwork
  readonly gossip: MemoryGossipNetwork
  readonly mailboxes: MemoryMailboxNetwork
  /** what web servers have as their `/.well-known/dure.json`, by domain */
  readonly wellKnown = new Map<string, string>()

  readonly #stores = new Map<DeviceKey, MemoryStore>()
  /** who is found among the strangers of the public network */
  readonly #relaySearch: RelaySearch | undefined

  constructor(options: { seed?: number; faults?: Partial<Faults>; automatic?: boolean; relaySearch?: RelaySearch; now?: number } = {}) {
    this.clock = new VirtualClock(options.now)
    this.#relaySearch = options.relaySearch
    this.random = seededRandom(options.seed ?? 1)
    this.network = createMemoryNetwork({ random: this.random, clock: this.clock, automatic: options.automatic ?? true, ...(options.faults && { faults: options.faults }) })
    this.gossip = createMemoryGossipNetwork({ random: seededRandom(1_000 + (options.seed ?? 1)), now: () => this.clock.now(), automatic: options.automatic ?? true })
    this.mailboxes = createMemoryMailboxNetwork({ suite: this.suite, random: seededRandom(2_000 + (options.seed ?? 1)), clock: this.clock })
  }

  async person(name: string, options: { phrase?: string } = {}): Promise<Person & { phrase: string }> {
    const store = createMemoryStore()
    const { phrase } = await createIdentity({ suite: this.suite, store, random: this.random, now: this.clock.now() }, { name, ...options })
    const person = { ...this.#person(name, store), phrase }
    await this.start(person)
    return person
  }

  /** Somebody whose profile is there already; nothing runs yet. */
  resident(name: string, profile: MemorySnapshot): Person {
    return this.#person(name, createMemoryStore({ from: profile }))
  }

  /**
   * The process ends and starts again on what its store holds.
   * @param network said at the start, for this run
   */
  async restart(person: Person, store: MemoryStore = person.store, network?: NetworkKind): Promise<void> {
    await person.messenger.stop()
    await this.revive(person, store, network)
  }

  /** The process is gone from one moment to the next. */
  async kill(person: Person): Promise<void> {
    person.life.end()
    person.store.die()
    await Promise.all([this.network.courier(person.device).stop(), this.gossip.gossip(person.peer).stop(), this.mailboxes.mailboxes(person.device).stop()])
  }

  /** A process starts, whatever became of the one before. */
  async revive(person: Person, store: MemoryStore, network?: NetworkKind): Promise<void> {
    person.life.end()
    person.life = new Life()
    person.store = store
    person.messenger = this.#messenger(person, network)
    await this.start(person)
  }

  /** A invites, B reads the code, A accepts. */
  async pair(a: Person, b: Person, how: { inPerson?: boolean; scanned?: boolean } = {}): Promise<void> {
    const { link } = await a.messenger.invite({ inPerson: how.inPerson ?? true })
    await b.messenger.pair(link, { scanned: how.scanned ?? false })
    const request = a.messenger.requests()[0]
    if (!request) throw new Error('nobody asks')
    await a.messenger.accept(request.id)
    await this.settle()
  }

  /** Uses a relay with mailboxes, by its link. */
  async use(person: Person, node: MemoryNode): Promise<void> {
    await person.messenger.useRelay(encodeRelayLink({ key: fromHex(node.peer), addresses: node.addresses }))
  }

  /** Nothing of theirs reaches anybody, and nothing reaches them. */
  offline(person: Person): void {
    this.network.disconnect(person.device)
    this.mailboxes.disconnect(person.device)
  }

  online(person: Person): void {
    this.network.reconnect(person.device)
    this.mailboxes.reconnect(person.device)
  }

  /** Until nothing is on its way, letting `ms` of virtual time pass in small steps so that receipts and retries happen. */
  async settle(ms = 5_000, step = 500): Promise<void> {
    await this.#quiet()
    // Where no timer ran, nothing can have begun.
    for (let passed = 0; passed <= ms; passed += step) if (this.clock.advance(step) > 0) await this.#quiet()
  }

  /** What somebody waits for, while time passes as it must. */
  async until<T>(doing: Promise<T>): Promise<T> {
    let done = false
    const watched = doing.finally(() => {
      done = true
    })
    watched.catch(() => undefined)
    for (;;) {
      await this.#quiet()
      if (done) return watched
      this.clock.advance(500)
    }
  }

  async #quiet(): Promise<void> {
    do {
      await this.network.settle()
      await this.gossip.settle()
    } while ((await this.mailboxes.settle()) || (await this.#turned()))
  }

  /** Lets a turn of the event loop pass if something waits for its end to be stored. */
  async #turned(): Promise<boolean> {
    if (![...this.#stores.values()].some(({ pending }) => pending)) return false
    await new Promise((resolve) => setImmediate(resolve))
    return true
  }

  readonly #web: Web = {
    wellKnown: async (domain) => {
      const body = this.wellKnown.get(domain)
      if (body === undefined) throw new WebError('unreachable', 'no server of that name')
      return body
    },
  }

  /** The keys that a profile goes by: of its device, and of its node of the channel network. */
  keysOf(self: SelfRow | undefined): { device: DeviceKey; peer: PeerKey } {
    if (!self) throw new Error('no identity was made')
    const device = toHex(decodeDeviceSecrets(this.suite, self.device).signing.publicKey)
    return { device, peer: toHex(this.suite.hash(new TextEncoder().encode(device))).slice(0, 64) }
  }

  #person(name: string, store: MemoryStore): Person {
    const { device, peer } = this.keysOf(store.self())
    const known = { name, store, device, peer, life: new Life(), skew: { ms: 0 }, events: [] }
    return { ...known, messenger: this.#messenger(known) }
  }

  #messenger({ store, device, peer, life, skew }: Omit<Person, 'messenger'>, network?: NetworkKind): Messenger {
    this.#stores.set(device, store)
    return createMessenger({
      suite: this.suite,
      store,
      courier: life.courier(this.network.courier(device)),
      gossip: life.gossip(this.gossip.gossip(peer)),
      web: this.#web,
      mailboxes: life.mailboxes(this.mailboxes.mailboxes(device)),
      relaySearch: (network) => (network === 'public' ? this.#relaySearch : undefined),
      network,
      clock: life.clock(this.clock, skew),
      random: this.random,
      log: { info: () => undefined, warn: () => undefined },
      peerIdOf: toHex,
      protection: 'key file',
    })
  }

  /** @throws DiedError */
  async start(person: Person): Promise<void> {
    const { life } = person
    person.messenger.on((event) => {
      if (!life.over) person.events.push(event)
    })
    await life.until(person.messenger.start())
  }
}

/** What a conversation shows: the texts in order, one's own marked. */
export const talk = (person: Person, name: string): string[] =>
  person.messenger
    .history(name, { limit: 500 })
    .filter((message) => message.kind !== 'notice')
    .map((message) => `${message.direction === 'out' ? '> ' : ''}${message.text}`)
