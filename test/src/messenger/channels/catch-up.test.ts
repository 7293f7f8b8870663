import assert from 'node:assert/strict'
import { encodePost, KIND, write } from '../../../../protocols/channel/index.ts'
import { openssl } from '../../../../src/crypto/index.ts'
import type { ChannelContext } from '../../../../src/messenger/channels/context.ts'
import { PeerFault, Peers } from '../../../../src/messenger/channels/peers.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'
import { type Person, World } from '../../../support/world.ts'
import { Brand, DAY, HOUR, linkTo, MINUTE, Mirror, type Writer } from './support.ts'

async function followed(options: { posts?: number; mirrors?: number } = {}): Promise<{ world: World; brand: Brand; mina: Writer; mirrors: [Mirror, ...Mirror[]]; bob: Person }> {
  const world = new World()
  const brand = new Brand({ now: world.clock.now() - 60 * DAY })
  const mina = brand.writer('Mina')
  brand.posts(mina, options.posts ?? 20)
  const mirrors = Array.from({ length: options.mirrors ?? 1 }, (_, i) => new Mirror(world, i + 1)) as [Mirror, ...Mirror[]]
  for (const mirror of mirrors) await mirror.take(brand)
  const bob = await world.person('Bob')
  await world.until(bob.messenger.channels.follow(linkTo(world, brand, ...mirrors), { private: false }))
  await world.settle()
  return { world, brand, mina, mirrors, bob }
}

const held = (person: Person, name = 'Bakery'): [entries: number, held: number] => {
  const { entries, held } = person.messenger.channels.channel(name)
  return [entries, held]
}
const newest = async (person: Person, limit = 3): Promise<string[]> => (await person.messenger.channels.read('Bakery', { limit })).posts.map(({ text }) => text)

describe('peers', () => {
  it('are asked again although the clock was set back while they waited', () => {
    const clock = new VirtualClock()
    const peers = new Peers({ clock, gossip: { report: () => undefined, peers: () => ['a'] }, log: { info: () => undefined } } as unknown as ChannelContext)
    for (const fault of ['gone', 'invalid'] as const) {
      peers.blame('a', new PeerFault(fault, 'test'))
      assert.deepEqual(peers.of('1'), [])
      clock.jump(-365 * DAY)
      assert.deepEqual(peers.of('1'), ['a'])
    }
  })
})

