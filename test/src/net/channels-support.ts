/** Real channel nodes on loopback, and raw libp2p peers that talk to them. Everything made here is stopped by `stopAll` of support.ts. */
import { randomBytes } from 'node:crypto'
import { RPC } from '@libp2p/gossipsub/message'
import type { Connection, Libp2p } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { providerKey, topicOf } from '../../../protocols/channel/names.ts'
import { noble, toHex } from '../../../protocols/suite/index.ts'
import type { ChannelId, Gossip, GossipError, GossipHandlers, Meeting, PeerHint, PeerKey } from '../../../src/messenger/channels/ports.ts'
import { createGossip, type GossipOptions } from '../../../src/net/index.ts'
import { cleanup, keyOf, LOOPBACK, nextSeed, rawPeer, retry, silent } from './support.ts'

export const CHANNEL: ChannelId = 'c1'.repeat(32)
export const OTHER: ChannelId = 'd2'.repeat(32)

export function meeting(channel: ChannelId = CHANNEL, following: Meeting['following'] = 'open'): Meeting {
  const id = Buffer.from(channel, 'hex')
  return { channel, topic: topicOf(noble, id), providerKey: providerKey(noble, id), following }
}

/** Request of the heads of a channel, as far as the network looks at it. */
export const heads = (channel: ChannelId = CHANNEL): Uint8Array => Buffer.concat([Buffer.from([1]), Buffer.from(channel, 'hex')])

export interface Follower {
  readonly gossip: Gossip
  readonly key: PeerKey
  readonly got: string[]
  /** peers `handlers.peer` was told of */
  readonly told: PeerKey[]
  /** first byte of each request */
  readonly asked: string[]
  hint(): PeerHint
}

/** A node that follows nothing yet. It serves whatever `answer` says; nothing by default. */
export async function follower(over: Partial<GossipHandlers> & { options?: Partial<GossipOptions> } = {}): Promise<Follower> {
  const { options, ...handlers } = over
  const seed = options?.seed ?? nextSeed()
  const gossip = createGossip({ suite: noble, random: n => new Uint8Array(randomBytes(n)), listen: async () => [LOOPBACK], mdns: false, dht: 'off', log: silent, ...options, seed })
  const key = await keyOf(seed)
  const made: Follower = { gossip, key, got: [], told: [], asked: [], hint: () => ({ peer: key, addresses: gossip.addresses() }) }
  gossip.serve({
    message(_, __, message) {
      made.got.push(Buffer.from(message).toString())
      return 'accept'
    },
    answer(_, request) {
      made.asked.push(toHex(request).slice(0, 2))
      return []
    },
    recognises: (_, tags) => tags.map(() => false),
    peer: (_, peer) => void made.told.push(peer),
    addressesChanged: () => undefined,
    ...handlers,
  })
  await gossip.start()
  cleanup(() => gossip.stop())
  return made
}

/** Followers of one channel, each knowing the one before, connected when this resolves. */
export async function row(count: number, over: (i: number) => Parameters<typeof follower>[0] = () => ({})): Promise<Follower[]> {
  const all: Follower[] = []
  for (let i = 0; i < count; i++) {
    const made = await follower(over(i))
    const before = all.at(-1)
    made.gossip.join(meeting(), before ? [before.hint()] : [])
    all.push(made)
  }
  return all
}

export const code = (...expected: GossipError['code'][]) => (error: unknown): boolean =>
  (error as Error).name === 'GossipError' && expected.includes((error as GossipError).code)

export async function collect(frames: AsyncIterable<Uint8Array>): Promise<string[]> {
  const all: string[] = []
  for await (const frame of frames) all.push(Buffer.from(frame).toString())
  return all
}

/** Resolves when what the first one publishes reaches everybody: the mesh has come together. */
export async function meshed(all: readonly Follower[]): Promise<void> {
  const [first, ...rest] = all
  for (let i = 0; i < 100; i++) {
    const probe = `probe ${i}`
    await first?.gossip.publish(CHANNEL, Buffer.from(probe))
    for (let wait = 0; wait < 20 && !rest.every(({ got }) => got.includes(probe)); wait++) await new Promise(resolve => setTimeout(resolve, 5))
    if (rest.every(({ got }) => got.includes(probe))) {
      for (const { got } of all) got.length = 0
      return
    }
  }
  throw new Error('the mesh did not come together')
}

export interface Intruder {
  readonly peer: Libp2p
  readonly key: PeerKey
  readonly connection: Connection
  /** RPCs it was sent */
  readonly heard: RPC[]
  /** topics it was told of, as they stand */
  topics(): string[]
  say(rpc: Partial<RPC>): Promise<void>
  /** bytes after their length, whatever they are */
  write(bytes: Uint8Array): Promise<void>
}

const GOSSIP = '/meshsub/1.2.0'
export const rpc = (some: Partial<RPC>): RPC => ({ subscriptions: [], messages: [], ...some })
export const control = (some: Partial<RPC.ControlMessage>): Partial<RPC> => ({ control: { ihave: [], iwant: [], graft: [], prune: [], idontwant: [], ...some } })

/** A libp2p peer that writes gossip by hand. */
export async function intruder(victim: Follower): Promise<Intruder> {
  const peer = await rawPeer()
  const heard: RPC[] = []
  await peer.handle(GOSSIP, async stream => {
    const frames = lpStream(stream, { maxDataLength: 1 << 20 })
    for (;;) heard.push(RPC.decode(await frames.read()))
  })
  const connection = await retry(() => peer.dial(multiaddr(victim.gossip.addresses()[0] ?? '')))
  const frames = lpStream(await connection.newStream(GOSSIP))
  return {
    peer,
    key: toHex(peer.peerId.publicKey?.raw ?? new Uint8Array()),
    connection,
    heard,
    topics() {
      const topics = new Set<string>()
      for (const { topic = '', subscribe } of heard.flatMap(({ subscriptions }) => subscriptions)) {
        if (subscribe) topics.add(topic)
        else topics.delete(topic)
      }
      return [...topics].sort()
    },
    say: some => frames.write(RPC.encode(rpc(some))),
    write: bytes => frames.write(bytes),
  }
}
