/** The courier over libp2p: connections to devices, the two protocols on them, and our own addresses. */
import { type Connection, type Libp2pEvents, setMaxListeners, type Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { type Courier, CourierError, type CourierHandlers, type DeviceKey } from '../messenger/ports.ts'
import { announced, dialable, isLoopback, type Surroundings } from './addresses.ts'
import { createConnections } from './connections.ts'
import { deviceKeyOf, peerIdOf } from './device-key.ts'
import { receiveDirect } from './direct-receiver.ts'
import { createDirectSender, type DirectSender } from './direct-sender.ts'
import { createDiscovery } from './discovery.ts'
import { createGater } from './gater.ts'
import {
  DIAL_TIMEOUT, HOUSEKEEPING_INTERVAL, MAX_DIRECT_STREAMS, MAX_PAIRING_STREAMS, PROTOCOL_NEGOTIATION_TIMEOUT,
} from './limits.ts'
import { createNode, type DureNode, stopNode } from './node.ts'
import { createPairingResponder, requestPairing } from './pairing.ts'
import { asksForLoopback, ownAddresses, resolveTarget } from './surroundings.ts'

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
  const senders = new Map<DeviceKey, DirectSender>()
  const pairings = new Map<DeviceKey, Promise<unknown>>()
  const listensOnLoopback = asksForLoopback(listen)
  const admits = (device: DeviceKey): boolean => handlers?.admits(device) ?? false

  const connections = createConnections({
    admits,
    appeared: device => handlers?.appeared(device),
    vanished: device => handlers?.vanished(device),
    now: () => performance.now(),
  })

  const addresses = (): string[] => (running && node ? announced(node.listening(), listensOnLoopback) : [])
  const surroundings = (): Surroundings => ({
    own: ownAddresses(),
    loopback: addresses().some(address => isLoopback(multiaddr(address).getComponents()[0]?.value ?? '')),
  })

  // ---------------------------------------------------------------- connections and streams

  async function connect(device: DeviceKey, hints: readonly string[]): Promise<Connection> {
    const standing = connections.newest(device)
    if (standing) return standing
    const peer = peerIdOf(device)
    if (!running || !node) throw stoppedError()
    if (!peer) throw new CourierError('unreachable', 'not a device key')
    const { libp2p } = node
    try {
      const remembered = await libp2p.peerStore.get(peer).then(found => found.addresses.map(entry => entry.multiaddr.toString()), () => [])
      const around = surroundings()
      const targets = dialable([...hints, ...remembered], peer.toString(), around)
      const resolved = (await Promise.all(targets.map(target => resolveTarget(target, around)))).flat()
      if (resolved.length === 0) throw new CourierError('unreachable', 'no address to try')
      const complete = resolved.map(address => multiaddr(`${address}/p2p/${peer}`))
      // An inbound connection may have come meanwhile.
      return connections.newest(device) ?? await libp2p.dial(complete, { signal: timeout(DIAL_TIMEOUT) })
    } catch (error) {
      if (!running) throw stoppedError()
      throw error instanceof CourierError ? error : new CourierError('unreachable', 'no address answered')
    }
  }

  async function openStream(device: DeviceKey, hints: readonly string[], protocol: string): Promise<Stream> {
    const connection = await connect(device, hints)
    try {
      const signal = timeout(PROTOCOL_NEGOTIATION_TIMEOUT)
      return await connection.newStream(protocol, { signal, runOnLimitedConnection: true, negotiateFully: false })
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
    else if (connections.add(device, connection)) void node?.libp2p.services.identify.identify(connection).catch(() => {})
  }

  function onClose({ detail: connection }: Libp2pEvents['connection:close']): void {
    const device = deviceKeyOf(connection.remotePeer)
    if (device === undefined) return
    connections.remove(device, connection)
    // Strangers come under ever new keys; what libp2p noted about them goes with them.
    if (!admits(device) && !connections.newest(device)) void node?.libp2p.peerStore.delete(connection.remotePeer).catch(() => {})
  }

  function lookAround(): void {
    connections.review()
    const now = addresses()
    if (now.join() === known.join()) return
    known = now
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
    const gater = createGater({ admits, strangers: connections.strangers, surroundings })
    node = await createNode({
      seed, listen, gater, admits, discovered: mdns ? discovered : undefined, announced: listening => announced(listening, listensOnLoopback),
    })
    const { libp2p } = node
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
      await libp2p.start()
    } catch (error) {
      running = false
      throw error
    }
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
      const mine = before.catch(() => {}).then(async () => requestPairing(await openStream(device, hints, PAIRING_PROTOCOL), request))
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
    peerCount: connections.count,
  }
}

function timeout(ms: number): AbortSignal {
  const signal = AbortSignal.timeout(ms)
  setMaxListeners(Infinity, signal)
  return signal
}
