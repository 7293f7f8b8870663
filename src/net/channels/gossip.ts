/** The channel network over libp2p: which peers of which channels are connected, and the protocols spoken with them. */
import { type Connection, type Libp2p, type Libp2pEvents, type PeerId, setMaxListeners, type Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { decodeSyncFrame, decodeSyncRequest, FIND_NONCE, findTag, MAX_FIND } from '../../../protocols/channel/index.ts'
import { fromHex, type Random, type Suite, toHex } from '../../../protocols/suite/index.ts'
import {
  type ChannelId, type Gossip, GossipError, type GossipHandlers, type PeerHint, type PeerKey,
} from '../../messenger/channels/ports.ts'
import { announced, dialable, isLoopback, judgeAddress, type Surroundings, subnetOf } from '../addresses.ts'
import { DEFAULT_LISTEN, type NetLog, UnsafeEnvironmentError } from '../courier.ts'
import { deviceKeyOf, peerIdOf } from '../device-key.ts'
import { DIAL_TIMEOUT, PROTOCOL_NEGOTIATION_TIMEOUT } from '../limits.ts'
import { stopNode } from '../node.ts'
import { dialableEntryPoints } from '../search/entry-points.ts'
import { asksForLoopback, ownAddresses, resolveTarget } from '../surroundings.ts'
import type { Dht, DhtOptions } from './dht.ts'
import { createFaults, type Fault } from './faults.ts'
import { askFind, createFindServer, FIND_PROTOCOL } from './find.ts'
import { createGater } from './gater.ts'
import * as limit from './limits.ts'
import { type ChannelNode, createNode, type Transports } from './node.ts'
import { createRoster, type Roster } from './roster.ts'
import { askSync, createSyncServer, SYNC_PROTOCOL } from './sync.ts'
import { createTurns } from './turns.ts'

export interface GossipOptions {
  /** the channel node's Ed25519 seed, 32 bytes; never the device's */
  readonly seed: Uint8Array
  /** for the blinded names channels are looked for by */
  readonly suite: Suite
  readonly random: Random
  /** multiaddrs; TCP and WebSocket */
  readonly listen?: readonly string[]
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

const stoppedError = (): GossipError => new GossipError('stopped', 'the channel network is stopped')

/** @throws UnsafeEnvironmentError DUMP_SESSION_KEYS is set (attack 87) */
export function createGossip(options: GossipOptions): Gossip {
  if (process.env.DUMP_SESSION_KEYS !== undefined) throw new UnsafeEnvironmentError('DUMP_SESSION_KEYS')
  const { listen = DEFAULT_LISTEN, announce = [], log, suite } = options
  const now = (): number => performance.now()

  let handlers: GossipHandlers | undefined
  let node: ChannelNode | undefined
  let running = false
  let upkeep: NodeJS.Timeout | undefined
  let known: string[] = []
  let entering: Promise<void> | undefined
  let enteredAt: number | undefined
  let self: PeerKey = ''
  const rosters = new Map<ChannelId, Roster>()
  const topics = new Map<string, Roster>()
  /** where peers said they listen, or were reached */
  const book = new Map<PeerKey, readonly string[]>()
  const faults = createFaults(now)
  const turns = createTurns(limit.SYNC_STREAMS)
  const searches = new Map<ChannelId, Promise<void>>()
  /** devices of the local network, and when each was last asked what it has */
  const nearby = new Map<PeerKey, { askedAt: number | undefined }>()
  /** requests under way, by peer: such a connection is in use */
  const busy = new Map<PeerKey, number>()

  const listensOnLoopback = asksForLoopback(listen.filter(address => !foreign(address)))
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

  function remember(peer: PeerKey, found: readonly string[]): void {
    if (found.length === 0 || peer === self) return
    book.delete(peer)
    book.set(peer, found)
    for (const oldest of book.keys()) {
      if (book.size <= limit.MAX_ADDRESS_BOOK) break
      book.delete(oldest)
    }
  }

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

  const rank = (roster: Roster, peer: PeerKey): number => {
    const id = peerIdOf(peer)
    if (!id || !node) return 0
    return node.pubsub.score(id) - faults.points(peer) + (node.pubsub.inMesh(roster.meeting.topic, id) ? 1 : 0)
  }

  // ---------------------------------------------------------------- connections

  async function connect(peer: PeerKey): Promise<Connection> {
    const [standing] = connectionsOf(peer)
    if (standing) return standing
    if (!running || !node) throw stoppedError()
    const id = peerIdOf(peer)
    if (!id || peer === self || faults.banned(peer)) throw new GossipError('unreachable', 'not a peer to talk to')
    const hints = [...new Set([...[...rosters.values()].flatMap(roster => roster.hinted(peer) ?? []), ...(book.get(peer) ?? [])])]
    try {
      const around = surroundings()
      const targets = dialable(hints.filter(address => !foreign(address)), id.toString(), around)
      const resolved = (await Promise.all(targets.map(target => resolveTarget(target, around)))).flat()
      const complete = [...resolved, ...hints.filter(foreign)].map(address => multiaddr(`${withoutPeer(address)}/p2p/${id}`))
      if (complete.length === 0) throw new GossipError('unreachable', 'no address to try')
      const connection = connectionsOf(peer)[0] ?? await node.libp2p.dial(complete, { signal: timeout(DIAL_TIMEOUT) })
      remember(peer, hints)
      return connection
    } catch (error) {
      if (!running) throw stoppedError()
      throw error instanceof GossipError ? error : new GossipError('unreachable', 'no address answered')
    }
  }

  async function openStream(peer: PeerKey, protocol: string): Promise<Stream> {
    const connection = await connect(peer)
    try {
      return await connection.newStream(protocol, { signal: timeout(PROTOCOL_NEGOTIATION_TIMEOUT), negotiateFully: false })
    } catch (error) {
      if (!running) throw stoppedError()
      const hungUp = ['StreamResetError', 'UnsupportedProtocolError'].includes((error as Error).name)
      throw new GossipError(hungUp ? 'refused' : 'unreachable', hungUp ? 'the other side hung up' : 'no stream could be opened')
    }
  }

  function onConnect({ detail }: Libp2pEvents['peer:connect']): void {
    const peer = keyOf(detail)
    for (const roster of rosters.values()) if (roster.hinted(peer) !== undefined) holds(roster, peer)
  }

  function onOpen({ detail: connection }: Libp2pEvents['connection:open']): void {
    const all = connectionsOf(keyOf(connection.remotePeer))
    for (const surplus of all.slice(0, Math.max(0, all.length - limit.MAX_CONNECTIONS_PER_PEER))) surplus.abort(new Error('replaced by a newer connection'))
  }

  function onDisconnect({ detail }: Libp2pEvents['peer:disconnect']): void {
    const peer = keyOf(detail)
    if (connectionsOf(peer).length > 0) return
    for (const roster of rosters.values()) roster.lose(peer)
  }

  function onIdentify({ detail: { peerId, listenAddrs, signedPeerRecord } }: Libp2pEvents['peer:identify']): void {
    const around = surroundings()
    const told = (signedPeerRecord?.addresses ?? listenAddrs).map(String)
    const usable = dialable(told.filter(address => !foreign(address)), peerId.toString(), around).map(({ address }) => address.toString())
    remember(keyOf(peerId), [...usable, ...told.filter(foreign)])
  }

  const called = (peer: PeerKey): boolean => connectionsOf(peer).some(({ direction }) => direction === 'outbound')

  /** Calls hints of open channels that lack peers. */
  function fill(): void {
    if (!running || !node) return
    const open = [...rosters.values()].filter(({ meeting }) => meeting.following === 'open')
    const each = Math.max(1, Math.min(limit.PEERS_PER_CHANNEL, Math.floor(limit.SETTLED_CONNECTIONS / Math.max(1, open.length))))
    let dials = Math.min(limit.DIALS_AT_ONCE, limit.SETTLED_CONNECTIONS - node.libp2p.getConnections().length)
    for (const roster of open.toSorted((a, b) => a.holders.size - b.holders.size)) {
      // Those who called us do not count: they may be all of one hand (eclipse, attack 71).
      let wanted = each - [...roster.holders].filter(called).length
      for (const peer of roster.due()) {
        if (wanted <= 0 || dials <= 0) break
        if (peer === self || faults.banned(peer)) continue
        wanted--
        if (connectionsOf(peer).length > 0) {
          holds(roster, peer)
          continue
        }
        dials--
        roster.dialled(peer)
        void connect(peer).then(() => holds(roster, peer), () => undefined)
      }
    }
  }

  /** What a connection is worth: in use by us, shared channels by their peer's standing, somebody being answered, nothing. */
  function worth(connection: Connection): number {
    const peer = keyOf(connection.remotePeer)
    if ((busy.get(peer) ?? 0) > 0) return Infinity
    const shared = [...rosters.values()].filter(roster => roster.holders.has(peer))
    // Few have that channel: better a bad one than none.
    if (shared.length > 0) return Math.max(...shared.map(roster => rank(roster, peer) + (roster.holders.size <= limit.MESH.D ? 1000 : 0)))
    return connection.streams.some(({ protocol }) => protocol === SYNC_PROTOCOL) ? -Number.MAX_VALUE : -Infinity
  }

  /** Closes what nobody needs, and above `SETTLED_CONNECTIONS` the least of what somebody does, the oldest first. */
  function trim(): void {
    const connections = node?.libp2p.getConnections().filter(({ status }) => status === 'open') ?? []
    const judged = connections.map(connection => ({ connection, value: worth(connection), since: connection.timeline.open }))
    let surplus = connections.length - limit.SETTLED_CONNECTIONS
    for (const { connection, value, since } of judged.toSorted((a, b) => (a.value === b.value ? a.since - b.since : a.value - b.value))) {
      const idle = value === -Infinity && Date.now() - since > limit.UNSHARED_LIFETIME
      if (value === Infinity || (!idle && surplus <= 0)) continue
      surplus--
      void connection.close({ signal: timeout(PROTOCOL_NEGOTIATION_TIMEOUT) }).catch((error: Error) => connection.abort(error))
    }
  }

  function lookAround(): void {
    const current = addresses()
    if (current.join() !== known.join()) {
      known = current
      log.info('own addresses of the channel network changed', { count: current.length })
      handlers?.addressesChanged(current)
    }
    trim()
    fill()
    for (const roster of rosters.values()) void provide(roster)
  }

  async function provide(roster: Roster): Promise<void> {
    if (!node?.dht || roster.meeting.following !== 'open') return
    if (roster.providedAt !== undefined && now() - roster.providedAt < limit.REPROVIDE_INTERVAL) return
    const before = roster.providedAt
    roster.providedAt = now()
    if (node.dht.answers) await enterDht()
    if (!running || rosters.get(roster.meeting.channel) !== roster) return
    if (!(await node.dht.provide(roster.meeting.providerKey, timeout(limit.DHT_FIND_TIMEOUT)).catch(() => false))) roster.providedAt = before
  }

  // ---------------------------------------------------------------- finding

  /** While nobody of the DHT is known, those we were told to begin at are called. */
  async function enterDht(): Promise<void> {
    if (!running || !node?.dht || node.dht.peers > 0) return
    if (enteredAt === undefined || now() - enteredAt >= limit.DHT_ENTER_INTERVAL) {
      enteredAt = now()
      entering = callEntryPoints(node.libp2p, node.dht).catch(() => undefined)
    }
    await entering
  }

  async function callEntryPoints(libp2p: Libp2p, dht: Dht): Promise<void> {
    const entries = await dialableEntryPoints(options.entryPoints?.() ?? [], surroundings())
    const dials = entries.map(entry => libp2p.dial(multiaddr(entry), { signal: timeout(DIAL_TIMEOUT) }).catch(() => undefined))
    const peers = new Set(entries.map(entry => entry.split('/p2p/')[1])).size
    if (peers > 0) await dht.joined(peers, Promise.all(dials), timeout(limit.DHT_FIND_TIMEOUT))
  }

  /** Asks one peer which of these channels it serves. */
  async function inquire(peer: PeerKey, asked: readonly Roster[]): Promise<void> {
    const some = asked.filter(roster => !roster.holders.has(peer)).slice(0, MAX_FIND)
    if (some.length === 0) return
    const nonce = options.random(FIND_NONCE)
    const tags = some.map(({ meeting }) => findTag(suite, fromHex(meeting.channel), nonce))
    const answers = await askFind(await openStream(peer, FIND_PROTOCOL), nonce, tags)
    some.forEach((roster, i) => {
      if (answers[i] && rosters.get(roster.meeting.channel) === roster) holds(roster, peer)
    })
  }

  function onNearby(peer: PeerKey, found: string[]): void {
    if (peer === self) return
    remember(peer, found)
    const device = nearby.get(peer) ?? { askedAt: undefined }
    nearby.delete(peer)
    nearby.set(peer, device)
    for (const oldest of nearby.keys()) {
      if (nearby.size <= limit.MAX_LAN_PEERS) break
      nearby.delete(oldest)
    }
    const open = [...rosters.values()].filter(({ meeting }) => meeting.following === 'open')
    if (open.length === 0 || (device.askedAt !== undefined && now() - device.askedAt < limit.LAN_ASK_INTERVAL)) return
    device.askedAt = now()
    void inquire(peer, open).catch(() => undefined)
  }

  async function search(roster: Roster, signal: AbortSignal): Promise<void> {
    const { meeting } = roster
    const stopped = (): boolean => signal.aborted || !running || rosters.get(meeting.channel) !== roster
    // Who only reads asks no stranger as long as there is anybody who was named for this very channel.
    const content = (): boolean => meeting.following === 'private' && roster.holders.size > 0
    const neighbours = (): Promise<void>[] => [...nearby.keys()].map(peer => inquire(peer, [roster]).catch(() => undefined))
    const hinted = [...roster.hints()].slice(-limit.PEERS_PER_CHANNEL).map(async ([peer]) => {
      if (roster.holders.has(peer)) return
      await connect(peer).then(() => holds(roster, peer), () => undefined)
    })
    await Promise.all(meeting.following === 'private' ? hinted : [...hinted, ...neighbours()])
    if (stopped() || content()) return
    if (meeting.following === 'private') await Promise.all(neighbours())
    if (stopped() || content()) return
    await enterDht()
    if (stopped() || content() || !node?.dht) return
    const subnets = new Map<string, number>()
    let found = 0
    for await (const { id, multiaddrs } of node.dht.find(meeting.providerKey, AbortSignal.any([signal, timeout(limit.DHT_FIND_TIMEOUT)]))) {
      if (stopped() || found >= limit.MAX_FOUND) break
      const peer = keyOf(id)
      const around = surroundings()
      const told = multiaddrs.map(String)
      const targets = dialable(told.filter(address => !foreign(address)), id.toString(), around)
      const usable = [...targets.map(({ address }) => address.toString()), ...told.filter(foreign)]
      // One party must not fill a search by itself (attack 78). Loopback is for networks on one machine.
      const places = targets.filter(({ kind, host }) => kind === 'ip' && !isLoopback(host)).map(({ host }) => subnetOf(host))
      if (peer === '' || usable.length === 0 || places.some(place => (subnets.get(place) ?? 0) >= limit.MAX_FOUND_PER_SUBNET)) continue
      for (const place of places) subnets.set(place, (subnets.get(place) ?? 0) + 1)
      found++
      remember(peer, usable)
      if (roster.holders.has(peer)) continue
      // Anybody can write anything into the DHT: a record is a reason to ask, not yet to tell.
      await inquire(peer, [roster]).catch(() => undefined)
    }
  }

  // ---------------------------------------------------------------- sync

  async function* request(peer: PeerKey, bytes: Uint8Array, { signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array> {
    if (!running) throw stoppedError()
    const release = await turns.wait(peer, signal)
    busy.set(peer, (busy.get(peer) ?? 0) + 1)
    try {
      const stream = await openStream(peer, SYNC_PROTOCOL)
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
    node = await createNode({
      seed: options.seed,
      listen,
      transports: options.transports,
      gater: createGater({ banned: faults.banned, connections: () => node?.libp2p.getConnections() ?? [], surroundings, foreign }),
      discovered: options.mdns ? onNearby : undefined,
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
          return roster ? serving.message(roster.meeting.channel, keyOf(from), data) : 'ignore'
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
      await libp2p.start()
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
      fill()
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
      const standing = searches.get(channel)
      const searching = standing ?? search(roster, signal ?? new AbortController().signal).catch(() => undefined).finally(() => searches.delete(channel))
      if (!standing) searches.set(channel, searching)
      await searching
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
        const reached = book.get(peer) ?? roster.hinted(peer)
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

const withoutPeer = (address: string): string => address.replace(/\/p2p\/[^/]+$/, '')

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

function timeout(ms: number): AbortSignal {
  const signal = AbortSignal.timeout(ms)
  setMaxListeners(Infinity, signal)
  return signal
}
