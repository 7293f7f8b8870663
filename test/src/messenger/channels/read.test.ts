import assert from 'node:assert/strict'
import { chunkHashes, encodeEdit, encodeWithdrawal, KIND, mediaHash, type MediaRef } from '../../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../../protocols/suite/index.ts'
import { openssl } from '../../../../src/crypto/index.ts'
import { type Person, World } from '../../../support/world.ts'
import { Brand, DAY, HOUR, linkTo, Mirror, SCOPE, type Writer } from './support.ts'

async function stage(write: (brand: Brand, mina: Writer, jun: Writer) => void): Promise<{ world: World; brand: Brand; mirror: Mirror; bob: Person; mina: Writer; jun: Writer }> {
  const world = new World()
  const brand = new Brand({ now: world.clock.now() - 30 * DAY })
  const mina = brand.writer('Mina')
  const jun = brand.writer('Jun', { scope: SCOPE.text })
  write(brand, mina, jun)
  const mirror = new Mirror(world, 1)
  await mirror.take(brand)
  const bob = await world.person('Bob')
  await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror), { private: false }))
  return { world, brand, mirror, bob, mina, jun }
}

const target = (by: Writer, seq: number, id: string): { log: Uint8Array; seq: number; id: Uint8Array } => ({ log: fromHex(by.log), seq, id: fromHex(id) })
const plain = (text: string) => ({ title: '', text, links: [], media: [], event: undefined, offer: undefined })

describe('reading a channel', () => {
  it('merges the logs of its authors by time, page by page, each post once', async () => {
    const said: string[] = []
    const { world, bob } = await stage((brand, mina, jun) => {
      for (let i = 0; i < 300; i++) {
        const by = i % 3 === 0 ? jun : mina
        brand.post(by, `${i}`)
        said.unshift(`${i}`)
      }
    })
    const read: string[] = []
    for (let before: string | undefined; ; ) {
      const { posts, more } = await world.until(bob.messenger.channels.read('Bakery', { limit: 70, ...(before !== undefined && { before }) }))
      read.push(...posts.map(({ text }) => text))
      before = posts.at(-1)?.id
      if (!more) break
    }
    assert.deepEqual(read, said)
  })

  it('fetches what is older than what is held while one reads, and reads what is held when nobody is there', async () => {
    const { world, brand, mirror, bob } = await stage((brand, mina) => brand.posts(mina, 10_600, 10))
    assert.ok(bob.messenger.channels.channel('Bakery').held < 10_600)
    const last = bob.store.entries(brand.id, brand.channel.logs.keys().next().value!, 0, 20_000).at(0)!
    const { posts, more } = await world.until(bob.messenger.channels.read('Bakery', { before: last.id, limit: 50 }))
    assert.deepEqual([posts.length, more], [50, true])
    assert.equal(posts[0]!.seq, last.seq - 1)
    world.gossip.disconnect(mirror.peer)
    const oldest = bob.store.entries(brand.id, last.log, 0, 20_000).at(0)!
    const offline = await world.until(bob.messenger.channels.read('Bakery', { before: oldest.id, limit: 50 }))
    assert.deepEqual(offline, { posts: [], more: true })
  }).timeout(60_000)

  it('shows a post as its last edit left it, and of a withdrawn one only the reason', async () => {
    const { bob } = await stage((brand, mina) => {
      const first = brand.post(mina, 'bread at 8')
      brand.write(mina.author, KIND.edit, encodeEdit({ target: target(mina, 0, first), post: plain('bread at 9') }))
      brand.now += 10
      brand.write(mina.author, KIND.edit, encodeEdit({ target: target(mina, 0, first), post: plain('bread at 10') }))
      const second = brand.post(mina, 'free bread')
      brand.now += 10
      brand.write(mina.author, KIND.withdrawal, encodeWithdrawal({ target: target(mina, 3, second), reason: 'a mistake' }))
      brand.write(mina.author, KIND.edit, encodeEdit({ target: target(mina, 3, second), post: plain('free bread again') }))
    })
    const { posts: [second, first] } = await bob.messenger.channels.read('Bakery', { limit: 10 })
    assert.deepEqual([first!.text, typeof first!.editedAt], ['bread at 10', 'number'])
    assert.deepEqual([second!.text, second!.withdrawn?.reason], ['', 'a mistake'])
    assert.deepEqual(bob.messenger.channels.post('Bakery', first!.id), first)
    assert.throws(() => bob.messenger.channels.post('Bakery', 'f'.repeat(64)), { code: 'not-found' })
  })

  it('changes no post of another author by naming its hash under a number of one\'s own', async () => {
    const { bob } = await stage((brand, mina, jun) => {
      const post = brand.post(mina, 'bread')
      brand.post(jun, 'cake')
      brand.now += 10
      brand.write(jun.author, KIND.withdrawal, encodeWithdrawal({ target: target(jun, 0, post), reason: 'no bread' }))
    })
    const { posts } = await bob.messenger.channels.read('Bakery', { limit: 10 })
    assert.deepEqual(posts.map(({ text, withdrawn }) => [text, withdrawn]), [['cake', undefined], ['bread', undefined]])
  })

  it('keeps entries of kinds to come, and shows that they need a newer version', async () => {
    const { bob } = await stage((brand, mina) => {
      brand.post(mina, 'bread')
      brand.now += 10
      brand.write(mina.author, 77, new Uint8Array([1, 2, 3]))
    })
    const { posts: [unknown] } = await bob.messenger.channels.read('Bakery', { limit: 10 })
    assert.deepEqual([unknown!.kind, unknown!.text, unknown!.author], ['unknown', '', 'Mina'])
  })

  it('counts what is unread until it is read, and says whether an offer is coming, valid or over', async () => {
    const { world, brand, mirror, bob, mina } = await stage((brand, mina) => brand.post(mina, 'old'))
    const now = world.clock.now()
    const event = { start: now + DAY, end: now + DAY + HOUR, place: 'Mapo' }
    brand.now = now - 1_000
    brand.post(mina, { title: 'Sale', offer: { from: now + HOUR, until: now + DAY, terms: 'while stocks last' }, event }, 10)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.equal(bob.messenger.channels.channel('Bakery').unread, 1)
    const sale = async () => (await bob.messenger.channels.read('Bakery', { limit: 1 })).posts[0]!
    assert.deepEqual([(await sale()).unread, (await sale()).title, (await sale()).event, (await sale()).offer?.state], [true, 'Sale', event, 'coming'])
    await bob.messenger.channels.markRead('Bakery')
    assert.deepEqual([bob.messenger.channels.channel('Bakery').unread, (await sale()).unread], [0, false])
    world.clock.advance(2 * HOUR)
    assert.equal((await sale()).offer?.state, 'valid')
    world.clock.advance(DAY)
    assert.equal((await sale()).offer?.state, 'over')
  })

  it('stands in the inbox beside people, the newest word first', async () => {
    const { world, brand, mirror, bob, mina } = await stage((brand, mina) => brand.post(mina, 'bread'))
    const ann = await world.person('Ann')
    await world.pair(ann, bob)
    await ann.messenger.send('Bob', 'hello')
    await world.settle()
    const names = () => bob.messenger.inbox().map((row) => (row.kind === 'person' ? row.contact.name : row.channel.name))
    assert.deepEqual(names(), ['Ann', 'Bakery'])
    brand.now = world.clock.now() - 10
    brand.post(mina, 'fresh', 1)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.deepEqual(names(), ['Bakery', 'Ann'])
  })
})

