import assert from 'node:assert/strict'
import { World } from '../../../support/world.ts'
import { Brand, DAY, idOf, linkTo, Mirror } from './support.ts'

async function stage(options: { mirrors?: number } = {}): Promise<{ world: World; brand: Brand; mirrors: Mirror[] }> {
  const world = new World()
  const brand = new Brand({ now: world.clock.now() - 30 * DAY })
  const mirrors = Array.from({ length: options.mirrors ?? 1 }, (_, i) => new Mirror(world, i + 1))
  return { world, brand, mirrors }
}

describe('following a channel', () => {
  it('shows its newest posts from the first peer that has them, none of them as unread', async () => {
    const { world, brand, mirrors: [mirror] } = await stage()
    const mina = brand.writer('Mina')
    brand.posts(mina, 120)
    await mirror!.take(brand)
    const bob = await world.person('Bob')
    const view = await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror!), { private: false }))
    assert.deepEqual([view.name, view.id, view.role, view.unread], ['Bakery', idOf(brand), 'follower', 0])
    const { posts, more } = await bob.messenger.channels.read('Bakery', { limit: 20 })
    assert.deepEqual(posts.map((post) => post.text), Array.from({ length: 20 }, (_, i) => `Mina ${119 - i}`))
    assert.equal(more, true)
    assert.ok(posts.every((post) => post.author === 'Mina' && !post.unread))
    assert.deepEqual(bob.events.filter((event) => event.type === 'post'), [])
  })

  it('costs no more requests and bytes for a long channel than for a short one, but for the proof', async () => {
    const costs: number[] = []
    for (const length of [300, 1_200]) {
      const { world, brand, mirrors: [mirror] } = await stage()
      brand.posts(brand.writer('Mina'), length)
      await mirror!.take(brand)
      const bob = await world.person('Bob')
      let shown = false
      const before = world.gossip.wire.length
      const following = bob.messenger.channels.follow(linkTo(world, brand, mirror!), { private: false }).then(() => {
        costs.push(world.gossip.wire.slice(before).reduce((sum, { bytes }) => sum + bytes.length, 0))
        shown = true
      })
      await world.until(following)
      assert.ok(shown)
    }
    assert.ok(costs[1]! < costs[0]! * 1.5, `bytes until the newest posts were shown: ${costs.join(', ')}`)
  })

  it('names it as the follower likes, finds it by the beginning of a name or by its id, and says when that is ambiguous', async () => {
    const { world, brand, mirrors: [mirror] } = await stage()
    await mirror!.take(brand)
    const other = new Brand({ now: world.clock.now() - DAY, seed: 8 })
    await mirror!.take(other)
    const { channels } = (await world.person('Bob')).messenger
    await world.until(channels.follow(linkTo(world, brand, mirror!), { private: false }))
    const second = await world.until(channels.follow(linkTo(world, other, mirror!), { private: false }))
    assert.equal(second.name, 'Bakery 2')
    assert.equal(second.lookalike, 'Bakery')
    await channels.rename('Bakery 2', 'Corner shop')
    assert.equal(channels.channel('corner').id, idOf(other))
    assert.equal(channels.channel(idOf(brand)).name, 'Bakery')
    await channels.rename('corner', 'Bakers')
    assert.throws(() => channels.channel('bake'), { code: 'ambiguous' })
    await assert.rejects(channels.rename('Bakers', 'bakery'), { code: 'conflict' })
    await assert.rejects(channels.follow(linkTo(world, brand, mirror!), { private: false }), { code: 'conflict' })
    await assert.rejects(channels.follow('DURE:NONSENSE', { private: false }), { code: 'invite-invalid' })
  })

  it('keeps the wish when nobody is reached, and fetches the posts when somebody is', async () => {
    const { world, brand, mirrors: [mirror] } = await stage()
    brand.post(brand.writer('Mina'), 'bread')
    await mirror!.take(brand)
    world.gossip.disconnect(mirror!.peer)
    const bob = await world.person('Bob')
    const view = await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror!), { private: false }))
    assert.deepEqual([view.entries, view.last], [0, undefined])
    assert.deepEqual(await bob.messenger.channels.read(view.name, { limit: 10 }), { posts: [], more: false })
    await assert.rejects(bob.messenger.channels.verify(view.name, { all: false }), { code: 'unreachable' })
    await world.restart(bob)
    world.gossip.reconnect(mirror!.peer)
    await world.settle(90_000)
    assert.deepEqual((await bob.messenger.channels.read('Bakery', { limit: 10 })).posts.map((post) => post.text), ['bread'])
  })

  it('forgets everything of a channel that is unfollowed, and hears no more of it', async () => {
    const { world, brand, mirrors: [mirror] } = await stage()
    const mina = brand.writer('Mina')
    brand.posts(mina, 10)
    await mirror!.take(brand)
    const bob = await world.person('Bob')
    await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror!), { private: false }))
    await bob.messenger.channels.unfollow('Bakery')
    assert.deepEqual(bob.messenger.channels.list(), [])
    assert.deepEqual([bob.store.channels(), bob.store.channelLogs(brand.id), bob.store.entries(brand.id, mina.log, 0, 100)], [[], [], []])
    brand.post(mina, 'later')
    await mirror!.take(brand)
    await mirror!.publish(brand.id, brand.entries.at(-1)!)
    await world.settle()
    assert.deepEqual(bob.messenger.channels.list(), [])
  })

  it('in private asks and never serves, announces or joins: to all others it is as if it were not followed', async () => {
    const { world, brand, mirrors: [mirror] } = await stage()
    const mina = brand.writer('Mina')
    brand.posts(mina, 5)
    await mirror!.take(brand)
    const bob = await world.person('Bob')
    const view = await world.until(bob.messenger.channels.follow(linkTo(world, brand, mirror!), { private: true }))
    assert.deepEqual([view.following, view.entries], ['private', 7])
    const sent = world.gossip.wire.filter(({ from, kind }) => from === bob.peer && kind !== 'request')
    assert.deepEqual(sent, [])
    assert.deepEqual(world.gossip.gossip(mirror!.peer).peers(brand.id), [])
    await world.settle()
    // News come by asking, after a while.
    brand.post(mina, 'news')
    await mirror!.take(brand)
    await mirror!.publish(brand.id, brand.entries.at(-1)!)
    await world.settle(20_000)
    assert.equal(bob.messenger.channels.channel('Bakery').unread, 0)
    await world.settle(20 * 60_000)
    assert.equal(bob.messenger.channels.channel('Bakery').unread, 1)
  })

})
