/** Who holds a key of the channel, rightly or not, and uses it against the others: what they cannot do, and how it ends. */
import assert from 'node:assert/strict'
import {
  type Author, type Channel, credentialsFor, decodeChannel, decodeEntry, encodeEdit, encodePost, forkProof, type Head, KIND, logIdOf, write,
} from '../../../../protocols/channel/index.ts'
import { signEntry } from '../../../../protocols/channel/entry.ts'
import { fromHex, type KeyPair, toHex } from '../../../../protocols/suite/index.ts'
import { openssl } from '../../../../src/crypto/index.ts'
import { type Person, World } from '../../../support/world.ts'
import { Brand, DAY, linkTo, MINUTE, Mirror, type Writer } from './support.ts'

const channelsOf = (person: Person): Person['messenger']['channels'] => person.messenger.channels
const said = (text: string, title = '') => ({ title, text, links: [], media: [], event: undefined, offer: undefined })
const message = (entry: Uint8Array): Uint8Array => new Uint8Array([1, ...entry])

/** Ann's bakery with Mina as staff, who may only write text, and what Mina's device knows. */
async function shop(): Promise<{ world: World; ann: Person; mina: Person; bob: Person; id: string; annsLog: string }> {
  const world = new World()
  const [ann, mina, bob] = [await world.person('Ann'), await world.person('Mina'), await world.person('Bob')]
  await world.pair(ann, mina)
  await channelsOf(ann).create({ name: 'Bakery' })
  await world.until(channelsOf(bob).follow(channelsOf(ann).link('Bakery'), { private: false }))
  await channelsOf(ann).addStaff('Bakery', { contact: 'Mina', scope: ['text'], notAfter: world.clock.now() + 30 * DAY })
  await world.settle()
  await world.until(channelsOf(mina).acceptInvitation(channelsOf(mina).invitations()[0]!.id))
  await world.settle(MINUTE)
  const id = ann.store.channels()[0]!.id
  return { world, ann, mina, bob, id, annsLog: channelsOf(ann).staff('Bakery')[0]!.log }
}

/** A channel at a node that says what we want, and Bob, who follows it there. */
async function followed(): Promise<{ world: World; brand: Brand; mina: Writer; mirror: Mirror; bob: Person }> {
  const world = new World()
  const brand = new Brand({ now: world.clock.now() - 30 * DAY })
  const mina = brand.writer('Mina')
  brand.posts(mina, 3)
  const mirror = new Mirror(world, 1)
  await mirror.take(brand)
  const bob = await world.person('Bob')
  await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror), { private: false }))
  return { world, brand, mina, mirror, bob }
}

/** What somebody's device has of a channel, and the key it posts with. */
function insideOf({ store }: Person, id: string): { state: Channel; author: Extract<Author, { key: KeyPair<'ed25519'> }> } {
  const row = store.channels().find((each) => each.id === id)!
  const state = decodeChannel(openssl, row.state, store.channelLogs(id).map((log) => log.state))
  const secret = store.channelKeys(id).find(({ role }) => role === 'posting')!.secret
  const key = openssl.importSecret('ed25519', secret)
  const log = toHex(logIdOf(openssl, fromHex(id), key.publicKey))
  const { id: certificate } = [...state.certificates.values()].find((each) => toHex(each.log) === log)!
  return { state, author: { key, certificate } }
}

