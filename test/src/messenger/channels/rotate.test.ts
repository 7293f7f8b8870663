import assert from 'node:assert/strict'
import { encodeManifest, KIND, rootKeyAt, write } from '../../../../protocols/channel/index.ts'
import { entropyOf } from '../../../../protocols/identity/index.ts'
import { openssl } from '../../../../src/crypto/index.ts'
import { createMemoryStore } from '../../../support/memory-store.ts'
import { type Person, World } from '../../../support/world.ts'
import { type Brand, HOUR, MINUTE, Mirror } from './support.ts'

const channelsOf = (person: Person): Person['messenger']['channels'] => person.messenger.channels

async function bakery(): Promise<{ world: World; ann: Person; bob: Person; words: string }> {
  const world = new World()
  const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
  const { words } = await channelsOf(ann).create({ name: 'Bakery' })
  await world.until(channelsOf(bob).follow(channelsOf(ann).link('Bakery'), { private: false }))
  return { world, ann, bob, words }
}

const proofOf = (world: World, person: Person) => world.until(channelsOf(person).verify('Bakery', { all: true }))


describe('rotating the root key', () => {
  it('moves to the key that was announced, with the words or without, and everything goes on', async () => {
    const { world, ann, bob, words } = await bakery()
    const before = await proofOf(world, bob)
    await channelsOf(ann).rotate('Bakery')
    await world.settle()
    const after = await proofOf(world, bob)
    assert.deepEqual([before.rotations, after.rotations], [0, 1])
    assert.notEqual(after.rootKey, before.rootKey)
    assert.equal(after.rootKey, Buffer.from(rootKeyAt(openssl, entropyOf(words), 1).publicKey).toString('hex'))
    await channelsOf(ann).setManifest('Bakery', { description: 'signed by the new key' })
    assert.equal(await channelsOf(ann).words('Bakery', { forget: true }), words)
    await assert.rejects(channelsOf(ann).rotate('Bakery'), { code: 'bad-input' })
    await assert.rejects(channelsOf(ann).rotate('Bakery', 'abandon '.repeat(24)), { code: 'bad-input' })
    await channelsOf(ann).rotate('Bakery', words)
    await channelsOf(ann).publish('Bakery', { text: 'still here' })
    await world.settle()
    assert.equal((await proofOf(world, bob)).rotations, 2)
    assert.equal(channelsOf(bob).channel('Bakery').description, 'signed by the new key')
    assert.equal(channelsOf(bob).channel('Bakery').last?.text, 'still here')
    await assert.rejects(channelsOf(ann).words('Bakery', { forget: false }), { code: 'not-found' })
    await assert.rejects(channelsOf(bob).rotate('Bakery'), { code: 'not-accepted' })
  })

  it('ends what an old root key, stolen, may say: nothing of it is taken any more (attack 58)', async () => {
    const { world, ann, bob, words } = await bakery()
    const old = rootKeyAt(openssl, entropyOf(words), 0)
    const { id } = ann.store.channels()[0]!
    const mirror = new Mirror(world, 1)
    await mirror.take({ id, entries: ann.store.entries(id, id, 0, 10).map(({ bytes }) => bytes) } as unknown as Brand)
    const state = mirror.state(id)
    await channelsOf(ann).rotate('Bakery')
    await world.settle()
    const forged = write(openssl, state, { root: old }, { kind: KIND.manifest, body: encodeManifest({ ...state.manifest, description: 'by the thief' }) }, world.clock.now())
    await mirror.publish(id, forged.entry.bytes)
    await world.settle(15 * MINUTE)
    for (const person of [ann, bob]) {
      assert.equal(channelsOf(person).channel('Bakery').description, '')
      assert.equal(channelsOf(person).channel('Bakery').frozen, undefined)
    }
  })

  it('heals a channel whose root key signed two entries of one number, from the number of the fork on (attack 58)', async () => {
    const { world, ann, bob, words } = await bakery()
    const old = rootKeyAt(openssl, entropyOf(words), 0)
    const { id } = ann.store.channels()[0]!
    const mirror = new Mirror(world, 1)
    world.gossip.lan(ann.peer, bob.peer, mirror.peer)
    await mirror.take({ id, entries: ann.store.entries(id, id, 0, 10).map(({ bytes }) => bytes) } as unknown as Brand)
    const state = mirror.state(id)
    await channelsOf(ann).publish('Bakery', { text: 'before' })
    await channelsOf(ann).setManifest('Bakery', { description: 'by Ann' })
    await world.settle()
    const forged = write(openssl, state, { root: old }, { kind: KIND.manifest, body: encodeManifest({ ...state.manifest, description: 'by the thief' }) }, world.clock.now())
    for (const person of [ann, bob]) world.gossip.inject(mirror.peer, person.peer, id, new Uint8Array([1, ...forged.entry.bytes]))
    await world.settle(15 * MINUTE)
    assert.ok(channelsOf(bob).channel('Bakery').frozen)
    assert.match(channelsOf(bob).evidence('Bakery')[0]?.text ?? '', /^the brand .* signed two different entries with the number 3$/)
    assert.notEqual((await world.until(channelsOf(ann).publish('Bakery', { text: 'while frozen' }))).waiting, undefined)
    await world.until(channelsOf(ann).rotate('Bakery'))
    await world.settle(15 * MINUTE)
    for (const person of [ann, bob]) {
      const { frozen, description } = channelsOf(person).channel('Bakery')
      assert.deepEqual([frozen, description], [undefined, '']) // neither of the two
      assert.deepEqual((await channelsOf(person).read('Bakery', { limit: 9 })).posts.map(({ text }) => text), ['while frozen', 'before'])
    }
    await channelsOf(ann).setManifest('Bakery', { description: 'by Ann, again' })
    await world.settle()
    assert.equal(channelsOf(bob).channel('Bakery').description, 'by Ann, again')
  })

  it('waits, as everything does, until the head is certain, and then goes before what else waits (attack 53)', async () => {
    const { world, ann, bob, words } = await bakery()
    const copy = ann.store.snapshot()
    await channelsOf(ann).setManifest('Bakery', { description: 'one' })
    await world.settle()
    world.gossip.partition([ann.peer], [bob.peer])
    await world.restart(ann, createMemoryStore({ from: copy }))
    await world.until(channelsOf(ann).setManifest('Bakery', { description: 'two' }))
    await world.until(channelsOf(ann).rotate('Bakery', words))
    await assert.rejects(channelsOf(ann).rotate('Bakery', words), { code: 'conflict' })
    assert.equal(channelsOf(ann).channel('Bakery').waiting, 2)
    world.gossip.heal()
    await world.settle(HOUR)
    const proof = await proofOf(world, bob)
    assert.deepEqual([proof.rotations, proof.frozen, channelsOf(bob).channel('Bakery').description], [1, undefined, 'two'])
  })
})

