/** Invites whose inviter is away, and scanners who are away when the answer comes. */
import assert from 'node:assert/strict'
import { RETENTION } from '../../../../protocols/mailbox/index.ts'
import { pairingFrame, parseInvite } from '../../../../protocols/pairing/index.ts'
import { createMemoryStore } from '../../../support/memory-store.ts'
import { type Person, talk, World } from '../../../support/world.ts'
import { alone, LONG } from './apart.ts'

async function strangers(inPerson = false): Promise<{ world: World; ann: Person; bob: Person; link: string }> {
  const world = new World()
  const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
  for (const person of [ann, bob]) await world.use(person, world.mailboxes.node(person.name))
  const { link } = await world.until(ann.messenger.invite({ inPerson }))
  await world.settle()
  for (const person of [ann, bob]) world.offline(person)
  return { world, ann, bob, link }
}

const pair = (world: World, person: Person, link: string) => world.until(person.messenger.pair(link, { scanned: false }))

/** The network carries one thing after the other as long as this is so. */
async function carryWhile(world: World, is: () => boolean): Promise<void> {
  while (is()) {
    world.network.step()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('an invite with a mailbox', () => {
  it('is answered while the inviter is away; both see the same code, and they talk without ever having met', async () => {
    const { world, ann, bob, link } = await strangers()
    world.online(bob)
    const left = await pair(world, bob, link)
    assert.deepEqual([left.state, left.code, left.left], ['asked', undefined, true])
    await world.settle(20_000)
    world.offline(bob)
    assert.deepEqual(ann.messenger.requests(), [])

    await alone(world, ann)
    const [request] = ann.messenger.requests()
    assert.equal(request?.name, 'Bob')
    await alone(world, bob)
    const known = await pair(world, bob, link)
    assert.deepEqual([known.state, known.code, known.left], ['asked', request?.code, undefined])

    await alone(world, ann, async () => {
      await ann.messenger.accept(request!.id)
      await ann.messenger.send('Bob', 'welcome')
    })
    await alone(world, bob, () => bob.messenger.send('Ann', 'thank you'))
    assert.deepEqual(talk(bob, 'Ann'), ['welcome', '> thank you'])
    assert.equal(bob.messenger.contact('Ann').state, 'accepted')
    for (const person of [ann, bob, ann, bob]) await alone(world, person)
    assert.deepEqual(talk(ann, 'Bob'), ['> welcome', 'thank you'])
    assert.deepEqual([ann, bob].map(({ messenger }) => messenger.status().waiting), [0, 0])
    assert.ok(ann.messenger.history('Bob', { limit: 9 }).every(({ kind, delivery }) => kind === 'notice' || delivery === undefined || delivery === 'delivered'))
  })

  it('survives a restart of either side at any time', async () => {
    const { world, ann, bob, link } = await strangers()
    const restart = (person: Person): Promise<void> => world.restart(person, createMemoryStore({ from: person.store.crash() }))
    world.online(bob)
    await pair(world, bob, link)
    await restart(bob)
    await world.settle(LONG, 4_000)
    await restart(bob)
    world.offline(bob)
    await restart(ann)
    await alone(world, ann)
    await restart(ann)
    await alone(world, ann, () => ann.messenger.accept(ann.messenger.requests()[0]!.id))
    await restart(ann)
    await alone(world, bob)
    await restart(bob)
    await alone(world, bob, () => bob.messenger.send('Ann', 'here I am'))
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['here I am'])
  })

  it('is answered directly when the inviter is there', async () => {
    const { world, ann, bob, link } = await strangers()
    for (const person of [ann, bob]) world.online(person)
    const asked = await pair(world, bob, link)
    assert.deepEqual([asked.code, asked.left], [ann.messenger.requests()[0]?.code, undefined])
  })

  it('is answered directly, and the yes that comes when its reader has gone is found in the mailbox of who asked', async () => {
    for (const inPerson of [true, false]) {
      const { world, ann, bob, link } = await strangers(inPerson)
      for (const person of [ann, bob]) world.online(person)
      await pair(world, bob, link)
      await world.settle(20_000)
      for (const person of [ann, bob]) world.offline(person)
      await alone(world, ann, async () => {
        await ann.messenger.accept(ann.messenger.requests()[0]!.id)
        await ann.messenger.send('Bob', 'welcome')
      })
      await alone(world, bob, () => bob.messenger.send('Ann', 'thank you'))
      assert.deepEqual(talk(bob, 'Ann'), ['welcome', '> thank you'])
      await alone(world, ann)
      assert.deepEqual(talk(ann, 'Bob'), ['> welcome', 'thank you'])
    }
  })

  it('is answered by who was asked with another: what is said right behind that yes is not thrown away', async () => {
    const { world, ann, bob, link } = await strangers()
    for (const person of [ann, bob]) world.online(person)
    await pair(world, bob, link)
    const { link: his } = await world.until(bob.messenger.invite({ inPerson: false }))
    await world.settle(20_000)
    // His device gives the bundle, and the hello is lost with the connection: it lies in the mailbox of the invite, and her words come first.
    world.network.automatic = false
    const paired = ann.messenger.pair(his, { scanned: false })
    await carryWhile(world, () => ann.messenger.contact('Bob').state !== 'accepted')
    world.network.disconnect(bob.device)
    world.network.automatic = true
    assert.equal(bob.messenger.contact('Ann').state, 'asked')
    await world.until(paired)
    await ann.messenger.send('Bob', 'welcome')
    await world.settle(LONG, 4_000)
    assert.deepEqual(talk(bob, 'Ann'), ['welcome'])
    assert.equal(bob.messenger.contact('Ann').state, 'accepted')
  })

  it('that was refused is in the way of no other: who read it can be asked by its maker, and answers', async () => {
    // Which of two sessions goes on depends on their names, which are drawn.
    for (let time = 0; time < 4; time++) {
      const { world, ann, bob, link } = await strangers()
      for (const person of [ann, bob]) world.online(person)
      world.network.automatic = false
      const asking = bob.messenger.pair(link, { scanned: false })
      await carryWhile(world, () => bob.store.contacts().length === 0)
      for (const { id } of ann.store.invites()) await ann.store.commit([{ remove: 'invite', id }])
      world.network.automatic = true
      await assert.rejects(world.until(asking), { name: 'MessengerError' })
      const { link: his } = await world.until(bob.messenger.invite({ inPerson: false }))
      assert.equal((await pair(world, ann, his)).state, 'asked')
      await bob.messenger.accept(bob.messenger.requests()[0]!.id)
      await bob.messenger.send('Ann', 'here I am')
      await world.settle(20_000)
      assert.deepEqual(talk(ann, 'Bob'), ['here I am'])
    }
  })

  it('takes the place of an earlier one of the same person, also where nobody answered that', async () => {
    const { world, ann, bob, link } = await strangers()
    await alone(world, bob, () => pair(world, bob, link))
    world.clock.advance(8 * 24 * 3600_000)
    await world.restart(ann)
    let second = ''
    await alone(world, ann, async () => {
      second = (await world.until(ann.messenger.invite({ inPerson: false }))).link
    })
    await alone(world, bob, () => pair(world, bob, second))
    await alone(world, ann, async () => {
      for (const { id } of ann.messenger.requests()) await ann.messenger.accept(id)
      await ann.messenger.send('Bob', 'at last')
    })
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['at last'])
  })

  it('serves one: a second answer is not heard, and the inviter is warned (attack 33)', async () => {
    const { world, ann, bob, link } = await strangers()
    const eve = await world.person('Eve')
    await world.use(eve, world.mailboxes.node('Eve'))
    for (const person of [eve, bob]) await alone(world, person, () => pair(world, person, link))
    await alone(world, ann)
    assert.deepEqual(ann.messenger.requests().map(({ name }) => name), ['Eve'])
    assert.ok(ann.events.some((event) => event.type === 'warning' && event.code === 'invite-reused'))
    await alone(world, bob)
    assert.equal(bob.messenger.contact('Ann').state, 'asked')
  })

  it('passes over whatever else is left in it', async () => {
    const { world, ann, bob, link } = await strangers()
    const invite = parseInvite(link, world.clock.now())
    assert.deepEqual(invite.mailbox?.addresses, world.mailboxes.node('Ann').addresses)
    const [queue = ''] = [...world.mailboxes.node('Ann').boxes.keys()]
    await alone(world, bob, () => pair(world, bob, link))
    const body = [...world.mailboxes.node('Ann').bodies.entries()].find(([key]) => key.startsWith(queue))
    assert.ok(body)
    world.mailboxes.node('Ann').replay()
    await alone(world, ann)
    world.mailboxes.node('Ann').replay()
    await alone(world, ann)
    assert.equal(ann.messenger.requests().length, 1)
  })

  it('needs the node only when it is made: without it the link is as it was before', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    await world.use(ann, world.mailboxes.node('Ann'))
    world.mailboxes.node('Ann').away = true
    const { link } = await world.until(ann.messenger.invite({ inPerson: false }))
    assert.equal(parseInvite(link, world.clock.now()).mailbox, undefined)
  })

  it('on a screen carries none', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    await world.use(ann, world.mailboxes.node('Ann'))
    const { link } = await world.until(ann.messenger.invite({ inPerson: true }))
    assert.equal(parseInvite(link, world.clock.now()).mailbox, undefined)
  })

  it('is over with its queue when its time is', async () => {
    const { world, ann, bob, link } = await strangers()
    world.clock.advance(8 * 24 * 3600_000)
    await world.restart(ann)
    await alone(world, ann)
    assert.deepEqual(ann.store.queues(), [])
    assert.equal(world.mailboxes.node('Ann').boxes.size, 0)
    world.online(bob)
    await assert.rejects(pair(world, bob, link), { code: 'invite-expired' })
  })

  it('is over with the hello that waits for it', async () => {
    const { world, ann, bob, link } = await strangers()
    await alone(world, bob, () => pair(world, bob, link))
    const hellos = (): number => bob.store.outbox().filter(({ envelope }) => envelope && pairingFrame(envelope) === 'left').length
    assert.equal(hellos(), 1)
    world.mailboxes.node('Ann').vanish()
    world.clock.advance(8 * 24 * 3600_000)
    await alone(world, bob)
    assert.equal(hellos(), 0)
    world.clock.advance(RETENTION)
    await alone(world, bob)
    assert.deepEqual(bob.store.invites(), [], 'when no answer lies in his mailbox any more')
    assert.deepEqual(ann.messenger.requests(), [])
  })
})