describe('a member of the staff who turns', () => {
  it('changes no post of others, not even in what they say next', async () => {
    const { world, ann, mina, bob, id } = await shop()
    const { post } = await channelsOf(ann).publish('Bakery', { text: 'rye', title: 'Bread' })
    await world.settle()
    const { state, author } = insideOf(mina, id)
    // An edit of "a post of my own" whose hash is that of Ann's: no moderation, by what can be judged.
    const own = logIdOf(openssl, state.id, author.key.publicKey)
    const body = encodeEdit({ target: { log: own, seq: 0, id: fromHex(post!.id) }, post: said('hacked', 'Hacked') })
    const { entry } = write(openssl, state, author, { kind: KIND.edit, body }, world.clock.now())
    for (const person of [ann, bob]) world.gossip.inject(mina.peer, person.peer, id, message(entry.bytes))
    await world.settle()
    assert.equal(channelsOf(ann).channel('Bakery').entries, 5)
    assert.equal(channelsOf(bob).post('Bakery', post!.id).title, 'Bread')
    await channelsOf(ann).edit('Bakery', post!.id, { text: 'rye, warm' })
    await world.settle()
    assert.deepEqual([channelsOf(bob).post('Bakery', post!.id).title, channelsOf(bob).post('Bakery', post!.id).text], ['Bread', 'rye, warm'])
  })

  it('and says a sister has written more than she has, silences her no longer than until the brand ends that key', async () => {
    const { world, ann, mina, bob, id, annsLog } = await shop()
    await channelsOf(ann).publish('Bakery', { text: 'one' })
    await world.settle()
    const { state, author } = insideOf(mina, id)
    const { entry } = write(openssl, state, author, { kind: KIND.post, body: encodePost(said('innocent')) }, world.clock.now())
    const seen = entry.seen.map((head): Head => (toHex(head.log) === annsLog ? { ...head, size: 100 } : head))
    const lie = signEntry(openssl, author.key, { ...entry, seen })
    for (const person of [ann, bob]) world.gossip.inject(mina.peer, person.peer, id, message(lie))
    await world.settle()
    const { waiting } = await world.until(channelsOf(ann).publish('Bakery', { text: 'two' }))
    assert.match(waiting ?? '', /^Mina has seen entries of yours, up to number 100, that are not here/)
    await world.until(channelsOf(ann).revokeStaff('Bakery', 'Mina', 'lies'))
    await world.settle(10 * MINUTE)
    assert.deepEqual((await channelsOf(bob).read('Bakery', { limit: 9 })).posts.map(({ text }) => text), ['two', 'innocent', 'one'])
    assert.equal((await world.until(channelsOf(ann).publish('Bakery', { text: 'three' }))).waiting, undefined)
    const { lines } = await world.until(channelsOf(bob).verify('Bakery', { all: true }))
    assert.ok(lines.includes('missing: numbers 4 to 100 of Bakery, which Mina, whose posting key was ended since, had seen'), lines.join('\n'))
  })
})

describe('an author who sends what cannot be judged yet', () => {
  it('is passed on a little, and not as long as they like: the rate cannot be seen there', async () => {
    const { world, brand, mina, mirror, bob } = await followed()
    const zoe = await world.person('Zoe')
    await world.until(zoe.messenger.channels.follow(linkTo(world, brand, bob), { private: false }))
    const last = decodeEntry(openssl, brand.entries.at(-1)!)
    const author = mina.author as Extract<Author, { key: KeyPair<'ed25519'> }>
    const before = world.gossip.wire.length
    // The same number in other words, and numbers without end: what is between is shown to nobody.
    for (let i = 0; i < 300; i++) {
      const seq = last.seq + 2 + (i < 100 ? 0 : i)
      const bytes = signEntry(openssl, author.key, { ...last, seq, time: world.clock.now(), body: encodePost(said(`${i}`)) })
      world.gossip.inject(mirror.peer, bob.peer, brand.id, message(bytes))
      await world.settle(10)
    }
    const passed = world.gossip.wire.slice(before).filter(({ from, to, kind }) => from === bob.peer && to === zoe.peer && kind === 'message')
    assert.ok(passed.length > 0 && passed.length <= 64, `${passed.length} were passed on`)
    assert.ok(!world.gossip.reports.some(({ peer }) => peer === bob.peer))
  })
})

describe('a thief of a posting key who signs two of every number', () => {
  const FORKS = 100

  it('fills nobody\'s disk with proofs, and sets no honest follower against another (attack 52)', async () => {
    const { world, brand, mina, mirror, bob } = await followed()
    const last = decodeEntry(openssl, brand.entries.at(-1)!)
    const author = mina.author as Extract<Author, { key: KeyPair<'ed25519'> }>
    const entryOf = (seq: number, text: string) => decodeEntry(openssl, signEntry(openssl, author.key, { ...last, seq, body: encodePost(said(text)) }))
    for (let seq = 1_000 + FORKS; seq > 1_000; seq--) {
      const [a, b] = [entryOf(seq, 'here'), entryOf(seq, 'there')]
      const credentials = credentialsFor(brand.channel, a, b).map((number) => brand.entries[number]!)
      world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([2, ...forkProof(openssl, credentials, a, b)]))
      await world.settle(10)
    }
    assert.ok(bob.store.evidence(brand.id).length <= 17, `${bob.store.evidence(brand.id).length} proofs are kept`)
    assert.ok(bob.messenger.channels.channel('Bakery').frozen)
    // Who comes to Bob is told of it, and holds nothing against him.
    await mirror.stop()
    const zoe = await world.person('Zoe')
    await world.until(zoe.messenger.channels.follow(linkTo(world, brand, bob), { private: false }))
    await world.settle(MINUTE)
    assert.ok(zoe.messenger.channels.channel('Bakery').frozen)
    assert.deepEqual([zoe.store.evidence(brand.id).length, world.gossip.reports], [1, []])
  })
})
