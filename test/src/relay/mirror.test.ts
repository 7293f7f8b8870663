/** The mirror of a relay among in-memory nodes of the channel network: what it keeps, what it hands on, and what it survives. */
import assert from 'node:assert/strict'
import {
  chunkHashes, decodeEntry, decodeSyncFrame, encodeWithdrawal, KIND, type MediaRef, mediaHash,
} from '../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import type { ReplicaContext } from '../../../src/messenger/channels/context.ts'
import type { PeerKey } from '../../../src/messenger/channels/ports.ts'
import { ADD_WAIT_MS, MIRROR_QUOTA, WALK_MS } from '../../../src/relay/mirror/limits.ts'
import { createMirror, type Mirror } from '../../../src/relay/mirror/mirror.ts'
import type { MirrorView } from '../../../src/relay/view.ts'
import { createMemoryStore, type MemorySnapshot, type MemoryStore } from '../../support/memory-store.ts'
import { seededRandom } from '../../support/seeded.ts'
import { type Person, World } from '../../support/world.ts'
import { Brand, DAY, HOUR, linkTo, MINUTE, Mirror as Node, type Tamper, type Writer } from '../messenger/channels/support.ts'

const POSTS = 300

/** The process of an operator, which can be ended and started again on what a store holds. */
class Operator {
  readonly peer: PeerKey
  store: MemoryStore
  mirror: Mirror
  /** what the log of the relay would say was not stored */
  readonly failed: string[] = []
  readonly #world: World
  readonly #quota: number

  constructor(world: World, { quota = MIRROR_QUOTA, number = 1 }: { quota?: number; number?: number } = {}) {
    this.#world = world
    this.#quota = quota
    this.peer = number.toString(16).padStart(64, 'd')
    this.store = createMemoryStore()
    this.mirror = this.#mirror()
  }

  async add(link: string): Promise<MirrorView> {
    return this.#world.until(this.mirror.add(link))
  }

  get only(): MirrorView {
    const [view, ...more] = this.mirror.list()
    assert.ok(view)
    assert.deepEqual(more, [])
    return view
  }

  async restart(from: MemorySnapshot = this.store.snapshot()): Promise<void> {
    await this.#world.until(this.mirror.stop())
    this.store = createMemoryStore({ from })
    this.mirror = this.#mirror()
    await this.mirror.start()
  }