describe('catching up', () => {
  it('after a month away needs no gossip: all of it comes, as unread', async () => {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    await bob.messenger.stop()
    world.clock.advance(30 * DAY)
    brand.now = world.clock.now() - 29 * DAY
    brand.posts(mina, 700, HOUR / 2)
    await mirror.take(brand)
    await world.restart(bob)
    await world.settle(3 * MINUTE)
    assert.deepEqual(held(bob), [brand.entries.length, brand.entries.length])
    assert.equal(bob.messenger.channels.channel('Bakery').unread, 700)
    assert.deepEqual(await newest(bob), ['Mina 699', 'Mina 698', 'Mina 697'])
    const messages = world.gossip.wire.filter(({ kind }) => kind === 'message')
    assert.deepEqual(messages, [])
  })

  it('asks several peers for parts of it at the same time', async () => {
    const { world, brand, mina, mirrors, bob } = await followed({ mirrors: 3 })
    await bob.messenger.stop()
    brand.now = world.clock.now()
    brand.posts(mina, 1_200, 10)
    world.clock.advance(MINUTE)
    for (const mirror of mirrors) {
      await mirror.take(brand)
      mirror.asked.length = 0
    }
    await world.restart(bob)
    await world.settle(3 * MINUTE)
    assert.deepEqual(held(bob), [brand.entries.length, brand.entries.length])
    for (const { asked } of mirrors) assert.ok(asked.filter(({ type }) => type === 'page').length >= 1, 'each gave a part')
  })

  it('fills a gap that a fresh post shows', async () => {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    brand.now = world.clock.now()
    brand.posts(mina, 5, 10)
    world.clock.advance(1_000)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.deepEqual(held(bob), [brand.entries.length, brand.entries.length])
    assert.equal(bob.messenger.channels.channel('Bakery').unread, 5)
  })

  it('brings the first posts of a new author whole, and as unread', async () => {
    const { world, brand, mirrors: [mirror], bob } = await followed()
    brand.now = world.clock.now()
    const jun = brand.writer('Jun')
    brand.posts(jun, 3, 10)
    world.clock.advance(1_000)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle(70_000)
    assert.equal(bob.messenger.channels.channel('Bakery').unread, 3)
    assert.deepEqual(await newest(bob), ['Jun 2', 'Jun 1', 'Jun 0'])
  })

  it('goes on after a cut with what is already here', async () => {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    brand.now = world.clock.now() - HOUR
    brand.posts(mina, 1_000, 10)
    await mirror.take(brand)
    world.gossip.automatic = false
    const waking = world.until(Promise.resolve())
    await waking
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    for (let i = 0; i < 600; i++) {
      world.gossip.step()
      await new Promise((resolve) => setImmediate(resolve))
    }
    world.gossip.disconnect(mirror.peer)
    const [part] = held(bob)
    assert.ok(part > 22 && part < brand.entries.length, `${part} entries had come`)
    world.gossip.automatic = true
    mirror.asked.length = 0
    world.gossip.reconnect(mirror.peer)
    await world.settle(3 * MINUTE)
    assert.deepEqual(held(bob), [brand.entries.length, brand.entries.length])
    const pages = mirror.asked.flatMap((request) => (request.type === 'page' ? [request.from] : []))
    assert.ok(Math.min(...pages) >= part - 3, 'nothing is asked for twice')
  })

  it('loses nothing to a full disk, and goes on when there is room (attack 98)', async () => {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    brand.now = world.clock.now() - HOUR
    brand.posts(mina, 1_000, 10)
    await mirror.take(brand)
    bob.store.failNext()
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.ok(bob.events.some((event) => event.type === 'warning' && event.code === 'store-failed'))
    assert.ok(held(bob)[0] < brand.entries.length)
    await world.settle(5 * MINUTE)
    assert.deepEqual(held(bob), [brand.entries.length, brand.entries.length])
    const proof = await world.until(bob.messenger.channels.verify('Bakery', { all: true }))
    assert.deepEqual([proof.held, proof.missing], [brand.entries.length, []])
  })

  it('lets both sides of a partition, and who comes late behind one, converge', async () => {
    const { world, brand, mina, mirrors: [left, right], bob } = await followed({ mirrors: 2 })
    const jun = brand.writer('Jun')
    for (const mirror of [left, right!]) await mirror.take(brand)
    const ann = await world.person('Ann')
    world.gossip.partition([left.peer, bob.peer], [right!.peer, ann.peer])
    brand.now = world.clock.now()
    const before = brand.channel
    brand.posts(mina, 4, 10)
    world.clock.advance(1_000)
    await left.take(brand)
    await left.publish(brand.id, brand.entries.at(-1)!)
    // Jun, over there, has seen none of it.
    const there = brand.copy()
    there.channel = before
    there.entries.splice(-4)
    there.posts(jun, 4, 10)
    await right!.take(there)
    const late = world.until(ann.messenger.channels.follow(linkTo(world, brand, right!), { private: false }))
    await late
    await world.settle()
    assert.deepEqual([await newest(bob, 1), await newest(ann, 1)], [['Mina 3'], ['Jun 3']])
    world.gossip.heal()
    world.gossip.dht = true
    await world.settle(40 * MINUTE)
    const [ofBob, ofAnn] = [await newest(bob, 20), await newest(ann, 20)]
    assert.deepEqual(ofBob, ofAnn)
    assert.equal(held(bob)[0], brand.entries.length + 4)
  })

  it('judges a message that comes again long after it was forgotten as known: no second notice, nothing passed on (attack 75)', async () => {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    brand.now = world.clock.now()
    brand.post(mina, 'once', 0)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    const told = bob.events.filter(({ type }) => type === 'post').length
    world.clock.advance(HOUR)
    world.gossip.forgetSeen()
    const from = world.gossip.wire.length
    world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([1, ...brand.entries.at(-1)!]))
    await world.settle()
    assert.deepEqual([told, bob.events.filter(({ type }) => type === 'post').length], [1, 1])
    assert.deepEqual(world.gossip.wire.slice(from).filter((sent) => sent.kind === 'message' && sent.from === bob.peer), [])
  })

  it('passes on nothing that is forged, and holds it against who sent it: a newer-looking manifest changes nothing (attack 55)', async () => {
    const { world, brand, mirrors: [mirror], bob } = await followed()
    brand.now = world.clock.now()
    brand.setManifest({ name: 'Robber', description: 'forged' })
    const forged = brand.entries.at(-1)!.slice()
    forged[forged.length - 1] = forged.at(-1)! ^ 1
    await mirror.publish(brand.id, forged)
    await world.settle()
    assert.equal(bob.messenger.channels.channel('Bakery').description, '')
    assert.equal(bob.store.entry(brand.id, brand.id, 2), undefined)
    assert.ok(!world.gossip.wire.some(({ from, kind }) => from === bob.peer && kind === 'message'))
  })
})