describe('pictures of a channel', () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) >>> 3)
  const picture: MediaRef = { hash: mediaHash(openssl, bytes), size: bytes.length, type: 'png', width: 10, height: 10, alt: 'bread' }
  const store = (mirror: Mirror, id: string, which: Uint8Array = bytes) =>
    mirror.store.commit(chunkHashes(openssl, bytes).map((_, index) => ({
      add: 'media-chunk' as const, channel: id, hash: toHex(picture.hash), size: bytes.length, index, bytes: which.slice(index * 32_768, (index + 1) * 32_768),
    })))

  it('are fetched when somebody looks, from whoever has them, and checked chunk by chunk', async () => {
    const { world, brand, bob } = await stage((brand, mina) => brand.post(mina, { text: 'look', media: [picture] }))
    const liar = new Mirror(world, 2, (_, frames) => frames.map((frame) => (frame.type === 'chunk' ? { ...frame, chunk: frame.chunk.map((byte) => byte ^ 1) } : frame)))
    const honest = new Mirror(world, 3)
    for (const mirror of [liar, honest]) {
      await mirror.take(brand)
      await store(mirror, brand.id)
    }
    const fetched = (): Promise<Uint8Array> => world.until(bob.messenger.channels.media('Bakery', toHex(picture.hash)))
    await assert.rejects(fetched(), { code: 'unreachable' })
    world.gossip.dht = true
    const { posts: [post] } = await bob.messenger.channels.read('Bakery', { limit: 1 })
    assert.deepEqual(post!.media.map(({ alt, type, held }) => [alt, type, held]), [['bread', 'image/png', false]])
    assert.deepEqual(await fetched(), bytes)
    assert.equal(bob.messenger.channels.post('Bakery', post!.id).media[0]!.held, true)
    assert.deepEqual(world.gossip.reports.map(({ peer, fault }) => [peer, fault]), [[liar.peer, 'invalid']]) // who has none, may
    await assert.rejects(bob.messenger.channels.media('Bakery', 'f'.repeat(64)), { code: 'not-found' })
  })
})
