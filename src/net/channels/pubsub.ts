/**
 * gossipsub with what it has no options for. Whom our subscriptions are told to (it would tell everybody all of them), what happens to who sends
 * what cannot be decoded (it would read on), forged `from` fields (it only looks at the key), a rate for each peer, and what other peers
 * say about back-offs and further peers. It is reached through methods it calls private; when an update renames one, creating the service
 * fails loudly and the tests with it.
 */
import { createHash } from 'node:crypto'
import { type GossipSub, type GossipSubComponents, type GossipsubOpts, gossipsub, StrictNoSign, TopicValidatorResult } from '@libp2p/gossipsub'
import type { RPC } from '@libp2p/gossipsub/message'
import type { PeerScore } from '@libp2p/gossipsub/score'
import type { PeerId } from '@libp2p/interface'
import { concat, u32, utf8 } from '../../../protocols/suite/index.ts'
import type { GossipVerdict } from '../../messenger/channels/ports.ts'
import type { Fault } from './faults.ts'
import * as limit from './limits.ts'
import { createAllowance } from './allowance.ts'
import { peerScore, SCORE_THRESHOLDS, TOPIC_SCORE } from './score.ts'

export interface PubsubQuestions {
  /** Before it is passed on. */
  judge(topic: string, from: PeerId, data: Uint8Array): GossipVerdict
  /** Whether this peer may learn that we take part in the topic. */
  mayTell(topic: string, peer: PeerId): boolean
  joined(topic: string, peer: PeerId): void
  left(topic: string, peer: PeerId): void
  fault(peer: PeerId, fault: Fault): void
  /** what it has done wrong so far, as it enters its score */
  points(peerId: string): number
  now(): number
}

export interface Pubsub {
  join(topic: string): void
  leave(topic: string): void
  /** The number of peers it was handed to. */
  publish(topic: string, data: Uint8Array): Promise<number>
  /** `mayTell` of this peer has become true. */
  tell(topic: string, peer: PeerId): void
  score(peer: PeerId): number
  inMesh(topic: string, peer: PeerId): boolean
}

/** What we know to be inside. */
interface Inside {
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  readonly allowedTopics: Set<string>
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>
  readonly peers: ReadonlyMap<string, PeerId>
  readonly score: PeerScore
  decodeRpc(bytes: Uint8Array): RPC
  handleReceivedRpc(from: PeerId, rpc: RPC): Promise<void>
  pipePeerReadStream(peer: PeerId, source: AsyncIterable<{ subarray(): Uint8Array }>): Promise<void>
  sendSubscriptions(to: string, topics: string[], subscribe: boolean): void
  reportMessageValidationResult(id: string, from: string, verdict: TopicValidatorResult): void
  publish(topic: string, data: Uint8Array): Promise<{ recipients: PeerId[] }>
}

const VERDICT = { accept: TopicValidatorResult.Accept, ignore: TopicValidatorResult.Ignore, reject: TopicValidatorResult.Reject } as const

/**
 * SHA-256 of topic and data. With the data alone, whoever sends a message under another topic of ours first would make us
 * take the right one for a repeat.
 */
export const messageId = (topic: string, data: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(concat(u32(topic.length), utf8(topic), data)).digest())

/** The mesh, the caches and the limits, without anything of ours: what the benchmark compares with. */
export const GOSSIP_OPTIONS = {
  ...limit.MESH,
  heartbeatInterval: limit.HEARTBEAT,
  mcacheLength: limit.MCACHE_LENGTH,
  mcacheGossip: limit.MCACHE_GOSSIP,
  seenTTL: limit.SEEN_TTL,
  fallbackToFloodsub: false,
  // Every peer we have gets what we publish first hand; nobody can tell the author from a relay by timing alone, since relays flood theirs too.
  floodPublish: true,
  doPX: false,
  // The author signs its entries; a signature of the node would tie them to an address.
  globalSignaturePolicy: StrictNoSign,
  allowPublishToZeroTopicPeers: true,
  ignoreDuplicatePublishError: true,
  maxInboundStreams: limit.GOSSIP_STREAMS,
  maxOutboundStreams: limit.GOSSIP_STREAMS,
  maxInboundDataLength: limit.MAX_RPC,
  maxOutboundBufferSize: limit.MAX_RPC_UNSENT,
  maxTopicBytesPerPeer: limit.MAX_TOPIC_BYTES_PER_PEER,
  decodeRpcLimits: limit.RPC_LIMITS,
  scoreThresholds: SCORE_THRESHOLDS,
  msgIdFn: ({ topic, data }) => messageId(topic, data),
} satisfies Partial<GossipsubOpts>

export function pubsub(questions: PubsubQuestions, made: (pubsub: Pubsub) => void): (components: GossipSubComponents) => GossipSub {
  return components => {
    const service = gossipsub({
      ...GOSSIP_OPTIONS,
      // Nothing is passed on until it was judged, whatever else goes wrong.
      asyncValidation: true,
      allowedTopics: [],
      scoreParams: peerScore(questions.points),
    })(components)
    made(guard(service, questions))
    return service
  }
}