describe('what anybody can make up', () => {
  it('as entries of authors nobody knows, makes us ask no more often than once a minute', async () => {
    const { world, brand, mirrors: [mirror], bob } = await followed()
    const stranger = new Brand({ now: world.clock.now() - DAY, seed: 99 })
    const made = stranger.copy()
    made.posts(made.writer('Nobody'), 200, 10)
    await world.settle(MINUTE)
    mirror.asked.length = 0
    for (const bytes of made.entries.slice(2)) {
      const junk = bytes.slice()
      // It says it is of this channel and has seen its root log; no certificate it could be checked with is known.
      for (const at of [2, 147]) junk.set(Buffer.from(brand.id, 'hex'), at)
      world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([1, ...junk]))
      await world.settle(500)
    }
    const asked = mirror.asked.filter(({ type }) => type === 'heads').length
    assert.ok(asked >= 1 && asked <= 4, `asked ${asked} times in 200 s`)
    assert.equal(held(bob)[0], brand.entries.length)
  })
})

describe('two entries of one number', () => {
  it('of an author freeze that log for everybody, with a proof that spreads; the others go on (attack 52)', async () => {
    const { world, brand, mina, mirrors, bob } = await followed({ mirrors: 2 })
    const jun = brand.writer('Jun')
    const twin = brand.copy()
    brand.now = world.clock.now()
    brand.post(mina, 'what Mina said', 0)
    twin.now = world.clock.now()
    twin.post(mina, 'what the thief said', 0)
    const [left, right] = [mirrors[0], mirrors[1]!]
    await left.take(brand)
    await right.take(twin)
    await left.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    await right.publish(brand.id, twin.entries.at(-1)!)
    await world.settle()
    assert.match(bob.messenger.channels.channel('Bakery').frozen ?? '', /an author signed two entries/)
    for (const mirror of mirrors) assert.equal(mirror.state(brand.id).forks.get(mina.log), 20)
    const [proof] = bob.messenger.channels.evidence('Bakery')
    assert.match(bob.messenger.channels.checkEvidence(proof!.bytes).text, /Mina signed two different entries/)
    // Nothing more of Mina; Jun goes on.
    brand.post(mina, 'more', 10)
    brand.post(jun, 'business as usual', 10)
    world.clock.advance(1_000)
    for (const bytes of brand.entries.slice(-2)) world.gossip.inject(left.peer, bob.peer, brand.id, new Uint8Array([1, ...bytes]))
    await world.settle()
    const texts = await newest(bob, 30)
    assert.ok(!texts.includes('more') && texts.includes('business as usual'))
    // Who comes later learns of it by asking.
    const ann = await world.person('Ann')
    await world.until(ann.messenger.channels.follow(linkTo(world, brand, left), { private: false }))
    assert.match(ann.messenger.channels.channel('Bakery').frozen ?? '', /an author signed two entries/)
  })

  it('are found also without gossip, when a peer shows another past than ours', async () => {
    const { world, brand, mina, mirrors: [left], bob } = await followed()
    const twin = brand.copy()
    brand.now = world.clock.now() - HOUR
    brand.posts(mina, 3, 10)
    twin.now = world.clock.now() - HOUR
    twin.post(mina, 'another past', 11)
    twin.posts(mina, 5, 10)
    await left.take(brand)
    await left.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    await left.stop()
    const right = new Mirror(world, 2)
    await right.take(twin)
    world.gossip.dht = true
    await world.settle(30 * MINUTE)
    assert.match(bob.messenger.channels.channel('Bakery').frozen ?? '', /two entries with one number/)
    assert.equal(bob.messenger.channels.evidence('Bakery').length, 1)
  })

  it('heal when the brand ends the key: entries behind the cut go, those before it stay', async () => {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    const twin = brand.copy()
    twin.now = world.clock.now()
    twin.posts(mina, 6, 10)
    world.clock.advance(1_000)
    for (const bytes of twin.entries.slice(-6)) {
      world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([1, ...bytes]))
      await world.settle(500)
    }
    assert.equal(held(bob)[0], 28)
    brand.now = world.clock.now()
    brand.revoke(mina)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.deepEqual(held(bob), [23, 23])
    assert.deepEqual(await newest(bob, 1), ['Mina 19'])
    const proof = await world.until(bob.messenger.channels.verify('Bakery', { all: true }))
    assert.deepEqual([proof.authors[0]?.state, proof.missing], ['revoked', []])
  })

  /** The thief's two are at Bob's, and nobody has shown him Mina's five, at the last of which the brand ends the key. */
  async function astray(): Promise<{ world: World; brand: Brand; mina: Writer; mirror: Mirror; thief: Brand; bob: Person }> {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    const thief = brand.copy()
    thief.now = world.clock.now()
    for (const said of ['send me money', 'more money']) thief.post(mina, said, 10)
    world.clock.advance(1_000)
    for (const bytes of thief.entries.slice(-2)) {
      world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([1, ...bytes]))
      await world.settle(500)
    }
    assert.deepEqual(await newest(bob, 2), ['more money', 'send me money'])
    brand.now = world.clock.now()
    brand.posts(mina, 5, 10)
    brand.revoke(mina)
    return { world, brand, mina, mirror, thief, bob }
  }

  it('heal too when more is kept than is here of the other branch: what was kept takes its place, and the proof says why (attack 52)', async () => {
    const { world, brand, mirror, bob } = await astray()
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle(15 * MINUTE)
    assert.deepEqual(held(bob), [brand.entries.length, brand.entries.length])
    assert.deepEqual(await newest(bob, 6), ['Mina 4', 'Mina 3', 'Mina 2', 'Mina 1', 'Mina 0', 'Mina 19'])
    const proof = await world.until(bob.messenger.channels.verify('Bakery', { all: true }))
    assert.deepEqual([proof.authors[0]?.state, proof.missing], ['revoked', []])
    const evidence = bob.messenger.channels.evidence('Bakery').map(({ bytes }) => bob.messenger.channels.checkEvidence(bytes).text)
    assert.deepEqual(evidence, ['Mina signed two different entries with the number 22'])
    assert.deepEqual(world.gossip.reports, [], 'nobody is to blame')
  })

  it('and of who has less than was kept, on either branch, nothing is held against the other (attack 52)', async () => {
    const { world, brand, mina, mirror, thief, bob } = await astray()
    const revocation = brand.entries.at(-1)!
    const some = brand.copy()
    some.entries.splice(-3, 3, revocation)
    const more = thief.copy()
    more.posts(mina, 1, 10)
    more.entries.push(revocation)
    await mirror.take(some)
    const other = new Mirror(world, 2)
    await other.take(more)
    world.gossip.dht = true
    await mirror.publish(brand.id, revocation)
    await world.settle(30 * MINUTE)
    assert.deepEqual(await newest(bob, 2), ['Mina 0', 'more money'])
    assert.deepEqual(world.gossip.reports, [])
    await mirror.take(brand)
    await world.settle(30 * MINUTE)
    assert.deepEqual(await newest(bob, 2), ['Mina 4', 'Mina 3'])
  })

  it('of a stolen root key give way to the key that was announced before (attack 58)', async () => {
    const { world, brand, mina, mirrors: [mirror], bob } = await followed()
    const thief = brand.copy()
    thief.now = world.clock.now() - MINUTE
    thief.setManifest({ name: 'Robber', description: 'send me money' })
    const robber = thief.writer('Robber')
    thief.post(robber, 'send me money', 10)
    for (const bytes of thief.entries.slice(-3)) {
      world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([1, ...bytes]))
      await world.settle(500)
    }
    assert.equal(bob.messenger.channels.channel('Bakery').description, 'send me money')
    brand.now = world.clock.now()
    brand.rotate()
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    const view = bob.messenger.channels.channel('Bakery')
    assert.deepEqual([view.description, view.frozen, held(bob)], ['', undefined, [23, 23]])
    assert.ok(!(await newest(bob, 50)).includes('send me money'))
    // The thief cannot undo it, and the brand goes on.
    const again = thief.copy()
    again.setManifest({ description: 'still me' })
    world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([1, ...again.entries.at(-1)!]))
    brand.post(mina, 'we are back', 10)
    world.clock.advance(1_000)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.deepEqual(await newest(bob, 1), ['we are back'])
    assert.equal(bob.messenger.channels.channel('Bakery').description, '')
  })
})

