/** What nodes do wrong, and what becomes of it. */
import assert from 'node:assert/strict'
import type { Person } from '../../../support/world.ts'
import { talk, World } from '../../../support/world.ts'
import { alone, apart } from './apart.ts'
import { inTheTurnOf } from './turns.ts'

const warnings = (person: Person): string[] => person.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const names = ({ store }: Person): string[] => store.queues().map(({ secrets }) => hex(secrets.slice(64, 88)))
const holds = (person: Person, name: string): boolean => names(person).includes(name)
/** Recipient ids of the queues at a node. */
const queuesOf = (world: World, name: string): string[] => [...world.mailboxes.node(name).boxes.keys()]

describe('two nodes at once', () => {
  it('get keys for a contact when these are on the disk: of those a crash took nobody could open anything', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const nodes = ['M', 'N'].map((name) => world.mailboxes.node(name))
    const laid = new Set<string>()
    for (const node of nodes) {
      const heard = node.heard.bind(node)
      node.heard = (id, frame) => {
        heard(id, frame)
        if (![...node.boxes.values()].some(({ queue }) => queue.notice !== undefined)) return
        assert.ok([...ann.store.peek().prekeys.values()].some(({ laidOut }) => laidOut))
        laid.add(node.peer)
      }
    }
    ann.store.slowDown(20)
    await world.until(Promise.all(nodes.map((node) => world.use(ann, node))))
    await world.settle(60_000)
    assert.equal(laid.size, 2)
  })
})

describe('a node that fails', () => {
  it('is called again at once when the network is another one, to fetch and to hand in', async () => {
    const world = new World()
    const { ann } = await apart(world)
    const node = world.mailboxes.node('M')
    node.away = true
    world.online(ann)
    await ann.messenger.send('Bob', 'as soon as I can')
    await world.settle(3_600_000, 5_000)
    node.away = false
    const before = world.mailboxes.ways.length
    await world.settle(2_000)
    assert.equal(world.mailboxes.ways.length, before, 'it rests')
    world.network.move(ann.device)
    await world.settle(0)
    assert.deepEqual(world.mailboxes.ways.slice(before).map(({ role }) => role).sort(), ['fetch', 'hand-in'])
    assert.equal(node.blocks, 1)
  })

  it('is replaced by the second one when it vanishes with what it had (attack 59)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    let id = ''
    await alone(world, ann, async () => {
      id = (await ann.messenger.send('Bob', 'lost with M')).id
    })
    assert.deepEqual([world.mailboxes.node('M').blocks > 0, world.mailboxes.node('N').blocks], [true, 0], 'left once')
    world.mailboxes.node('M').vanish()
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), [])
    world.clock.advance(3600_000)
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['lost with M'])
    await alone(world, ann)
    assert.equal(ann.messenger.message(id).delivery, 'delivered')
  })

  it('that is gone with what it had is found out as soon as the sender is there again', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    await alone(world, ann, () => ann.messenger.send('Bob', 'at one of them'))
    assert.deepEqual(['M', 'N'].map((name) => world.mailboxes.node(name).blocks), [1, 0])
    world.mailboxes.node('M').away = true
    await world.restart(ann)
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['at one of them'])
  })

  it('is passed over when it cannot be reached, and everything is in the other in its order', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    world.mailboxes.node('M').away = true
    await alone(world, ann, () => ann.messenger.send('Bob', 'two'))
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['one', 'two'])
    world.mailboxes.node('M').away = false
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['one', 'two'])
  })

  it('that drops a block is found out by the next one, the person hears of it, and the second node has what is missing (attack 59)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    await alone(world, ann)
    await alone(world, bob)
    world.mailboxes.node('M').lies.lose = 1
    await alone(world, ann, () => ann.messenger.send('Bob', 'dropped'))
    world.mailboxes.node('M').lies.lose = 0
    await alone(world, ann, () => ann.messenger.send('Bob', 'kept'))
    world.online(bob)
    world.network.disconnect(bob.device)
    await world.settle(1_200_000, 4_000)
    assert.deepEqual(talk(bob, 'Ann'), ['kept'])
    assert.deepEqual(warnings(bob), ['mailbox-faulty'])
    world.offline(bob)
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['dropped', 'kept'], 'late, and in its place')
  })

  it('that hands out again what was deleted is ignored (attack 60)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, async () => {
      for (const text of ['one', 'two', 'three']) await ann.messenger.send('Bob', text)
    })
    await alone(world, bob)
    const before = talk(bob, 'Ann')
    for (let times = 0; times < 3; times++) {
      world.mailboxes.node('M').replay()
      await alone(world, bob)
    }
    await world.restart(bob)
    world.mailboxes.node('M').replay()
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), before)
    assert.deepEqual(before, ['one', 'two', 'three'])
    for (const person of [ann, bob, ann]) await alone(world, person)
    assert.equal(world.mailboxes.node('M').blocks, 0)
  })

  it('that gives one queue the blocks of another is found out, and what it took comes by the other node', async () => {
    const world = new World()
    const [ann, bob, cho] = [await world.person('Ann'), await world.person('Bob'), await world.person('Cho')]
    await world.pair(ann, bob)
    await world.pair(ann, cho)
    for (const name of ['M', 'N']) for (const person of [ann, bob, cho]) await world.use(person, world.mailboxes.node(name))
    await world.settle(10_000)
    for (const person of [ann, bob, cho]) world.offline(person)
    await alone(world, ann, async () => {
      await ann.messenger.send('Bob', 'for Bob')
      await ann.messenger.send('Cho', 'for Cho')
    })
    world.mailboxes.node('M').swap()
    for (const person of [bob, cho]) await alone(world, person)
    assert.ok([...warnings(bob), ...warnings(cho)].includes('mailbox-faulty'))
    world.clock.advance(3600_000)
    await alone(world, ann)
    for (const person of [bob, cho]) await alone(world, person)
    assert.deepEqual([talk(bob, 'Ann'), talk(cho, 'Ann')], [['for Bob'], ['for Cho']])
  })
})

