/** Keys in mailboxes, for contacts who lost their sessions and come while one is away. */
import assert from 'node:assert/strict'
import { type Person, talk, World } from '../../../support/world.ts'
import { alone, apart } from './apart.ts'
import { inside } from './inside.ts'
import { laidOut, loseSession, renewals } from './renewing.ts'

const DAY = 24 * 3600_000

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
