import assert from 'node:assert/strict'
import { PeerScore } from '@libp2p/gossipsub/score'
import type { GossipSub } from '@libp2p/gossipsub'
import { RPC } from '@libp2p/gossipsub/message'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ComponentLogger, Connection, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { GossipVerdict } from '../../../src/messenger/channels/ports.ts'
import { createAllowance } from '../../../src/net/channels/allowance.ts'
import { DHT_PROTOCOL } from '../../../src/net/channels/dht.ts'
import { createFaults } from '../../../src/net/channels/faults.ts'
import { FIND_PROTOCOL } from '../../../src/net/channels/find.ts'
import * as limit from '../../../src/net/channels/limits.ts'
import { createNode } from '../../../src/net/channels/node.ts'
import { boundedDatastore } from '../../../src/net/channels/peer-table.ts'
import { createProviders } from '../../../src/net/channels/providers.ts'
import type { Pubsub } from '../../../src/net/channels/pubsub.ts'
import { peerScore, TOPIC_SCORE } from '../../../src/net/channels/score.ts'
import { SYNC_PROTOCOL } from '../../../src/net/channels/sync.ts'
import { MAX_SYNC_REQUEST, SyncError } from '../../../protocols/channel/index.ts'
import { concat, u32, utf8 } from '../../../protocols/suite/index.ts'
import { CHANNEL, collect, control, follower, heads, intruder, meeting, meshed, row } from './channels-support.ts'
import { cleanup, ended, heap, LOOPBACK, nextSeed, rawPeer, retry, stopAll, until } from './support.ts'

const TOPIC = meeting().topic
const gone = ({ connection }: { connection: Connection }) => until(() => connection.status !== 'open', 'hung up on', 15_000)
const randomPeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

/** The inside of a guarded gossipsub, with nobody around: RPCs are put in by hand. */
interface Inside extends GossipSub {
  readonly backoff: Map<string, Map<string, number>>
  readonly seenCache: { clear(): void }
  readonly mesh: Map<string, Set<string>>
  addPeer(peer: PeerId, direction: string, address: unknown): void
  handleReceivedRpc(from: PeerId, rpc: RPC): Promise<void>
}

async function guarded(verdict: () => GossipVerdict = () => 'accept') {
  const judged: string[] = []
  const faults: string[] = []
  const node = await createNode({
    seed: nextSeed(), listen: [], transports: undefined, gater: {}, discovered: undefined, announce: [], announced: all => all,
    dht: { mode: 'off', dialable: () => true, now: () => 0 },
    gossip: {
      judge: (_, __, data) => {
        judged.push(Buffer.from(data).toString())
        return verdict()
      },
      mayTell: () => true, joined: () => undefined, left: () => undefined, points: () => 0, now: () => performance.now(),
      fault: (_, fault) => void faults.push(fault),
    },
  })
  await node.libp2p.start()
  cleanup(() => node.libp2p.stop())
  node.pubsub.join(TOPIC)
  const service = (node.libp2p as unknown as { services: { pubsub: Inside } }).services.pubsub
  const peer = await randomPeer()
  service.addPeer(peer, 'inbound', multiaddr('/ip4/203.0.113.7/tcp/4001'))
  const receive = (some: Partial<RPC>): Promise<void> => service.handleReceivedRpc(peer, { subscriptions: [], messages: [], ...some })
  return { node, pubsub: node.pubsub as Pubsub, service, peer, judged, faults, receive }
}

/** Still reached by an honest follower. */
async function stillServes(victim: Awaited<ReturnType<typeof follower>>): Promise<void> {
  const honest = await follower()
  honest.gossip.join(meeting(), [victim.hint()])
  await meshed([honest, victim])
}

