/** Whole networks in one process for the bench of the gossip: nodes of ours, and bare gossipsub with the same parameters on the same edges. */
import { randomBytes } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { CreateListenerOptions, DialTransportOptions, Libp2p, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type Channel, judge, providerKey, topicOf } from '../protocols/channel/index.ts'
import { toHex } from '../protocols/suite/index.ts'
import { openssl } from '../src/crypto/index.ts'
import type { Gossip } from '../src/messenger/channels/ports.ts'
import { GOSSIP_OPTIONS } from '../src/net/channels/pubsub.ts'
import { peerScore, TOPIC_SCORE } from '../src/net/channels/score.ts'
import { createGossip } from '../src/net/index.ts'
import { MAX_EARLY_STREAMS } from '../src/net/channels/limits.ts'
import { multiplexer } from '../src/net/node.ts'

/** Milliseconds until the last other node had a post. */
export interface Took {
  readonly time: number
  /** processor time of this process: what other processes did meanwhile is not in it */
  readonly cpu: number
  /** of the time, what all nodes together spent judging */
  readonly judging: number
}

export interface Network {
  /** Publishes at node 0. */
  post(bytes: Uint8Array): Promise<Took>
  /** bytes handed to the transport by all nodes since the start */
  bytes(): number
  stop(): Promise<void>
}

interface Waiting {
  missing: number
  arrived(): void
}

/** Which earlier nodes each node calls. The same for both kinds. */
export type Edges = readonly (readonly number[])[]

/** Every buffer that enters the transport, encrypted and framed: what would be on the wire but for TCP. */
function counted(count: (bytes: number) => void): ReturnType<typeof memory> {
  const weigh = <C extends MultiaddrConnection>(connection: C): C => {
    const send = connection.send.bind(connection)
    connection.send = data => {
      count(data.byteLength)
      return send(data)
    }
    return connection
  }
  const weighing = (upgrader: Upgrader): Upgrader => new Proxy(upgrader, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return name === 'upgradeInbound' || name === 'upgradeOutbound'
        ? (connection: MultiaddrConnection, ...rest: unknown[]) => Reflect.apply(value, target, [weigh(connection), ...rest]) as unknown
        : value.bind(target) as unknown
    },
  })
  return components => {
    const transport: Transport = memory()(components)
    const dial = transport.dial.bind(transport)
    const listen = transport.createListener.bind(transport)
    transport.dial = (address, options: DialTransportOptions) => dial(address, { ...options, upgrader: weighing(options.upgrader) })
    transport.createListener = (options: CreateListenerOptions) => listen({ ...options, upgrader: weighing(options.upgrader) })
    return transport
  }
}

function deliveries(nodes: number): { arrived(bytes: Uint8Array): void; expect(bytes: Uint8Array): Promise<void> } {
  const waiting = new Map<string, Waiting>()
  const idOf = (bytes: Uint8Array): string => toHex(bytes.subarray(-16))
  return {
    arrived(bytes) {
      const post = waiting.get(idOf(bytes))
      if (post && --post.missing === 0) post.arrived()
    },
    expect: bytes => new Promise(resolve => void waiting.set(idOf(bytes), { missing: nodes - 1, arrived: resolve })),
  }
}

async function timed(all: ReturnType<typeof deliveries>, bytes: Uint8Array, publish: () => Promise<unknown>, judged: () => number): Promise<Took> {
  const arrived = all.expect(bytes)
  const before = judged()
  const cpu = process.cpuUsage()
  const begun = performance.now()
  await publish()
  // A post that a node never gets would never end: what came too early for the mesh is asked for within three heartbeats, on a busy machine later.
  const { promise: late, reject } = Promise.withResolvers<never>()
  const alarm = setTimeout(() => reject(new Error('a post did not reach everybody')), 15_000)
  await Promise.race([arrived, late]).finally(() => clearTimeout(alarm))
  const time = performance.now() - begun
  const { user, system } = process.cpuUsage(cpu)
  return { time, cpu: (user + system) / 1000, judging: judged() - before }
}

