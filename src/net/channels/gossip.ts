/** The channel network over libp2p: which peers of which channels are connected, and the protocols spoken with them. */
import type { Connection, Libp2pEvents, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { decodeSyncFrame, decodeSyncRequest } from '../../../protocols/channel/index.ts'
import { type Random, type Suite, toHex } from '../../../protocols/suite/index.ts'
import type { ChannelId, Gossip, GossipHandlers, PeerHint, PeerKey } from '../../messenger/channels/ports.ts'
import { announced, isLoopback, judgeAddress, type Surroundings } from '../addresses.ts'
import { DEFAULT_LISTEN, type NetLog, UnsafeEnvironmentError } from '../courier.ts'
import { deviceKeyOf, peerIdOf } from '../device-key.ts'
import { startListening } from '../listen.ts'
import { stopNode } from '../node.ts'
import { asksForLoopback, ownAddresses } from '../surroundings.ts'
import { createAddressBook } from './address-book.ts'
import { createCalls } from './calls.ts'
import type { DhtOptions } from './dht.ts'
import { createFaults, type Fault } from './faults.ts'
import { createFindServer, FIND_PROTOCOL } from './find.ts'
import { createFinding } from './finding.ts'
import { createGater } from './gater.ts'
import * as limit from './limits.ts'
import { type Network, stoppedError } from './network.ts'
import { type ChannelNode, createNode, type Transports } from './node.ts'
import { createPlaces } from './places.ts'
import { createRoster, type Roster } from './roster.ts'
import { askSync, createSyncServer, SYNC_PROTOCOL } from './sync.ts'
import { createTurns } from './turns.ts'

export interface GossipOptions {
  /** the channel node's Ed25519 seed, 32 bytes; never the device's */
  readonly seed: Uint8Array
  /** for the blinded names channels are looked for by */
  readonly suite: Suite
  readonly random: Random
  /** multiaddrs; TCP and WebSocket. Asked when the network comes up, long after the node: a port that was free then may be somebody's by now */
  readonly listen?: () => Promise<readonly string[]>
  /** what others are told instead of where we listen, as behind a router or under a name */
  readonly announce?: readonly string[]
  /** find followers on the local network, and be found */
  readonly mdns: boolean
  /** auto: ask the DHT, and answer others when we have a public address. server: always answer. off: take no part */
  readonly dht?: DhtOptions['mode']
  /** multiaddrs with a peer id where the DHT is entered while nobody of it is known; asked when there is something to look for or to tell */
  readonly entryPoints?: () => readonly string[]
  readonly log: NetLog
  /** instead of TCP and WebSocket; their addresses are not held against the address policy unless they are IP addresses */
  readonly transports?: Transports
}

/** @throws UnsafeEnvironmentError DUMP_SESSION_KEYS is set (attack 87) */
export function createGossip(options: GossipOptions): Gossip {
  if (process.env.DUMP_SESSION_KEYS !== undefined) throw new UnsafeEnvironmentError('DUMP_SESSION_KEYS')
  const { listen = async () => DEFAULT_LISTEN, announce = [], log, suite } = options
  const now = (): number => performance.now()

  let handlers: GossipHandlers | undefined
  let node: ChannelNode | undefined
  let running = false
  let upkeep: NodeJS.Timeout | undefined
  let known: string[] = []
  let self: PeerKey = ''
  const rosters = new Map<ChannelId, Roster>()
  const topics = new Map<string, Roster>()
  const faults = createFaults(now)
  const turns = createTurns(limit.SYNC_STREAMS)
  /** requests under way, by peer: such a connection is in use */
  const busy = new Map<PeerKey, number>()

  let listensOnLoopback = false
  function foreign(address: string): boolean {
    return options.transports !== undefined && !/^\/(ip[46]|dns[46]?)\//.test(address)
  }
  const told = (listening: readonly string[]): string[] =>
    announce.length > 0 ? [...announce] : [...announced(listening.filter(address => !foreign(address)), listensOnLoopback), ...listening.filter(foreign)]
  const addresses = (): string[] => (running && node ? told(node.listening()) : [])
  const surroundings = (): Surroundings => ({
    own: ownAddresses(),
    loopback: addresses().some(address => isLoopback(multiaddr(address).getComponents()[0]?.value ?? '')),
  })
  const connectionsOf = (peer: PeerKey): Connection[] => {
    const id = peerIdOf(peer)
    return (id && node?.libp2p.getConnections(id).filter(({ status }) => status === 'open')) ?? []
  }
  const keyOf = (peer: PeerId): PeerKey => deviceKeyOf(peer) ?? ''

  const book = createAddressBook({ surroundings, foreign })
  const network: Network = { node: () => (running ? node : undefined), self: () => self, rosters, connectionsOf, banned: faults.banned, holds }
  const calls = createCalls(network, book)
  const finding = createFinding({ network, book, calls, suite, random: options.random, entryPoints: options.entryPoints ?? (() => []), surroundings, now })
  const places = createPlaces({
    connections: () => node?.libp2p.getConnections().filter(({ status }) => status === 'open') ?? [],
    rosters: () => [...rosters.values()],
    rank,
    busy: peer => (busy.get(peer) ?? 0) > 0,
    answered: ({ streams }) => streams.some(({ protocol }) => protocol === SYNC_PROTOCOL),
    now: Date.now,
  })

  // ---------------------------------------------------------------- faults

  function blame(peer: PeerKey, fault: Fault): void {
    const over = faults.blame(peer, fault)
    // Bytes that are not the protocol: there is nothing more to read from it. The others are weighed.
    if (!over && fault !== 'protocol') return
    log.warn('hung up on a peer of the channels', { fault })
    for (const roster of rosters.values()) roster.lose(peer)
    for (const connection of connectionsOf(peer)) connection.abort(new Error('misbehaved'))
  }

  // ---------------------------------------------------------------- who has what

  /** The peer knows the channel, so it may learn that we take part. */
  function knows(roster: Roster, peer: PeerKey): void {
    const id = peerIdOf(peer)
    roster.know(peer)
    if (id && roster.meeting.following === 'open') node?.pubsub.tell(roster.meeting.topic, id)
  }

  /** The peer has the channel and is connected. */
  function holds(roster: Roster, peer: PeerKey): void {
    knows(roster, peer)
    if (connectionsOf(peer).length === 0 || faults.banned(peer) || !roster.hold(peer)) return
    // A turn later: libp2p may still be inside its own event.
    queueMicrotask(() => {
      if (roster.holders.has(peer) && rosters.get(roster.meeting.channel) === roster) handlers?.peer(roster.meeting.channel, peer)
    })
  }

  /** How good a peer is in a channel; below 0: bad. */
  function rank(roster: Roster, peer: PeerKey): number {
    const id = peerIdOf(peer)
    if (!id || !node) return 0
    return node.pubsub.score(id) - faults.points(peer) + (node.pubsub.inMesh(roster.meeting.topic, id) ? 1 : 0)
  }

  // ---------------------------------------------------------------- connections

  function onConnect({ detail }: Libp2pEvents['peer:connect']): void {
    const peer = keyOf(detail)
    for (const roster of rosters.values()) if (roster.hinted(peer) !== undefined) holds(roster, peer)
  }

  function onOpen({ detail: connection }: Libp2pEvents['connection:open']): void {
    const all = connectionsOf(keyOf(connection.remotePeer))
    for (const surplus of all.slice(0, Math.max(0, all.length - limit.MAX_CONNECTIONS_PER_PEER))) surplus.abort(new Error('replaced by a newer connection'))
    if (connection.direction === 'inbound') places.entered(connection)
  }

  function onDisconnect({ detail }: Libp2pEvents['peer:disconnect']): void {
    const peer = keyOf(detail)
    if (connectionsOf(peer).length > 0) return
    for (const roster of rosters.values()) roster.lose(peer)
  }

  function onIdentify({ detail: { peerId, listenAddrs, signedPeerRecord } }: Libp2pEvents['peer:identify']): void {
    book.remember(keyOf(peerId), book.sift(peerId, (signedPeerRecord?.addresses ?? listenAddrs).map(String)).usable)
  }

  function lookAround(): void {
    const current = addresses()
    if (current.join() !== known.join()) {
      known = current
      log.info('own addresses of the channel network changed', { count: current.length })
      handlers?.addressesChanged(current)
    }
    places.trim()
    calls.fill()
    for (const roster of rosters.values()) void finding.provide(roster)
  }

  // ---------------------------------------------------------------- sync

  async function* request(peer: PeerKey, bytes: Uint8Array, { signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array> {
    if (!running) throw stoppedError()
    const release = await turns.wait(peer, signal)
    busy.set(peer, (busy.get(peer) ?? 0) + 1)
    try {
      const stream = await calls.openStream(peer, SYNC_PROTOCOL)
      let first = true
      for await (const frame of askSync(stream, bytes, { fault: fault => blame(peer, fault), signal })) {
        if (first && frame.length <= LONGEST_REFUSAL && isUnknown(frame)) rosters.get(channelAskedFor(bytes) ?? '')?.strike(peer)
        first = false
        yield frame
      }
    } catch (error) {
      if (!running) throw stoppedError()
      throw error
    } finally {
      release()
      const rest = (busy.get(peer) ?? 1) - 1
      if (rest > 0) busy.set(peer, rest)
      else busy.delete(peer)
    }
  }

  // ---------------------------------------------------------------- life

  async function start(): Promise<void> {
    const serving = handlers
    if (!serving) throw new TypeError('serve() comes before start()')
    if (running) return
    const listening = await listen()
    listensOnLoopback = asksForLoopback(listening.filter(address => !foreign(address)))
    node = await createNode({
      seed: options.seed,
      listen: listening,
      transports: options.transports,
      gater: createGater({ banned: faults.banned, hasRoomFor: places.hasRoomFor, surroundings, foreign }),
      discovered: options.mdns ? finding.seen : undefined,
      announce,
      announced: told,
      dht: {
        mode: options.dht ?? 'auto',
        dialable: (peer, address) => foreign(address.toString()) || typeof judgeAddress(address.toString(), peer.toString(), surroundings()) !== 'string',
        now,
      },
      gossip: {
        judge: (topic, from, data) => {
          const roster = topics.get(topic)
          const verdict = roster ? serving.message(roster.meeting.channel, keyOf(from), data) : 'ignore'
          if (verdict === 'accept') roster?.bring(keyOf(from))
          return verdict
        },
        mayTell: (topic, peer) => topics.get(topic)?.knows(keyOf(peer)) ?? false,
        joined(topic, peer) {
          const roster = topics.get(topic)
          if (roster) holds(roster, keyOf(peer))
        },
        left: (topic, peer) => topics.get(topic)?.strike(keyOf(peer)),
        fault: (peer, fault) => blame(keyOf(peer), fault),
        // Asked for every peer at every heartbeat, and nearly always there is nobody to blame.
        points: peer => (faults.none() ? 0 : Math.max(0, faults.points(keyOf(peerIdFromString(peer))) - limit.SCORE.faultTolerance)),
        now,
      },
    })
    const { libp2p } = node
    self = keyOf(libp2p.peerId)
    const answer = createSyncServer({
      answer: (from, bytes) => serving.answer(from, bytes),
      asked(from, bytes) {
        const roster = rosters.get(channelAskedFor(bytes) ?? '')
        if (roster) knows(roster, from)
      },
      fault: blame,
    })
    const recognise = createFindServer((nonce, tags) => serving.recognises(nonce, tags))
    const streams = { maxInboundStreams: limit.SYNC_STREAMS, maxOutboundStreams: limit.SYNC_STREAMS }
    await libp2p.handle(SYNC_PROTOCOL, (stream, connection) => answer(stream, connection, keyOf(connection.remotePeer)), streams)
    await libp2p.handle(FIND_PROTOCOL, (stream, connection) => recognise(stream, keyOf(connection.remotePeer)), { maxInboundStreams: 1, maxOutboundStreams: 1 })
    libp2p.addEventListener('connection:open', onOpen)
    libp2p.addEventListener('peer:connect', onConnect)
    libp2p.addEventListener('peer:disconnect', onDisconnect)
    libp2p.addEventListener('peer:identify', onIdentify)
    running = true
    try {
      await startListening(libp2p)
    } catch (error) {
      running = false
      throw error
    }
    for (const { meeting } of rosters.values()) if (meeting.following === 'open') node.pubsub.join(meeting.topic)
    lookAround()
    upkeep = setInterval(lookAround, limit.UPKEEP_INTERVAL)
    upkeep.unref()
    log.info('channel network started', { addresses: known.length })
  }

  async function stop(): Promise<void> {
    if (!running || !node) return
    running = false
    clearInterval(upkeep)
    const outcome = await stopNode(node.libp2p, stoppedError())
    if (outcome !== 'stopped') log.warn('the channel network did not stop cleanly', { outcome })
    known = []
    rosters.clear()
    topics.clear()
  }

  function silence(roster: Roster): void {
    topics.delete(roster.meeting.topic)
    if (!running || !node) return
    node.pubsub.leave(roster.meeting.topic)
    void node.dht?.unprovide(roster.meeting.providerKey)
    roster.providedAt = undefined
  }

  return {
    serve(given) {
      handlers = given
    },
    start,
    stop,
    join(meeting, hints) {
      let roster = rosters.get(meeting.channel)
      const was = roster?.meeting.following
      if (!roster) {
        roster = createRoster(meeting, now)
        rosters.set(meeting.channel, roster)
      }
      roster.meeting = meeting
      for (const hint of hints) if (hint.peer !== self) roster.hint(hint)
      if (meeting.following === 'private') {
        if (was === 'open') silence(roster)
        return
      }
      topics.set(meeting.topic, roster)
      if (!running || !node) return
      if (was !== 'open') node.pubsub.join(meeting.topic)
      calls.fill()
    },
    leave(channel) {
      const roster = rosters.get(channel)
      if (!roster) return
      rosters.delete(channel)
      if (roster.meeting.following === 'open') silence(roster)
    },
    async publish(channel, message) {
      if (!running || !node) throw stoppedError()
      const roster = rosters.get(channel)
      if (roster?.meeting.following !== 'open') throw new TypeError('only a channel that was joined openly is published to')
      return node.pubsub.publish(roster.meeting.topic, message)
    },
    request,
    peers(channel) {
      const roster = rosters.get(channel)
      return roster ? [...roster.holders].toSorted((a, b) => rank(roster, b) - rank(roster, a)) : []
    },
    async find(channel, signal) {
      const roster = rosters.get(channel)
      if (!roster) throw new TypeError('the channel was not joined')
      if (!running) return
      const before = new Set(roster.holders)
      await finding.search(roster, signal)
      // Who has been there all along is told again: the search was for somebody to ask.
      for (const peer of before) if (roster.holders.has(peer)) handlers?.peer(channel, peer)
    },
    report(peer, fault) {
      blame(peer, fault)
    },
    hints(channel) {
      const roster = rosters.get(channel)
      if (!roster) return []
      const found = new Map<PeerKey, PeerHint>()
      const own = addresses()
      if (own.length > 0 && roster.meeting.following === 'open') found.set(self, { peer: self, addresses: own })
      for (const peer of this.peers(channel)) {
        const reached = book.of(peer) ?? roster.hinted(peer)
        if (reached) found.set(peer, { peer, addresses: reached })
      }
      for (const [peer, hinted] of [...roster.hints()].toReversed()) if (!found.has(peer)) found.set(peer, { peer, addresses: hinted })
      return [...found.values()]
    },
    addresses,
  }
}

/** Bytes of a refusal; a longer frame is not worth a look. */
const LONGEST_REFUSAL = 2

/** The channel a sync request is about, where it names one. */
function channelAskedFor(request: Uint8Array): ChannelId | undefined {
  try {
    const asked = decodeSyncRequest(request)
    return 'channel' in asked ? toHex(asked.channel) : undefined
  } catch {
    return undefined // whoever answers it will say so
  }
}

/** "I do not have that channel." */
function isUnknown(frame: Uint8Array): boolean {
  try {
    const said = decodeSyncFrame(frame)
    return said.type === 'refused' && said.code === 'unknown'
  } catch {
    return false // whoever reads it will say so
  }
}
