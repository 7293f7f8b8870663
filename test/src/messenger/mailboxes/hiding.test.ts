/** Who hides and what they say to people whose mailboxes are at other relays. */
import assert from 'node:assert/strict'
import type { Person } from '../../../support/world.ts'
import { talk, World } from '../../../support/world.ts'
import { alone } from './apart.ts'

/** Where Ann hands in, and through which relay, as names. */
function ways(world: World, { device }: Person): (readonly [to: string, through: string | undefined])[] {
  const names = new Map(['M', 'N', 'X'].map((name) => [world.mailboxes.node(name).peer, name]))
  return world.mailboxes.ways
    .filter(({ client, role }) => client === device && role === 'hand-in')
    .map(({ peer, through }) => [names.get(peer) ?? peer, through === undefined ? undefined : names.get(through)] as const)
}

/** Ann uses M and X, and Bob N. */
async function apartAt(world: World): Promise<{ ann: Person; bob: Person }> {
  const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
  await world.pair(ann, bob)
  for (const [person, name] of [[ann, 'M'], [ann, 'X'], [bob, 'N']] as const) await world.use(person, world.mailboxes.node(name))
  await world.settle(10_000)
  for (const person of [ann, bob]) world.offline(person)
  return { ann, bob }
}

describe('who hides their address', () => {
  it("leaves things at a contact's relay through a relay of their own, before and after a restart, and the ledger is true", async () => {
    const world = new World()
    const { ann, bob } = await apartAt(world)
    await ann.messenger.setHideAddress(true)
    let id = ''
    await alone(world, ann, async () => {
      id = (await ann.messenger.send('Bob', 'hidden')).id
    })
    assert.equal(ann.messenger.message(id).delivery, 'mailbox')
    await world.restart(ann)
    await alone(world, ann, () => ann.messenger.send('Bob', 'still hidden'))
    assert.deepEqual([...new Set(ways(world, ann).map((way) => way.join(' through ')))], ['N through M'])
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['hidden', 'still hidden'])
    await alone(world, ann)
    assert.equal(ann.messenger.message(id).delivery, 'delivered')
    await ann.messenger.setHideAddress(false)
    await alone(world, ann, () => ann.messenger.send('Bob', 'no more'))
    assert.deepEqual(ways(world, ann).at(-1), ['N', undefined])
  })

  it('takes the next of their relays when one fails, and waits while there is none', async () => {
    const world = new World()
    const { ann, bob } = await apartAt(world)
    await ann.messenger.setHideAddress(true)
    world.mailboxes.node('M').away = true
    await alone(world, ann, () => ann.messenger.send('Bob', 'one'))
    assert.deepEqual(ways(world, ann).at(-1), ['N', 'X'])
    world.mailboxes.node('X').away = true
    const before = ways(world, ann).length
    let id = ''
    await alone(world, ann, async () => {
      id = (await ann.messenger.send('Bob', 'two')).id
    })
    assert.equal(ann.messenger.message(id).delivery, 'queued')
    assert.equal(ways(world, ann).length, before, 'nothing goes there directly')
    world.mailboxes.node('X').away = false
    await alone(world, ann)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['one', 'two'])
  })

  it('goes to a relay that both use as to their own', async () => {
    const world = new World()
    const { ann, bob } = await apartAt(world)
    await alone(world, bob, () => world.use(bob, world.mailboxes.node('M')))
    await alone(world, bob, () => bob.messenger.forgetRelay(world.mailboxes.node('N').peer.slice(0, 8)))
    await ann.messenger.setHideAddress(true)
    await alone(world, ann)
    await alone(world, ann, () => ann.messenger.send('Bob', 'next door'))
    assert.deepEqual(ways(world, ann).at(-1), ['M', undefined])
    await alone(world, bob)
    assert.equal(talk(bob, 'Ann').at(-1), 'next door')
  })

  it('answers an invite by a link at the inviter\'s mailbox without being seen there', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.use(ann, world.mailboxes.node('M'))
    await world.use(bob, world.mailboxes.node('N'))
    const { link } = await world.until(bob.messenger.invite({ inPerson: false }))
    await world.settle()
    for (const person of [ann, bob]) world.offline(person)
    await ann.messenger.setHideAddress(true)
    world.online(ann)
    assert.equal((await world.until(ann.messenger.pair(link, { scanned: false }))).left, true)
    await world.settle(20_000)
    world.offline(ann)
    assert.deepEqual([...new Set(ways(world, ann).map((way) => way.join(' through ')))], ['N through M'])
    await alone(world, bob)
    assert.equal(bob.messenger.requests()[0]?.name, 'Ann')
  })
})
