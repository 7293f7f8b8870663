import assert from 'node:assert/strict'
import { encodeContent } from '../../../protocols/content/index.ts'
import { talk, World } from '../../support/world.ts'

describe('what a contact cannot do to us', () => {
  it('pass on a device list of somebody else, as a way to give us their keys (attack 26)', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person('Eve')]
    await world.pair(ann, bob)
    await world.pair(ann, eve)
    world.clock.advance(60_000)
    const bobs = await world.person('Bob', { phrase: bob.phrase }) // genuine, signed, newer: but it comes from Eve
    const content = encodeContent({ kind: 'deviceList', id: world.random(16), at: world.clock.now(), bytes: bobs.store.self()!.deviceList })
    const row = { id: 'ee'.repeat(16), device: ann.device, contact: eve.messenger.contact('Ann').account, content, envelope: undefined, held: false, queuedAt: 0 }
    await eve.store.commit([{ put: 'outbox', row }])
    await world.restart(eve)
    await world.settle(30_000)
    assert.deepEqual(ann.messenger.contact('Bob').devices.map((each) => each.device), [bob.device])
    assert.deepEqual(ann.messenger.contact('Eve').devices.map((each) => each.device), [eve.device])
    assert.ok(ann.events.some((event) => event.type === 'warning' && event.code === 'device-list-refused'))
  })

  it('learn from the size of an envelope how much two texts have in common (attack 29)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const secret = 'the garden key lies under the third stone'
    const sizes: number[] = []
    for (const guess of [secret, secret.slice(0, 20).padEnd(secret.length, '#'), '#'.repeat(secret.length)]) {
      const before = world.network.wire.length
      await ann.messenger.send('Bob', `${secret} ${guess.repeat(20)}`)
      await world.network.settle()
      sizes.push(...world.network.wire.slice(before).filter((each) => each.from === ann.device).map((each) => each.bytes.length))
    }
    assert.equal(new Set(sizes).size, 1)
  })

  it('keep us apart for good: after a partition heals everything arrives (attack 105)', async () => {
    const world = new World()
    const [ann, bob, cho] = [await world.person('Ann'), await world.person('Bob'), await world.person('Cho')]
    await world.pair(ann, bob)
    await world.pair(bob, cho)
    await world.pair(ann, cho)
    world.network.partition([ann.device], [bob.device, cho.device])
    await ann.messenger.send('Bob', 'from the other side')
    await bob.messenger.send('Cho', 'we two are together')
    await cho.messenger.send('Ann', 'can you hear me?')
    await world.settle(30_000)
    assert.deepEqual(talk(cho, 'Bob'), ['we two are together'])
    assert.deepEqual([talk(bob, 'Ann'), talk(ann, 'Cho')], [[], []])
    world.network.heal()
    await world.settle(400_000)
    assert.deepEqual([talk(bob, 'Ann'), talk(ann, 'Cho')], [['from the other side'], ['can you hear me?']])
  })
})
