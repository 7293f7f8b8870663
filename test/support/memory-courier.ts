/**
 * Couriers that meet in memory: the in-memory twin of `src/net` for tests of the messenger and for simulations.
 * Nothing moves by itself unless `automatic`; every choice comes from `random`, so a seed gives one history. No timers.
 */
import {
  type Clock, type Courier, CourierError, type CourierHandlers, type DeviceKey, type RelayAt, type Random, type Verdict,
} from '../../src/messenger/ports.ts'

/** Probabilities from 0 to 1, drawn once for every leg of every exchange (there and back). */
export interface Faults {
  /** the leg is lost: the sender's promise rejects with code 'timeout', whether or not the envelope had arrived */
  drop: number
  /** an envelope is handed over a second time later, as a resend would */
  duplicate: number
  /** the next leg is any waiting one instead of the oldest */
  reorder: number
  /** the leg, and all behind it between the same two, comes up to MAX_LAG_MS later; needs a clock */
  lag: number
}

const MAX_LAG_MS = 30_000

export interface MemoryNetwork {
  courier(device: DeviceKey): Courier
  readonly faults: Faults
  /** True: legs move on their own, one a turn of the event loop. False: only `step` and `settle` move them. */
  automatic: boolean
  /** Moves one leg. False when nothing waits. Does not wait for the handler it calls. */
  step(): boolean
  /** Steps until nothing waits and every handler has answered, including what they send on the way. */
  settle(): Promise<void>
  /** Legs waiting to be moved. */
  waiting(): number
  /** Cuts a device off: its connections vanish on both sides, what is under way is lost. */
  disconnect(device: DeviceKey): void
  /** Lets it back. Connections do not come back by themselves. */
  reconnect(device: DeviceKey): void
  /** Only devices of one group reach each other; a device in no group reaches nobody. */
  partition(...groups: DeviceKey[][]): void
  heal(): void
  /** One direction between two of them is dead: what goes there is lost, and the connection with it. */
  deafen(from: DeviceKey, to: DeviceKey): void
  /** Everybody hears everybody. */
  cure(): void
  /** What mDNS does: each side that is up and admits the other connects. */
  meet(a: DeviceKey, b: DeviceKey): void
  /** A running device gets another address: connections vanish, its `addressesChanged` runs. */
  move(device: DeviceKey): void
  /** Every envelope and pairing frame that entered the network, for tests that look at the wire. */
  readonly wire: { readonly from: DeviceKey; readonly to: DeviceKey; readonly kind: 'envelope' | 'pairing'; readonly bytes: Uint8Array }[]
}

interface Leg {
  readonly from: DeviceKey
  readonly to: DeviceKey
  readonly copy: (() => void) | undefined
  arrive(): void
  lost(error: CourierError): void
}

interface Node {
  readonly device: DeviceKey
  handlers: CourierHandlers | undefined
  up: boolean
  cut: boolean
  address: string
  /** kept and shown: this network has nothing to relay over */
  relays: readonly RelayAt[]
  hidden: boolean
  /** address a device was last reached at, the peer store of the real one */
  readonly known: Map<DeviceKey, string>
  readonly peers: Set<DeviceKey>
}

