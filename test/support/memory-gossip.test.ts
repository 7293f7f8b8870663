import assert from 'node:assert/strict'
import { type ChannelId, type Gossip, GossipError, type GossipHandlers, type Meeting, type PeerKey } from '../../src/messenger/channels/ports.ts'
import { createMemoryGossipNetwork, type MemoryGossipNetwork } from './memory-gossip.ts'
import { seededRandom } from './seeded.ts'

const CHANNEL: ChannelId = 'c1'
const meeting = (following: Meeting['following'] = 'open'): Meeting => ({ channel: CHANNEL, topic: '/t', providerKey: new Uint8Array(32), following })

interface Peer {
  readonly key: PeerKey
  readonly gossip: Gossip
  readonly got: string[]
  readonly told: PeerKey[]
}

async function peer(network: MemoryGossipNetwork, key: PeerKey, over: Partial<GossipHandlers> = {}): Promise<Peer> {
  const made: Peer = { key, gossip: network.gossip(key), got: [], told: [] }
  made.gossip.serve({
    message: (_, __, message) => {
      made.got.push(Buffer.from(message).toString())
      return 'accept'
    },
    answer: () => [],
    recognises: (_, tags) => tags.map(() => false),
    peer: (_, other) => void made.told.push(other),
    addressesChanged: () => undefined,
    ...over,
  })
  await made.gossip.start()
  return made
}

/** a - b - c in a row, each knowing the one before. */
async function row(network: MemoryGossipNetwork, middle: Partial<GossipHandlers> = {}): Promise<[Peer, Peer, Peer]> {
  const [a, b, c] = [await peer(network, 'a'), await peer(network, 'b', middle), await peer(network, 'c')]
  a.gossip.join(meeting(), [])
  b.gossip.join(meeting(), a.gossip.hints(CHANNEL))
  c.gossip.join(meeting(), [{ peer: 'b', addresses: b.gossip.addresses() }])
  return [a, b, c]
}

const world = (over: Partial<Parameters<typeof createMemoryGossipNetwork>[0]> = {}) =>
  createMemoryGossipNetwork({ random: seededRandom(5), now: () => 0, ...over })
const code = (expected: GossipError['code']) => (error: unknown) => error instanceof GossipError && error.code === expected

describe('gossip in memory', () => {
  it('passes a message on hop by hop, once to everyone, and only what was accepted', async () => {
    const network = world()
    const [a, b, c] = await row(network)
    assert.equal(await a.gossip.publish(CHANNEL, Buffer.from('one')), 1)
    assert.deepEqual(b.got, [])
    network.step()
    assert.deepEqual([b.got, c.got], [['one'], []])
    await network.settle()
    assert.deepEqual([a.got, b.got, c.got], [[], ['one'], ['one']])
    assert.deepEqual([a.told, b.told, c.told], [['b'], ['a', 'c'], ['b']])
  })

  it('does not pass on what the one in the middle rejects, and hangs up on who keeps sending it', async () => {
    const network = world()
    const [a, b, c] = await row(network, { message: () => 'reject' })
    for (const text of ['x', 'y', 'z']) await a.gossip.publish(CHANNEL, Buffer.from(text))
    await network.settle()
    assert.deepEqual(c.got, [])
    assert.deepEqual(b.gossip.peers(CHANNEL), ['c'])
  })

  it('streams a reply no faster than it is read', async () => {
    const network = world({ automatic: true })
    let made = 0
    const [, , c] = await row(network, {
      * answer(from, request) {
        assert.equal(from, 'c')
        for (;;) yield Buffer.from([...request, ++made])
      },
    })
    const seen: number[] = []
    for await (const frame of c.gossip.request('b', Buffer.from([9]))) {
      seen.push(frame[1] ?? 0)
      if (seen.length === 3) break
    }
    assert.deepEqual(seen, [1, 2, 3])
    assert.equal(made, 3)
  })

  it('says why there is no reply', async () => {
    const network = world({ automatic: true })
    const [, , c] = await row(network, {
      answer: () => {
        throw new Error('garbage')
      },
    })
    const ask = async (to: PeerKey) => c.gossip.request(to, Buffer.from([1]))[Symbol.asyncIterator]().next()
    await assert.rejects(ask('b'), code('refused'))
    await assert.rejects(ask('a'), code('unreachable'))
    network.silence('b', true)
    await assert.rejects(ask('b'), code('timeout'))
    network.disconnect('b')
    await assert.rejects(ask('b'), code('unreachable'))
    await c.gossip.stop()
    await assert.rejects(ask('b'), code('stopped'))
  })

  it('leaves a private reader out of everything but its own questions', async () => {
    const network = world()
    const [a, b, c] = await row(network)
    const reader = await peer(network, 'r')
    reader.gossip.join(meeting('private'), a.gossip.hints(CHANNEL))
    assert.deepEqual(reader.gossip.peers(CHANNEL), [])
    await reader.gossip.find(CHANNEL)
    assert.deepEqual(reader.gossip.peers(CHANNEL), ['a', 'b'])
    assert.ok(![a, b, c].some(({ gossip }) => gossip.peers(CHANNEL).includes('r')))
    await a.gossip.publish(CHANNEL, Buffer.from('news'))
    await network.settle()
    assert.deepEqual(reader.got, [])
    assert.deepEqual(reader.gossip.hints(CHANNEL).map((hint) => hint.peer), ['a', 'b'])
  })

  it('finds those of the local network and the providers only when told to', async () => {
    const network = world()
    const [a, b] = [await peer(network, 'a'), await peer(network, 'b')]
    const c = await peer(network, 'c')
    for (const each of [a, b, c]) each.gossip.join(meeting(), [])
    await a.gossip.find(CHANNEL)
    assert.deepEqual(a.gossip.peers(CHANNEL), [])
    network.lan('a', 'b')
    await a.gossip.find(CHANNEL)
    assert.deepEqual(a.gossip.peers(CHANNEL), ['b'])
    network.dht = true
    await a.gossip.find(CHANNEL)
    assert.deepEqual(a.gossip.peers(CHANNEL), ['b', 'c'])
  })

  it('loses what crosses a partition and finds together again when it heals', async () => {
    const network = world()
    const [a, b, c] = await row(network)
    network.partition(['a'], ['b', 'c'])
    assert.equal(await a.gossip.publish(CHANNEL, Buffer.from('lost')), 0)
    await network.settle()
    network.heal()
    await a.gossip.publish(CHANNEL, Buffer.from('found'))
    await network.settle()
    assert.deepEqual([b.got, c.got], [['found'], ['found']])
  })
})