  #mirror(): Mirror {
    const context: ReplicaContext = {
      suite: openssl, store: this.store, clock: this.#world.clock, random: seededRandom(5), log: { info: () => undefined, warn: () => undefined }, gossip: this.#world.gossip.gossip(this.peer),
    }
    return createMirror(context, { quota: this.#quota, failed: (error) => this.failed.push((error as Error).message) })
  }
}

function picture(seed: number, size = 100_000): { ref: MediaRef; bytes: Uint8Array } {
  const bytes = seededRandom(seed)(size)
  return { bytes, ref: { hash: mediaHash(openssl, bytes), size, type: 'png', width: 10, height: 10, alt: '' } }
}

type Picture = ReturnType<typeof picture>

const hasPicture = (node: Pick<Node, 'store'>, id: string, { ref, bytes }: Picture): Promise<void> =>
  node.store.commit(chunkHashes(openssl, bytes).map((_, index) => ({
    add: 'media-chunk' as const, channel: id, hash: toHex(ref.hash), size: ref.size, index, bytes: bytes.slice(index * 32_768, (index + 1) * 32_768),
  })))

const holds = ({ store }: Operator, { ref }: Picture): boolean => store.media(toHex(ref.hash))?.chunks === chunkHashes(openssl, new Uint8Array(ref.size)).length

interface Stage {
  readonly world: World
  readonly brand: Brand
  readonly mina: Writer
  readonly operator: Operator
}

async function stage(options: { posts?: number; pictures?: readonly Picture[]; quota?: number } = {}): Promise<Stage> {
  const world = new World()
  const brand = new Brand({ now: world.clock.now() - 30 * DAY })
  const mina = brand.writer('Mina')
  brand.posts(mina, options.posts ?? POSTS)
  for (const { ref } of options.pictures ?? []) brand.post(mina, { text: 'look', media: [ref] })
  const operator = new Operator(world, options)
  await operator.mirror.start()
  return { world, brand, mina, operator }
}

/** A node of the brand that has all of it. */
async function brandsNode({ world, brand }: Stage, options: { number?: number; tamper?: Tamper; pictures?: readonly Picture[] } = {}): Promise<Node> {
  const node = new Node(world, options.number ?? 1, options.tamper)
  await node.take(brand)
  for (const each of options.pictures ?? []) await hasPicture(node, brand.id, each)
  return node
}

/** Whatever left the mirror was said by the brand, and each chunk is one of a picture that it named. */
function assertHandsOnOnlyWhatIsTrue({ world, brand, operator }: Stage, pictures: readonly Picture[] = []): void {
  const said = new Set(brand.entries.map(toHex))
  for (const { kind, bytes } of world.gossip.wire.filter(({ from }) => from === operator.peer)) {
    if (kind === 'message' && bytes[0] === 1) assert.ok(said.has(toHex(bytes.subarray(1))), 'a message carried what nobody said')
    const frame = kind === 'frame' ? decodeSyncFrame(bytes) : undefined
    if (frame?.type === 'entry' || frame?.type === 'head') assert.ok(said.has(toHex(frame.entry)), 'a page carried what nobody said')
    if (frame?.type === 'chunk') assert.ok(pictures.some(({ bytes: whole }) => Buffer.from(whole).includes(Buffer.from(frame.chunk))), 'a chunk is of no picture')
  }
}

async function follower(stage: Stage, link = stage.operator.only.link): Promise<Person> {
  const bob = await stage.world.person('Bob')
  await stage.world.until(bob.messenger.channels.follow(link, { private: false }))
  return bob
}

async function assertHasAll({ world, brand }: Stage, person: Person): Promise<void> {
  const { entries, held, missing } = await world.until(person.messenger.channels.verify('Bakery', { all: true }))
  assert.deepEqual([entries, held, missing], [brand.entries.length, brand.entries.length, []])
}

const isWhole = ({ brand, operator }: Stage): void => {
  const { state, held, entries, missing, picturesMissing } = operator.only
  assert.deepEqual({ state, held, entries, missing, picturesMissing }, { state: 'whole', held: brand.entries.length, entries: brand.entries.length, missing: [], picturesMissing: 0 })
}

describe('a mirror', () => {
  it('gives a follower every entry and every picture while the brand is away, and passes on what it says when it is back', async () => {
    const pictures = [picture(1), picture(2)]
    const here = await stage({ pictures })
    const { world, brand, mina, operator } = here
    const node = await brandsNode(here, { pictures })
    const added = await operator.add(linkTo(world, brand, node))
    assert.equal(added.name, 'Bakery')
    await world.settle()
    isWhole(here)
    world.gossip.disconnect(node.peer)
    const bob = await follower(here)
    await assertHasAll(here, bob)
    for (const { ref, bytes } of pictures) assert.deepEqual(await world.until(bob.messenger.channels.media('Bakery', toHex(ref.hash))), bytes)
    assert.ok(operator.mirror.status().entries_served_total! > 0)
    // The follower never meets the brand.
    world.gossip.reconnect(node.peer)
    world.gossip.partition([operator.peer, node.peer], [operator.peer, bob.peer])
    await world.settle()
    brand.now = world.clock.now()
    brand.post(mina, 'back again', 0)
    await node.take(brand)
    await node.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.equal((await bob.messenger.channels.read('Bakery', { limit: 1 })).posts[0]?.text, 'back again')
    isWhole(here)
    assertHandsOnOnlyWhatIsTrue(here, pictures)
  })

  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1)
  const lies: readonly (readonly [string, Tamper])[] = [
    ['an entry that nobody signed (attack 51)', (request, frames) => frames.map((frame, i) => (request.type === 'page' && frame.type === 'entry' && i === 5 ? { ...frame, entry: flip(frame.entry, frame.entry.length - 70) } : frame))],
    ['a head that nobody signed (attack 51)', (_, frames) => frames.map((frame, i) => (frame.type === 'head' && i > 0 ? { ...frame, entry: flip(frame.entry, frame.entry.length - 1) } : frame))],
    ['proofs that lead elsewhere (attack 56)', (_, frames) => frames.map((frame) => (frame.type === 'proof' ? { ...frame, proof: { ...frame.proof, left: frame.proof.left.map((hash) => flip(hash, 0)), right: frame.proof.right.map((hash) => flip(hash, 0)) } } : frame))],
    ['an entry in other bytes (attack 57)', (request, frames) => frames.map((frame, i) => (request.type === 'page' && frame.type === 'entry' && i === 5 ? { ...frame, entry: new Uint8Array([...frame.entry, 0]) } : frame))],
    ['chunks of another picture (attack 56)', (_, frames) => frames.map((frame) => (frame.type === 'chunk' ? { ...frame, chunk: flip(frame.chunk, 0) } : frame))],
  ]
  for (const [lie, tamper] of lies) {
    it(`hands on nothing of a peer that gives ${lie}, and goes on with the next one`, async () => {
      const pictures = [picture(1)]
      const here = await stage({ pictures })
      const { world, brand, operator } = here
      const liar = await brandsNode(here, { number: 2, tamper, pictures })
      const link = linkTo(world, brand, liar)
      await operator.add(link)
      await world.settle(2 * MINUTE)
      assert.ok(operator.only.held < brand.entries.length || operator.only.picturesMissing > 0)
      await follower(here).catch(() => undefined)
      assertHandsOnOnlyWhatIsTrue(here, pictures)
      assert.ok(world.gossip.reports.some(({ by, peer, fault }) => by === operator.peer && peer === liar.peer && fault === 'invalid'))
      const honest = await brandsNode(here, { number: 3, pictures })
      await operator.add(linkTo(world, brand, honest))
      await world.settle(20 * MINUTE)
      isWhole(here)
      assertHandsOnOnlyWhatIsTrue(here, pictures)
    })
  }

  it('passes on no newer-looking profile that the brand did not sign, and is called as before (attack 55)', async () => {
    const here = await stage({ posts: 3 })
    const { world, brand, operator } = here
    const node = await brandsNode(here)
    await operator.add(linkTo(world, brand, node))
    const bob = await follower(here)
    await world.settle()
    const robber = brand.copy()
    robber.now = world.clock.now()
    robber.setManifest({ name: 'Robber' })
    world.gossip.inject(node.peer, operator.peer, brand.id, new Uint8Array([1, ...flip(robber.entries.at(-1)!, -1 + robber.entries.at(-1)!.length)]))
    await world.settle()
    assert.equal(operator.only.name, 'Bakery')
    assert.equal(bob.messenger.channels.channel('Bakery').entries, brand.entries.length)
    assertHandsOnOnlyWhatIsTrue(here)
  })

  it('stops a log that goes two ways, says so, and gives the proof to whoever comes (attack 52)', async () => {
    const here = await stage({ posts: 20 })
    const { world, brand, mina, operator } = here
    const thief = brand.copy()
    brand.post(mina, 'what Mina said')
    thief.post(mina, 'what the thief said')
    const [left, right] = [await brandsNode(here, { number: 2 }), await brandsNode({ ...here, brand: thief }, { number: 3 })]
    await operator.add(linkTo(world, brand, left, right))
    await world.settle(15 * MINUTE)
    assert.equal(operator.only.state, 'frozen')
    assert.match(operator.only.frozen ?? '', /an author signed two entries/)
    for (const { peer } of [left, right]) world.gossip.disconnect(peer)
    const bob = await follower(here)
    await world.settle(MINUTE)
    assert.match(bob.messenger.channels.channel('Bakery').frozen ?? '', /an author signed two entries/)
    assert.equal(bob.messenger.channels.evidence('Bakery').length, 1)
  })

  it('gives a brand that was put back from a backup what it had said since, so that it signs no number twice (attack 53)', async () => {
    const world = new World()
    const operator = new Operator(world)
    await operator.mirror.start()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { channels } = ann.messenger
    await channels.create({ name: 'Bakery' })
    await operator.add(channels.link('Bakery'))
    await world.until(bob.messenger.channels.follow(operator.only.link, { private: false }))
    const copy = ann.store.snapshot()
    await channels.publish('Bakery', { text: 'one' })
    await world.settle()
    await world.restart(ann, createMemoryStore({ from: copy, rolledBack: true }))
    // One follower and the mirror are two that show its newest entry.
    assert.equal((await world.until(ann.messenger.channels.publish('Bakery', { text: 'two' }))).waiting, undefined)
    await world.settle(MINUTE)
    assert.deepEqual((await bob.messenger.channels.read('Bakery', { limit: 9 })).posts.map(({ text }) => text), ['two', 'one'])
    assert.deepEqual([operator.only.state, operator.only.frozen], ['whole', undefined])
  })

  it('keeps nothing twice and passes nothing on again when old messages come after they were forgotten (attack 75)', async () => {
    const here = await stage({ posts: 5 })
    const { world, brand, operator } = here
    const node = await brandsNode(here)
    await operator.add(linkTo(world, brand, node))
    await follower(here)
    await world.settle(MINUTE)
    isWhole(here)
    const taken = operator.mirror.status().entries_taken_total
    world.clock.jump(HOUR)
    world.gossip.forgetSeen()
    const from = world.gossip.wire.length
    for (const entry of brand.entries) world.gossip.inject(node.peer, operator.peer, brand.id, new Uint8Array([1, ...entry]))
    await world.settle()
    assert.equal(operator.mirror.status().entries_taken_total, taken)
    assert.deepEqual(world.gossip.wire.slice(from).filter((sent) => sent.kind === 'message' && sent.from === operator.peer), [])
    isWhole(here)
  })

  it('whose quota is used up says so, keeps what it has, fetches no more pictures and still keeps what is said', async () => {
    const pictures = [picture(1, 200_000), picture(2, 200_000)]
    const [older, newer] = pictures as [Picture, Picture]
    const here = await stage({ posts: 5, pictures, quota: 150_000 })
    const { world, brand, mina, operator } = here
    const node = await brandsNode(here, { pictures })
    await operator.add(linkTo(world, brand, node))
    await world.settle(MINUTE)
    assert.deepEqual([operator.only.state, operator.only.picturesMissing], ['full', 1])
    assert.deepEqual([holds(operator, newer), holds(operator, older)], [true, false])
    brand.now = world.clock.now()
    brand.post(mina, 'said later', 0)
    await node.take(brand)
    await node.publish(brand.id, brand.entries.at(-1)!)
    await world.settle(WALK_MS, MINUTE)
    assert.deepEqual([operator.only.state, operator.only.held, operator.only.picturesMissing], ['full', brand.entries.length, 1])
    assert.deepEqual([holds(operator, newer), holds(operator, older)], [true, false])
    const { bytes, bytes_limit } = operator.mirror.status()
    assert.ok(bytes! >= bytes_limit!)
  })

  it('fetches no picture of a post that was withdrawn, though the withdrawal comes first; what it has when one is withdrawn it keeps', async () => {
    const pictures = [picture(1), picture(2)]
    const [early, late] = pictures as [Picture, Picture]
    const here = await stage({ posts: 1, pictures })
    const { world, brand, mina, operator } = here
    const withdraw = (seq: number): void => {
      brand.now += 1_000
      brand.write(mina.author, KIND.withdrawal, encodeWithdrawal({ target: { log: fromHex(mina.log), seq, id: decodeEntry(openssl, brand.entries[2 + seq]!).id }, reason: 'sold out' }))
    }
    withdraw(1)
    const node = await brandsNode(here, { pictures })
    await operator.add(linkTo(world, brand, node))
    await world.settle(WALK_MS, MINUTE)
    assert.deepEqual([holds(operator, early), holds(operator, late)], [false, true])
    isWhole(here)
    brand.now = world.clock.now()
    withdraw(2)
    await node.take(brand)
    await node.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.equal(holds(operator, late), true)
    isWhole(here)
  })

  it('under which the disk is full says so, has half of nothing, and goes on when there is room', async () => {
    const pictures = [picture(1)]
    const here = await stage({ pictures })
    const { world, brand, operator } = here
    const node = await brandsNode(here, { pictures })
    await operator.add(linkTo(world, brand, node))
    await world.settle(MINUTE)
    brand.now = world.clock.now()
    brand.posts(here.mina, 5, 0)
    const { commit } = operator.store
    operator.store.commit = (changes) => {
      if (changes.some((change) => 'add' in change && change.add === 'entry')) {
        operator.store.failNext()
        operator.store.commit = commit
      }
      return commit(changes)
    }
    await node.take(brand)
    await node.publish(brand.id, brand.entries.at(-1)!)
    await world.settle(MINUTE)
    assert.deepEqual([operator.failed, operator.mirror.status().commits_failed_total], [['the disk is full (made up)'], 1])
    await world.settle(30 * MINUTE, MINUTE)
    isWhole(here)
    world.gossip.disconnect(node.peer)
    await assertHasAll(here, await follower(here))
    assertHandsOnOnlyWhatIsTrue(here, pictures)
  })

  it('killed after any of its commits loses none of what it had, asks for none of it again, and comes to the whole', async function () {
    this.timeout(60_000)
    const pictures = [picture(1, 1_200_000)]
    const here = await stage({ pictures })
    const { world, brand, operator } = here
    const node = await brandsNode(here, { pictures })
    const moments: MemorySnapshot[] = []
    const { commit } = operator.store
    operator.store.commit = async (changes) => {
      await commit(changes)
      moments.push(operator.store.snapshot())
    }
    await operator.add(linkTo(world, brand, node))
    await world.settle(MINUTE)
    isWhole(here)
    assert.ok(moments.length > 5, `${moments.length} commits`)
    for (const moment of moments) {
      await operator.restart(moment)
      const { held } = operator.only
      await world.settle(2 * MINUTE, 5_000)
      isWhole(here)
      assert.equal(operator.mirror.status().entries_taken_total, brand.entries.length - held)
    }
    assertHandsOnOnlyWhatIsTrue(here, pictures)
  })

  it('that gets a link again knows more places to ask, and has the channel once', async () => {
    const here = await stage({ posts: 5 })
    const { world, brand, mina, operator } = here
    const [first, second] = [await brandsNode(here, { number: 2 }), await brandsNode(here, { number: 3 })]
    await operator.add(linkTo(world, brand, first))
    assert.equal((await operator.add(linkTo(world, brand, second))).id, operator.only.id)
    assert.deepEqual(operator.store.channels().map(({ hints }) => new Set(hints.map(({ peer }) => peer))), [new Set([first.peer, second.peer])])
    world.gossip.disconnect(first.peer)
    brand.now = world.clock.now()
    brand.post(mina, 'by the other', 0)
    await second.take(brand)
    await world.settle(30 * MINUTE, MINUTE)
    isWhole(here)
  })

  it('forgets every row of a channel that is removed, and is asked for it in vain; what others have in common with it stays', async () => {
    const pictures = [picture(1), picture(2)]
    const [shared, own] = pictures as [Picture, Picture]
    const here = await stage({ posts: 5, pictures })
    const { world, brand, operator } = here
    const other = new Brand({ now: world.clock.now() - DAY, name: 'Cafe', seed: 8 })
    other.post(other.writer('Jun'), { text: 'the same loaf', media: [shared.ref] })
    const [bakery, cafe] = [await brandsNode(here, { pictures }), await brandsNode({ ...here, brand: other }, { number: 2, pictures: [shared] })]
    await operator.add(linkTo(world, brand, bakery))
    await operator.add(linkTo(world, other, cafe))
    await world.settle(MINUTE)
    assert.deepEqual(operator.mirror.list().map(({ state }) => state), ['whole', 'whole'])
    const link = operator.mirror.list()[0]!.link
    await operator.mirror.remove('bakery')
    const { tables } = operator.store.snapshot()
    for (const table of [tables.channelLogs, tables.entries, tables.nodes, tables.evidence]) {
      assert.deepEqual([...table.values()].filter(({ channel }) => channel === brand.id), [])
    }
    assert.deepEqual([operator.only.name, holds(operator, shared), holds(operator, own)], ['Cafe', true, false])
    for (const { peer } of [bakery, cafe]) world.gossip.disconnect(peer)
    const bob = await world.person('Bob')
    await world.until(bob.messenger.channels.follow(link, { private: false }).catch(() => undefined))
    assert.equal(bob.messenger.channels.list()[0]?.entries, 0)
    await assert.rejects(operator.mirror.remove('Bakery'), { code: 'not-found' })
  })

  it('notes a channel nobody was reached for, waits no longer than it says, and has it as soon as somebody is there', async () => {
    const here = await stage({ posts: 5 })
    const { world, brand, operator } = here
    const node = await brandsNode(here)
    world.gossip.disconnect(node.peer)
    const before = world.clock.now()
    const view = await operator.add(linkTo(world, brand, node))
    assert.deepEqual([view.entries, view.state, world.clock.now() - before <= ADD_WAIT_MS + 1_000], [0, 'catching up', true])
    await operator.restart()
    world.gossip.reconnect(node.peer)
    await world.settle(5 * MINUTE)
    isWhole(here)
  })

  it("refuses what is no channel's link, and says what it is", async () => {
    const { world, operator } = await stage({ posts: 1 })
    const ann = await world.person('Ann')
    const { link } = await ann.messenger.invite({ inPerson: true })
    await assert.rejects(operator.mirror.add(link), { code: 'invite-invalid', hint: /of a person/ })
    await assert.rejects(operator.mirror.add('DURE:NOTHING'), { code: 'invite-invalid' })
    assert.deepEqual(operator.mirror.list(), [])
  })
})
