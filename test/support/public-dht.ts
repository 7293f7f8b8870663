/** Peers of a DHT of the public kind: honest ones, as the library makes them, and one that lies. */
import { createHash, randomBytes } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { PeerId, PrivateKey, Stream } from '@libp2p/interface'
import { type KadDHT, kadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create } from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { RELAYS_KEY } from '../../src/net/search/relays-key.ts'

export const KAD = '/ipfs/kad/1.0.0'
export const RELAYS_CID: CID = CID.createV1(raw.code, create(sha256.code, RELAYS_KEY))

export interface DhtPeer {
  readonly node: Libp2p<{ dht: KadDHT }>
  readonly address: string
}

/** A server of the DHT that knows the one at `entry`. */
export async function dhtPeer(listen: string, { entry, privateKey }: { entry?: string | undefined; privateKey?: PrivateKey } = {}): Promise<DhtPeer> {
  const node = (await createLibp2p({
    privateKey: privateKey ?? (await generateKeyPair('Ed25519')),
    // The library keeps a public address to itself until somebody has confirmed it.
    addresses: { listen: [listen], announce: listen.endsWith('/0') ? [] : [listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { ping: ping(), identify: identify(), dht: kadDHT({ protocol: KAD, clientMode: false, peerInfoMapper: (peer) => peer }) },
  } as never)) as unknown as Libp2p<{ dht: KadDHT }>
  if (entry !== undefined) await node.dial(multiaddr(entry))
  return { node, address: node.getMultiaddrs()[0]?.toString() ?? '' }
}

/** Another peer, as messages of the DHT name one. */
export interface Named {
  readonly id: Uint8Array
  readonly multiaddrs: readonly Uint8Array[]
}

export const named = (peer: PeerId, addresses: readonly string[]): Named => ({ id: peer.toMultihash().bytes, multiaddrs: addresses.map((address) => multiaddr(address).bytes) })

/** Peers that are nowhere, said to be at these addresses: the peer id of an Ed25519 key is what comes before it here, and the key. */
export function inventions(count: number, addresses: readonly string[]): Named[] {
  const multiaddrs = addresses.map((address) => multiaddr(address).bytes)
  return Array.from({ length: count }, () => ({ id: Uint8Array.of(0, 36, 8, 1, 18, 32, ...randomBytes(32)), multiaddrs }))
}

interface Message {
  readonly type: string
  readonly providers: readonly Named[]
  readonly closer: readonly Named[]
}

/** From now on it answers every question with what it is told to say. */
export function lie({ node }: DhtPeer, says: () => Partial<Message>): void {
  const { rpc } = node.services.dht as unknown as { rpc: { handleMessage(peer: PeerId, message: Message): Promise<Message> } }
  const honest = rpc.handleMessage.bind(rpc)
  rpc.handleMessage = async (peer, question) => (question.type === 'PING' ? honest(peer, question) : { ...question, ...says() })
}

/** From now on it answers every question with bytes, for as long as somebody takes them. Counts them. */
export async function gush({ node }: DhtPeer): Promise<() => number> {
  let bytes = 0
  await node.unhandle(KAD)
  await node.handle(KAD, async (stream: Stream) => {
    const piece = new Uint8Array(16 * 1024).fill(0xff)
    while (stream.writeStatus === 'writable') {
      bytes += piece.length
      if (!stream.send(piece)) await stream.onDrain()
    }
  })
  return () => bytes
}

const placeOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const distance = (peer: PeerId): Buffer => {
  const key = placeOf(RELAYS_CID.multihash.bytes)
  return Buffer.from(placeOf(peer.toMultihash().bytes).map((byte, i) => byte ^ (key[i] ?? 0)))
}

/** A key whose place is further from that of relays than this peer's: a search goes on from it to the peer. */
export async function furtherThan(peer: PeerId): Promise<PrivateKey> {
  for (;;) {
    const key = await generateKeyPair('Ed25519')
    if (distance(peerIdFromPrivateKey(key)).compare(distance(peer)) > 0) return key
  }
}
