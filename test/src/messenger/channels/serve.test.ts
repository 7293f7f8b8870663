import assert from 'node:assert/strict'
import {
  chunkHashes, decodeSyncFrame, encodeSyncRequest, findTag, headOf, leafHash, mediaHash, parseChannelText, type SyncFrame, type SyncRequest, treeRoot, verifyChunk, verifyRange,
} from '../../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../../protocols/suite/index.ts'
import { openssl } from '../../../../src/crypto/index.ts'
import type { Gossip, GossipHandlers } from '../../../../src/messenger/channels/ports.ts'
import { type Person, World } from '../../../support/world.ts'
import { Brand, DAY, linkTo, Mirror, type Writer } from './support.ts'

const nobody = 'f'.repeat(64)

/** What the node of a person says to requests, asked without a network between. */
class Desk {
  readonly handlers: GossipHandlers

  constructor(handlers: GossipHandlers) {
    this.handlers = handlers
  }

  async ask(request: SyncRequest): Promise<SyncFrame[]> {
    const frames: SyncFrame[] = []
    for await (const frame of this.handlers.answer(nobody, encodeSyncRequest(request))) frames.push(decodeSyncFrame(frame))
    return frames
  }
}

/** A world that keeps what each messenger hands to its gossip. */
class Town extends World {
  readonly desks = new Map<string, Desk>()

  constructor() {
    super()
    const { gossip } = this.gossip
    Object.assign(this.gossip, {
      gossip: (peer: string): Gossip => {
        const port = gossip(peer)
        return { ...port, serve: (handlers) => (this.desks.set(peer, new Desk(handlers)), port.serve(handlers)) }
      },
    })
  }
}

async function follower(how: { private: boolean; posts?: number }): Promise<{ world: Town; brand: Brand; mina: Writer; mirror: Mirror; bob: Person; desk: Desk }> {
  const world = new Town()
  const brand = new Brand({ now: world.clock.now() - 30 * DAY })
  const mina = brand.writer('Mina')
  brand.posts(mina, how.posts ?? 600)
  const mirror = new Mirror(world, 1)
  await mirror.take(brand)
  const bob = await world.person('Bob')
  await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror), how))
  await world.settle(60_000)
  return { world, brand, mina, mirror, bob, desk: world.desks.get(bob.peer)! }
}

