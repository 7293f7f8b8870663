/** Contacts who stay away for longer than mailboxes keep anything. */
import assert from 'node:assert/strict'
import { type Person, talk, World } from '../../../support/world.ts'
import { alone, apart } from './apart.ts'

const DAY = 24 * 3600_000

/** Ann says something every five days, and is there only for that; Bob is away. The first is gone when the last is left. */
async function month(world: World, ann: Person): Promise<string[]> {
  const days = Array.from({ length: 6 }, (_, i) => `day ${5 * i}`)
  for (const day of days) {
    await alone(world, ann, () => ann.messenger.send('Bob', day))
    world.clock.advance(5 * DAY)
  }
  return days
}

describe('a device that slept for a month', () => {
  for (const names of [['M'], ['M', 'N']]) {
    it(`is told that something lay too long, and has all of it once and in order when its sender was there again, with ${names.length} mailboxes (attack 59)`, async () => {
      const world = new World()
      const { ann, bob } = await apart(world, names)
      const days = await month(world, ann)
      await alone(world, bob)
      assert.ok(bob.events.some((event) => event.type === 'warning' && event.code === 'mailbox-expired'))
      const first = talk(bob, 'Ann')
      assert.ok(first.length > 0, 'what is there is shown, and waits for nothing')
      assert.deepEqual(first, days.filter((day) => first.includes(day)))
      for (const person of [ann, bob, ann, bob]) {
        await world.restart(person)
        await alone(world, person)
      }
      assert.deepEqual(talk(bob, 'Ann'), days)
      assert.deepEqual(ann.messenger.status().waiting, 0)
    })
  }

  it('has all of it in order, too, when they meet', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const days = await month(world, ann)
    await alone(world, bob)
    for (const person of [ann, bob]) world.online(person)
    await world.settle(600_000, 4_000)
    assert.deepEqual(talk(bob, 'Ann'), days)
  })

  it('has all of it in order where the clock of its sender was set back before it was said', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    await alone(world, ann, () => ann.messenger.send('Bob', 'before'))
    await alone(world, bob)
    ann.skew.ms = -30 * DAY
    const days = await month(world, ann)
    for (const person of [bob, ann, bob, ann, bob]) {
      await world.restart(person)
      await alone(world, person)
    }
    assert.deepEqual(talk(bob, 'Ann'), ['before', ...days])
  })

  it('finds nothing between what it answered and the answer', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const days = await month(world, ann)
    await alone(world, bob)
    const before = talk(bob, 'Ann')
    await alone(world, bob, () => bob.messenger.send('Ann', 'yes'))
    for (const person of [ann, bob, ann, bob]) await alone(world, person)
    const missing = days.filter((day) => !before.includes(day))
    assert.deepEqual(talk(bob, 'Ann'), [...before, '> yes', ...missing])
  })

  it('has in order what waited for room in a full mailbox as well (attack 61)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    const texts = Array.from({ length: 140 }, (_, i) => `number ${i}`)
    await alone(world, ann, async () => {
      for (const text of texts.slice(0, 70)) await ann.messenger.send('Bob', text)
    })
    world.clock.advance(12 * DAY)
    await alone(world, ann, async () => {
      for (const text of texts.slice(70)) await ann.messenger.send('Bob', text)
    })
    world.clock.advance(12 * DAY)
    for (const person of [bob, ann, bob, ann, bob, ann]) await alone(world, person)
    assert.deepEqual(talk(bob, 'Ann'), texts)
    assert.deepEqual(ann.messenger.status().waiting, 0)
  })
})
