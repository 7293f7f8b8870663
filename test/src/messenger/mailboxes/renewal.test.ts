/** Devices whose sessions are gone, and contacts they never meet. */
import assert from 'node:assert/strict'
import { createMemoryStore, type MemorySnapshot, type MemoryStore } from '../../../support/memory-store.ts'
import { type Person, talk, World } from '../../../support/world.ts'
import { alone, apart, LONG } from './apart.ts'
import { inside } from './inside.ts'

const DAY = 24 * 3600_000

const noticesOf = (person: Person, name: string): string[] => person.messenger.history(name, { limit: 500 }).flatMap(({ kind, text }) => (kind === 'notice' ? [text] : []))
const renewals = (person: Person, name: string): number => noticesOf(person, name).filter((text) => text === 'session-renewed').length
const account = (person: Person): string => person.messenger.id().account
/** Prekeys that lie in the queue of a contact, the newest last. */
const laidOut = (person: Person, contact: Person): number[] => person.store.prekeys(account(contact)).flatMap(({ id, laidOut }) => (laidOut ? [id] : []))

/** What a profile is left with when the contact's device knew no session of ours, and went before there was another. */
async function loseSession(world: World, person: Person, { device }: Person): Promise<void> {
  const waiting = person.store.outbox(device).flatMap(({ seq: _, ...row }) => [{ put: 'outbox' as const, row: { ...row, envelope: undefined } }, { remove: 'handed' as const, id: row.id, device }])
  await person.store.commit([{ remove: 'session', device }, ...waiting])
  await world.restart(person)
}

const TURN_MS = 500

/** A store whose commits are durable, and told of, when a long turn ends: together, as many that come in one turn of a busy process are. */
function groupedByTurns({ clock }: World, from: MemorySnapshot): MemoryStore {
  const store = createMemoryStore({ from })
  let turn: Promise<void> | undefined
  const end = (): Promise<void> =>
    new Promise((resolve) =>
      clock.after(1, () => {
        turn = undefined
        resolve()
      }),
    )
  return {
    ...store,
    async commit(changes) {
      await store.commit(changes)
      await (turn ??= end())
    },
  }
}

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
    const { commit } = bob.store
    bob.store.commit = (changes) => {
      const stored = commit(changes)
      if (changes.some((change) => 'remove' in change && change.remove === 'handed')) for (const take of held) take()
      return stored
    }
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
    const { commit } = bob.store
    let said: Promise<unknown> | undefined
    bob.store.commit = (changes) => {
      const stored = commit(changes)
      if (changes.some((change) => 'add' in change && change.add === 'message' && change.row.text === 'one')) said ??= bob.messenger.send('Ann', 'three')
      return stored
    }
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
    const { store } = bob
    const { commit } = store
    let said: Promise<unknown> | undefined
    store.commit = (changes) => {
      const stored = commit(changes)
      if (changes.some((change) => 'put' in change && change.put === 'session')) {
        store.commit = commit
        said = bob.messenger.send('Ann', 'two')
      }
      return stored
    }
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

