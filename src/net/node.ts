/** One libp2p node with every limit in place. Knows nothing of envelopes or pairing. */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type Identify, type IdentifyComponents, identify } from '@libp2p/identify'
import type { Connection, ConnectionGater, Libp2p, PeerId, Upgrader } from '@libp2p/interface'
import type { MulticastDNSComponents } from '@libp2p/mdns'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { deviceKeyOf } from './device-key.ts'
import { type Found, lanDiscovery } from './discovery.ts'
import { guarded } from './guarded.ts'
import * as limit from './limits.ts'
import { fromOnePort } from './outgoing-port.ts'
import { type PunchComponents, type PunchQuestions, punch } from './punch.ts'
import { type Reservations, relayTransport } from './relay-transport.ts'
import { hardenedWebSockets } from './websockets.ts'

export interface NodeOptions {
  /** 32 bytes, the device's Ed25519 seed */
  readonly seed: Uint8Array
  readonly listen: readonly string[]
  readonly gater: ConnectionGater
  readonly admits: (device: string) => boolean
  /** absent: not on the local network */
  readonly discovered: Found | undefined
  /** what of the addresses we listen on others may learn */
  readonly announced: (listening: string[]) => string[]
  /** peers through which calls may come */
  readonly relays: (peer: PeerId) => boolean
  /** absent: nobody is to learn where we are */
  readonly punching: PunchQuestions | undefined
}

export interface TransportAddresses {
  getAddrs(): { toString(): string }[]
}
interface AddressManager {
  confirmObservedAddr(address: Multiaddr, options: { type: 'transport' }): void
}
interface TransportManager extends TransportAddresses {
  dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<Connection>
}

export interface DureNode {
  readonly libp2p: Libp2p<{ identify: Identify }>
  readonly reservations: Reservations
  /** makes a connection of what leads somewhere */
  readonly upgrader: Upgrader
  /** libp2p keeps an address of the internet from everybody until AutoNAT has confirmed it. Contacts may try it at once. */
  vouch(addresses: readonly string[]): void
  /** Calls through a relay we are connected to. */
  callThrough(address: Multiaddr, signal: AbortSignal): Promise<Connection>
  /** every address the transports listen on, wildcards expanded to the interfaces of this moment */
  listening(): string[]
}

export const tcpTransport = (): ReturnType<typeof tcp> =>
  tcp({
    inboundSocketInactivityTimeout: limit.SOCKET_INACTIVITY,
    outboundSocketInactivityTimeout: limit.SOCKET_INACTIVITY,
    maxConnections: limit.MAX_SOCKETS,
  })

/**
 * @param maxEarlyStreams what the other side may open before our handlers are in place
 * @param idle `silent`: it does not ask on its own whether the other side is still there
 */
export const multiplexer = (maxEarlyStreams: number, maxStreams = limit.MAX_STREAMS, idle: 'asks' | 'silent' = 'asks'): ReturnType<typeof yamux> =>
  endingQuietly(yamux({
    enableKeepAlive: idle === 'asks',
    maxInboundStreams: maxStreams,
    maxOutboundStreams: maxStreams,
    maxEarlyStreams,
    streamOptions: {
      initialStreamWindowSize: limit.STREAM_WINDOW,
      maxStreamWindowSize: limit.STREAM_WINDOW,
      maxReadBufferLength: limit.STREAM_WINDOW,
      maxWriteBufferLength: limit.MAX_WRITE_BUFFER,
    },
  }))

/**
 * The library's `abort` throws where what it runs over has ended a moment before, as a relayed connection with its relay's: it wants to say goodbye.
 * Then the connection stays; and where its own ping had found nobody, nothing catches it and the process ends.
 */
function endingQuietly(yamuxOf: ReturnType<typeof yamux>): ReturnType<typeof yamux> {
  return () => {
    const factory = yamuxOf()
    const create = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = over => {
      const muxer = create(over)
      const abort = muxer.abort.bind(muxer)
      muxer.abort = error => {
        try {
          abort(error)
        } catch {
          // the goodbye; all else is done before it
        }
      }
      return muxer
    }
    return factory
  }
}

/** Whatever hangs in libp2p's own way of stopping is not waited for. */
export async function stopNode(libp2p: Pick<Libp2p, 'getConnections' | 'stop'>, reason: Error): Promise<'stopped' | 'failed' | 'late'> {
  for (const connection of libp2p.getConnections()) connection.abort(reason)
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const alarm = setTimeout(resolve, limit.STOP_TIMEOUT, 'late')
  const outcome = await Promise.race([Promise.resolve(libp2p.stop()).then(() => 'stopped' as const, () => 'failed' as const), late])
  clearTimeout(alarm)
  return outcome
}

