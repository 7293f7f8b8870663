/** The libp2p node of a relay: everybody is a stranger, nobody is remembered. */
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Libp2pEvents, Transport } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { announced, isLoopback, judgeAddress, reachOf, type Surroundings } from '../addresses.ts'
import { type Dht, dht } from '../channels/dht.ts'
import { ADDRESS_AGE } from '../channels/limits.ts'
import { boundedDatastore } from '../channels/peer-table.ts'
import { deviceKeyOf } from '../device-key.ts'
import * as shared from '../limits.ts'
import { startListening } from '../listen.ts'
import { multiplexer, stopNode, type TransportAddresses } from '../node.ts'
import { callAll, dialableEntryPoints } from '../search/entry-points.ts'
import { asksForLoopback, ownAddresses } from '../surroundings.ts'
import { hardenedWebSockets } from '../websockets.ts'
import { timeout } from '../within.ts'
import { autonatServer } from './autonat.ts'
import { createCircuits } from './circuits.ts'
import { createAdmission } from './gater.ts'
import * as limit from './limits.ts'
import { createOnward } from './onward.ts'
import type { RelayPart } from './part.ts'

export interface RelayNodeOptions {
  /** the relay's Ed25519 seed, 32 bytes */
  readonly seed: Uint8Array
  /** multiaddrs; TCP and WebSocket */
  readonly listen: readonly string[]
  /** what others are told instead of what we listen on; empty: what we listen on */
  readonly announce: readonly string[]
  /** the same without names, for the DHT, which looks up none at a stranger's word */
  readonly announceWithoutNames?: readonly string[]
  /** reservations one IP address may hold */
  readonly perHost: number
  /** services beside relaying and the DHT */
  readonly parts: readonly RelayPart[]
}

export interface RelayNode {
  /** hex */
  readonly key: string
  readonly peerId: string
  start(): Promise<void>
  stop(): Promise<'stopped' | 'failed' | 'late'>
  /** every address the transports listen on */
  listening(): string[]
  /** what others are told */
  addresses(): string[]
  /** Calls other relays, so that the DHT of each knows the other. Addresses with their peer id. */
  meet(entryPoints: readonly string[]): Promise<void>
  /** figures of each service by its name */
  status(): Readonly<Record<string, Readonly<Record<string, number>>>>
}

interface Transports extends TransportAddresses {
  dialTransportForMultiaddr(address: Multiaddr): Transport | undefined
}

const withoutPeer = (address: { toString(): string }): string => address.toString().replace(/\/p2p\/[^/]+$/, '')

/** In one spelling: what is parsed from bytes has only one. */
const hostAndPort = (address: string): string => multiaddr(multiaddr(address).bytes).toString().split('/').slice(1, 5).join('/')

