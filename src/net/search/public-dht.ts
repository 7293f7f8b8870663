/** A libp2p node that lives for one question to the public DHT: it listens nowhere, answers nothing and remembers nobody. */
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type Identify, identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { judgeAddress, type Surroundings } from '../addresses.ts'
import { type Dht, dht } from '../channels/dht.ts'
import { boundedDatastore } from '../channels/peer-table.ts'
import { deviceKeyOf } from '../device-key.ts'
import * as shared from '../limits.ts'
import { multiplexer, stopNode, tcpTransport } from '../node.ts'
import { hardenedWebSockets } from '../websockets.ts'
import { aroundOf, callAll, dialableEntryPoints } from './entry-points.ts'
import { JOIN_TIMEOUT, MAX_CONNECTIONS, PUBLIC_DHT_PROTOCOL } from './limits.ts'

export interface JoinOptions {
  /** 32 bytes of Ed25519: drawn for a search, a relay's own for its announcement */
  readonly seed: Uint8Array
  readonly entryPoints: readonly string[]
  /** multiaddrs others are to dial; none for who only asks */
  readonly announce: readonly string[]
  readonly signal: AbortSignal
}

export interface Joined {
  readonly libp2p: Libp2p<{ identify: Identify }>
  readonly dht: Dht
  readonly around: Surroundings
  stop(): Promise<void>
}

/** Undefined when nobody answered at any entry point. */
export async function joinPublicDht({ seed, entryPoints, announce, signal }: JoinOptions): Promise<Joined | undefined> {
  const around = aroundOf(entryPoints)
  const joining = AbortSignal.any([signal, AbortSignal.timeout(JOIN_TIMEOUT)])
  const addresses = await unlessAborted(dialableEntryPoints(entryPoints, around), joining)
  if (addresses === undefined || addresses.length === 0) return undefined
  const mayDial = (address: string, peer: string | undefined): boolean => {
    const target = judgeAddress(address, peer, around)
    return typeof target !== 'string' && (target.kind === 'ip' || target.secure)
  }

  let routing: Dht | undefined
  const libp2p = (await createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    nodeInfo: { userAgent: 'dure/1' },
    datastore: boundedDatastore(),
    addresses: { listen: [], announce: [...announce] },
    transports: [tcpTransport(), hardenedWebSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [multiplexer(shared.MAX_EARLY_STREAMS)],
    connectionGater: {
      denyDialMultiaddr: (address) => !mayDial(address.toString(), undefined),
      filterMultiaddrForPeer: (peer, address) => mayDial(address.toString(), peer.toString()),
      denyOutboundEncryptedConnection: (peer) => deviceKeyOf(peer) === undefined,
    },
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
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
      ping: ping({ maxInboundStreams: shared.MAX_PING_STREAMS, maxOutboundStreams: shared.MAX_PING_STREAMS }),
      identify: identify({
        maxInboundStreams: shared.MAX_IDENTIFY_STREAMS,
        maxOutboundStreams: shared.MAX_IDENTIFY_STREAMS,
        maxMessageSize: shared.MAX_IDENTIFY_MESSAGE,
        timeout: shared.PROTOCOL_NEGOTIATION_TIMEOUT,
      }),
      dht: dht(
        {
          protocol: PUBLIC_DHT_PROTOCOL,
          mode: 'client',
          dialable: (peer, address) => peer.type === 'Ed25519' && mayDial(address.toString(), peer.toString()),
          now: () => performance.now(),
        },
        (made) => {
          routing = made
        },
      ),
    } as never,
  })) as unknown as Joined['libp2p']

  const stop = async (): Promise<void> => {
    await stopNode(libp2p, new Error('the search is over'))
  }
  await libp2p.start()
  // Dials go on while the first to answer is already asked.
  const dials = callAll(libp2p, addresses, joining)
  const peers = new Set(addresses.map((address) => address.split('/p2p/')[1])).size
  const found = await unlessAborted((routing as unknown as Dht).joined(peers, dials, joining), joining)
  if (found === true) return { libp2p, dht: routing as unknown as Dht, around, stop }
  await stop()
  return undefined
}

/** Not every part of a look-up can be told to stop; it is left alone. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const give = (): void => resolve(undefined)
  signal.addEventListener('abort', give)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