export async function createNode({ seed, listen, gater, admits, discovered, announced, relays, punching }: NodeOptions): Promise<DureNode> {
  let transports: TransportManager | undefined
  let own: AddressManager | undefined
  let reservations: Reservations | undefined
  let upgrader: Upgrader | undefined
  const libp2p = await createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    // The default names the machine's operating system and versions.
    nodeInfo: { userAgent: 'dure/1' },
    addresses: {
      listen: [...listen],
      announceFilter: addresses => {
        const allowed = new Set(announced(addresses.map(address => address.toString().replace(/\/p2p\/[^/]+$/, ''))))
        return addresses.filter(address => allowed.has(address.toString().replace(/\/p2p\/[^/]+$/, '')))
      },
    },
    transports: [
      fromOnePort(tcpTransport()),
      hardenedWebSockets(),
      relayTransport(connection => relays(connection.remotePeer), made => {
        reservations = made
      }),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [multiplexer(limit.MAX_EARLY_STREAMS)],
    connectionGater: gater,
    connectionMonitor: { pingTimeout: { maxTimeout: limit.MAX_PING_TIMEOUT } },
    connectionManager: {
      maxConnections: limit.MAX_CONNECTIONS,
      maxIncomingPendingConnections: limit.MAX_PENDING_INBOUND,
      inboundConnectionThreshold: limit.INBOUND_PER_HOST_PER_SECOND,
      inboundUpgradeTimeout: limit.INBOUND_UPGRADE_TIMEOUT,
      inboundStreamProtocolNegotiationTimeout: limit.PROTOCOL_NEGOTIATION_TIMEOUT,
      outboundStreamProtocolNegotiationTimeout: limit.PROTOCOL_NEGOTIATION_TIMEOUT,
      dialTimeout: limit.DIAL_TIMEOUT,
      addressDialTimeout: limit.ADDRESS_DIAL_TIMEOUT,
      maxPeerAddrsToDial: limit.MAX_ADDRESSES_TO_DIAL,
      maxDialQueueLength: limit.MAX_DIAL_QUEUE,
      maxParallelDials: limit.MAX_PARALLEL_DIALS,
      // /dnsaddr/ would turn one hint into many addresses; the messenger decides when to call again.
      resolvers: {},
      reconnectRetries: 0,
    },
    services: {
      transports: (components: { transportManager: TransportManager; addressManager: AddressManager; upgrader: Upgrader }) => {
        transports = components.transportManager
        own = components.addressManager
        upgrader = components.upgrader
        return {}
      },
      ping: ping({ maxInboundStreams: limit.MAX_PING_STREAMS, maxOutboundStreams: limit.MAX_PING_STREAMS }),
      identify: (components: IdentifyComponents) => identifyForAdmitted(components, admits),
      ...(punching ? { punching: (components: PunchComponents) => punch(components, punching) } : {}),
      ...(discovered ? { discovery: (components: MulticastDNSComponents) => lanDiscovery(discovered)(components) } : {}),
    },
  })
  return {
    libp2p: libp2p as unknown as DureNode['libp2p'],
    reservations: reservations as unknown as Reservations,
    upgrader: upgrader as unknown as Upgrader,
    vouch(addresses) {
      for (const address of addresses) own?.confirmObservedAddr(multiaddr(address), { type: 'transport' })
    },
    callThrough: (address, signal) => (transports as TransportManager).dial(address, { signal }),
    listening: () => (transports?.getAddrs() ?? []).map(String),
  }
}

/** identify tells our addresses and protocols: only to devices we admit, and only they and relays are asked. */
function identifyForAdmitted(components: IdentifyComponents, admits: (device: string) => boolean): Identify {
  return identify({
    maxInboundStreams: limit.MAX_IDENTIFY_STREAMS,
    maxOutboundStreams: limit.MAX_IDENTIFY_STREAMS,
    maxMessageSize: limit.MAX_IDENTIFY_MESSAGE,
    timeout: limit.PROTOCOL_NEGOTIATION_TIMEOUT,
    runOnConnectionOpen: false,
  })({ ...named(components), registrar: guarded(components.registrar, connection => admits(deviceKeyOf(connection.remotePeer) ?? '')) })
}

/** libp2p hands services a proxy that answers by name only. */
function named({ peerId, privateKey, peerStore, addressManager, events, logger, nodeInfo, registrar }: IdentifyComponents): IdentifyComponents {
  return { peerId, privateKey, peerStore, addressManager, events, logger, nodeInfo, registrar }
}