describe('a queue', () => {
  it('that somebody else reads from is told of and left, and nothing is lost (attack 63)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const before = bob.store.queues().filter(({ phase }) => phase === 'open').map(({ id }) => id)
    const [stolen] = queuesOf(world, 'M').filter((name) => holds(bob, name))
    assert.ok(stolen !== undefined)
    world.mailboxes.node('M').steal(stolen)
    await alone(world, bob)
    assert.deepEqual(warnings(bob), ['mailbox-read'])
    assert.deepEqual(bob.store.queues().map(({ id, phase }) => [before.includes(id), phase]), [[true, 'former'], [false, 'open']])
    await alone(world, ann, () => ann.messenger.send('Bob', 'still here'))
    // The new queue could only be told through Ann's own.
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['still here'])
    assert.deepEqual(warnings(bob), ['mailbox-read'], 'said once')
  })

  it('that is read by somebody else while it is watched says so at once (attack 63)', async () => {
    const world = new World()
    const { bob } = await apart(world)
    world.mailboxes.reconnect(bob.device)
    await world.settle(460_000, 4_000)
    const [stolen = ''] = queuesOf(world, 'M').filter((name) => holds(bob, name))
    world.mailboxes.node('M').steal(stolen)
    await world.settle(1_000)
    assert.deepEqual(warnings(bob), ['mailbox-read'])
  })

  it('that is full makes its sender wait, says so in the queue, and takes the rest when there is room (attack 61)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const texts = Array.from({ length: 150 }, (_, i) => `note ${i}`)
    let last = ''
    await alone(world, ann, async () => {
      for (const text of texts) last = (await ann.messenger.send('Bob', text)).id
    })
    assert.equal(ann.messenger.message(last).delivery, 'queued', 'no promise that nobody gave')
    const full = [...world.mailboxes.node('M').boxes.values()].filter(({ queue }) => queue.full)
    assert.equal(full.length, 1)
    await alone(world, bob)
    assert.ok(talk(bob, 'Ann').length >= 120)
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), texts)
  })

  it('that strangers fill leaves other queues alone (attack 61)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const [toAnn = ''] = queuesOf(world, 'M').filter((name) => holds(ann, name))
    world.mailboxes.node('M').fill(toAnn)
    await alone(world, ann, () => ann.messenger.send('Bob', 'mine is full'))
    await alone(world, bob, () => bob.messenger.send('Ann', 'so I see'))
    assert.deepEqual(talk(bob, 'Ann'), ['mine is full', '> so I see'])
    await alone(world, ann)
    await alone(world, bob)
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['> mine is full', 'so I see'])
  })

  it('loses nothing to its age: what was removed is left again, and the person is told', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, () => ann.messenger.send('Bob', 'in May'))
    world.clock.advance(22 * 24 * 3600_000)
    await alone(world, bob)
    assert.deepEqual(warnings(bob), ['mailbox-expired'])
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['in May'])
  })
})

