/**
 * Kademlia for provider records of channels and nothing else, under a protocol id of our own. The library would also store values
 * (anybody could fill our memory with them, attack 76), hand out values under whatever key (attack 77), read messages of
 * 4 MiB, dial for every peer it hears of, and connect all of libp2p to itself; none of that is left. It is reached through fields it
 * calls private; when an update renames one, creating it fails loudly and the tests with it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { PeerId, PeerInfo, Startable, Stream } from '@libp2p/interface'
import { type KadDHT, type KadDHTComponents, kadDHT } from '@libp2p/kad-dht'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { RateLimiter } from '@libp2p/utils'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create, decode } from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { shuffled } from '../shuffled.ts'
import * as limit from './limits.ts'
import { createProviders, type Providers } from './providers.ts'

export const DHT_PROTOCOL = '/dure/kad/1'

export interface DhtOptions {
  /** `DHT_PROTOCOL` unless given */
  readonly protocol?: string
  /** auto: answer others only when we have a public address. server: always, for networks of their own. client: never. off: take no part */
  readonly mode: 'auto' | 'server' | 'client' | 'off'
  /** addresses we may dial and pass on */
  dialable(peer: PeerId, address: Multiaddr): boolean
  now(): number
}

export interface Dht {
  /** Whether somebody who answers questions was among so many peers that are being dialled. @throws AbortError */
  joined(peers: number, dials: Promise<unknown>, signal: AbortSignal): Promise<boolean>
  /** Peers that said they have it, as they are found. */
  find(providerKey: Uint8Array, signal: AbortSignal): AsyncGenerator<PeerInfo>
  /** Tells the peers nearest to the key that we have it. Does nothing when nobody could reach us. */
  provide(providerKey: Uint8Array, signal: AbortSignal): Promise<boolean>
  unprovide(providerKey: Uint8Array): Promise<void>
  /** peers of it that we know */
  readonly peers: number
  /** whether we answer others */
  readonly answers: boolean
  /** provider records we keep for others */
  readonly records: number
}

type Kind = 'PUT_VALUE' | 'GET_VALUE' | 'ADD_PROVIDER' | 'GET_PROVIDERS' | 'FIND_NODE' | 'PING'
interface Named {
  readonly id: Uint8Array
  readonly multiaddrs: readonly Uint8Array[]
}
interface Message {
  readonly type: Kind
  readonly providers: readonly Named[]
  readonly closer: readonly Named[]
}

interface Inside extends KadDHT, Startable {
  providers: Providers
  readonly routingTable: { readonly size: number }
  readonly rpc: {
    handleMessage(peer: PeerId, message: Message): Promise<Message | undefined>
    onIncomingStream(stream: Stream, connection: unknown): Promise<void>
  }
  readonly network: {
    _writeReadMessage(stream: Stream, message: unknown, options: unknown): Promise<Message>
    safeDispatchEvent(type: string, how: { readonly detail: unknown }): boolean
  }
  addEventListener(type: 'peer', listener: (event: { detail: PeerInfo }) => void): void
}

const ANSWERED: readonly Kind[] = ['ADD_PROVIDER', 'GET_PROVIDERS', 'FIND_NODE', 'PING']

/** The raw CID whose SHA-256 digest is this. */
const cidOf = (providerKey: Uint8Array): CID => CID.createV1(raw.code, create(sha256.code, providerKey))

export function dht(options: DhtOptions, made: (dht: Dht) => void): (components: KadDHTComponents) => Startable {
  return components => {
    const service = kadDHT({
      protocol: options.protocol ?? DHT_PROTOCOL,
      ...(options.mode === 'server' || options.mode === 'client' ? { clientMode: options.mode === 'client' } : {}),
      kBucketSize: limit.DHT.kBucketSize,
      alpha: limit.DHT.alpha,
      disjointPaths: limit.DHT.disjointPaths,
      routingTableUpdateMaxQueueSize: limit.DHT.queue,
      maxInboundStreams: limit.DHT_STREAMS,
      maxOutboundStreams: limit.DHT_STREAMS,
      validators: {},
      selectors: {},
      peerInfoMapper: peer => ({ ...peer, multiaddrs: peer.multiaddrs.filter(address => options.dialable(peer.id, address)).slice(0, limit.MAX_DHT_ADDRESSES) }),
    })(components) as Inside
    const records = confine(service, components, options)
    made(face(service, records, components, options))
    // Only its life: as a whole libp2p would take it for its content routing, peer routing and discovery.
    return { start: () => service.start(), stop: () => service.stop() }
  }
}