export async function createRelayNode({ seed, listen, announce, announceWithoutNames = [], perHost, parts }: RelayNodeOptions): Promise<RelayNode> {
  let transports: Transports | undefined
  let routing: Dht | undefined
  let refused = 0
  const opened = new Map<Connection, number>()
  const circuits = createCircuits(perHost)
  const onLoopback = asksForLoopback(listen)
  const connections = (): Connection[] => [...opened.keys()]
  const listening = (): string[] => (transports?.getAddrs() ?? []).map(String)
  const told = (): string[] => (announce.length > 0 ? [...announce] : announced(listening(), onLoopback))
  const surroundings = (): Surroundings => ({
    own: ownAddresses(),
    loopback: told().some(address => isLoopback(multiaddr(address).getComponents()[0]?.value ?? '')),
  })

  const onward = createOnward({
    // A stranger may send us only where we are ourselves: from the internet no deeper into this network (attack 88).
    surroundings() {
      const reaches = new Set(told().map(reachOf))
      const isPublic = reaches.has('name') || reaches.has('internet')
      return { own: !isPublic && reaches.has('network') ? ownAddresses() : [], loopback: !isPublic && !reaches.has('network') }
    },
    isSelf: address => [...told(), ...listening()].some(own => hostAndPort(own) === hostAndPort(address)),
    transportFor: address => transports?.dialTransportForMultiaddr(address),
  })
  const services = [onward, ...parts]

  const libp2p = (await createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    nodeInfo: { userAgent: 'dure/1' },
    datastore: boundedDatastore(limit.MAX_STORED_PEERS),
    peerStore: { maxAddressAge: ADDRESS_AGE, maxPeerAge: ADDRESS_AGE },
    addresses: {
      listen: [...listen],
      announce: [...new Set([...announce, ...announceWithoutNames])],
      announceFilter: all => {
        const allowed = new Set([...told(), ...announceWithoutNames])
        return all.filter(address => allowed.has(withoutPeer(address)))
      },
    },
    transports: [
      tcp({
        inboundSocketInactivityTimeout: shared.SOCKET_INACTIVITY,
        outboundSocketInactivityTimeout: shared.SOCKET_INACTIVITY,
        maxConnections: limit.MAX_SOCKETS,
        backlog: limit.BACKLOG,
      }),
      hardenedWebSockets(limit.MAX_SOCKETS),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [multiplexer(limit.MAX_EARLY_STREAMS, limit.MAX_STREAMS, 'silent')],
    connectionMonitor: { pingInterval: limit.PING_INTERVAL },
    connectionGater: { ...createAdmission({ connections, surroundings }, () => refused++), ...circuits.gater },
    connectionManager: {
      maxConnections: limit.MAX_CONNECTIONS,
      maxIncomingPendingConnections: limit.MAX_PENDING_INBOUND,
      inboundConnectionThreshold: limit.INBOUND_PER_HOST_PER_SECOND,
      inboundUpgradeTimeout: shared.INBOUND_UPGRADE_TIMEOUT,
      inboundStreamProtocolNegotiationTimeout: shared.PROTOCOL_NEGOTIATION_TIMEOUT,
      outboundStreamProtocolNegotiationTimeout: shared.PROTOCOL_NEGOTIATION_TIMEOUT,
      dialTimeout: shared.DIAL_TIMEOUT,
      addressDialTimeout: shared.ADDRESS_DIAL_TIMEOUT,
      maxPeerAddrsToDial: limit.MAX_ADDRESSES_TO_DIAL,
      maxDialQueueLength: limit.MAX_DIAL_QUEUE,
      maxParallelDials: limit.MAX_PARALLEL_DIALS,
      resolvers: {},
      reconnectRetries: 0,
    },
    services: {
      transports: (components: { transportManager: Transports }) => {
        transports = components.transportManager
        return {}
      },
      ping: ping({ maxInboundStreams: shared.MAX_PING_STREAMS, maxOutboundStreams: shared.MAX_PING_STREAMS }),
      identify: identify({
        maxInboundStreams: shared.MAX_IDENTIFY_STREAMS,
        maxOutboundStreams: shared.MAX_IDENTIFY_STREAMS,
        maxMessageSize: shared.MAX_IDENTIFY_MESSAGE,
        timeout: shared.PROTOCOL_NEGOTIATION_TIMEOUT,
      }),
      circuits: circuits.service,
      autonat: autonatServer,
      dht: dht(
        {
          mode: 'server',
          dialable: (peer, address) => typeof judgeAddress(address.toString(), peer.toString(), surroundings()) !== 'string',
          now: () => performance.now(),
        },
        made => {
          routing = made
        },
      ),
    } as never,
  })) as unknown as Libp2p

  const network = (): Record<string, number> => ({
    connections: opened.size,
    connections_limit: limit.MAX_CONNECTIONS,
    connections_refused_total: refused,
    dht_peers: routing?.peers ?? 0,
    provider_records: routing?.records ?? 0,
  })

  function onOpen({ detail: connection }: Libp2pEvents['connection:open']): void {
    opened.set(connection, performance.now())
    const same = connections().filter(other => other.remotePeer.equals(connection.remotePeer))
    for (const oldest of same.slice(0, -limit.MAX_CONNECTIONS_PER_PEER)) oldest.abort(new Error('replaced by a newer connection'))
  }

  function onClose({ detail: connection }: Libp2pEvents['connection:close']): void {
    opened.delete(connection)
    // Strangers come under ever new keys. The DHT keeps those it wants in its own table.
    if (!connections().some(other => other.remotePeer.equals(connection.remotePeer))) circuits.forget(connection.remotePeer)
  }

  /** Whoever neither talks nor waits to be called makes room (attack 83). */
  function review(): void {
    for (const [connection, since] of opened) {
      if (performance.now() - since < limit.IDLE_LIFETIME || connection.streams.length > 0 || circuits.holds(connection.remotePeer)) continue
      void connection.close().catch((error: Error) => connection.abort(error))
    }
  }

  let reviewing: NodeJS.Timeout | undefined
  return {
    key: deviceKeyOf(libp2p.peerId) as string,
    peerId: libp2p.peerId.toString(),
    async start() {
      libp2p.addEventListener('connection:open', onOpen)
      libp2p.addEventListener('connection:close', onClose)
      for (const service of services) await service.start(libp2p)
      await startListening(libp2p)
      reviewing = setInterval(review, limit.REVIEW_INTERVAL)
      reviewing.unref()
    },
    async stop() {
      clearInterval(reviewing)
      for (const service of services.toReversed()) await service.stop()
      return stopNode(libp2p, new Error('the relay stops'))
    },
    listening,
    addresses: told,
    async meet(entryPoints) {
      const addresses = await dialableEntryPoints(entryPoints, surroundings())
      await callAll(libp2p, addresses, timeout(shared.DIAL_TIMEOUT))
    },
    status: () => ({ network: network(), ...Object.fromEntries([circuits, ...services].map(service => [service.name, service.status()])) }),
  }
}
