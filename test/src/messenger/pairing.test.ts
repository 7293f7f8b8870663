import assert from 'node:assert/strict'
import { Dice } from '../../support/dice.ts'
import { type Person, talk, World } from '../../support/world.ts'

const PENDING = 0x83

/** Contacts on both sides, who hear each other. */
async function assertFriends(world: World, ann: Person, bob: Person): Promise<void> {
  await world.settle()
  assert.deepEqual([ann.messenger.contact('Bob').state, bob.messenger.contact('Ann').state], ['accepted', 'accepted'])
  assert.deepEqual([ann.messenger.requests(), bob.messenger.requests()], [[], []])
  await ann.messenger.send('Bob', 'there you are')
  await world.settle()
  await bob.messenger.send('Ann', 'so are you')
  await world.settle()
  assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> there you are', 'so are you'], ['there you are', '> so are you']])
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets the network carry one thing after the other as long as this is so. */
async function stepWhile(world: World, is: () => boolean): Promise<void> {
  while (is()) {
    world.network.step()
    await nextTurn()
  }
}

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

  it('answers a hello, also when it comes again meanwhile, when who asked is on the disk: killed before that, the inviter would not know them', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    ann.store.slowDown(20)
    const paired = bob.messenger.pair(link, { scanned: false })
    while (!ann.store.pending) await nextTurn()
    const [hello] = world.network.wire.filter(({ from, kind }) => from === bob.device && kind === 'pairing').slice(-1)
    const known = (): number => ann.store.peek().contacts.size
    assert.equal(known(), 0)
    const again = world.network.courier(bob.device).pairing(ann.device, [], hello!.bytes)
    const then = await Promise.all([paired, again].map((answer) => answer.then(known)))
    assert.deepEqual(then, [1, 1])
  })

  it('answers the same hello again after the reply was lost, without a second request', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    world.network.automatic = false
    const lost = assert.rejects(bob.messenger.pair(link, { scanned: false }), { code: 'unreachable' })
    await stepWhile(world, () => ann.messenger.requests().length === 0)
    world.network.disconnect(bob.device)
    await lost
    world.network.reconnect(bob.device)
    world.network.automatic = true
    const shown = await bob.messenger.pair(link, { scanned: false })
    assert.equal(ann.messenger.requests().length, 1)
    assert.equal(ann.messenger.requests()[0]?.code, shown.code)
  })

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`answers who has not heard that it was asked itself, for that hello was lost (seed ${seed})`, async () => {
      const world = new World({ seed })
      const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
      const [anns, bobs] = [(await ann.messenger.invite({ inPerson: false })).link, (await bob.messenger.invite({ inPerson: false })).link]
      world.network.automatic = false
      const lost = assert.rejects(bob.messenger.pair(anns, { scanned: false }), { code: 'unreachable' })
      await stepWhile(world, () => world.network.wire.length < 2)
      world.network.disconnect(ann.device)
      await lost
      world.network.reconnect(ann.device)
      world.network.automatic = true
      assert.equal((await ann.messenger.pair(bobs, { scanned: false })).state, 'accepted', 'both have asked for each other')
      assert.equal((await bob.messenger.pair(anns, { scanned: false })).state, 'accepted', 'and the lost hello may be said once more')
      await assertFriends(world, ann, bob)
    })
  }

  it('makes contacts of two who read each other\'s links at the same moment, whatever arrives first (20 orders)', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = new World({ seed, automatic: false, faults: { reorder: 0.5 } })
      const dice = new Dice(`crossing ${seed}`)
      const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
      const [anns, bobs] = [(await ann.messenger.invite({ inPerson: false })).link, (await bob.messenger.invite({ inPerson: false })).link]
      let reading = true
      const read = Promise.all([ann.messenger.pair(bobs, { scanned: false }), bob.messenger.pair(anns, { scanned: false })]).finally(() => (reading = false))
      read.catch(() => undefined)
      while (reading) {
        if (dice.chance(0.6)) world.network.step()
        await new Promise((resolve) => setImmediate(resolve))
      }
      await assert.doesNotReject(read, `seed ${seed}`)
      await assertFriends(world, ann, bob)
    }
  })

  it('reads a code once, however often it is handed in meanwhile: a second hello would look like a stranger\'s', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    const { link } = await ann.messenger.invite({ inPerson: true })
    const [first, second] = await Promise.all([bob.messenger.pair(link, { scanned: false }), bob.messenger.pair(link, { scanned: false })])
    assert.deepEqual(second, first)
    assert.deepEqual(ann.messenger.requests().map(({ code }) => code), [first.code])
    assert.ok(!ann.events.some((event) => event.type === 'warning'))
  })

  for (const [altered, at] of [['nonce', 2], ['envelope', 2_000]] as const) {
    it(`says so when the ${altered} of an answer was altered, and reads the same code again`, async () => {
      const world = new World()
      let altering = true
      const honest = world.network.courier
      world.network.courier = (device) => {
        const courier = honest(device)
        const alter = (reply: Uint8Array): Uint8Array => (altering && reply[1] === PENDING ? reply.with(at, reply[at]! ^ 1) : reply)
        const serve: typeof courier.serve = (handlers) => courier.serve({ ...handlers, pairing: async (from, request) => alter(await handlers.pairing(from, request)) })
        return { ...courier, serve }
      }
      const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
      const { link } = await ann.messenger.invite({ inPerson: true })
      await assert.rejects(bob.messenger.pair(link, { scanned: false }), { name: 'MessengerError', code: 'invite-invalid' })
      altering = false
      assert.equal((await bob.messenger.pair(link, { scanned: false })).code, ann.messenger.requests()[0]?.code)
    })
  }

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
