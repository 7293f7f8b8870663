/** A session that one side has lost, and a contact it never meets. */
import assert from 'node:assert/strict'
import { createMemoryStore } from '../../../support/memory-store.ts'
import { talk, World } from '../../../support/world.ts'
import { alone, apart, LONG } from './apart.ts'
import { inside } from './inside.ts'
import { laidOut, loseSession, renewals } from './renewing.ts'
import { groupedByTurns, inTheTurnOf } from './turns.ts'

const TURN_MS = 500

describe('a session that is gone on one side', () => {
  it('is renewed by who cannot open what was left, and what was left is sealed anew', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, async () => {
      for (const text of ['one', 'two']) await ann.messenger.send('Bob', text)
    })
    await loseSession(world, bob, ann)
    for (const person of [bob, ann, bob, ann]) await alone(world, person)
    assert.deepEqual(talk(bob, 'Ann'), ['one', 'two'])
    assert.deepEqual(ann.messenger.history('Bob', { limit: 9 }).flatMap(({ delivery }) => delivery ?? []), ['delivered', 'delivered'])
  })

  it('is gone on both: they start at once, and end up in one', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    for (const [person, other] of [[ann, bob], [bob, ann]] as const) await loseSession(world, person, other)
    await alone(world, ann, () => ann.messenger.send('Bob', 'from Ann'))
    await alone(world, bob, () => bob.messenger.send('Ann', 'from Bob'))
    for (const person of [ann, bob, ann, bob]) await alone(world, person)
    assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> from Ann', 'from Bob'], ['from Ann', '> from Bob']])
    assert.deepEqual([ann, bob].map(({ messenger }) => messenger.status().waiting), [0, 0])
  })

  it('is answered in the new one alone, also with what is said in the very turn in which that is heard of', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await world.until(world.restart(bob, groupedByTurns(world, bob.store.snapshot())))
    await loseSession(world, ann, bob)
    await ann.messenger.send('Bob', 'one')
    // Both reach their mailboxes, and not each other.
    world.mailboxes.reconnect(bob.device)
    await world.settle(LONG)
    void bob.messenger.send('Ann', 'two')
    await world.settle(20_000)
    const node = world.mailboxes.node('M')
    const heard = node.heard.bind(node)
    node.heard = (id, frame) => {
      const { client, role } = node.wires.get(id) ?? {}
      if (client === ann.device && role === 'hand-in') {
        node.heard = heard
        void bob.messenger.send('Ann', 'three')
      }
      heard(id, frame)
    }
    world.mailboxes.reconnect(ann.device)
    while (!talk(bob, 'Ann').includes('one')) await world.settle(0, TURN_MS)
    world.offline(ann)
    await world.settle(20_000)
    const known = renewals(ann, 'Bob')
    await world.restart(ann, createMemoryStore({ from: ann.store.snapshot() }))
    await alone(world, ann)
    assert.deepEqual([talk(bob, 'Ann'), talk(ann, 'Bob')], [['> two', '> three', 'one'], ['> one', 'two', 'three']])
    assert.equal(renewals(ann, 'Bob'), known, 'nothing that lay there made Ann give up the session that she had begun')
  })

  it('is all that is left in, also by who was calling the node with words of the old one when the new one was heard of', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await loseSession(world, ann, bob)
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    await bob.messenger.send('Ann', 'two')
    const [old] = bob.store.outbox(ann.device)
    const { mailboxes } = world.mailboxes
    const hearsAnn = Promise.withResolvers<void>()
    world.mailboxes.mailboxes = (client) => {
      const port = mailboxes(client)
      return { ...port, connect: async (role, ...how) => (role === 'hand-in' && (await hearsAnn.promise), port.connect(role, ...how)) }
    }
    await world.restart(bob)
    world.online(bob)
    while (!talk(bob, 'Ann').includes('one')) await world.settle(0)
    hearsAnn.resolve()
    await world.settle(20_000)
    world.offline(bob)
    assert.ok(!inside(world, ann, bob).messages.some((message) => world.suite.equal(message, old!.envelope!)))
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['> one', 'two'])
  })

  it('is what lies there in the new one, also where the node takes what was left in the old one in the turn in which the new one is heard of', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await loseSession(world, ann, bob)
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    await world.until(world.restart(bob, groupedByTurns(world, bob.store.snapshot())))
    await world.until(bob.messenger.send('Ann', 'two'))
    const node = world.mailboxes.node('M')
    const heard = node.heard.bind(node)
    const held: (() => void)[] = []
    node.heard = (id, frame) => {
      const { client, role } = node.wires.get(id) ?? {}
      if (client === bob.device && role === 'hand-in' && held.length < 2) held.push(() => heard(id, frame))
      else heard(id, frame)
    }
    inTheTurnOf(bob.store, (change) => 'remove' in change && change.remove === 'handed', () => {
      for (const take of held) take()
    })
    await alone(world, bob)
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['> one', 'two'])
  })

  it('is found with the first word in it, and what is said in that very turn is left at once, behind what waited for a session', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    for (const [person, other] of [[ann, bob], [bob, ann]] as const) await loseSession(world, person, other)
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    await world.until(world.restart(bob, groupedByTurns(world, bob.store.snapshot())))
    await world.until(bob.messenger.send('Ann', 'two'))
    await world.settle(LONG)
    let said: Promise<unknown> | undefined
    inTheTurnOf(bob.store, (change) => 'add' in change && change.add === 'message' && change.row.text === 'one', () => {
      said = bob.messenger.send('Ann', 'three')
    })
    world.online(bob)
    while (!said) await world.settle(0, TURN_MS)
    await world.settle(90_000, 5_000) // longer than a node rests that was not reached, not as long as a device that is away
    world.offline(bob)
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['> one', 'two', 'three'])
  })

  it('is begun anew, and what is said while the new one is being stored is left in it as well', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await loseSession(world, bob, ann)
    let said: Promise<unknown> | undefined
    inTheTurnOf(bob.store, (change) => 'put' in change && change.put === 'session', () => {
      said = bob.messenger.send('Ann', 'two')
    })
    await alone(world, bob, () => bob.messenger.send('Ann', 'one'))
    assert.ok(said)
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['one', 'two'])
  })

  it('is not given up, once there is a new one, for what was left before it', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await loseSession(world, bob, ann)
    await alone(world, bob, () => bob.messenger.send('Ann', 'here again'))
    const session = bob.store.session(ann.device)
    inside(world, bob, ann).leave(world.random(4_096))
    await alone(world, bob)
    assert.deepEqual([bob.store.session(ann.device), renewals(bob, 'Ann')], [session, 0])
  })

  it('is not given up for what a node hands out again, nor more than once in six hours for what a contact makes up (attacks 22, 60)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, () => ann.messenger.send('Bob', 'hello'))
    await alone(world, bob)
    world.clock.advance(6 * 3600_000)
    const queue = (): ReturnType<typeof inside> => inside(world, bob, ann)
    const before = laidOut(ann, bob)
    // A number that came before: a node had this once, and no session of today opens it.
    queue().leave(world.random(4_096), 1)
    await alone(world, bob)
    assert.equal(renewals(bob, 'Ann'), 0)
    for (let times = 0; times < 3; times++) {
      queue().leave(world.random(4_096))
      await alone(world, bob, () => bob.messenger.send('Ann', `answer ${times}`))
    }
    assert.equal(renewals(bob, 'Ann'), 1, 'said once, and not in silence')
    assert.ok(bob.store.outbox().every(({ device }) => device === ann.device))
    for (const person of [ann, bob]) await alone(world, person)
    assert.deepEqual(talk(ann, 'Bob'), ['> hello', 'answer 0', 'answer 1', 'answer 2'])
    assert.deepEqual([laidOut(ann, bob).length, laidOut(ann, bob)[0] === before[0]], [1, false], 'with the keys that Ann, and nobody else, laid out')
  })
})
