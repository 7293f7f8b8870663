import assert from 'node:assert/strict'
import { encodeContent } from '../../../protocols/content/index.ts'
import { makeBundle } from '../../../protocols/handshake/index.ts'
import { decodeDeviceSecrets } from '../../../protocols/identity/index.ts'
import { encodeReply } from '../../../protocols/pairing/index.ts'
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

  it('keep us busy by losing every session we set up with it', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const answers = bob.messenger
    await answers.stop()
    const courier = world.network.courier(bob.device)
    const store = bob.store
    courier.serve({
      admits: () => true,
      envelope: () => Promise.resolve('no-session'),
      pairing: () => {
        const { device, deviceList } = store.self()!
        const ids = { signedPrekey: 1, pqPrekey: 1, ratchet: 1 }
        const made = makeBundle(world.suite, world.random, { device: decodeDeviceSecrets(world.suite, device), deviceList, notAfter: world.clock.now() + 3600_000, ids })
        return Promise.resolve(encodeReply({ type: 'contactBundle', bundle: made.bundle }))
      },
      appeared() {},
      vanished() {},
      networkChanged() {},
      addressesChanged() {},
    })
    await courier.start()
    const before = world.network.wire.length
    await ann.messenger.send('Bob', 'hello?')
    await world.settle(60_000)
    const handshakes = world.network.wire.slice(before).filter((each) => each.kind === 'pairing').length
    assert.ok(handshakes >= 2 && handshakes <= 10, `${handshakes} handshakes in a minute`)
    assert.equal(ann.messenger.status().waiting > 0, true)
  })

  it('become one by being blocked and unblocked', async () => {
    const world = new World()
    const [ann, eve] = [await world.person('Ann'), await world.person('Eve')]
    await eve.messenger.pair((await ann.messenger.invite({ inPerson: true })).link, { scanned: false })
    await ann.messenger.block('Eve')
    await assert.rejects(ann.messenger.unblock('Eve'), { code: 'not-found' })
    assert.deepEqual([ann.messenger.contacts(), ann.messenger.requests()], [[], []])
    assert.equal(eve.messenger.contact('Ann').state, 'asked')
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