describe('a channel that says more than its manifest allows', () => {
  it('is cut by every peer: what is too much is neither kept nor passed on', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - DAY, manifest: { rate: 10 } })
    const mina = brand.writer('Mina')
    const mirror = new Mirror(world, 1)
    await mirror.take(brand)
    const bob = await world.person('Bob')
    await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror), { private: false }))
    brand.posts(mina, 10, 10)
    await mirror.take(brand)
    await mirror.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.equal(held(bob)[1], brand.entries.length)
    // A key without a conscience signs an eleventh.
    const loud = { ...brand.channel, logs: new Map(brand.channel.logs).set(mina.log, { ...brand.channel.logs.get(mina.log)!, tokens: Number.MAX_SAFE_INTEGER }) }
    const { entry } = write(openssl, loud, mina.author, { kind: KIND.post, body: encodePost({ title: '', text: 'buy!', links: [], media: [], event: undefined, offer: undefined }) }, brand.now + 10)
    const from = world.gossip.wire.length
    world.gossip.inject(mirror.peer, bob.peer, brand.id, new Uint8Array([1, ...entry.bytes]))
    await world.settle()
    assert.ok(!(await newest(bob, 20)).includes('buy!'))
    assert.ok(!world.gossip.wire.slice(from).some((sent) => sent.kind === 'message' && sent.from === bob.peer))
  })
})