describe('a follower serves', () => {
  it('heads and pages whose proofs lead to the signed root, at any place, for any size up to now', async () => {
    const { brand, mina, desk } = await follower({ private: false })
    const channel = fromHex(brand.id)
    const log = fromHex(mina.log)
    const heads = await desk.ask({ type: 'heads', channel })
    assert.deepEqual(heads.map(({ type }) => type), ['head', 'head', 'end'])
    const head = headOf(openssl, brand.channel.logs.get(mina.log)!)
    const leaves = brand.entries.slice(2).map((bytes) => leafHash(openssl, bytes))
    for (const [from, count, size] of [[0, 256, 600], [1, 3, 600], [255, 2, 600], [256, 256, 600], [511, 89, 600], [599, 1, 600], [300, 20, 320], [0, 1, 1]] as const) {
      const [proof, ...rest] = await desk.ask({ type: 'page', channel, log, from, count, size })
      assert.ok(proof?.type === 'proof')
      const entries = rest.flatMap((frame) => (frame.type === 'entry' ? [leafHash(openssl, frame.entry)] : []))
      assert.deepEqual(entries, leaves.slice(from, from + count))
      const root = size === head.size ? head.root : new Uint8Array(brand.entries[2 + size]!.subarray(82, 114))
      const before = verifyRange(openssl, entries, from, size, root, proof.proof)
      assert.equal(before.size, from)
      if (from > 0) assert.deepEqual(treeRoot(openssl, before), new Uint8Array(brand.entries[2 + from]!.subarray(82, 114)))
    }
  })

  it('what it has, and says plainly what it has not', async () => {
    const { brand, mina, desk } = await follower({ private: false, posts: 30 })
    const channel = fromHex(brand.id)
    const refusal = async (request: SyncRequest): Promise<unknown> => (await desk.ask(request)).map((frame) => (frame.type === 'refused' ? frame.code : frame.type))
    assert.deepEqual(await refusal({ type: 'page', channel, log: fromHex(mina.log), from: 0, count: 1, size: 31 }), ['missing'])
    assert.deepEqual(await refusal({ type: 'page', channel, log: fromHex(nobody), from: 0, count: 1, size: 1 }), ['missing'])
    assert.deepEqual(await refusal({ type: 'media', hash: fromHex(nobody), size: 10, first: 0, count: 1 }), ['unknown'])
    assert.deepEqual(await refusal({ type: 'evidence', channel }), ['end'])
    assert.deepEqual(await refusal({ type: 'peers', channel }), ['peer', 'peer', 'end'])
    await assert.rejects(async () => void (await replies(desk.handlers.answer(nobody, new Uint8Array([9, 9]))).next()), { name: 'SyncError' })
  })

  it('nothing of its own that is not durable yet: killed before that, it would sign another of that number (attack 53)', async () => {
    const world = new Town()
    const ann = await world.person('Ann')
    await ann.messenger.channels.create({ name: 'Bakery' })
    const channel = parseChannelText(ann.messenger.channels.channel('Bakery').id)
    assert.ok(channel)
    const durable = (): string[] => [...ann.store.peek().entries.values()].map(({ bytes }) => toHex(bytes))
    ann.store.slowDown(20)
    let posted = false
    void ann.messenger.channels.publish('Bakery', { text: 'fresh bread' }).finally(() => {
      posted = true
    })
    const shown = new Set<string>()
    while (!posted) {
      for (const frame of await world.desks.get(ann.peer)!.ask({ type: 'heads', channel })) {
        if (frame.type !== 'head') continue
        assert.ok(durable().includes(toHex(frame.entry)))
        shown.add(toHex(frame.entry))
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(shown.size, 2, 'the newest of the root log, and the post')
  })

  it('a channel to the next follower when its publisher is gone', async () => {
    const { world, brand, mirror, bob } = await follower({ private: false })
    await mirror.stop()
    const ann = await world.person('Ann')
    await world.until(ann.messenger.channels.follow(bob.messenger.channels.link('Bakery'), { private: false }))
    const proof = await world.until(ann.messenger.channels.verify('Bakery', { all: true }))
    assert.deepEqual([proof.entries, proof.held, proof.missing], [602, 602, []])
    assert.equal(proof.lines[0], '602 entries, none missing')
    assert.equal(proof.id, bob.messenger.channels.channel('Bakery').id)
    assert.ok(brand.entries.length === proof.entries)
  })

  it('no more than a few replies at a time: who is beyond that is told to come back', async () => {
    const { brand, desk } = await follower({ private: false, posts: 3 })
    const request = encodeSyncRequest({ type: 'heads', channel: fromHex(brand.id) })
    const open = Array.from({ length: 16 }, () => replies(desk.handlers.answer(nobody, request)))
    for (const reply of open) await reply.next()
    assert.deepEqual(await desk.ask({ type: 'heads', channel: fromHex(brand.id) }), [{ type: 'refused', code: 'busy' }])
    await open[0]!.return(undefined)
    assert.equal((await desk.ask({ type: 'heads', channel: fromHex(brand.id) })).at(-1)?.type, 'end')
  })

  it('answers for a channel followed in private as for one it never heard of, pictures and blinded names too', async () => {
    const { world, brand, bob, mina, desk } = await follower({ private: true, posts: 30 })
    const bytes = new Uint8Array(40_000).fill(7)
    const hash = mediaHash(openssl, bytes)
    await bob.store.commit(chunkHashes(openssl, bytes).map((_, index) => ({
      add: 'media-chunk' as const, channel: brand.id, hash: Buffer.from(hash).toString('hex'), size: bytes.length, index, bytes: bytes.slice(index * 32_768, (index + 1) * 32_768),
    })))
    const channel = fromHex(brand.id)
    const unknown = fromHex(nobody)
    const requests = (of: Uint8Array): SyncRequest[] => [
      { type: 'heads', channel: of }, { type: 'page', channel: of, log: fromHex(mina.log), from: 0, count: 5, size: 10 }, { type: 'evidence', channel: of }, { type: 'peers', channel: of },
    ]
    for (const [i, request] of requests(channel).entries()) assert.deepEqual(await desk.ask(request), await desk.ask(requests(unknown)[i]!))
    const media = (of: Uint8Array): SyncRequest => ({ type: 'media', hash: of, size: bytes.length, first: 0, count: 1 })
    assert.deepEqual(await desk.ask(media(hash)), await desk.ask(media(unknown)))
    const nonce = new Uint8Array(16).fill(3)
    assert.deepEqual(desk.handlers.recognises(nonce, [findTag(openssl, channel, nonce), findTag(openssl, unknown, nonce)]), [false, false])
    // The same, followed openly.
    await world.until(bob.messenger.channels.follow(bob.messenger.channels.link('Bakery'), { private: false }))
    assert.deepEqual(desk.handlers.recognises(nonce, [findTag(openssl, channel, nonce), findTag(openssl, unknown, nonce)]), [true, false])
    const [chunk] = await desk.ask(media(hash))
    assert.ok(chunk?.type === 'chunk')
    verifyChunk(openssl, { hash, size: bytes.length }, 0, chunk.chunk, chunk.proof)
  })
})

/** One by one, as a stream takes them. */
async function* replies(answer: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* answer
}
