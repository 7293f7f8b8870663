/**
 * Channel networks that meet in memory: the in-memory twin of `src/net/channels` for tests of the messenger and for simulations.
 * Nothing moves by itself unless `automatic`; every choice comes from `random`, so a seed gives one history. No timers; `now` is
 * asked for how long ago a peer did something wrong.
 *
 * Messages flood from neighbour to neighbour, each hop a leg, each node judging before it passes one on. A reply travels frame by
 * frame, and the next frame is only taken from the server when the reader asks for it.
 */
import { MAX_SYNC_FRAME, SyncError } from '../../protocols/channel/index.ts'
import {
  type ChannelId, type Gossip, GossipError, type GossipHandlers, type Meeting, type PeerHint, type PeerKey,
} from '../../src/messenger/channels/ports.ts'
import type { Random } from '../../src/messenger/ports.ts'
import { createFaults, type Fault, type Faults } from '../../src/net/channels/faults.ts'

/** Probabilities from 0 to 1, drawn once for every leg. */
export interface GossipFaults {
  /** a gossiped message is lost on this hop; a request or a frame of a reply is lost, and the reader gets 'timeout' */
  drop: number
  /** the next leg is any waiting one instead of the oldest */
  reorder: number
}

export interface MemoryGossipNetwork {
  gossip(peer: PeerKey): Gossip
  readonly faults: GossipFaults
  /** `find` learns of everybody who is up, within reach and follows openly, as provider records would tell. False at first. */
  dht: boolean
  /** True: legs move on their own, one a turn of the event loop. False: only `step` and `settle` move them. */
  automatic: boolean
  /** Moves one leg. False when nothing waits. */
  step(): boolean
  /** Steps until nothing waits and every handler has answered, including what they send on the way. */
  settle(): Promise<void>
  /** Legs waiting to be moved. */
  waiting(): number
  /** Cuts a peer off: its connections vanish, what is under way to or from it is lost. */
  disconnect(peer: PeerKey): void
  /** Lets it back. Who had it as a hint of an open channel dials it again, as the real one does before long. */
  reconnect(peer: PeerKey): void
  /** Only peers of one group reach each other; a peer in no group reaches nobody. */
  partition(...groups: PeerKey[][]): void
  heal(): void
  /** These are on one local network: `find` sees those of them that serve the channel. */
  lan(...peers: PeerKey[]): void
  /** A peer that takes requests and never answers: who asks it gets 'timeout'. */
  silence(peer: PeerKey, silent: boolean): void
  /** Time enough passed that nobody remembers having seen a message (`seenTTL`): it would be judged again. */
  forgetSeen(): void
  /** Puts a message on the wire from one peer to another as an attacker could, joined or not. */
  inject(from: PeerKey, to: PeerKey, channel: ChannelId, message: Uint8Array): void
  readonly reports: { readonly by: PeerKey; readonly peer: PeerKey; readonly fault: 'invalid' | 'stalled' | 'flood' }[]
  /** Everything that entered the network, for tests that look at the wire. */
  readonly wire: { readonly from: PeerKey; readonly to: PeerKey; readonly kind: 'message' | 'request' | 'frame'; readonly bytes: Uint8Array }[]
}

interface Leg {
  readonly from: PeerKey
  readonly to: PeerKey
  arrive(): void
  lost(error: GossipError): void
}

interface Joined {
  meeting: Meeting
  readonly hints: Map<PeerKey, readonly string[]>
  /** connected peers that have it, in the order they were found; told to the handlers */
  readonly peers: Set<PeerKey>
}

interface Node {
  readonly key: PeerKey
  handlers: GossipHandlers | undefined
  up: boolean
  cut: boolean
  silent: boolean
  readonly address: string
  readonly neighbours: Set<PeerKey>
  readonly channels: Map<ChannelId, Joined>
  readonly seen: Set<string>
  readonly blamed: Faults
}

