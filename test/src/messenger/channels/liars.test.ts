import assert from 'node:assert/strict'
import { encodeSyncFrame, type SyncFrame } from '../../../../protocols/channel/index.ts'
import type { ChannelContext } from '../../../../src/messenger/channels/context.ts'
import { askPage, FRAME_MS } from '../../../../src/messenger/channels/pages.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'
import { type Person, World } from '../../../support/world.ts'
import { Brand, DAY, linkTo, MINUTE, Mirror, type Tamper, type Writer } from './support.ts'

/** A follower who knows an honest node and one that lies; both have the whole channel. */
async function among(tamper: Tamper, options: { posts?: number } = {}): Promise<{ world: World; brand: Brand; mina: Writer; honest: Mirror; liar: Mirror; bob: Person; link: string }> {
  const world = new World()
  const brand = new Brand({ now: world.clock.now() - 30 * DAY })
  const mina = brand.writer('Mina')
  brand.posts(mina, options.posts ?? 400)
  const liar = new Mirror(world, 1, tamper)
  const honest = new Mirror(world, 2)
  await liar.take(brand)
  await honest.take(brand)
  const bob = await world.person('Bob')
  return { world, brand, mina, honest, liar, bob, link: linkTo(world, brand, liar, honest) }
}

/** Everything the brand said is here, and the liar was told on. */
async function comesThrough(world: World, { brand, liar, bob, link }: { brand: Brand; liar: Mirror; bob: Person; link: string }, fault: 'invalid' | 'stalled' | 'flood'): Promise<void> {
  await world.until(bob.messenger.channels.follow(link, { private: false }))
  const proof = await world.until(bob.messenger.channels.verify('Bakery', { all: true }))
  assert.deepEqual([proof.entries, proof.held, proof.missing], [brand.entries.length, brand.entries.length, []])
  assert.ok(world.gossip.reports.some((report) => report.peer === liar.peer && report.fault === fault), `reports: ${JSON.stringify(world.gossip.reports)}`)
}

const ofPages = (change: (frames: SyncFrame[]) => SyncFrame[]): Tamper => (request, frames) => (request.type === 'page' ? change(frames) : frames)
/** The same entry under another number; its signature is no longer right. */
function numbered(entry: Uint8Array, seq: number): Uint8Array {
  const bytes = entry.slice()
  new DataView(bytes.buffer).setBigUint64(66, BigInt(seq))
  return bytes
}
const entriesIn = (frames: SyncFrame[]): number[] => frames.flatMap((frame, i) => (frame.type === 'entry' ? [i] : []))