describe('a rotation that waits', () => {
  it('is not lost when the words are typed in again meanwhile', async () => {
    const { world, ann, bob, words } = await bakery()
    const copy = ann.store.snapshot()
    await channelsOf(ann).setManifest('Bakery', { description: 'one' })
    await world.settle()
    world.gossip.partition([ann.peer], [bob.peer])
    await world.restart(ann, createMemoryStore({ from: copy }))
    await world.until(channelsOf(ann).rotate('Bakery', words))
    await world.until(channelsOf(ann).recover(channelsOf(ann).link('Bakery'), words))
    world.gossip.heal()
    await world.settle(HOUR)
    assert.deepEqual([(await proofOf(world, bob)).rotations, channelsOf(ann).channel('Bakery').waiting], [1, 0])
    assert.equal((await world.until(channelsOf(ann).publish('Bakery', { text: 'still mine' }))).waiting, undefined)
  })
})

describe('recovering a channel from its words', () => {
  it('takes the root key back on a new device, with a new posting key, and ends the lost one', async () => {
    const { world, ann, bob, words } = await bakery()
    await channelsOf(ann).publish('Bakery', { text: 'one' })
    await world.settle()
    const link = channelsOf(bob).link('Bakery')
    await ann.messenger.stop()
    const again = await world.person('Ann')
    await assert.rejects(world.until(channelsOf(again).recover(link, words.split(' ').reverse().join(' '))), { code: 'bad-input' })
    await assert.rejects(world.until(channelsOf(again).recover('nonsense', words)), { code: 'invite-invalid' })
    const view = await world.until(channelsOf(again).recover(link, words))
    assert.deepEqual([view.role, view.name], ['owner', 'Bakery'])
    await world.settle(HOUR + MINUTE) // the lost device is among those who are asked for the head
    assert.equal((await world.until(channelsOf(again).publish('Bakery', { text: 'two' }))).waiting, undefined)
    const lost = channelsOf(again).staff('Bakery')[0]!
    await world.until(channelsOf(again).revokeStaff('Bakery', lost.log, 'device lost'))
    await world.settle()
    assert.deepEqual((await channelsOf(bob).read('Bakery', { limit: 9 })).posts.map(({ text }) => text), ['two', 'one'])
    assert.deepEqual(channelsOf(bob).channel('Bakery').frozen, undefined)
    assert.deepEqual(channelsOf(again).staff('Bakery').map(({ state }) => state), ['revoked', 'active'])
    assert.equal(await channelsOf(again).words('Bakery', { forget: false }), words)
  })

  it('works after rotations too, from the same words', async () => {
    const { world, ann, bob, words } = await bakery()
    await channelsOf(ann).rotate('Bakery')
    await channelsOf(ann).rotate('Bakery')
    await world.settle()
    await ann.messenger.stop()
    const again = await world.person('Ann')
    await world.until(channelsOf(again).recover(channelsOf(bob).link('Bakery'), words))
    await world.settle(HOUR + MINUTE)
    await world.until(channelsOf(again).setManifest('Bakery', { description: 'back' }))
    await world.settle()
    assert.equal(channelsOf(bob).channel('Bakery').description, 'back')
  })

  it('refuses the words of another channel, and what nobody has', async () => {
    const { world, ann, bob } = await bakery()
    const other = await world.person('Cid')
    const { words } = await channelsOf(other).create({ name: 'Butcher' })
    await assert.rejects(world.until(channelsOf(other).recover(channelsOf(bob).link('Bakery'), words)), { code: 'bad-input' })
    const link = channelsOf(bob).link('Bakery')
    for (const person of [ann, bob, other]) world.gossip.disconnect(person.peer)
    const far = await world.person('Dan')
    await assert.rejects(world.until(channelsOf(far).recover(link, words)), { code: 'unreachable' })
  })
})
