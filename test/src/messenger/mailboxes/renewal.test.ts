/** Profiles that are older than they were, or lack something, and contacts they never meet. */
import assert from 'node:assert/strict'
import { createMemoryStore, type MemoryStore } from '../../../support/memory-store.ts'
import { type Person, talk, World } from '../../../support/world.ts'
import { alone, apart } from './apart.ts'
import { inside } from './inside.ts'
import { noticesOf, renewals } from './renewing.ts'

const DAY = 24 * 3600_000

describe('a profile that is put back to an older state', () => {
  it('talks on with a contact it never meets: everything once, in its order (attacks 21, 101)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const backup = bob.store.snapshot()
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    await alone(world, bob, () => bob.messenger.send('Ann', 'two'))
    await alone(world, ann, async () => {
      for (const text of ['three', 'four']) await ann.messenger.send('Bob', text)
    })
    const old = bob.store.queues().map(({ id }) => id)

    await world.restart(bob, createMemoryStore({ from: backup, rolledBack: true }))
    assert.deepEqual([bob.store.sessionDevices(), bob.store.prekeys()], [[], []])
    await alone(world, bob, () => bob.messenger.send('Ann', 'five'))
    assert.deepEqual(bob.store.queues().map(({ id, phase }) => [old.includes(id), phase]), [[true, 'former'], [false, 'open']])
    await alone(world, ann, () => ann.messenger.send('Bob', 'six'))
    const waiting = ann.store.outbox(bob.device).map(({ envelope }) => envelope)
    assert.deepEqual(inside(world, bob, ann).messages.filter((message) => waiting.some((envelope) => world.suite.equal(message, envelope!))), waiting)
    assert.equal(inside(world, bob, ann).messages.length, waiting.length + 3, 'these, two answers and what Ann has of before: nothing that is sealed for the session of the past')
    await alone(world, bob, () => bob.messenger.send('Ann', 'seven'))
    for (const person of [ann, bob, ann, bob]) await alone(world, person)

    assert.deepEqual(talk(ann, 'Bob'), ['> one', 'two', '> three', '> four', 'five', '> six', 'seven'])
    assert.deepEqual(talk(bob, 'Ann'), ['> five', 'three', 'four', 'six', '> seven'])
    assert.deepEqual([ann, bob].map(({ messenger }) => messenger.status().waiting), [0, 0])
    assert.equal(world.mailboxes.node('M').blocks, 0)
    assert.equal(renewals(ann, 'Bob'), 1, 'Ann is told, once')
    assert.deepEqual(bob.store.queues().map(({ id, phase }) => [old.includes(id), phase]), [[false, 'open']], 'Ann used the new queue: the former one is gone')
  })

  it('keeps the session that stands now for what was left in its former queue before: that is of the session of the past', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const former = inside(world, bob, ann)
    await world.restart(bob, createMemoryStore({ from: bob.store.snapshot(), rolledBack: true }))
    await alone(world, bob, () => bob.messenger.send('Ann', 'one'))
    await alone(world, ann, () => ann.messenger.send('Bob', 'two'))
    former.leave(world.random(4_096))
    await world.restart(bob, createMemoryStore({ from: bob.store.snapshot() }))
    await alone(world, bob)
    assert.deepEqual([talk(bob, 'Ann'), renewals(bob, 'Ann')], [['> one', 'two'], 0])
  })

  it('is found out by its mailbox where nothing else tells: a node knows of a visit that it does not (attack 21)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const backup = bob.store.snapshot()
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    await alone(world, bob, () => bob.messenger.send('Ann', 'two'))
    await alone(world, ann, () => ann.messenger.send('Bob', 'three'))
    await world.restart(bob, createMemoryStore({ from: backup }))
    await alone(world, bob, () => bob.messenger.send('Ann', 'four'))
    assert.ok(bob.events.some((event) => event.type === 'warning' && event.code === 'mailbox-read'))
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> one', 'two', '> three', 'four'], ['> four', 'three']])
  })

  it('says once more what nobody can open, where its mailbox knows of no other visit either: under used numbers, of messages and of blocks (attacks 20, 21, 60)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, async () => {
      const copy = ann.store.snapshot()
      await ann.messenger.send('Bob', 'one')
      await world.settle(20_000)
      await world.restart(ann, createMemoryStore({ from: copy }))
      await ann.messenger.send('Bob', 'two')
    })
    assert.equal(inside(world, bob, ann).messages.length, 2)
    await alone(world, bob)
    assert.deepEqual([talk(bob, 'Ann'), noticesOf(bob, 'Ann').slice(-2)], [['one'], ['history-broken', 'session-renewed']])
    for (const person of [ann, bob, ann, bob]) await alone(world, person)
    assert.deepEqual([talk(bob, 'Ann'), talk(ann, 'Bob')], [['one', 'two'], ['> two']])
    assert.deepEqual([ann, bob].map(({ messenger }) => messenger.status().waiting), [0, 0])
    const known = noticesOf(bob, 'Ann')
    world.clock.advance(6 * 3600_000)
    world.mailboxes.node('M').replay()
    await alone(world, bob)
    assert.deepEqual([noticesOf(bob, 'Ann'), talk(bob, 'Ann')], [known, ['one', 'two']], 'what a node hands out again renews nothing')
  })

  for (const state of ['gone', 'empty']) {
    it(`is answered through a second relay when the first is ${state}`, async () => {
      const world = new World()
      const { ann, bob } = await apart(world, ['M', 'N'])
      const backup = bob.store.snapshot()
      await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
      await alone(world, bob)
      await alone(world, ann)
      world.mailboxes.node('M').vanish()
      world.mailboxes.node('M').away = state === 'gone'
      await world.restart(bob, createMemoryStore({ from: backup, rolledBack: true }))
      await alone(world, bob, () => bob.messenger.send('Ann', 'two'))
      await alone(world, ann, () => ann.messenger.send('Bob', 'three'))
      await alone(world, bob)
      assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> one', 'two', '> three'], ['> two', 'three']])
    })
  }

  it('and once more before the contact has looked, talks on all the same', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const backup = bob.store.snapshot()
    for (const text of ['one', 'two']) {
      await world.restart(bob, createMemoryStore({ from: backup, rolledBack: true }))
      await alone(world, bob, () => bob.messenger.send('Ann', text))
    }
    await alone(world, ann, () => ann.messenger.send('Bob', 'three'))
    // Ann cannot know that the session of the first time is nobody's any more.
    world.clock.advance(7 * 3600_000)
    for (const person of [bob, ann, bob, ann]) await alone(world, person)
    assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['one', '> three', 'two'], ['> two', 'three']])
  })

  it('is followed, and what it says comes last, also when its clock ran ahead before and was set right', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    ann.skew.ms = 3650 * DAY
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    await alone(world, bob)
    ann.skew.ms = 0
    await world.restart(ann, createMemoryStore({ from: ann.store.snapshot(), rolledBack: true }))
    await alone(world, ann, async () => {
      for (const text of ['two', 'three']) await ann.messenger.send('Bob', text)
    })
    await alone(world, bob, () => bob.messenger.send('Ann', 'four'))
    await alone(world, ann)
    assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> one', '> two', '> three', 'four'], ['one', 'two', 'three', '> four']])
  })

  it('talks on where the contact is put back as well, and loses nothing that waits', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const backups = [ann, bob].map(({ store }) => store.snapshot())
    await alone(world, ann)
    for (const [index, person] of [ann, bob].entries()) {
      await world.restart(person, createMemoryStore({ from: backups[index]!, rolledBack: true }))
      await alone(world, person, () => person.messenger.send(person === ann ? 'Bob' : 'Ann', `${person.name} is back`))
    }
    for (const person of [ann, bob]) await alone(world, person)
    // One of them may have begun with keys the other does not remember: a session is begun again after six hours, no sooner.
    world.clock.advance(7 * 3600_000)
    for (const person of [ann, bob, ann, bob]) await alone(world, person)
    assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> Ann is back', 'Bob is back'], ['> Bob is back', 'Ann is back']])
  })
})