describe('a sync peer that lies is found out, and another is used', () => {
  it('when it omits an entry', async () => {
    const stage = await among(ofPages((frames) => (entriesIn(frames).length < 5 ? frames : frames.filter((_, i) => i !== entriesIn(frames)[3]))))
    await comesThrough(stage.world, stage, 'invalid')
  })

  it('when it omits an entry and says so', async () => {
    const stage = await among(ofPages((frames) => frames.map((frame) => (frame.type === 'proof' && frame.to - frame.from > 5 ? { ...frame, to: frame.to - 1 } : frame)).filter((_, i) => entriesIn(frames).length < 6 || i !== entriesIn(frames)[3])))
    await comesThrough(stage.world, stage, 'invalid')
  })

  it('when it reorders entries', async () => {
    const stage = await among(ofPages((frames) => {
      const [a, b] = entriesIn(frames)
      return b === undefined ? frames : frames.map((frame, i) => (i === a ? frames[b]! : i === b ? frames[a!]! : frame))
    }))
    await comesThrough(stage.world, stage, 'invalid')
  })

  it('when it invents an entry', async () => {
    const stage = await among(ofPages((frames) => frames.map((frame, i) => {
      if (frame.type !== 'entry' || i !== entriesIn(frames)[2]) return frame
      const entry = frame.entry.slice()
      entry[entry.length - 70] = entry[entry.length - 70]! ^ 1
      return { ...frame, entry }
    })))
    await comesThrough(stage.world, stage, 'invalid')
  })

  it('when its proof is wrong', async () => {
    const stage = await among(ofPages((frames) => frames.map((frame) => (frame.type === 'proof' && frame.proof.left.length > 0 ? { ...frame, proof: { ...frame.proof, left: frame.proof.left.map(() => new Uint8Array(32)) } } : frame))))
    await comesThrough(stage.world, stage, 'invalid')
  })

  it('when it shows a head nobody signed', async () => {
    const stage = await among((request, frames) => (request.type !== 'heads' ? frames : frames.map((frame, i) => {
      if (frame.type !== 'head' || i === 0) return frame
      const entry = frame.entry.slice()
      entry[entry.length - 1] = entry[entry.length - 1]! ^ 1
      return { ...frame, entry }
    })))
    await comesThrough(stage.world, stage, 'invalid')
  })

  it('when it sends a page without end', async () => {
    const stage = await among(async function* (request, frames) {
      yield* frames.filter((frame) => frame.type !== 'end')
      while (request.type === 'page') yield frames.findLast((frame) => frame.type === 'entry')!
      yield { type: 'end' }
    })
    await comesThrough(stage.world, stage, 'flood')
  })

  for (const size of [4_000, 2 ** 40]) {
    it(`when it shows a root log of ${size} entries, made of one that is here already`, async () => {
      const stage = await among((request, frames) => {
        if (request.type === 'heads') return frames.map((frame, i) => (frame.type === 'head' && i === 0 ? { ...frame, entry: numbered(frame.entry, size - 1) } : frame))
        if (request.type !== 'page' || Buffer.compare(request.log, request.channel) !== 0) return frames
        return [{ type: 'proof', from: request.from, to: request.from + 1, proof: { left: [], right: [] } }, { type: 'entry', entry: stage.brand.entries[0]! }, { type: 'end' }]
      })
      await comesThrough(stage.world, stage, 'invalid')
      assert.ok(stage.liar.asked.filter(({ type }) => type === 'page').length < 10)
    })
  }

  it('when it stalls in the middle of a page', async () => {
    const clock = new VirtualClock()
    const proof = encodeSyncFrame({ type: 'proof', from: 0, to: 3, proof: { left: [], right: [] } })
    let left: AbortSignal | undefined
    const gossip = {
      async *request(_peer: string, _request: Uint8Array, options: { signal: AbortSignal }) {
        left = options.signal
        yield proof
        await new Promise(() => undefined)
      },
    }
    const asked = { channel: '1'.repeat(64), log: '2'.repeat(64), from: 0, count: 3, size: 3 }
    const page = assert.rejects(askPage({ gossip, clock } as unknown as ChannelContext, 'peer', asked), { name: 'PeerFault', fault: 'stalled' })
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(FRAME_MS)
    await page
    assert.equal(left?.aborted, true)
  })

  it('when it hangs, without a new follower waiting for it', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - 30 * DAY })
    brand.posts(brand.writer('Mina'), 400)
    const [hung, honest] = [new Mirror(world, 1), new Mirror(world, 2)]
    await hung.take(brand)
    await honest.take(brand)
    const open = world.gossip.gossip
    world.gossip.gossip = (key) => {
      const gossip = open(key)
      return {
        ...gossip,
        async *request(peer, ...rest) {
          if (peer === hung.peer) await new Promise(() => undefined)
          yield* gossip.request(peer, ...rest)
        },
      }
    }
    const bob = await world.person('Bob')
    const link = linkTo(world, brand, hung, honest)
    const before = world.clock.now()
    await world.until(bob.messenger.channels.follow(link, { private: false }))
    assert.ok(world.clock.now() - before <= 2_000, `${world.clock.now() - before} ms`)
    assert.equal((await world.until(bob.messenger.channels.read('Bakery', { limit: 5 }))).posts.length, 5)
  })

  it('when it never answers at all', async () => {
    const stage = await among((_, frames) => frames)
    stage.world.gossip.silence(stage.liar.peer, true)
    await comesThrough(stage.world, stage, 'stalled')
  })

  it('when it shows an older head of the only log: the newest of all who are asked counts', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - 30 * DAY })
    const mina = brand.writer('Mina')
    brand.posts(mina, 40)
    const behind = new Mirror(world, 1)
    await behind.take(brand, 20)
    const honest = new Mirror(world, 2)
    await honest.take(brand)
    const bob = await world.person('Bob')
    await world.until(bob.messenger.channels.follow(linkTo(world, brand, behind, honest), { private: false }))
    assert.equal(bob.messenger.channels.channel('Bakery').entries, brand.entries.length)
    assert.deepEqual(world.gossip.reports, []) // who is behind may be honest
  })

  it('when it keeps back a log that the entries it shows speak of', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - 30 * DAY })
    const [mina, jun] = [brand.writer('Mina'), brand.writer('Jun')]
    brand.posts(mina, 10)
    brand.posts(jun, 10) // whose entries name all of Mina's
    const trims = new Mirror(world, 1, (request, frames) => (request.type === 'heads' ? frames.filter((frame) => frame.type !== 'head' || Buffer.from(frame.log).toString('hex') !== mina.log) : frames))
    const honest = new Mirror(world, 2)
    await trims.take(brand)
    await honest.take(brand)
    const bob = await world.person('Bob')
    await world.until(bob.messenger.channels.follow(linkTo(world, brand, trims, honest), { private: false }))
    const proof = await world.until(bob.messenger.channels.verify('Bakery', { all: true }))
    assert.deepEqual([proof.entries, proof.missing], [brand.entries.length, []])
    assert.ok(world.gossip.reports.some(({ peer }) => peer === trims.peer))
  })

  it('and when there is no other, says what is missing and who has seen it', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - 30 * DAY })
    const [mina, jun] = [brand.writer('Mina'), brand.writer('Jun')]
    brand.posts(mina, 10)
    brand.posts(jun, 10)
    const trims = new Mirror(world, 1, (request, frames) => (request.type === 'heads' ? frames.filter((frame) => frame.type !== 'head' || Buffer.from(frame.log).toString('hex') !== mina.log) : frames))
    await trims.take(brand)
    const bob = await world.person('Bob')
    await world.until(bob.messenger.channels.follow(linkTo(world, brand, trims), { private: false }))
    const proof = await world.until(bob.messenger.channels.verify('Bakery', { all: true }))
    assert.deepEqual(proof.missing, [{ author: 'Mina', from: 0, to: 10, saidBy: 'Jun' }])
    assert.match(proof.lines.join('\n'), /10 missing/)
    const [trimmed] = bob.messenger.channels.evidence('Bakery')
    assert.match(trimmed?.text ?? '', /signed that there are 10 entries, and a log was shown that ends before number 1$/)
    const stranger = await world.person('Zoe')
    assert.equal(stranger.messenger.channels.checkEvidence(trimmed!.bytes).channel, bob.messenger.channels.channel('Bakery').id)
  })

  it('is not asked again for a while', async () => {
    const stage = await among(ofPages((frames) => frames.filter((frame) => frame.type !== 'entry')))
    await comesThrough(stage.world, stage, 'invalid')
    const asked = stage.liar.asked.length
    stage.brand.now = stage.world.clock.now()
    stage.brand.posts(stage.mina, 5, MINUTE)
    stage.world.clock.advance(10 * MINUTE)
    await stage.honest.take(stage.brand)
    await stage.world.settle(20 * MINUTE)
    assert.equal(stage.bob.messenger.channels.channel('Bakery').entries, stage.brand.entries.length)
    assert.equal(stage.liar.asked.length, asked)
  })
})
