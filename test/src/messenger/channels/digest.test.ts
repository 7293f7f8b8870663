import assert from 'node:assert/strict'
import { type Person, World } from '../../../support/world.ts'
import { Brand, DAY, HOUR, idOf, linkTo, Mirror, type Writer } from './support.ts'

async function follower(limit: number): Promise<{ world: World; bob: Person; brand: Brand; say: (count: number) => Promise<void> }> {
  const world = new World()
  const brand = new Brand({ now: world.clock.now() - 30 * DAY })
  const mina: Writer = brand.writer('Mina')
  brand.posts(mina, 3)
  const mirror = new Mirror(world, 1)
  await mirror.take(brand)
  const bob = await world.person('Bob')
  await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror), { private: false }))
  await bob.messenger.channels.setDailyLimit('Bakery', limit)
  await world.settle()
  const say = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      brand.now = world.clock.now() - 10
      brand.post(mina, 'post', 1)
      await mirror.take(brand)
      await mirror.publish(brand.id, brand.entries.at(-1)!)
      await world.settle(500)
    }
  }
  return { world, bob, brand, say }
}

const told = ({ events }: Person): number => events.filter(({ type }) => type === 'post').length
const digests = ({ events }: Person): [channel: string, name: string, posts: number][] =>
  events.flatMap((event): [string, string, number][] => (event.type === 'digest' ? [[event.channel, event.name, event.posts]] : []))

describe('how often a follower is disturbed', () => {
  it('is what the follower says: so many posts a day one by one, the rest as one digest', async () => {
    const { world, bob, brand, say } = await follower(2)
    await say(6)
    assert.deepEqual([told(bob), digests(bob)], [2, []])
    assert.equal(bob.messenger.channels.channel('Bakery').unread, 6)
    world.clock.advance(DAY)
    await world.settle()
    assert.deepEqual([told(bob), digests(bob)], [2, [[idOf(brand), 'Bakery', 4]]])
    await say(1)
    assert.equal(told(bob), 3) // another day
    world.clock.advance(2 * DAY)
    await world.settle()
    assert.equal(digests(bob).length, 1) // nothing was left over
  })

  it('is not at all once it is muted, whatever came before', async () => {
    const { world, bob, say } = await follower(0)
    await say(2)
    await bob.messenger.channels.mute('Bakery', true)
    world.clock.advance(DAY)
    await world.settle()
    assert.deepEqual([told(bob), digests(bob)], [0, []])
  })

  it('is once a day with a limit of 0, and not at all when muted', async () => {
    const { world, bob, say } = await follower(0)
    await say(2)
    world.clock.advance(DAY)
    await world.settle()
    assert.deepEqual([told(bob), digests(bob).map(([, , posts]) => posts)], [0, [2]])
    await bob.messenger.channels.mute('Bakery', true)
    await say(2)
    world.clock.advance(DAY)
    await world.settle()
    assert.deepEqual([told(bob), digests(bob).length, bob.messenger.channels.channel('Bakery').unread], [0, 1, 4])
  })

  it('is no more because the node started again', async () => {
    const { world, bob, say } = await follower(2)
    await say(2)
    await world.restart(bob)
    await world.settle(3 * 60_000)
    await say(2)
    assert.equal(told(bob), 2)
    world.clock.advance(23 * HOUR)
    await world.restart(bob)
    world.clock.advance(HOUR)
    await world.settle()
    assert.deepEqual(digests(bob).map(([, , posts]) => posts), [2])
  })

  it('is not more after a long time away, whatever came meanwhile', async () => {
    const { world, bob, brand, say } = await follower(3)
    await bob.messenger.stop()
    await say(20)
    await world.restart(bob)
    await world.settle(3 * 60_000)
    assert.deepEqual([told(bob), bob.messenger.channels.channel('Bakery').unread], [3, 20])
    await bob.messenger.channels.unfollow('Bakery')
    world.clock.advance(DAY)
    await world.settle()
    assert.deepEqual(digests(bob), []) // nothing of a channel that is no longer followed
    assert.ok(![...bob.store.snapshot().tables.settings.values()].some((value) => value.includes(brand.id)))
  })

  it('cannot be set to what is no number of posts', async () => {
    const { bob } = await follower(2)
    for (const limit of [-1, 1.5, Number.NaN, 100_000]) await assert.rejects(bob.messenger.channels.setDailyLimit('Bakery', limit), { code: 'bad-input' })
  })
})
