/** The courier over libp2p: connections to devices, the two protocols on them, and our own addresses. */
import type { Connection, Libp2pEvents, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { type Courier, CourierError, type CourierHandlers, type DeviceKey, type RelayAt } from '../messenger/ports.ts'
import {
  announced, type Circuit, circuitAddress, dialable, isLoopback, judgeAddress, type Surroundings, type Target, throughRelays,
} from './addresses.ts'
import { endUnlessAlive } from './alive.ts'
import { createConnections } from './connections.ts'
import { deviceKeyOf, peerIdOf } from './device-key.ts'
import { receiveDirect } from './direct-receiver.ts'
import { createDirectSender, type DirectSender } from './direct-sender.ts'
import { createDiscovery } from './discovery.ts'
import { createGater } from './gater.ts'
import {
  DIAL_TIMEOUT, DIRECT_HEAD_START, HOUSEKEEPING_INTERVAL, MAX_ANNOUNCED, MAX_ANNOUNCED_CIRCUITS, MAX_ANNOUNCED_PER_RELAY, MAX_DIRECT_STREAMS,
  MAX_PAIRING_STREAMS, OBSERVED_TIMEOUT, PROTOCOL_NEGOTIATION_TIMEOUT, SLEPT_INTERVALS,
} from './limits.ts'
import { startListening } from './listen.ts'
import { createNode, type DureNode, stopNode } from './node.ts'
import { callOnward } from './onward.ts'
import { createPairingResponder, requestPairing } from './pairing.ts'
import { createRelays } from './relays.ts'
import { asksForLoopback, ownAddresses, resolveTarget } from './surroundings.ts'
import { timeout, within } from './within.ts'

export const DIRECT_PROTOCOL = '/dure/direct/1'
export const PAIRING_PROTOCOL = '/dure/pairing/1'

/** Facts for the operator: never a device key, an address or content. */
export interface NetLog {
  info(fact: string, data?: Record<string, string | number>): void
  warn(fact: string, data?: Record<string, string | number>): void
}

export interface CourierOptions {
  /** the device's Ed25519 seed, 32 bytes */
  readonly seed: Uint8Array
  /** multiaddrs; TCP and WebSocket */
  readonly listen?: readonly string[]
  /** find contacts on the local network, and be found */
  readonly mdns: boolean
  readonly log: NetLog
}

export const DEFAULT_LISTEN = ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws'] as const

/** The process would leak what it protects; `variable` says through which setting. */
export class UnsafeEnvironmentError extends Error {
  override readonly name = 'UnsafeEnvironmentError'
  readonly variable: string

  constructor(variable: string) {
    super(`refusing to start: ${variable} is set, and with it every session key of the network would be written out`)
    this.variable = variable
  }
}

const stoppedError = (): CourierError => new CourierError('stopped', 'the courier is stopped')

/** @throws UnsafeEnvironmentError DUMP_SESSION_KEYS is set (attack 87) */
export function createCourier({ seed, listen = DEFAULT_LISTEN, mdns, log }: CourierOptions): Courier {
  if (process.env.DUMP_SESSION_KEYS !== undefined) throw new UnsafeEnvironmentError('DUMP_SESSION_KEYS')

  let handlers: CourierHandlers | undefined
  let node: DureNode | undefined
  let running = false
  let housekeeping: NodeJS.Timeout | undefined
  let known: string[] = []
  let knownNetwork = ''
  const senders = new Map<DeviceKey, DirectSender>()
  const pairings = new Map<DeviceKey, Promise<unknown>>()
  const listensOnLoopback = asksForLoopback(listen)
  /** how relays see us, for hole punching */
  const observed = new Map<DeviceKey, Multiaddr>()
  const identified = new WeakSet<Connection>()
  let hidden = false
  /** by the clock on the wall: the other one stands still while a machine sleeps */
  let lookedAt = 0
  const admits = (device: DeviceKey): boolean => handlers?.admits(device) ?? false

  const relays = createRelays({
    reserve: reserveAt,
    changed: lookAround,
    alone: () => node?.libp2p.getConnections().length === 0,
    after: (delay, run) => {
      const timer = setTimeout(run, delay)
      timer.unref()
      return () => clearTimeout(timer)
    },
    chance: Math.random,
  })
  /** Relays of others, while a call goes through them. */
  const carries = (device: DeviceKey): boolean =>
    node?.libp2p.getConnections().some(({ limits, remoteAddr }) => limits !== undefined && relayOf(remoteAddr) === device) ?? false

  const connections = createConnections({
    admits,
    serves: device => relays.knows(device) || carries(device),
    appeared: device => {
      handlers?.appeared(device)
      // A stranger who became a contact while connected was not asked before.
      const connection = connections.newest(device)
      if (connection) identify(connection)
    },
    vanished: device => handlers?.vanished(device),
    now: () => performance.now(),
  })

  function addresses(): string[] {
    if (!running || !node) return []
    const circuits = relays.reserved()
      .flatMap(({ peer, addresses: at }) => at.slice(0, MAX_ANNOUNCED_PER_RELAY).map(address => circuitAddress(address, String(peerIdOf(peer)))))
      .slice(0, MAX_ANNOUNCED_CIRCUITS)
    return [...announced(node.listening(), listensOnLoopback).slice(0, MAX_ANNOUNCED - circuits.length), ...circuits]
  }
  const surroundings = (): Surroundings => ({
    own: ownAddresses(),
    loopback: addresses().some(address => isLoopback(multiaddr(address).getComponents()[0]?.value ?? '')),
  })

  const ownRelay = (address: string): boolean => relays.has(address.replace(/\/p2p\/[^/]+$/, ''))

  // ---------------------------------------------------------------- connections and streams

  async function connect(device: DeviceKey, hints: readonly string[]): Promise<Connection> {
    const standing = connections.newest(device)
    if (standing) return standing
    const peer = peerIdOf(device)
    if (!running || !node) throw stoppedError()
    if (!peer) throw new CourierError('unreachable', 'not a device key')
    try {
      const remembered = await node.libp2p.peerStore.get(peer).then(found => found.addresses.map(entry => entry.multiaddr.toString()), () => [])
      const around = surroundings()
      const all = [...hints, ...remembered]
      const targets = hidden ? [] : dialable(all, peer.toString(), around)
      const circuits = throughRelays(all, peer.toString(), around)
      return await firstOf(
        () => callDirectly(peer, targets, around),
        async () => connections.newest(device) ?? callThroughRelays(peer, circuits, around),
        targets.length === 0 ? 0 : DIRECT_HEAD_START,
      )
    } catch (error) {
      if (!running) throw stoppedError()
      throw error instanceof CourierError ? error : new CourierError('unreachable', 'no address answered')
    }
  }

  async function callDirectly(peer: PeerId, targets: readonly Target[], around: Surroundings): Promise<Connection> {
    const resolved = (await Promise.all(targets.map(target => resolveTarget(target, around)))).flat()
    if (resolved.length === 0 || !node) throw new CourierError('unreachable', 'no address to try')
    const complete = resolved.map(address => multiaddr(`${address}/p2p/${peer}`))
    // An inbound connection may have come meanwhile.
    return connections.newest(deviceKeyOf(peer) ?? '') ?? node.libp2p.dial(complete, { signal: timeout(DIAL_TIMEOUT) })
  }

  /** One after the other: each costs a relay a place, and the first mostly answers. Our own relays first: they know us already. */
  async function callThroughRelays(peer: PeerId, circuits: readonly Circuit[], around: Surroundings): Promise<Connection> {
    const own = ({ relay }: Circuit): number => Number(relays.knows(deviceKeyOf(peerIdFromString(relay)) ?? ''))
    for (const { relay, target } of circuits.toSorted((a, b) => own(b) - own(a))) {
      try {
        const connection = await connectRelay(peerIdFromString(relay), target, around)
        return await within(DIAL_TIMEOUT, signal => (node as DureNode).callThrough(multiaddr(`${connection.remoteAddr}/p2p-circuit/p2p/${peer}`), signal))
      } catch {
        if (!running) throw stoppedError()
      }
    }
    throw new CourierError('unreachable', 'no relay reaches it')
  }

  /** A relay of ours is where the person said, whatever a contact says. To one of others the way goes through ours when nobody is to see where we are. */
  async function connectRelay(relay: PeerId, target: Target, around: Surroundings): Promise<Connection> {
    const device = deviceKeyOf(relay) ?? ''
    const own = relays.addressesOf(device)
    if (own) return dialRelay(relay, own)
    return hidden ? dialOnward(relay, target) : dialRelay(relay, await resolveTarget(target, around))
  }

  async function dialOnward(relay: PeerId, target: Target): Promise<Connection> {
    const standing = connections.newest(deviceKeyOf(relay) ?? '')
    if (standing) return standing
    for (const { peer, addresses: at } of relays.reserved()) {
      try {
        const own = await dialRelay(peerIdOf(peer) as PeerId, at)
        return await within(DIAL_TIMEOUT, signal => callOnward((node as DureNode).upgrader, own, [`${target.address}/p2p/${relay}`], signal))
      } catch {
        if (!running) throw stoppedError()
      }
    }
    throw new CourierError('unreachable', 'no relay of ours leads there')
  }

  /** A direct connection to a relay, which has told how it sees us. */
  async function dialRelay(relay: PeerId, at: readonly string[]): Promise<Connection> {
    if (!node) throw stoppedError()
    const device = deviceKeyOf(relay) ?? ''
    const standing = connections.newest(device)
    const connection = standing ?? await node.libp2p.dial(at.map(address => multiaddr(`${address}/p2p/${relay}`)), { signal: timeout(DIAL_TIMEOUT) })
    if (connection.limits !== undefined) throw new CourierError('unreachable', 'a relay behind a relay')
    if (!observed.has(device) && !hidden) {
      const seen = await node.libp2p.services.identify.identify(connection, { signal: timeout(OBSERVED_TIMEOUT) }).catch(() => undefined)
      const address = seen?.observedAddr?.toString().replace(/\/p2p\/[^/]+$/, '') ?? ''
      if (IP_AND_PORT.test(address)) observed.set(device, multiaddr(address))
    }
    return connection
  }

  async function reserveAt({ peer, addresses: at }: RelayAt): Promise<void> {
    const relay = peerIdOf(peer)
    if (!node || !relay) throw stoppedError()
    await dialRelay(relay, at)
    await node.reservations.reserve(relay)
  }

  async function openStream(device: DeviceKey, hints: readonly string[], protocol: string): Promise<{ stream: Stream; relayed: boolean }> {
    const connection = await connect(device, hints)
    try {
      const signal = timeout(PROTOCOL_NEGOTIATION_TIMEOUT)
      const stream = await connection.newStream(protocol, { signal, runOnLimitedConnection: true, negotiateFully: false })
      return { stream, relayed: connection.limits !== undefined }
    } catch (error) {
      if (!running) throw stoppedError()
      const hungUp = ['StreamResetError', 'UnsupportedProtocolError'].includes((error as Error).name)
      throw new CourierError(hungUp ? 'refused' : 'unreachable', hungUp ? 'the other side hung up' : 'no stream could be opened')
    }
  }

  function senderTo(device: DeviceKey): DirectSender {
    let sender = senders.get(device)
    if (!sender) {
      sender = createDirectSender(hints => openStream(device, hints, DIRECT_PROTOCOL), () => senders.delete(device))
      senders.set(device, sender)
    }
    return sender
  }

  // ---------------------------------------------------------------- life

  function onOpen({ detail: connection }: Libp2pEvents['connection:open']): void {
    const device = deviceKeyOf(connection.remotePeer)
    if (device === undefined) connection.abort(new Error('not a device'))
    else if (connections.add(device, connection)) identify(connection)
  }

  function identify(connection: Connection): void {
    if (identified.has(connection)) return
    identified.add(connection)
    void node?.libp2p.services.identify.identify(connection).catch(() => {})
  }

  function onClose({ detail: connection }: Libp2pEvents['connection:close']): void {
    const device = deviceKeyOf(connection.remotePeer)
    if (device === undefined) return
    connections.remove(device, connection)
    if (!connections.newest(device)) observed.delete(device)
    // Strangers come under ever new keys; what libp2p noted about them goes with them.
    if (!admits(device) && !connections.newest(device)) void node?.libp2p.peerStore.delete(connection.remotePeer).catch(() => {})
  }

  function lookAround(): void {
    if (!running) return
    connections.review()
    const slept = Date.now() - lookedAt > HOUSEKEEPING_INTERVAL * SLEPT_INTERVALS
    lookedAt = Date.now()
    const network = JSON.stringify(ownAddresses())
    const elsewhere = slept || network !== knownNetwork
    knownNetwork = network
    if (elsewhere) relays.retryNow()
    const now = addresses()
    node?.vouch(now.filter(address => !address.endsWith('/p2p-circuit')))
    const moved = now.join() !== known.join()
    known = now
    if (elsewhere || moved) {
      for (const connection of node?.libp2p.getConnections() ?? []) void endUnlessAlive(connection)
      handlers?.networkChanged()
    }
    if (!moved) return
    log.info('own addresses changed', { count: now.length })
    handlers?.addressesChanged(now)
  }

  async function start(): Promise<void> {
    const serving = handlers
    if (!serving) throw new TypeError('serve() comes before start()')
    if (running) return
    const peer = { self: '' }
    const discovered = createDiscovery({
      get self() {
        return peer.self
      },
      admits,
      connected: device => connections.newest(device) !== undefined,
      dial: (device, found) => void connect(device, found).catch(() => {}),
      now: () => performance.now(),
      after: (delay, run) => void setTimeout(() => running && run(), delay).unref(),
    })
    const gater = createGater({ admits, strangers: connections.strangers, surroundings, ownRelay, hidden: () => hidden })
    node = await createNode({
      seed,
      listen: hidden ? [] : listen,
      gater,
      admits,
      discovered: mdns && !hidden ? discovered : undefined,
      announced: listening => announced(listening, listensOnLoopback),
      relays: peer => relays.knows(deviceKeyOf(peer) ?? ''),
      punching: hidden ? undefined : {
        admits: other => admits(deviceKeyOf(other) ?? ''),
        observed: () => [...observed.values()],
        dialable: address => typeof judgeAddress(address.toString(), undefined, surroundings()) !== 'string',
      },
    })
    const { libp2p, reservations } = node
    reservations.onLost(relay => relays.lost(deviceKeyOf(relay) ?? ''))
    peer.self = deviceKeyOf(libp2p.peerId) as DeviceKey
    const answerPairing = createPairingResponder(serving)
    await libp2p.handle(DIRECT_PROTOCOL, (stream, connection) => {
      const device = deviceKeyOf(connection.remotePeer)
      // Not a word: a stranger who asks is left with a closed connection (attack 67).
      if (device === undefined || !serving.admits(device)) connection.abort(new Error('not admitted'))
      else receiveDirect(stream, connection, device, serving)
    }, { maxInboundStreams: MAX_DIRECT_STREAMS, maxOutboundStreams: MAX_DIRECT_STREAMS, runOnLimitedConnection: true })
    await libp2p.handle(PAIRING_PROTOCOL, async (stream, connection) => {
      const device = deviceKeyOf(connection.remotePeer)
      if (device !== undefined) await answerPairing(stream, connection, device)
    }, { maxInboundStreams: MAX_PAIRING_STREAMS, maxOutboundStreams: MAX_PAIRING_STREAMS, runOnLimitedConnection: true })
    libp2p.addEventListener('connection:open', onOpen)
    libp2p.addEventListener('connection:close', onClose)
    running = true
    try {
      await startListening(libp2p)
    } catch (error) {
      running = false
      throw error
    }
    relays.start()
    lookedAt = Date.now()
    knownNetwork = JSON.stringify(ownAddresses())
    lookAround()
    housekeeping = setInterval(lookAround, HOUSEKEEPING_INTERVAL)
    housekeeping.unref()
    log.info('network started', { addresses: known.length })
  }

  async function stop(): Promise<void> {
    if (!running || !node) return
    running = false
    const { libp2p } = node
    clearInterval(housekeeping)
    relays.stop()
    observed.clear()
    for (const sender of senders.values()) sender.stop()
    senders.clear()
    const outcome = await stopNode(libp2p, stoppedError())
    if (outcome !== 'stopped') log.warn('the network did not stop cleanly', { outcome })
    known = []
  }

  return {
    serve(given) {
      handlers = given
    },
    start,
    stop,
    async send(device, hints, envelope) {
      if (!running) throw stoppedError()
      return senderTo(device).send(hints, envelope)
    },
    async pairing(device, hints, request) {
      // One at a time to one device: the protocol allows one stream.
      const before = pairings.get(device) ?? Promise.resolve()
      const mine = before.catch(() => {}).then(async () => requestPairing((await openStream(device, hints, PAIRING_PROTOCOL)).stream, request))
      pairings.set(device, mine)
      try {
        return await mine
      } catch (error) {
        throw running ? error : stoppedError()
      } finally {
        if (pairings.get(device) === mine) pairings.delete(device)
      }
    },
    connected: device => connections.newest(device) !== undefined,
    addresses,
    useRelays: relays.use,
    relays: relays.states,
    async hideAddress(on) {
      if (on === hidden) return
      hidden = on
      if (!running) return
      await stop()
      await start()
    },
    peerCount: connections.count,
  }
}

/** Only calls over plain TCP leave from our one port. */
const IP_AND_PORT = /^\/ip[46]\/[^/]+\/tcp\/\d+$/

/** The relay a relayed connection goes through. */
function relayOf(address: Multiaddr): DeviceKey | undefined {
  const id = address.getComponents().find(({ name }) => name === 'p2p')?.value
  return id === undefined ? undefined : deviceKeyOf(peerIdFromString(id))
}

/** The first that succeeds. The second has its turn when the first has failed, or has not succeeded in that time. */
async function firstOf<T>(first: () => Promise<T>, second: () => Promise<T>, headStart: number): Promise<T> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, headStart)
  const one = first().finally(resolve)
  const two = over.then(second)
  try {
    return await Promise.any([one, two])
  } finally {
    clearTimeout(timer)
  }
}