export function createMemoryGossipNetwork(options: { random: Random; now: () => number; automatic?: boolean; faults?: Partial<GossipFaults> }): MemoryGossipNetwork {
  const { now } = options
  const nodes = new Map<PeerKey, Node>()
  const legs: Leg[] = []
  const faults: GossipFaults = { drop: 0, reorder: 0, ...options.faults }
  const wire: MemoryGossipNetwork['wire'] = []
  const reports: MemoryGossipNetwork['reports'] = []
  const lans: PeerKey[][] = []
  let dht = false
  let groups: PeerKey[][] | undefined
  let nextPort = 20_000
  let running = 0
  let automatic = options.automatic ?? false
  let scheduled = false
  let changed = Promise.withResolvers<void>()

  const below = (limit: number): number => {
    const [a = 0, b = 0, c = 0, d = 0] = options.random(4)
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % limit
  }
  const chance = (p: number): boolean => p > 0 && below(1 << 16) < p * (1 << 16)
  const notify = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  function node(key: PeerKey): Node {
    let found = nodes.get(key)
    if (!found) {
      found = {
        key, handlers: undefined, up: false, cut: false, silent: false, address: `/ip4/127.0.0.1/tcp/${nextPort++}`, neighbours: new Set(),
        channels: new Map(), seen: new Set(), blamed: createFaults(now),
      }
      nodes.set(key, found)
    }
    return found
  }

  // ---------------------------------------------------------------- who reaches and knows whom

  const reaches = (a: Node, b: Node): boolean =>
    a !== b && a.up && b.up && !a.cut && !b.cut && !a.blamed.banned(b.key) && !b.blamed.banned(a.key) &&
    (!groups || groups.some(group => group.includes(a.key) && group.includes(b.key)))
  const serves = (peer: Node, channel: ChannelId): boolean => peer.channels.get(channel)?.meeting.following === 'open'

  function connect(a: Node, b: Node): boolean {
    if (a.neighbours.has(b.key)) return true
    if (!reaches(a, b)) return false
    a.neighbours.add(b.key)
    b.neighbours.add(a.key)
    for (const channel of [...a.channels.keys()]) introduce(a, b, channel)
    return true
  }

  /** Connected peers learn that they share a channel: an open one of both sides, each for itself when it only reads. */
  function introduce(a: Node, b: Node, channel: ChannelId): void {
    for (const [self, other] of [[a, b], [b, a]] as const) {
      const joined = self.channels.get(channel)
      if (!joined || !self.neighbours.has(other.key) || !serves(other, channel) || joined.peers.has(other.key)) continue
      joined.peers.add(other.key)
      // A turn later, as an event would.
      queueMicrotask(() => {
        if (self.channels.get(channel)?.peers.has(other.key)) self.handlers?.peer(channel, other.key)
      })
    }
  }

  function hangUp(a: Node, b: Node): void {
    if (!a.neighbours.delete(b.key)) return
    b.neighbours.delete(a.key)
    for (const { peers } of a.channels.values()) peers.delete(b.key)
    for (const { peers } of b.channels.values()) peers.delete(a.key)
    for (const leg of legs.filter(({ from, to }) => (from === a.key && to === b.key) || (from === b.key && to === a.key))) {
      legs.splice(legs.indexOf(leg), 1)
      leg.lost(new GossipError('unreachable', 'the connection was lost'))
    }
    notify()
  }

  function hangUpUnreachable(): void {
    for (const a of nodes.values()) for (const key of [...a.neighbours]) if (!reaches(a, node(key))) hangUp(a, node(key))
  }

  function dialHints(self: Node, joined: Joined): void {
    for (const [key, addresses] of joined.hints) if (addresses.includes(node(key).address)) connect(self, node(key))
  }

  /** What the real one does again and again while it runs: keeps the peers of open channels connected. */
  function maintain(): void {
    for (const self of nodes.values()) {
      for (const joined of self.channels.values()) if (joined.meeting.following === 'open') dialHints(self, joined)
    }
  }

  // ---------------------------------------------------------------- legs

  function enqueue(leg: Leg): void {
    legs.push(leg)
    notify()
    schedule()
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
    const [leg] = legs.splice(chance(faults.reorder) ? below(legs.length) : 0, 1)
    if (!leg) return false
    if (chance(faults.drop)) leg.lost(new GossipError('timeout', 'nothing came in time'))
    else leg.arrive()
    return true
  }

  const travel = (from: Node, to: Node): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!from.neighbours.has(to.key)) reject(new GossipError('unreachable', 'the connection was lost'))
      else enqueue({ from: from.key, to: to.key, arrive: resolve, lost: reject })
    })

  // ---------------------------------------------------------------- gossip

  function spread(self: Node, channel: ChannelId, message: Uint8Array, except: PeerKey | undefined): number {
    let handed = 0
    for (const key of self.channels.get(channel)?.peers ?? []) {
      if (key === except) continue
      send(self, node(key), channel, message)
      handed++
    }
    return handed
  }

  function send(from: Node, to: Node, channel: ChannelId, message: Uint8Array): void {
    const bytes = message.slice()
    wire.push({ from: from.key, to: to.key, kind: 'message', bytes })
    enqueue({ from: from.key, to: to.key, lost: () => undefined, arrive: () => receive(to, from, channel, bytes) })
  }

  function receive(self: Node, from: Node, channel: ChannelId, message: Uint8Array): void {
    if (!self.up || !serves(self, channel) || !self.handlers) return
    const id = idOf(channel, message)
    if (self.seen.has(id)) return
    self.seen.add(id)
    const verdict = self.handlers.message(channel, from.key, message.slice())
    if (verdict === 'accept') spread(self, channel, message, from.key)
    if (verdict === 'reject') blame(self, from.key, 'invalid')
  }

  function blame(self: Node, peer: PeerKey, fault: Fault): void {
    if (self.blamed.blame(peer, fault)) hangUp(self, node(peer))
  }

  // ---------------------------------------------------------------- sync

  async function* exchange(self: Node, to: Node, request: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    if (!self.up) throw new GossipError('stopped', 'the channel network is stopped')
    const known = self.neighbours.has(to.key) || [...self.channels.values()].some(({ hints }) => hints.get(to.key)?.includes(to.address))
    if (!known || !connect(self, to)) throw new GossipError('unreachable', 'no address answered')
    wire.push({ from: self.key, to: to.key, kind: 'request', bytes: request.slice() })
    await travel(self, to)
    if (to.silent) throw new GossipError('timeout', 'no answer in time')
    if (!to.handlers) throw new GossipError('refused', 'the other side hung up')
    let frames: Iterator<Uint8Array> | AsyncIterator<Uint8Array> | undefined
    try {
      for (;;) {
        let next: IteratorResult<Uint8Array>
        running++
        try {
          frames ??= iterate(to.handlers.answer(self.key, request.slice()))
          next = await frames.next()
        } catch (error) {
          // A disk that fails is no fault of who asks.
          if (error instanceof SyncError) blame(to, self.key, 'invalid')
          throw new GossipError('refused', 'the other side hung up')
        } finally {
          running--
          notify()
        }
        await travel(to, self)
        signal?.throwIfAborted()
        if (next.done) {
          frames = undefined
          return
        }
        if (next.value.length > MAX_SYNC_FRAME) throw new GossipError('oversized', 'a frame is too large')
        wire.push({ from: to.key, to: self.key, kind: 'frame', bytes: next.value.slice() })
        yield next.value.slice()
      }
    } finally {
      await frames?.return?.()
    }
  }

  // ---------------------------------------------------------------- the port

  function joinedBy(self: Node, channel: ChannelId): Joined {
    const joined = self.channels.get(channel)
    if (!joined) throw new TypeError(`channel ${channel.slice(0, 8)} was not joined`)
    return joined
  }

  function gossip(key: PeerKey): Gossip {
    const self = node(key)
    return {
      serve(handlers) {
        self.handlers = handlers
      },
      async start() {
        if (!self.handlers) throw new TypeError('serve() comes before start()')
        self.up = true
        self.handlers.addressesChanged([self.address])
        maintain()
      },
      async stop() {
        for (const peer of [...self.neighbours]) hangUp(self, node(peer))
        self.up = false
        // The real one begins anew: the messenger joins what it follows after every start.
        self.channels.clear()
        self.seen.clear()
      },
      join(meeting, hints) {
        const before = self.channels.get(meeting.channel)
        const joined: Joined = before ?? { meeting, hints: new Map(), peers: new Set() }
        joined.meeting = meeting
        for (const hint of hints) if (hint.peer !== key) joined.hints.set(hint.peer, hint.addresses)
        self.channels.set(meeting.channel, joined)
        if (meeting.following === 'private') for (const other of nodes.values()) other.channels.get(meeting.channel)?.peers.delete(key)
        for (const peer of self.neighbours) introduce(self, node(peer), meeting.channel)
        if (meeting.following === 'open') dialHints(self, joined)
      },
      leave(channel) {
        self.channels.delete(channel)
        for (const other of nodes.values()) other.channels.get(channel)?.peers.delete(key)
      },
      async publish(channel, message) {
        if (joinedBy(self, channel).meeting.following !== 'open') throw new TypeError('a channel that is read privately is not published to')
        self.seen.add(idOf(channel, message))
        return spread(self, channel, message, undefined)
      },
      request: (peer, request, { signal } = {}) => exchange(self, node(peer), request, signal),
      peers: channel => [...(self.channels.get(channel)?.peers ?? [])],
      async find(channel) {
        const joined = joinedBy(self, channel)
        if (!self.up) return
        dialHints(self, joined)
        const near = lans.filter(peers => peers.includes(key)).flat()
        const everyone = dht ? [...nodes.keys()] : []
        for (const other of new Set([...near, ...everyone])) if (serves(node(other), channel)) connect(self, node(other))
        // Who has been there all along is told again: the search was for somebody to ask.
        for (const peer of joined.peers) queueMicrotask(() => self.handlers?.peer(channel, peer))
      },
      report(peer, fault) {
        reports.push({ by: key, peer, fault })
        blame(self, peer, fault)
      },
      hints(channel) {
        const joined = self.channels.get(channel)
        if (!joined) return []
        const hints = new Map<PeerKey, PeerHint>()
        if (self.up && joined.meeting.following === 'open') hints.set(key, { peer: key, addresses: [self.address] })
        for (const peer of joined.peers) hints.set(peer, { peer, addresses: [node(peer).address] })
        for (const [peer, addresses] of joined.hints) if (!hints.has(peer)) hints.set(peer, { peer, addresses })
        return [...hints.values()]
      },
      addresses: () => (self.up ? [self.address] : []),
    }
  }

  return {
    gossip,
    faults,
    wire,
    reports,
    get dht() {
      return dht
    },
    set dht(on: boolean) {
      dht = on
    },
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
        // Whoever was answered may have more to ask after a commit or two.
        await new Promise<void>(resolve => setImmediate(resolve))
      }
    },
    waiting: () => legs.length,
    disconnect(peer) {
      node(peer).cut = true
      hangUpUnreachable()
    },
    reconnect(peer) {
      node(peer).cut = false
      maintain()
    },
    partition(...next) {
      groups = next
      hangUpUnreachable()
    },
    heal() {
      groups = undefined
      maintain()
    },
    lan(...peers) {
      lans.push(peers)
    },
    silence(peer, silent) {
      node(peer).silent = silent
    },
    forgetSeen() {
      for (const { seen } of nodes.values()) seen.clear()
    },
    inject(from, to, channel, message) {
      send(node(from), node(to), channel, message)
    },
  }
}

const idOf = (channel: ChannelId, message: Uint8Array): string => `${channel}/${Buffer.from(message).toString('base64')}`

function iterate(frames: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Iterator<Uint8Array> | AsyncIterator<Uint8Array> {
  return Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]()
}