function confine(service: Inside, components: KadDHTComponents, options: DhtOptions): Providers {
  const { rpc, network, providers } = service
  if (!rpc?.handleMessage || !rpc.onIncomingStream || !network?._writeReadMessage || !network.safeDispatchEvent || !providers?.addProvider || !providers.getProviders || !providers.removeProvider) {
    throw new TypeError('@libp2p/kad-dht changed inside: it can not be confined')
  }
  const records = createProviders(options.now)
  const questions = new RateLimiter({ points: limit.DHT_PER_PEER_PER_MINUTE, duration: 60 })

  Object.assign(providers, {
    addProvider: records.addProvider,
    removeProvider: records.removeProvider,
    // The library fails the whole answer for one peer whose addresses are gone.
    getProviders: async (cid: CID) => {
      const found = await records.getProviders(cid)
      const known = await Promise.all(found.map(async peer => (components.peerId.equals(peer) ? false : components.peerStore.has(peer))))
      return found.filter((_, i) => known[i])
    },
  })

  const handleMessage = rpc.handleMessage.bind(rpc)
  rpc.handleMessage = async (peer, message) => {
    if (!ANSWERED.includes(message.type)) throw new TypeError('not answered')
    questions.consume(peer.toString())
    return handleMessage(peer, trimmed(message))
  }
  const onIncomingStream = rpc.onIncomingStream.bind(rpc)
  rpc.onIncomingStream = (stream, connection) => {
    bound(stream)
    return onIncomingStream(stream, connection)
  }
  const writeReadMessage = network._writeReadMessage.bind(network)
  const tell = network.safeDispatchEvent.bind(network)
  // Everybody an answer names would be called, to see whether it belongs into the table: a way to make us call whom one likes (attack 88).
  network.safeDispatchEvent = (type, how) => type === 'peer' || tell(type, how)
  network._writeReadMessage = async (stream, message, how) => {
    bound(stream)
    const answer = sampled(await writeReadMessage(stream, message, how))
    for (const { id, multiaddrs } of answer.closer) tell('peer', { detail: { id: peerIdFromMultihash(decode(id)), multiaddrs: multiaddrs.map(bytes => multiaddr(bytes)) } })
    return answer
  }

  // A search dials peers it has heard of by their ids, so their addresses must be known first.
  service.addEventListener('peer', ({ detail: { id, multiaddrs } }) => {
    const usable = multiaddrs.filter(address => options.dialable(id, address)).slice(0, limit.MAX_DHT_ADDRESSES)
    if (usable.length > 0 && !components.peerId.equals(id)) void components.peerStore.merge(id, { multiaddrs: usable }).catch(() => undefined)
  })
  return records
}

/** More bytes than any honest message has, and the stream is gone. */
function bound(stream: Stream): void {
  let bytes = 0
  stream.addEventListener('message', ({ data }) => {
    bytes += data.byteLength
    if (bytes > limit.MAX_DHT_STREAM) stream.abort(new Error('more than the DHT has to say'))
  })
}

/** One provider, who must be the sender, and few addresses. */
function trimmed(message: Message): Message {
  return {
    ...message,
    closer: [],
    providers: message.providers.slice(0, 1).map(provider => ({ ...provider, multiaddrs: provider.multiaddrs.slice(0, limit.MAX_DHT_ADDRESSES) })),
  }
}

/** As much of an answer as one peer has a say in: the library ends a search at 20 providers, whoever named them (attack 78). */
function sampled(answer: Message): Message {
  return { ...answer, providers: shuffled(answer.providers).slice(0, limit.MAX_PROVIDERS_PER_ANSWER), closer: answer.closer.slice(0, limit.DHT.kBucketSize) }
}

function face(service: Inside, records: Providers, components: KadDHTComponents, options: DhtOptions): Dht {
  return {
    async joined(peers, dials, signal) {
      const done = dials.then(() => delay(limit.DHT_JOIN_GRACE, false, { signal, ref: false }))
      while (service.routingTable.size === 0) {
        if ((await Promise.race([done, delay(limit.DHT_JOIN_LOOK, true, { signal, ref: false })])) === false) return service.routingTable.size > 0
      }
      // Whoever answers first must not be the only one who says where a search leads (attack 78).
      const enough = delay(limit.DHT_JOIN_OTHERS, true, { signal, ref: false })
      while (service.routingTable.size < peers && !(await Promise.race([enough, delay(limit.DHT_JOIN_LOOK, false, { signal, ref: false })])));
      return true
    },
    async *find(providerKey, signal) {
      if (service.routingTable.size === 0) return
      try {
        for await (const event of service.findProviders(cidOf(providerKey), { signal })) {
          if (event.name === 'PROVIDER') yield* event.providers.filter(({ id }) => !components.peerId.equals(id))
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    async provide(providerKey, signal) {
      // Who turned out a client could not be dialled by whoever found the record; it would only have said whom it follows.
      if ((!this.answers && options.mode !== 'client') || service.routingTable.size === 0) return false
      let taken = false
      for await (const event of service.provide(cidOf(providerKey), { signal })) {
        signal.throwIfAborted()
        taken ||= event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER'
      }
      return options.mode !== 'client' || taken
    },
    unprovide: providerKey => records.removeProvider(cidOf(providerKey), components.peerId),
    get peers() {
      return service.routingTable.size
    },
    get answers() {
      return service.getMode() === 'server'
    },
    get records() {
      return records.size
    },
  }
}