/** Nodes of ours; each judges what it gets against its own state of the channel, as a follower does. */
export async function ours(edges: Edges, channel: Channel): Promise<Network> {
  let bytes = 0
  let judging = 0
  const all = deliveries(edges.length)
  const id = toHex(channel.id)
  const meeting = { channel: id, topic: topicOf(openssl, channel.id), providerKey: providerKey(openssl, channel.id), following: 'open' } as const
  const nodes: { gossip: Gossip; key: string; state: Channel }[] = []
  for (const i of edges.keys()) {
    const seed = new Uint8Array(randomBytes(32))
    const gossip = createGossip({
      seed, suite: openssl, random: n => new Uint8Array(randomBytes(n)), listen: async () => [`/memory/ours-${edges.length}-${i}`], mdns: false, dht: 'off',
      log: { info: () => undefined, warn: () => undefined }, transports: [counted(more => void (bytes += more))],
    })
    const node = { gossip, key: toHex(openssl.importSecret('ed25519', seed).publicKey), state: channel }
    gossip.serve({
      message(_, __, message) {
        const begun = performance.now()
        const verdict = judge(openssl, node.state, message.subarray(1), Date.now())
        judging += performance.now() - begun
        if (verdict.verdict === 'accept') node.state = verdict.channel
        all.arrived(message)
        // As the messenger: what is ahead of what is held is authentic, so it goes on.
        return verdict.verdict === 'accept' || verdict.verdict === 'ahead' ? 'accept' : 'ignore'
      },
      answer: () => [],
      recognises: (_, tags) => tags.map(() => false),
      peer: () => undefined,
      addressesChanged: () => undefined,
    })
    await gossip.start()
    nodes.push(node)
    gossip.join(meeting, (edges[i] ?? []).flatMap(to => (nodes[to] ? [{ peer: nodes[to].key, addresses: nodes[to].gossip.addresses() }] : [])))
  }
  return {
    post: post => timed(all, post, async () => nodes[0]?.gossip.publish(id, post), () => judging),
    bytes: () => bytes,
    stop: async () => void (await Promise.all(nodes.map(({ gossip }) => gossip.stop()))),
  }
}

/** A busy machine lets dials time out; nodes of ours try again by themselves. */
async function dialled(node: Pick<Libp2p, 'dial'>, address: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await node.dial(multiaddr(address))
      return
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

/** libp2p and gossipsub with the same mesh, caches, limits, score and multiplexer, and nothing that judges or guards. */
export async function bare(edges: Edges, channel: Channel): Promise<Network> {
  let bytes = 0
  const all = deliveries(edges.length)
  const topic = topicOf(openssl, channel.id)
  const nodes: Libp2p<{ pubsub: GossipSub }>[] = []
  for (const i of edges.keys()) {
    const node = await createLibp2p({
      addresses: { listen: [`/memory/bare-${edges.length}-${i}`] },
      transports: [counted(more => void (bytes += more))],
      connectionEncrypters: [noise()],
      streamMuxers: [multiplexer(MAX_EARLY_STREAMS)],
      connectionMonitor: { enabled: false },
      services: {
        identify: identify(),
        pubsub: components => gossipsub({ ...GOSSIP_OPTIONS, scoreParams: { ...peerScore(() => 0), topics: { [topic]: TOPIC_SCORE } } })(components as never),
      },
    }) as unknown as Libp2p<{ pubsub: GossipSub }>
    node.services.pubsub.addEventListener('message', ({ detail }) => all.arrived(detail.data))
    node.services.pubsub.subscribe(topic)
    nodes.push(node)
    for (const to of edges[i] ?? []) await dialled(node, `/memory/bare-${edges.length}-${to}`)
  }
  return {
    post: post => timed(all, post, async () => nodes[0]?.services.pubsub.publish(topic, post), () => 0),
    bytes: () => bytes,
    stop: async () => void (await Promise.all(nodes.map(async node => node.stop()))),
  }
}

