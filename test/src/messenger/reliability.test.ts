import assert from 'node:assert/strict'
import { createMemoryStore } from '../../support/memory-store.ts'
import { talk, World } from '../../support/world.ts'

describe('nothing is lost and nothing is shown twice', () => {
  it('waits for somebody who is offline, also across a restart, and keeps the order', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    world.network.disconnect(bob.device)
    const texts = Array.from({ length: 30 }, (_, i) => `note ${i}`)
    for (const text of texts.slice(0, 15)) await ann.messenger.send('Bob', text)
    await world.restart(ann)
    for (const text of texts.slice(15)) await ann.messenger.send('Bob', text)
    await world.settle()
    assert.ok(ann.messenger.status().waiting >= 30)
    world.network.reconnect(bob.device)
    await world.settle(400_000)
    assert.deepEqual(talk(bob, 'Ann'), texts)
    assert.equal(ann.messenger.status().waiting, 0)
  })

  it('tries again soon, however many messages one lost connection took along', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    world.network.automatic = false
    for (let i = 0; i < 40; i++) await ann.messenger.send('Bob', `note ${i}`)
    world.network.disconnect(bob.device)
    world.network.automatic = true
    await world.settle(3_000) // and the first try again fails too
    world.network.reconnect(bob.device)
    await world.settle(10_000)
    assert.equal(talk(bob, 'Ann').length, 40)
  })

  it('finds a contact again whose address changed while nobody looked', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    world.network.disconnect(ann.device)
    world.network.move(ann.device)
    await bob.messenger.send('Ann', 'where are you?')
    await world.settle()
    world.network.reconnect(ann.device)
    await world.settle(400_000)
    assert.deepEqual(talk(ann, 'Bob'), ['where are you?'])
    assert.ok(bob.messenger.contact('Ann').devices[0]?.addresses.includes(ann.messenger.status().addresses[0] ?? ''))
  })

  it('rests no longer between two tries when the network is another one', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    world.network.disconnect(bob.device)
    await ann.messenger.send('Bob', 'are you there?')
    await world.settle(3_600_000, 5_000)
    world.network.reconnect(bob.device)
    await world.settle(2_000)
    assert.deepEqual(talk(bob, 'Ann'), [])
    world.network.move(ann.device)
    await world.settle(0)
    assert.deepEqual(talk(bob, 'Ann'), ['are you there?'])
  })

  it('is mended by showing a code again when both moved while apart', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    for (const { device } of [ann, bob]) {
      world.network.disconnect(device)
      world.network.move(device)
    }
    for (const { device } of [ann, bob]) world.network.reconnect(device)
    await ann.messenger.send('Bob', 'where are you?')
    await world.settle(60_000)
    assert.deepEqual(talk(bob, 'Ann'), [])
    const again = await bob.messenger.pair((await ann.messenger.invite({ inPerson: false })).link, { scanned: false })
    assert.deepEqual([again.state, again.code], ['accepted', undefined])
    await world.settle(400_000)
    assert.deepEqual(talk(bob, 'Ann'), ['where are you?'])
    assert.equal(ann.messenger.contacts().length, 1)
  })

  it('says so when something could not be stored, sends nothing of it, and goes on when there is room again (attack 98)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const before = world.network.wire.length
    ann.store.failNext()
    await assert.rejects(ann.messenger.send('Bob', 'lost?'))
    await world.settle()
    assert.equal(world.network.wire.length, before, 'nothing left')
    assert.deepEqual(talk(ann, 'Bob'), [])
    assert.ok(ann.events.some((event) => event.type === 'warning' && event.code === 'store-failed'))
    await ann.messenger.send('Bob', 'again')
    await world.settle()
    assert.deepEqual(talk(bob, 'Ann'), ['again'])
  })

  it('acknowledges nothing before it is durable: a crash between is a redelivery (attack 64)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    bob.store.failNext()
    const { id } = await ann.messenger.send('Bob', 'keep this')
    await world.network.settle()
    assert.deepEqual(talk(bob, 'Ann'), [])
    assert.equal(ann.messenger.message(id).delivery, 'queued')
    await world.settle(30_000)
    assert.deepEqual(talk(bob, 'Ann'), ['keep this'])
    assert.equal(ann.messenger.message(id).delivery, 'delivered')
  })

  it('gives up every session of a profile that was put back to an older state (attacks 21, 101)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.send('Bob', 'one')
    await world.settle()
    const backup = ann.store.snapshot()
    await ann.messenger.send('Bob', 'two')
    await bob.messenger.send('Ann', 'three')
    await world.settle()
    await world.restart(ann, createMemoryStore({ from: backup, rolledBack: true }))
    await ann.messenger.send('Bob', 'four')
    await bob.messenger.send('Ann', 'five')
    await world.settle(400_000)
    assert.deepEqual(talk(bob, 'Ann').toSorted(), ['> five', '> three', 'four', 'one', 'two'])
    assert.deepEqual(talk(ann, 'Bob').toSorted(), ['> four', '> one', 'five'])
    assert.ok(ann.events.some((event) => event.type === 'warning' && event.code === 'rolled-back'))
    const notices = bob.messenger.history('Ann', { limit: 50 }).filter((message) => message.kind === 'notice').map((message) => message.text)
    assert.ok(notices.includes('session-renewed'))
  })

  it('takes no word for a repeat that was said under a used number by a copy which nothing noticed: it comes once, in a new session (attacks 20, 21)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    for (const text of ['one', 'two']) await ann.messenger.send('Bob', text)
    const copy = ann.store.snapshot()
    for (const text of ['three', 'four', 'five']) await ann.messenger.send('Bob', text)
    await world.settle()
    await world.restart(ann, createMemoryStore({ from: copy }))
    const sent = []
    for (const text of ['six', 'seven']) sent.push(await ann.messenger.send('Bob', text))
    await world.settle(400_000)
    assert.deepEqual(talk(bob, 'Ann'), ['one', 'two', 'three', 'four', 'five', 'six', 'seven'])
    assert.deepEqual(sent.map(({ id }) => ann.messenger.message(id).delivery), ['delivered', 'delivered'])
    await bob.messenger.send('Ann', 'eight')
    await world.settle()
    assert.deepEqual(talk(ann, 'Bob'), ['> one', '> two', '> six', '> seven', 'eight'])
    const notices = bob.messenger.history('Ann', { limit: 50 }).flatMap(({ kind, text }) => (kind === 'notice' ? [text] : []))
    assert.deepEqual(notices.slice(-2), ['history-broken', 'session-renewed'])
    assert.equal(ann.messenger.status().waiting, 0)
  })
})