describe('a channel node under attack', () => {
  afterEach(stopAll)

  describe('by gossip', () => {
    it('hangs up on 349,525 subscriptions in one message, and its memory stays bounded (attack 68)', async () => {
      const victim = await follower()
      victim.gossip.join(meeting(), [])
      const one = new Uint8Array([10, 10, 8, 1, 18, 6, 97, 98, 99, 100, 101, 102])
      const flood = new Uint8Array(one.length * 349_525)
      for (let at = 0; at < flood.length; at += one.length) flood.set(one, at)
      const attacker = await intruder(victim)
      const before = heap()
      await attacker.write(flood).catch(() => undefined)
      await gone(attacker)
      // The same in pieces that fit: more topics in one message than it may hold.
      const second = await intruder(victim)
      await second.write(flood.subarray(0, one.length * (limit.RPC_LIMITS.maxSubscriptions + 1)))
      await gone(second)
      assert.ok(heap() - before < 32 * 1024 * 1024, `${heap() - before} bytes`)
      await stillServes(victim)
    })

    it('keeps nothing of topics that are not its own, and hangs up on who keeps sending them (attack 68)', async () => {
      const victim = await follower()
      victim.gossip.join(meeting(), [])
      const attacker = await intruder(victim)
      const before = heap()
      for (let i = 0; attacker.connection.status === 'open' && i < 20_000; i++) {
        const subscriptions = Array.from({ length: 100 }, (_, n) => ({ subscribe: true, topic: `/dure/channel/1/${i}/${n}` }))
        await attacker.say({ subscriptions }).catch(() => undefined)
        if (i % 50 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      await gone(attacker)
      assert.ok(heap() - before < 32 * 1024 * 1024, `${heap() - before} bytes`)
      await stillServes(victim)
    })

    for (const [name, some] of [
      ['IHAVE', control({ ihave: [{ topicID: TOPIC, messageIDs: Array.from({ length: limit.RPC_LIMITS.maxIhaveMessageIDs + 1 }, () => new Uint8Array(32)) }] })],
      ['IWANT', control({ iwant: [{ messageIDs: Array.from({ length: limit.RPC_LIMITS.maxIwantMessageIDs + 1 }, () => new Uint8Array(32)) }] })],
      ['GRAFT', control({ graft: Array.from({ length: limit.RPC_LIMITS.maxControlMessages + 1 }, () => ({ topicID: TOPIC })) })],
      ['PRUNE', control({ prune: Array.from({ length: limit.RPC_LIMITS.maxControlMessages + 1 }, () => ({ topicID: TOPIC, peers: [] })) })],
    ] as const) {
      it(`hangs up on more of ${name} in one message than it may hold (attack 69)`, async () => {
        const victim = await follower()
        victim.gossip.join(meeting(), [])
        const attacker = await intruder(victim)
        await attacker.say(some)
        await gone(attacker)
      })
    }

    it('hangs up on who grafts against its back-off (attack 69)', async () => {
      const victim = await follower()
      victim.gossip.join(meeting(), [])
      const attacker = await intruder(victim)
      await attacker.say({ subscriptions: [{ subscribe: true, topic: TOPIC }], ...control({ graft: [{ topicID: TOPIC }] }) })
      for (let i = 0; i < 60; i++) await attacker.say(control({ prune: [{ topicID: TOPIC, peers: [], backoff: 60 }], graft: [{ topicID: TOPIC }] })).catch(() => undefined)
      await gone(attacker)
      assert.deepEqual(victim.gossip.peers(CHANNEL), [])
    })

    it('obeys a back-off of 2^64-1 for ten minutes (attack 69)', async () => {
      const { service, peer, receive } = await guarded()
      await receive(control({ prune: [{ topicID: TOPIC, peers: [], backoff: 2 ** 64 }] }))
      const until = service.backoff.get(TOPIC)?.get(peer.toString()) ?? 0
      assert.ok(until > Date.now() && until <= Date.now() + limit.MAX_BACKOFF_SECONDS * 1000, String(until))
    })

    it('answers only so much of a flood of messages, valid or not', async () => {
      const { receive, judged, pubsub, peer } = await guarded()
      for (let i = 0; i < 50; i++) {
        await receive({ messages: Array.from({ length: 32 }, (_, n) => ({ topic: TOPIC, data: Buffer.from(`${i}/${n}`) })) })
      }
      assert.ok(judged.length <= limit.MESSAGES_BURST + limit.MESSAGES_PER_SECOND, `${judged.length} were judged`)
      assert.ok(pubsub.score(peer) < limit.THRESHOLDS.graylist || pubsub.score(peer) === 0)
    })

    it('lets nobody outweigh one forgery with good behaviour, and no mesh of idlers stay closed (attack 70)', async () => {
      const score = new PeerScore({ ...peerScore(() => 0), topics: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`t${i}`, TOPIC_SCORE])) }, null, quiet, { scoreCacheValidityMs: 0 })
      score.addPeer('idler')
      score.addPeer('best')
      for (let i = 0; i < 10; i++) for (const peer of ['idler', 'best']) score.graft(peer, `t${i}`)
      for (const [peer, stats] of score.peerStats) {
        for (const topic of Object.values(stats.topics)) {
          topic.meshTime = 1e9
          if (peer === 'best') topic.firstMessageDeliveries = 1e9
        }
      }
      const one = { ...peerScore(() => 0), topics: { t0: TOPIC_SCORE } }
      const idling = TOPIC_SCORE.timeInMeshCap * TOPIC_SCORE.timeInMeshWeight
      assert.ok(idling < limit.THRESHOLDS.opportunisticGraft, 'idlers are worth less than what opens a mesh')
      assert.equal(score.score('best'), one.topicScoreCap)
      score.rejectInvalidMessage('best', 't0')
      score.scoreCache.clear()
      assert.equal(score.score('best'), one.topicScoreCap, 'a cap is a cap')
      const alone = new PeerScore(one, null, quiet, { scoreCacheValidityMs: 0 })
      alone.addPeer('best')
      alone.graft('best', 't0')
      for (const topic of Object.values(alone.peerStats.get('best')?.topics ?? {})) Object.assign(topic, { meshTime: 1e9, firstMessageDeliveries: 1e9 })
      alone.rejectInvalidMessage('best', 't0')
      assert.ok(alone.score('best') < 0)
    })

    it('holds nothing against a peer that had nothing to deliver for a day (attack 72)', () => {
      const score = new PeerScore({ ...peerScore(() => 0), topics: { [TOPIC]: TOPIC_SCORE } }, null, quiet, { scoreCacheValidityMs: 0 })
      score.addPeer('slow')
      score.graft('slow', TOPIC)
      for (let passed = 0; passed < 24 * 3600 * 1000; passed += limit.SCORE.decayInterval) score.refreshScores()
      // And late with what somebody else had brought.
      score.duplicateMessage('slow', 'id', TOPIC)
      score.prune('slow', TOPIC)
      assert.ok(score.score('slow') >= 0)
    })

    it('judges no message that names a sender or a key, whatever they are, and hangs up on who keeps sending them (attack 73)', async () => {
      const someone = (await randomPeer()).toMultihash().bytes
      for (const forged of [
        { from: someone },
        { from: new Uint8Array([1, 2, 3]) },
        { key: new Uint8Array([8, 1, 18, 1, 0]) },
        { signature: new Uint8Array(64) },
        { seqno: new Uint8Array(8) },
      ]) {
        const victim = await follower()
        victim.gossip.join(meeting(), [])
        const attacker = await intruder(victim)
        await attacker.say({ subscriptions: [{ subscribe: true, topic: TOPIC }] })
        for (let i = 0; i < 25; i++) await attacker.say({ messages: [{ topic: TOPIC, data: Buffer.from(`forged ${i}`), ...forged }] }).catch(() => undefined)
        await gone(attacker)
        assert.deepEqual(victim.got, [])
      }
    })

    it('throws away the peers others want it to meet (attack 74)', async () => {
      const { receive, service, node } = await guarded()
      const lure = await rawPeer(undefined, [LOOPBACK])
      const peers = [{ peerID: lure.peerId.toMultihash().bytes }]
      await node.libp2p.peerStore.merge(lure.peerId, { multiaddrs: lure.getMultiaddrs() })
      const message = control({ prune: [{ topicID: TOPIC, peers, backoff: 10 }] })
      await receive(message)
      assert.deepEqual([node.libp2p.getDialQueue(), lure.getConnections()], [[], []])
      assert.deepEqual(message.control?.prune[0]?.peers, [])
      assert.equal((service as unknown as { opts: { doPX: boolean } }).opts.doPX, false)
    })

    it('judges what is replayed after it was forgotten again, and drops it without blame (attack 75)', async () => {
      let verdict: GossipVerdict = 'accept'
      const { receive, service, judged, faults, pubsub, peer } = await guarded(() => verdict)
      const replayed = { messages: [{ topic: TOPIC, data: Buffer.from('entry 7') }] }
      await receive(replayed)
      await until(() => judged.length === 1, 'it is judged')
      await receive(replayed)
      service.seenCache.clear()
      // The log has it: persistent (channel, log, seq) is what knows repeats for good.
      verdict = 'ignore'
      await receive(replayed)
      await until(() => judged.length === 2, 'it is judged again')
      assert.deepEqual([judged, faults], [['entry 7', 'entry 7'], []])
      assert.ok(pubsub.score(peer) >= 0)
    })

    it('does not take a message for a repeat because it came under another topic first', async () => {
      const { receive, judged, pubsub } = await guarded()
      const other = meeting('d2'.repeat(32)).topic
      pubsub.join(other)
      await receive({ messages: [{ topic: other, data: Buffer.from('entry') }, { topic: TOPIC, data: Buffer.from('entry') }] })
      await until(() => judged.length === 2, 'both are judged')
    })
  })

  describe('by its other protocols', () => {
    it('resets questions that are too long, broken off or garbage, and hangs up on who keeps asking them', async () => {
      const victim = await follower({
        answer: () => {
          throw new SyncError()
        },
      })
      victim.gossip.join(meeting(), [])
      const attacker = await intruder(victim)
      for (const bytes of [u32(MAX_SYNC_REQUEST + 1), u32(0), Buffer.concat([u32(2), Buffer.from('??')])]) {
        const stream = await attacker.connection.newStream(SYNC_PROTOCOL)
        stream.send(bytes)
        assert.notEqual(await ended(stream), 'closed')
      }
      await gone(attacker)
      const other = await intruder(victim)
      for (const bytes of [u32(100_000), Buffer.concat([u32(17), new Uint8Array(17)])]) {
        const stream = await other.connection.newStream(FIND_PROTOCOL)
        stream.send(bytes)
        assert.equal(await ended(stream), 'reset')
      }
      await stillServes(victim)
    })

    it('answers only so many streams of one peer at a time', async () => {
      const victim = await follower({
        async *answer() {
          yield Buffer.from('one')
          await new Promise(() => undefined)
        },
      })
      const attacker = await intruder(victim)
      const streams = await Promise.all(Array.from({ length: 16 }, () => attacker.connection.newStream(SYNC_PROTOCOL).catch(() => undefined)))
      for (const stream of streams) if (stream?.status === 'open') stream.send(Buffer.concat([u32(33), heads()]))
      await until(() => streams.filter(stream => stream?.status === 'open').length <= limit.SYNC_STREAMS, 'the others were reset')
    })

    it('forgets faults little by little, and bans for a while', () => {
      let time = 0
      const faults = createFaults(() => time)
      assert.equal(faults.blame('a', 'invalid'), false)
      time += 4 * limit.FAULT_HALF_LIFE
      assert.equal(faults.blame('a', 'invalid'), false)
      assert.equal(faults.blame('a', 'invalid'), false)
      assert.equal(faults.blame('a', 'invalid'), true)
      assert.equal(faults.banned('a'), true)
      time += limit.BAN_TIME + 1
      assert.equal(faults.banned('a'), false)
      for (let i = 0; i < 3 * limit.MAX_BANNED; i++) faults.blame(String(i), 'protocol')
      assert.equal(faults.points('0'), 0)
    })

    it('allows each peer so much, and not more for having been quiet for long', () => {
      let time = 0
      const allowance = createAllowance({ perSecond: 2, burst: 3, now: () => time })
      const takes = (who: string): number => {
        let count = 0
        while (allowance.take(who)) count++
        return count
      }
      assert.equal(takes('a'), 3)
      time += 1000
      assert.deepEqual([takes('a'), takes('b')], [2, 3])
      time += 1_000_000
      assert.equal(takes('a'), 3)
    })
  })

  describe('by the DHT', () => {
    const field = (tag: number, bytes: Uint8Array): Uint8Array => {
      const length = [bytes.length & 0x7f | (bytes.length > 127 ? 0x80 : 0), ...(bytes.length > 127 ? [bytes.length >> 7] : [])]
      return concat(new Uint8Array([tag << 3 | 2, ...length]), bytes)
    }
    const message = (type: number, key: Uint8Array, ...rest: Uint8Array[]): Uint8Array => concat(new Uint8Array([8, type]), field(2, key), ...rest)
    const [PUT_VALUE, GET_VALUE, ADD_PROVIDER, GET_PROVIDERS] = [0, 1, 2, 3]

    async function server() {
      const victim = await follower({ options: { dht: 'server' } })
      victim.gossip.join(meeting(), [])
      return victim
    }
    async function ask(victim: Awaited<ReturnType<typeof server>>, bytes: Uint8Array): Promise<string> {
      const peer = await rawPeer()
      const connection = await retry(() => peer.dial(multiaddr(victim.gossip.addresses()[0] ?? '')))
      const stream = await connection.newStream(DHT_PROTOCOL)
      const frames = lpStream(stream)
      await frames.write(bytes).catch(() => undefined)
      return frames.read().then(answer => `answer of ${answer.byteLength}`, () => ended(stream))
    }

    it('stores no values, not even public keys, and takes no message of megabytes (attack 76)', async () => {
      const victim = await server()
      const key = concat(utf8('/pk/'), (await randomPeer()).toMultihash().bytes)
      const record = concat(field(1, key), field(2, new Uint8Array(36)))
      assert.equal(await ask(victim, message(PUT_VALUE, key, field(3, record))), 'reset')
      assert.equal(await ask(victim, message(GET_PROVIDERS, new Uint8Array(34).fill(1), new Uint8Array(2 * limit.MAX_DHT_STREAM))), 'reset')
      const cid = create(0x12, meeting().providerKey).bytes
      assert.match(await ask(victim, message(GET_PROVIDERS, cid)), /answer/)
    })

    it('answers no question for a value, so none under another key (attack 77)', async () => {
      const victim = await server()
      assert.equal(await ask(victim, message(GET_VALUE, concat(utf8('/pk/'), (await randomPeer()).toMultihash().bytes))), 'reset')
    })

    it('keeps so many provider records and no more, for each key, each peer and in all (attack 76)', async () => {
      let time = 0
      const providers = createProviders(() => time)
      const key = (i: number): CID => CID.createV1(0x55, create(0x12, new Uint8Array(32).fill(i & 255).fill(i >> 8, 1)))
      const peers = await Promise.all(Array.from({ length: limit.PROVIDERS_PER_KEY + 5 }, randomPeer))
      for (const peer of peers) await providers.addProvider(key(0), peer)
      assert.equal((await providers.getProviders(key(0))).length, limit.PROVIDERS_PER_KEY)
      const [flooder] = peers
      assert.ok(flooder)
      for (let i = 1; i < 2 * limit.KEYS_PER_PROVIDER; i++) await providers.addProvider(key(i), flooder)
      assert.equal(providers.size, limit.PROVIDERS_PER_KEY + limit.KEYS_PER_PROVIDER - 1)
      time += limit.PROVIDER_LIFETIME + 1
      assert.deepEqual(await providers.getProviders(key(0)), [])
      const rows = boundedDatastore(10)
      for (let i = 0; i < 100; i++) await rows.put({ toString: () => `/peers/${i}` } as never, new Uint8Array(1))
      assert.equal(rows.size, 10)
    })

    it('meets who it has a hint of, when everybody the DHT names is an impostor (attack 78)', async () => {
      const between = await server()
      const [real] = await row(1)
      assert.ok(real)
      const cid = create(0x12, meeting().providerKey).bytes
      const told: string[] = []
      for (let i = 0; i < 8; i++) {
        const sybil = await rawPeer(undefined, [LOOPBACK])
        await sybil.handle('/meshsub/1.2.0', async stream => {
          for await (const _ of stream) told.push('something')
        })
        const connection = await retry(() => sybil.dial(multiaddr(between.gossip.addresses()[0] ?? '')))
        const stream = await connection.newStream(DHT_PROTOCOL)
        const [address] = sybil.getMultiaddrs()
        const info = concat(field(1, sybil.peerId.toMultihash().bytes), field(2, address?.decapsulate('/p2p').bytes ?? new Uint8Array()))
        await lpStream(stream).write(message(ADD_PROVIDER, cid, field(9, info)))
        await stream.close()
      }
      const seeker = await follower({ options: { dht: 'server' } })
      seeker.gossip.join(meeting('d2'.repeat(32)), [between.hint()])
      seeker.gossip.join(meeting(), [real.hint()])
      await seeker.gossip.find(CHANNEL)
      await until(() => seeker.gossip.peers(CHANNEL).includes(real.key), 'the real one is met')
      await meshed([real, seeker])
      assert.ok(seeker.gossip.peers(CHANNEL).every(peer => [real.key, between.key].includes(peer)))
      assert.deepEqual(told, [])
    })

    it('takes no addresses from a peer record of somebody else (attack 80)', async () => {
      const victim = await follower()
      victim.gossip.join(meeting(), [])
      const other = await follower()
      other.gossip.join(meeting(), [])
      // The signed record of the other, as it gives it to anybody.
      const collector = await rawPeer()
      const found = await collector.dial(multiaddr(other.gossip.addresses()[0] ?? ''))
      const identity = await lpStream(await found.newStream('/ipfs/id/1.0.0')).read()
      const attacker = await rawPeer()
      const own = attacker.peerId.publicKey?.raw ?? new Uint8Array()
      const publicKey = concat(new Uint8Array([8, 1, 18, 32]), own)
      const record = signedRecord(identity.subarray())
      await attacker.handle('/ipfs/id/1.0.0', async stream => {
        await lpStream(stream).write(concat(field(1, publicKey), field(8, record), field(3, utf8('/meshsub/1.2.0'))))
        await stream.close()
      })
      const connection = await attacker.dial(multiaddr(victim.gossip.addresses()[0] ?? ''))
      const stream = await connection.newStream('/meshsub/1.2.0')
      await lpStream(stream).write(RPC.encode({ subscriptions: [{ subscribe: true, topic: TOPIC }], messages: [] }))
      await until(() => victim.gossip.peers(CHANNEL).length === 1, 'it takes part')
      assert.deepEqual(victim.gossip.hints(CHANNEL), [victim.hint()])
      assert.deepEqual(await collect(victim.gossip.request(other.key, heads())).catch((error: Error & { code: string }) => error.code), 'unreachable')
    })
  })
})

/** Field 8 of an identify message. */
function signedRecord(identity: Uint8Array): Uint8Array {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = identity[at++] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < identity.length) {
    const tag = varint()
    const length = varint()
    if (tag >> 3 === 8) return identity.subarray(at, at + length)
    at += length
  }
  throw new Error('there is no signed record')
}

const silentLog = Object.assign(() => undefined, { error: () => undefined, trace: () => undefined, enabled: false, newScope: () => silentLog })
const quiet = { forComponent: () => silentLog } as unknown as ComponentLogger
