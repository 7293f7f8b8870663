/** The second libp2p node of a process: its own key, the gossip, the DHT, and limits for a world of strangers. */
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import type { MulticastDNSComponents } from '@libp2p/mdns'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type Found, lanDiscovery } from '../discovery.ts'
import * as shared from '../limits.ts'
import { multiplexer, tcpTransport, type TransportAddresses } from '../node.ts'
import { hardenedWebSockets } from '../websockets.ts'
import { type Dht, dht, type DhtOptions } from './dht.ts'
import * as limit from './limits.ts'
import { boundedDatastore } from './peer-table.ts'
import { type Pubsub, pubsub, type PubsubQuestions } from './pubsub.ts'

/** Not the courier's: who follows channels and who talks with whom are found by different names. */
const SERVICE = '_dure-channels._udp.local'

export type Transports = NonNullable<Libp2pOptions['transports']>

export interface NodeOptions {
  readonly seed: Uint8Array
  readonly listen: readonly string[]
  readonly transports: Transports | undefined
  readonly gater: ConnectionGater
  /** absent: not on the local network */
  readonly discovered: Found | undefined
  /** what others are told instead of where we listen; none: what of that `announced` leaves */
  readonly announce: readonly string[]
  readonly announced: (listening: string[]) => string[]
  readonly dht: DhtOptions
  readonly gossip: PubsubQuestions
}

export interface ChannelNode {
  readonly libp2p: Libp2p
  readonly pubsub: Pubsub
  readonly dht: Dht | undefined
  listening(): string[]
}

export async function createNode({ seed, listen, transports, gater, discovered, announce, announced, dht: kad, gossip }: NodeOptions): Promise<ChannelNode> {
  let addresses: TransportAddresses | undefined
  let made: Pubsub | undefined
  let routing: Dht | undefined
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
  const peerId = peerIdFromPrivateKey(privateKey)
  const listening = (): string[] => (addresses?.getAddrs() ?? []).map(String)
  const libp2p = await createLibp2p<{ pubsub: GossipSub }>({
    start: false,
    privateKey,
    nodeInfo: { userAgent: 'dure/1' },
    datastore: boundedDatastore(),
    peerStore: { maxAddressAge: limit.ADDRESS_AGE, maxPeerAge: limit.ADDRESS_AGE },
    addresses: {
      listen: [...listen],
      announce: [...announce],
      // The library keeps addresses of the internet to itself until others have confirmed them; the DHT would have nowhere to find us.
      announceFilter: () => announced(listening()).map(address => multiaddr(`${address}/p2p/${peerId}`)),
    },
    transports: transports ?? [tcpTransport(), hardenedWebSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [multiplexer(limit.MAX_EARLY_STREAMS)],
    connectionGater: gater,
    connectionManager: {
      maxConnections: limit.MAX_CONNECTIONS,
      maxIncomingPendingConnections: limit.MAX_PENDING_INBOUND,
      inboundConnectionThreshold: limit.INBOUND_PER_HOST_PER_SECOND,
      inboundUpgradeTimeout: shared.INBOUND_UPGRADE_TIMEOUT,
      inboundStreamProtocolNegotiationTimeout: shared.PROTOCOL_NEGOTIATION_TIMEOUT,
      outboundStreamProtocolNegotiationTimeout: shared.PROTOCOL_NEGOTIATION_TIMEOUT,
      dialTimeout: shared.DIAL_TIMEOUT,
      addressDialTimeout: shared.ADDRESS_DIAL_TIMEOUT,
      maxPeerAddrsToDial: shared.MAX_ADDRESSES_TO_DIAL,
      maxDialQueueLength: shared.MAX_DIAL_QUEUE,
      maxParallelDials: shared.MAX_PARALLEL_DIALS,
      resolvers: {},
      reconnectRetries: 0,
    },
    services: {
      transports: (components: { transportManager: TransportAddresses }) => {
        addresses = components.transportManager
        return {}
      },
      ping: ping({ maxInboundStreams: shared.MAX_PING_STREAMS, maxOutboundStreams: shared.MAX_PING_STREAMS }),
      // Everybody may know what we speak and where we are: that is what this node is for.
      identify: identify({
        maxInboundStreams: shared.MAX_IDENTIFY_STREAMS,
        maxOutboundStreams: shared.MAX_IDENTIFY_STREAMS,
        maxMessageSize: shared.MAX_IDENTIFY_MESSAGE,
        timeout: shared.PROTOCOL_NEGOTIATION_TIMEOUT,
      }),
      pubsub: pubsub(gossip, given => {
        made = given
      }),
      ...(kad.mode === 'off' ? {} : { dht: dht(kad, given => {
        routing = given
      }) }),
      ...(discovered ? { discovery: (components: MulticastDNSComponents) => lanDiscovery(discovered, SERVICE)(components) } : {}),
    } as never,
  })
  return { libp2p, pubsub: made as unknown as Pubsub, dht: routing, listening }
}