function guard(service: GossipSub, questions: PubsubQuestions): Pubsub {
  const inside = service as unknown as Inside
  const needed = ['decodeRpc', 'handleReceivedRpc', 'pipePeerReadStream', 'sendSubscriptions', 'reportMessageValidationResult'] as const
  if (needed.some(name => typeof inside[name] !== 'function') || !(inside.allowedTopics instanceof Set) || !inside.score?.params?.topics) {
    throw new TypeError('@libp2p/gossipsub changed inside: it can not be guarded')
  }
  const told = new Map<string, Set<string>>()
  const rpcs = createAllowance({ perSecond: limit.RPCS_PER_SECOND, burst: limit.RPCS_BURST, now: questions.now })
  const messages = createAllowance({ perSecond: limit.MESSAGES_PER_SECOND, burst: limit.MESSAGES_BURST, now: questions.now })

  // ---------------------------------------------------------------- whom we tell what

  const sendSubscriptions = inside.sendSubscriptions.bind(service)
  inside.sendSubscriptions = (to, topics, subscribe) => {
    const peer = inside.peers.get(to)
    const some = topics.filter(topic => (subscribe ? peer && questions.mayTell(topic, peer) : told.get(topic)?.has(to)))
    if (some.length === 0) return
    for (const topic of some) {
      if (subscribe) toldOf(topic).add(to)
      else told.get(topic)?.delete(to)
    }
    sendSubscriptions(to, some, subscribe)
  }
  const toldOf = (topic: string): Set<string> => {
    const peers = told.get(topic) ?? new Set()
    told.set(topic, peers)
    return peers
  }
  const tell = (topic: string, peer: PeerId): void => {
    const id = peer.toString()
    if (inside.mesh.has(topic) && inside.peers.has(id) && !told.get(topic)?.has(id)) inside.sendSubscriptions(id, [topic], true)
  }

  service.addEventListener('subscription-change', ({ detail: { peerId, subscriptions } }) => {
    for (const { topic, subscribe } of subscriptions) {
      // Refused for its size, or withdrawn by a later one of the same message.
      if ((inside.topics.get(topic)?.has(peerId.toString()) ?? false) !== subscribe) continue
      if (subscribe) questions.joined(topic, peerId)
      else questions.left(topic, peerId)
    }
  })

  // ---------------------------------------------------------------- what we take from whom

  inside.pipePeerReadStream = async (peer, source) => {
    try {
      for await (const bytes of source) {
        if (!rpcs.take(peer.toString())) {
          flooded(peer)
          continue
        }
        let rpc: RPC
        try {
          rpc = inside.decodeRpc(bytes.subarray())
        } catch {
          questions.fault(peer, 'protocol')
          return
        }
        // Each in its order: what a peer says second is about what it said first.
        await inside.handleReceivedRpc(peer, rpc)
      }
    } catch (error) {
      // The others say that the stream or its connection ended, which is no fault.
      if (MISFRAMED.has((error as Error).name)) questions.fault(peer, 'protocol')
    }
  }

  const handleReceivedRpc = inside.handleReceivedRpc.bind(service)
  inside.handleReceivedRpc = async (from, rpc) => {
    rpc.messages = rpc.messages.filter(message => {
      if (!messages.take(from.toString())) flooded(from)
      // Unsigned means unsigned: a sender's name nobody vouches for is passed on otherwise, and differs at every peer (attack 73).
      else if (message.from !== undefined) forged(from, message.topic)
      else return true
      return false
    })
    for (const prune of rpc.control?.prune ?? []) {
      prune.peers = []
      prune.backoff = Math.min(prune.backoff ?? 0, limit.MAX_BACKOFF_SECONDS)
    }
    await handleReceivedRpc(from, rpc)
  }

  function flooded(peer: PeerId): void {
    // The label only names a metric.
    inside.score.addPenalty(peer.toString(), 1, 'flood' as never)
  }

  function forged(peer: PeerId, topic: string): void {
    if (inside.allowedTopics.has(topic)) inside.score.rejectInvalidMessage(peer.toString(), topic)
    questions.fault(peer, 'forged')
  }

  service.addEventListener('gossipsub:message', ({ detail: { msgId, propagationSource, msg } }) => {
    const verdict = questions.judge(msg.topic, propagationSource, msg.data)
    inside.reportMessageValidationResult(msgId, propagationSource.toString(), VERDICT[verdict])
    if (verdict === 'reject') questions.fault(propagationSource, 'forged')
  })

  service.addEventListener('gossipsub:heartbeat', () => {
    for (const [id, peer] of inside.peers) if (inside.score.score(id) < limit.THRESHOLDS.graylist) questions.fault(peer, 'protocol')
    rpcs.forget(id => inside.peers.has(id))
    messages.forget(id => inside.peers.has(id))
    for (const peers of told.values()) for (const id of peers) if (!inside.peers.has(id)) peers.delete(id)
  })

  return {
    join(topic) {
      inside.allowedTopics.add(topic)
      inside.score.params.topics[topic] = TOPIC_SCORE
      service.subscribe(topic)
    },
    leave(topic) {
      service.unsubscribe(topic)
      told.delete(topic)
      inside.allowedTopics.delete(topic)
      Reflect.deleteProperty(inside.score.params.topics, topic)
      // The library looks the parameters of every topic a peer was scored in up when it leaves.
      for (const stats of inside.score.peerStats.values()) Reflect.deleteProperty(stats.topics, topic)
    },
    publish: async (topic, data) => (await service.publish(topic, data)).recipients.length,
    tell,
    score: peer => inside.score.score(peer.toString()),
    inMesh: (topic, peer) => inside.mesh.get(topic)?.has(peer.toString()) ?? false,
  }
}

/** What it-length-prefixed throws for a length that is too large or none. */
const MISFRAMED = new Set(['InvalidMessageLengthError', 'InvalidDataLengthError', 'InvalidDataLengthLengthError'])