export function createMemoryNetwork(options: { random: Random; automatic?: boolean; faults?: Partial<Faults>; clock?: Clock }): MemoryNetwork {
  const nodes = new Map<DeviceKey, Node>()
  const legs: Leg[] = []
  /** on their way for longer */
  const late = new Set<Leg>()
  /** when the last of them arrives, by direction */
  const lateUntil = new Map<string, number>()
  const deaf = new Set<string>()
  const faults: Faults = { drop: 0, duplicate: 0, reorder: 0, lag: 0, ...options.faults }
  const wire: MemoryNetwork['wire'] = []
  let groups: DeviceKey[][] | undefined
  let nextPort = 1024
  let running = 0
  let automatic = options.automatic ?? false
  let scheduled = false
  let changed = Promise.withResolvers<void>()

  const chance = (p: number): boolean => p > 0 && below(1 << 16) < p * (1 << 16)
  const below = (limit: number): number => {
    const [a = 0, b = 0, c = 0, d = 0] = options.random(4)
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % limit
  }
  const notify = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const freshAddress = (): string => `/ip4/127.0.0.1/tcp/${nextPort++}`

  function node(device: DeviceKey): Node {
    let found = nodes.get(device)
    if (!found) {
      found = { device, handlers: undefined, up: false, cut: false, address: freshAddress(), relays: [], hidden: false, known: new Map(), peers: new Set() }
      nodes.set(device, found)
    }
    return found
  }

  const reaches = (a: Node, b: Node): boolean =>
    a.up && b.up && !a.cut && !b.cut && (!groups || groups.some(group => group.includes(a.device) && group.includes(b.device)))

  function connect(a: Node, b: Node): void {
    a.known.set(b.device, b.address)
    b.known.set(a.device, a.address)
    if (a.peers.has(b.device)) return
    a.peers.add(b.device)
    b.peers.add(a.device)
    // A turn later, as an event would: what is being sent when the connection comes up arrives first.
    queueMicrotask(() => {
      if (a.peers.has(b.device) && a.handlers?.admits(b.device)) a.handlers.appeared(b.device)
      if (b.peers.has(a.device) && b.handlers?.admits(a.device)) b.handlers.appeared(a.device)
    })
  }

  function hangUp(a: Node, b: Node): void {
    if (!a.peers.delete(b.device)) return
    b.peers.delete(a.device)
    const between = (leg: Leg): boolean => (leg.from === a.device && leg.to === b.device) || (leg.from === b.device && leg.to === a.device)
    const lost = [...[...late].filter(between), ...legs.filter(between)]
    for (const leg of lost) {
      if (!late.delete(leg)) legs.splice(legs.indexOf(leg), 1)
      leg.lost(new CourierError('unreachable', 'the connection was lost'))
    }
    if (a.up && a.handlers?.admits(b.device)) a.handlers.vanished(b.device)
    if (b.up && b.handlers?.admits(a.device)) b.handlers.vanished(a.device)
  }

  function hangUpUnreachable(): void {
    for (const a of nodes.values()) {
      for (const peer of [...a.peers]) if (!reaches(a, node(peer))) hangUp(a, node(peer))
    }
  }

  function enqueue(leg: Leg): void {
    const wait = lagOf(leg)
    if (wait > 0) {
      late.add(leg)
      options.clock?.after(wait, () => {
        if (late.delete(leg)) waits(leg)
      })
    } else waits(leg)
  }

  function waits(leg: Leg): void {
    legs.push(leg)
    notify()
    schedule()
  }

  function lagOf(leg: Leg): number {
    if (!options.clock) return 0
    const now = options.clock.now()
    const before = lateUntil.get(way(leg.from, leg.to)) ?? 0
    const until = Math.max(before, chance(faults.lag) ? now + 1 + below(MAX_LAG_MS) : 0)
    if (until > now) lateUntil.set(way(leg.from, leg.to), until)
    return until - now
  }

  function schedule(): void {
    if (!automatic || scheduled || legs.length === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (automatic) step()
      schedule()
    })
  }

  function step(): boolean {
    if (legs.length === 0) return false
    const [leg] = legs.splice(chance(faults.reorder) ? below(legs.length) : 0, 1)
    if (!leg) return false
    if (deaf.has(way(leg.from, leg.to))) {
      leg.lost(new CourierError('timeout', 'no answer'))
      hangUp(node(leg.from), node(leg.to))
    } else if (chance(faults.drop)) leg.lost(new CourierError('timeout', 'no answer'))
    else {
      if (leg.copy && chance(faults.duplicate)) enqueue({ ...leg, arrive: leg.copy, copy: undefined, lost: () => {} })
      leg.arrive()
    }
    return true
  }

  function exchange<Answer>(
    from: Node, to: Node, hints: readonly string[], kind: 'envelope' | 'pairing', bytes: Uint8Array, call: (handlers: CourierHandlers) => Promise<Answer>,
  ): Promise<Answer> {
    if (!from.up) return Promise.reject(new CourierError('stopped', 'the courier is stopped'))
    const dialable = from.peers.has(to.device) || hints.includes(to.address) || from.known.get(to.device) === to.address
    if (!reaches(from, to) || !dialable) return Promise.reject(new CourierError('unreachable', 'no address answered'))
    connect(from, to)
    wire.push({ from: from.device, to: to.device, kind, bytes: bytes.slice() })
    return new Promise<Answer>((resolve, reject) => {
      const handle = async (handlers: CourierHandlers): Promise<void> => {
        running++
        let back: () => void
        try {
          const answer = await call(handlers)
          back = () => resolve(answer)
        } catch {
          // As the real one: a refused envelope takes its stream and all that is under way on it along, so order holds.
          if (kind === 'envelope') hangUp(from, to)
          back = () => reject(new CourierError('refused', 'the other side hung up'))
        }
        running--
        if (from.peers.has(to.device)) enqueue({ from: to.device, to: from.device, copy: undefined, arrive: back, lost: reject })
        else reject(new CourierError('unreachable', 'the connection was lost'))
        notify()
      }
      const arrive = (): void => {
        if (!to.handlers || (kind === 'envelope' && !to.handlers.admits(from.device))) {
          hangUp(from, to)
          reject(new CourierError('refused', 'the other side hung up'))
        } else void handle(to.handlers)
      }
      enqueue({ from: from.device, to: to.device, arrive, copy: kind === 'envelope' ? arrive : undefined, lost: reject })
    })
  }

  function courier(device: DeviceKey): Courier {
    const self = node(device)
    return {
      serve(handlers) {
        self.handlers = handlers
      },
      async start() {
        if (!self.handlers) throw new Error('serve() comes before start()')
        self.up = true
        self.handlers.addressesChanged([self.address])
      },
      async stop() {
        for (const peer of [...self.peers]) hangUp(self, node(peer))
        self.up = false
      },
      send: (to, hints, envelope) =>
        exchange<Verdict>(self, node(to), hints, 'envelope', envelope, handlers => handlers.envelope(device, envelope.slice())),
      pairing: (to, hints, request) =>
        exchange(self, node(to), hints, 'pairing', request, async handlers => (await handlers.pairing(device, request.slice())).slice()),
      connected: to => self.peers.has(to),
      addresses: () => (self.up && !self.hidden ? [self.address] : []),
      useRelays(relays) {
        self.relays = relays
      },
      relays: () => self.relays.map(({ peer }) => ({ peer, state: 'trying' as const })),
      async hideAddress(on) {
        self.hidden = on
      },
      peerCount: () => self.peers.size,
    }
  }

  return {
    courier,
    faults,
    wire,
    get automatic() {
      return automatic
    },
    set automatic(on: boolean) {
      automatic = on
      schedule()
    },
    step,
    async settle() {
      for (let quiet = 0; quiet < 3;) {
        if (step()) quiet = 0
        else if (running > 0) {
          await changed.promise
          quiet = 0
        } else quiet++
        // Whoever was answered may have more to send after a commit or two.
        await new Promise<void>(resolve => setImmediate(resolve))
      }
    },
    waiting: () => legs.length,
    disconnect(device) {
      node(device).cut = true
      hangUpUnreachable()
    },
    reconnect(device) {
      node(device).cut = false
    },
    partition(...next) {
      groups = next
      hangUpUnreachable()
    },
    heal() {
      groups = undefined
    },
    deafen: (from, to) => void deaf.add(way(from, to)),
    cure: () => deaf.clear(),
    meet(a, b) {
      const [first, second] = [node(a), node(b)]
      if (reaches(first, second) && (first.handlers?.admits(b) || second.handlers?.admits(a))) connect(first, second)
    },
    move(device) {
      const self = node(device)
      for (const peer of [...self.peers]) hangUp(self, node(peer))
      self.address = freshAddress()
      if (!self.up) return
      self.handlers?.networkChanged()
      self.handlers?.addressesChanged([self.address])
    },
  }
}

const way = (from: DeviceKey, to: DeviceKey): string => `${from}>${to}`