describe('keys that lie in a mailbox', () => {
  /** Bob has lost his session with Ann, and finds what `change` makes of the keys she laid out. Then he finds the right ones. */
  async function refused(change: (keys: Uint8Array, world: World, ann: Person & { phrase: string }, bob: Person) => Uint8Array | Promise<Uint8Array>): Promise<void> {
    const world = new World()
    const { ann, bob } = await apart(world)
    const queue = inside(world, ann, bob)
    const right = queue.notice
    queue.notice = await change(right, world, ann, bob)
    await loseSession(world, bob, ann)
    await alone(world, bob, () => bob.messenger.send('Ann', 'for Ann alone'))
    assert.deepEqual([bob.store.sessionDevices(), world.mailboxes.node('M').blocks], [[], 0], 'nothing was sealed, nothing left')
    queue.notice = right
    for (const person of [bob, ann]) await alone(world, person)
    assert.deepEqual(talk(ann, 'Bob'), ['for Ann alone'])
  }

  it('are refused with any byte changed', async () => {
    for (const place of [0, 1, 40, 400, 2_000, -1]) {
      await refused((keys) => {
        const changed = keys.slice()
        changed[place < 0 ? changed.length + place : place]! ^= 1
        return changed
      })
    }
  })

  it('are refused as those of somebody else', () =>
    refused(async (_, world, ann) => {
      const cho = await world.person('Cho')
      world.online(ann)
      await world.pair(ann, cho)
      await world.use(cho, world.mailboxes.node('M'))
      await world.settle(460_000, 4_000)
      for (const person of [ann, cho]) world.offline(person)
      return inside(world, cho, ann).notice
    }))

  it('are refused as those of another device of the same person, to which nothing is sent unasked (attacks 22, 23)', () =>
    refused(async (_, world, ann, bob) => {
      world.clock.advance(60_000)
      const lines = [...ann.messenger.exportArchive()]
      const again = await world.person('Ann', { phrase: ann.phrase })
      await world.use(again, world.mailboxes.node('M'))
      await again.messenger.importArchive(lines)
      await world.settle(20_000)
      world.offline(again)
      return inside(world, again, bob).notice
    }))

  it('are refused once they have expired, and those who stayed away too long meet', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    world.clock.advance(43 * DAY)
    await loseSession(world, bob, ann)
    await alone(world, bob, () => bob.messenger.send('Ann', 'after the holidays'))
    assert.deepEqual([bob.store.sessionDevices(), world.mailboxes.node('M').blocks], [[], 0])
    for (const person of [ann, bob]) world.online(person)
    await world.settle(600_000, 4_000)
    assert.deepEqual(talk(ann, 'Bob'), ['after the holidays'])
  })

  it('are good for three weeks whenever their owner went, and are drawn anew by a node that only runs', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const [first] = laidOut(ann, bob)
    world.online(ann)
    await world.settle(22 * DAY, 3600_000)
    world.offline(ann)
    assert.equal(laidOut(ann, bob)[0], first, 'the old ones stay for what was made with them')
    assert.equal(laidOut(ann, bob).length, 2)
    world.clock.advance(21 * DAY)
    await loseSession(world, bob, ann)
    await alone(world, bob, () => bob.messenger.send('Ann', 'back from the holidays'))
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['back from the holidays'])
    await world.restart(ann)
    world.clock.advance(64 * DAY)
    await alone(world, ann)
    assert.ok(!laidOut(ann, bob).includes(first!))
  })

  it('name their owner by the newest list: one that runs for longer than a list lasts signs another, and lays them out anew', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const [first] = laidOut(ann, bob)
    world.clock.jump(731 * DAY)
    await world.settle(20_000)
    await alone(world, ann)
    assert.ok(!laidOut(ann, bob).includes(first!))
    await loseSession(world, bob, ann)
    await alone(world, bob, () => bob.messenger.send('Ann', 'two years later'))
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['two years later'])
    assert.deepEqual(bob.events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])), [])
  })

  it('answer nothing any more once what was made with them can lie nowhere: who steals them later cannot use them (attack 7)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await loseSession(world, bob, ann)
    world.mailboxes.node('M').lies.lose = 1
    await alone(world, bob, () => bob.messenger.send('Ann', 'very late'))
    const first = bob.store.outbox(ann.device)[0]!.envelope!
    world.clock.advance(63 * DAY)
    inside(world, ann, bob).leave(first)
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), [])
  })

  it('are used once: a first message that comes again starts nothing, and those that were used are handed out to no avail (attack 9)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const old = inside(world, ann, bob).notice
    await loseSession(world, bob, ann)
    await alone(world, bob, () => bob.messenger.send('Ann', 'once'))
    const [first] = inside(world, ann, bob).messages
    await alone(world, ann)
    const after = laidOut(ann, bob)
    for (let times = 0; times < 2; times++) {
      world.mailboxes.node('M').replay()
      inside(world, ann, bob).leave(first!)
      await alone(world, ann)
    }
    assert.deepEqual([talk(ann, 'Bob'), laidOut(ann, bob), renewals(ann, 'Bob')], [['once'], after, 1])
    // The node keeps the keys it had, and Bob's next session is made with them.
    inside(world, ann, bob).notice = old
    await loseSession(world, bob, ann)
    await alone(world, bob, () => bob.messenger.send('Ann', 'twice'))
    await alone(world, ann)
    assert.deepEqual([talk(ann, 'Bob'), laidOut(ann, bob)], [['once'], after])
    for (const person of [ann, bob]) world.online(person)
    await world.settle(600_000, 4_000)
    assert.deepEqual(talk(ann, 'Bob'), ['once', 'twice'], 'it waited until they met')
  })

  it('are the newest that lie anywhere: a relay that goes on handing out used ones is outdone by a second (attack 59)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    const old = inside(world, ann, bob).notice
    for (const text of ['once', 'twice']) {
      await loseSession(world, bob, ann)
      await alone(world, bob, () => bob.messenger.send('Ann', text))
      await alone(world, ann)
      inside(world, ann, bob).notice = old
    }
    assert.deepEqual(talk(ann, 'Bob'), ['once', 'twice'])
  })

  it('are spent only by a first message that opens (attack 10)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const before = laidOut(ann, bob)
    await loseSession(world, bob, ann)
    world.mailboxes.node('M').lies.lose = 1
    await alone(world, bob, () => bob.messenger.send('Ann', 'whole'))
    const first = bob.store.outbox(ann.device)[0]!.envelope!
    for (const place of [8, 100, 2_000, 6_000, first.length - 1]) {
      const broken = first.slice()
      broken[place]! ^= 1
      inside(world, ann, bob).leave(broken)
    }
    await alone(world, ann)
    assert.deepEqual([talk(ann, 'Bob'), laidOut(ann, bob)], [[], before])
    inside(world, ann, bob).leave(first)
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['whole'])
    assert.ok(!laidOut(ann, bob).includes(before[0]!))
  })

  it('are drawn four times a day for who uses them up, and again the day after (attack 11)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const seen = new Set(laidOut(ann, bob))
    const use = async (text: string): Promise<void> => {
      await loseSession(world, bob, ann)
      await alone(world, bob, () => bob.messenger.send('Ann', text))
      await alone(world, ann)
      for (const id of laidOut(ann, bob)) seen.add(id)
    }
    for (let times = 1; times <= 7; times++) await use(`number ${times}`)
    assert.equal(seen.size, 4)
    assert.deepEqual(talk(ann, 'Bob'), ['number 1', 'number 2', 'number 3', 'number 4'])
    world.clock.advance(DAY)
    await alone(world, ann)
    await use('a day later')
    assert.deepEqual(talk(ann, 'Bob').slice(4), ['number 5', 'number 6', 'number 7', 'a day later'])
  })
})