describe('a relay that is not used any more', () => {
  it('is emptied first, and its queues are removed; what is left meanwhile comes another way', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    await alone(world, ann, () => ann.messenger.send('Bob', 'before'))
    await alone(world, bob, () => bob.messenger.forgetRelay(world.mailboxes.node('M').peer.slice(0, 8)))
    await alone(world, ann, () => ann.messenger.send('Bob', 'after'))
    await alone(world, bob)
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['before', 'after'])
    assert.deepEqual([...new Set(bob.store.queues().map(({ node }) => node))], [world.mailboxes.node('N').peer])
    assert.ok(queuesOf(world, 'M').every((name) => !holds(bob, name)) && queuesOf(world, 'M').length === 1)
  })

  it('loses nothing when it is gone already', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    await alone(world, ann, () => ann.messenger.send('Bob', 'there'))
    world.mailboxes.node('M').vanish()
    await alone(world, bob, () => bob.messenger.forgetRelay(world.mailboxes.node('M').peer.slice(0, 8)))
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['there'])
  })
})

describe('a person', () => {
  it('has a queue made, suspended and removed when that is on the disk: what a crash takes back here is as it was there', async () => {
    const world = new World()
    const [{ bob }, cleo] = [await apart(world), await world.person('Cleo')]
    const asked: string[] = []
    const node = world.mailboxes.node('M')
    const heard = node.heard.bind(node)
    node.heard = (id, frame) => {
      const before = new Map(node.boxes)
      heard(id, frame)
      const durable = [...bob.store.peek().queues.values()]
      const phaseOf = (name: string): string | undefined => durable.find(({ secrets }) => hex(secrets.slice(64, 88)) === name)?.phase
      for (const [name, { queue }] of node.boxes) {
        if (!before.has(name)) asked.push(`made ${durable.find((row) => row.id === hex(queue.recipientKey))?.phase}`)
        if (queue.suspended && !before.get(name)?.queue.suspended) asked.push(`suspended ${phaseOf(name)}`)
      }
      for (const name of before.keys()) if (!node.boxes.has(name)) asked.push(`removed ${phaseOf(name)}`)
    }
    bob.store.slowDown(100)
    world.online(bob)
    await world.settle(10_000)
    // In the turn in which it is stored something else sends him to his node.
    const inTheTurn = async (phase: string, act: () => Promise<unknown>): Promise<void> => {
      inTheTurnOf(bob.store, (change) => 'put' in change && change.put === 'queue' && change.row.phase === phase, () => world.network.move(bob.device))
      await world.until(act())
      await world.settle(10_000)
    }
    await inTheTurn('asked', () => world.pair(bob, cleo))
    await inTheTurn('doomed', () => bob.messenger.block('Ann'))
    await inTheTurn('leaving', () => bob.messenger.forgetRelay(node.peer.slice(0, 8)))
    assert.deepEqual(asked, ['made asked', 'removed doomed', 'suspended leaving', 'removed leaving'])
  })

  it('who blocks a contact has no queue for them any more, and a new one after unblocking', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, bob, () => bob.messenger.block('Ann'))
    assert.deepEqual(bob.store.queues(), [])
    assert.ok(queuesOf(world, 'M').every((name) => !holds(bob, name)) && queuesOf(world, 'M').length === 1)
    await alone(world, ann, () => ann.messenger.send('Bob', 'are you there?'))
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), [])
    await alone(world, bob, () => bob.messenger.unblock('Ann'))
    for (const person of [ann, bob]) await alone(world, person)
    assert.deepEqual(talk(bob, 'Ann'), ['are you there?'])
  })

  it('whose device moves about leaves no word of it alone, and tells only the newest place', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    for (let times = 0; times < 5; times++) await alone(world, ann, () => world.network.move(ann.device))
    assert.equal(world.mailboxes.node('M').blocks, 0)
    await alone(world, ann, () => ann.messenger.send('Bob', 'I moved'))
    assert.equal(world.mailboxes.node('M').blocks, 2)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['I moved'])
    assert.deepEqual(bob.messenger.contact('Ann').devices[0]?.addresses[0], ann.messenger.status().addresses[0])
  })

  it('fetches over one connection and hands in over another, never under the name of the device (attack 66)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, () => ann.messenger.send('Bob', 'hello'))
    await alone(world, bob)
    const sending = 9
    for (const { role, frame } of world.mailboxes.wire) assert.equal(frame[1] === sending, role === 'hand-in')
    const bytes = world.mailboxes.wire.map(({ frame }) => Buffer.from(frame).toString('hex'))
    for (const { device } of [ann, bob]) assert.ok(bytes.every((hex) => !hex.includes(device)))
  })
})
