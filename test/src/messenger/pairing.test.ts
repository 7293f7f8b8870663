import assert from 'node:assert/strict'
import { talk, World } from '../../support/world.ts'

describe('pairing', () => {
  it('shows the same short code on both sides and makes contacts only after the yes', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    const shown = await bob.messenger.pair(link, { scanned: false })
    assert.equal(shown.state, 'asked')
    assert.equal(shown.name, 'Ann')
    const [request] = ann.messenger.requests()
    assert.equal(request?.code, shown.code)
    assert.match(shown.code ?? '', /^\d{3} \d{3}$/)
    await assert.rejects(bob.messenger.send('Ann', 'hi'), { code: 'not-accepted' })
    await ann.messenger.accept(request?.id ?? '')
    await world.settle()
    assert.equal(ann.messenger.contact('Bob').state, 'accepted')
    assert.equal(bob.messenger.contact('Ann').state, 'accepted')
    await bob.messenger.send('Ann', 'hi')
    await world.settle()
    assert.deepEqual(talk(ann, 'Bob'), ['hi'])
  })

  it('tells the scanner when the inviter refuses, and lets nothing through', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    await bob.messenger.pair(link, { scanned: false })
    await ann.messenger.refuse(ann.messenger.requests()[0]?.id ?? '')
    await world.settle()
    assert.ok(bob.events.some((event) => event.type === 'contact' && event.contact.state === 'refused'))
    assert.deepEqual([ann.messenger.contacts(), bob.messenger.contacts()], [[], []])
  })

  it('hears what was said right after the yes, also when both come in one write', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await bob.messenger.pair((await ann.messenger.invite({ inPerson: true })).link, { scanned: false })
    await world.settle()
    world.network.automatic = false
    await ann.messenger.accept(ann.messenger.requests()[0]?.id ?? '')
    await ann.messenger.send('Bob', 'welcome')
    let together = 0
    while (world.network.step()) together++
    assert.ok(together >= 2, `${together} came together`)
    world.network.automatic = true
    await world.settle()
    assert.deepEqual(talk(bob, 'Ann'), ['welcome'])
  })

  it('verifies both at once when both scanned each other', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await bob.messenger.pair((await ann.messenger.invite({ inPerson: true })).link, { scanned: true })
    const met = await ann.messenger.pair((await bob.messenger.invite({ inPerson: true })).link, { scanned: true })
    await world.settle()
    assert.deepEqual([met.state, met.verified, met.code], ['accepted', true, undefined])
    assert.equal(bob.messenger.contact('Ann').verified, true)
    assert.equal(ann.messenger.contact('Bob').verified, true)
    assert.deepEqual(ann.messenger.requests(), [])
    await ann.messenger.send('Bob', 'good to see you')
    await bob.messenger.send('Ann', 'likewise')
    await world.settle()
    assert.deepEqual(talk(bob, 'Ann').sort(), ['> likewise', 'good to see you'])
    assert.deepEqual(talk(ann, 'Bob').sort(), ['> good to see you', 'likewise'])
  })

  it('verifies nobody by links, however many are exchanged', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await bob.messenger.pair((await ann.messenger.invite({ inPerson: false })).link, { scanned: false })
    const met = await ann.messenger.pair((await bob.messenger.invite({ inPerson: false })).link, { scanned: false })
    await world.settle()
    assert.equal(met.verified, false)
    assert.equal(ann.messenger.contact('Bob').state, 'accepted', 'both asked for each other')
    assert.equal(bob.messenger.contact('Ann').verified, false)
  })

  it('warns both when a photographed code is answered by another first (attacks 33, 34)', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person('Eve')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    const evesCode = (await eve.messenger.pair(link, { scanned: false })).code
    await assert.rejects(bob.messenger.pair(link, { scanned: true }), { code: 'invite-used' })
    assert.ok(ann.events.some((event) => event.type === 'warning' && event.code === 'invite-reused'))
    // Ann sees one request, with a code that Bob, beside her, does not have on his screen.
    assert.deepEqual(ann.messenger.requests().map((request) => [request.name, request.code]), [['Eve', evesCode]])
  })

  it('answers the same hello again after the reply was lost, without a second request', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    world.network.automatic = false
    const lost = assert.rejects(bob.messenger.pair(link, { scanned: false }), { code: 'unreachable' })
    while (ann.messenger.requests().length === 0) {
      world.network.step()
      await new Promise((resolve) => setImmediate(resolve))
    }
    world.network.disconnect(bob.device)
    await lost
    world.network.reconnect(bob.device)
    world.network.automatic = true
    const shown = await bob.messenger.pair(link, { scanned: false })
    assert.equal(ann.messenger.requests().length, 1)
    assert.equal(ann.messenger.requests()[0]?.code, shown.code)
  })

  it('refuses expired, unknown and own codes with a hint', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    await assert.rejects(ann.messenger.pair(link, { scanned: false }), { code: 'bad-input' })
    await assert.rejects(bob.messenger.pair('DURE:NOTHING', { scanned: false }), { code: 'invite-invalid' })
    world.clock.advance(11 * 60_000)
    await assert.rejects(bob.messenger.pair(link, { scanned: false }), { code: 'invite-expired' })
  })

  it('gives no answer to the device of a stranger (attack 67)', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person('Eve')]
    await world.pair(ann, bob)
    const courier = world.network.courier(eve.device)
    await eve.messenger.stop()
    courier.serve({ admits: () => true, envelope: () => Promise.resolve('stored'), pairing: () => Promise.reject(new Error()), appeared() {}, vanished() {}, networkChanged() {}, addressesChanged() {} })
    await courier.start()
    await assert.rejects(courier.send(ann.device, ann.messenger.status().addresses, world.random(4096)), { name: 'CourierError' })
    const waiting = ann.messenger.status().waiting
    assert.equal(waiting, 0)
  })

  it('lets nobody in who is blocked, and sends them nothing', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.block('Bob')
    const { id } = await bob.messenger.send('Ann', 'hello?')
    await world.settle()
    assert.equal(bob.messenger.message(id).delivery, 'queued')
    assert.deepEqual(talk(ann, 'Bob'), [])
    await ann.messenger.unblock('Bob')
    await world.settle(120_000)
    assert.deepEqual(talk(ann, 'Bob'), ['hello?'])
  })

  it('compares safety numbers that are the same on both sides', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const number = ann.messenger.safetyNumber('Bob').safetyNumber
    assert.equal(bob.messenger.safetyNumber('Ann').safetyNumber, number)
    assert.match(number, /^(\d{5} ){11}\d{5}$/)
    await ann.messenger.verify('Bob', true)
    assert.equal(ann.messenger.contact('Bob').verified, true)
    assert.equal(bob.messenger.contact('Ann').verified, false)
  })

  it('keeps contacts apart who use the same name', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    await world.pair(ann, await world.person('Bob'))
    await world.pair(ann, await world.person('Bob'))
    assert.deepEqual(ann.messenger.contacts().map((contact) => contact.name).sort(), ['Bob', 'Bob 2'])
    await assert.rejects(ann.messenger.renameContact('Bob 2', 'bob'), { code: 'conflict' })
  })
})