/** What is left when a damaged page took all sessions. */
function withoutSessions({ store }: Person): MemoryStore {
  const left = store.snapshot()
  left.tables.sessions.clear()
  return createMemoryStore({ from: left, rolledBack: true })
}

describe('a profile that was salvaged without its sessions', () => {
  it('starts new ones, though what it had sealed before was not fetched yet (attacks 100, 101)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    await alone(world, bob, () => bob.messenger.send('Ann', 'two'))
    for (const text of ['three', 'four']) await ann.messenger.send('Bob', text)
    await world.restart(ann, withoutSessions(ann))
    for (const person of [ann, bob, ann, bob]) await alone(world, person)
    assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> one', '> three', '> four', 'two'], ['one', '> two', 'three', 'four']])
  })
})

/** What is left when a damaged page took all that contacts had told of their mailboxes. */
function withoutAnnouncements({ store }: Person, rolledBack: boolean): MemoryStore {
  const left = store.snapshot()
  left.tables.announcements.clear()
  return createMemoryStore({ from: left, rolledBack })
}

describe('a profile that forgot where its contacts are reached', () => {
  it('is told within a week, by contacts who have nothing else to say', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann)
    await world.restart(bob, withoutAnnouncements(bob, false))
    await alone(world, bob, () => bob.messenger.send('Ann', 'where are you?'))
    assert.equal(world.mailboxes.node('M').blocks, 0)
    world.clock.advance(7.5 * DAY)
    for (const person of [ann, bob, ann]) await alone(world, person)
    assert.deepEqual(talk(ann, 'Bob'), ['where are you?'])
  })

  it('and its sessions, as after a salvage, is found by the keys that it laid out and said nothing after, a day after it did not answer (attacks 100, 101)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, bob)
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    world.clock.advance(1_000)
    await world.restart(bob, withoutAnnouncements(bob, true))
    await alone(world, bob, () => bob.messenger.send('Ann', 'where are you?'))
    world.clock.advance(25 * 3600_000)
    world.online(ann)
    await world.settle(7 * 3600_000, 60_000)
    world.offline(ann)
    for (const person of [bob, ann]) await alone(world, person)
    assert.deepEqual([talk(ann, 'Bob'), talk(bob, 'Ann')], [['> one', 'where are you?'], ['> where are you?', 'one']])
  })
})
