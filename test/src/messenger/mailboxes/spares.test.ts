/** Which relays keep mailboxes, when another steps in, and what becomes of what lies in the one before. */
import assert from 'node:assert/strict'
import { type Person, talk, World } from '../../../support/world.ts'
import { alone, apart } from './apart.ts'

const HOUR = 3600_000
const warnings = ({ events }: Person): string[] => events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
/** What each relay is to the mailboxes of a person. */
const parts = ({ messenger }: Person): Record<string, string> => Object.fromEntries(messenger.relays().map(({ id, mailboxes }) => [id, mailboxes]))
const expected = (world: World, of: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(of).map(([name, part]) => [world.mailboxes.node(name).peer.slice(0, 8), part]))

/** Both are reachable, in steps in which every pause between two tries ends. */
const pass = (world: World, hours: number): Promise<void> => world.settle(hours * HOUR, 120_000)

describe('a spare relay', () => {
  it('keeps nothing while two others keep the mailboxes', async () => {
    const world = new World()
    const { bob } = await apart(world, ['M', 'N', 'S'])
    assert.deepEqual(parts(bob), expected(world, { M: 'keeps', N: 'keeps', S: 'spare' }))
    assert.equal(world.mailboxes.node('S').called, 0)
    assert.deepEqual(warnings(bob), [])
  })

  it('steps in at once for one that makes no queues, contacts learn of it, and the person is not troubled while two are left', async () => {
    const world = new World()
    world.mailboxes.node('M').denies = true
    const { ann, bob } = await apart(world, ['M', 'N', 'S'])
    assert.deepEqual(parts(bob), expected(world, { M: 'none', N: 'keeps', S: 'keeps' }))
    world.mailboxes.node('N').away = true
    await alone(world, ann, () => ann.messenger.send('Bob', 'by the spare one'))
    assert.ok(world.mailboxes.node('S').blocks > 0)
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['by the spare one'])
    assert.deepEqual(warnings(bob), [])
  })

  it('steps in within the hour for a relay that does not speak of mailboxes', async () => {
    const world = new World()
    world.mailboxes.node('M').foreign = true
    const { bob } = await apart(world, ['M', 'N', 'S'])
    world.online(bob)
    assert.equal(parts(bob)[world.mailboxes.node('M').peer.slice(0, 8)], 'keeps', 'it may be restarting')
    await pass(world, 2)
    assert.deepEqual(parts(bob), expected(world, { M: 'none', N: 'keeps', S: 'keeps' }))
  })

  it('steps in after a day for one that does not answer, and stays when that one is back; what lay there is fetched (attack 59)', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N', 'S'])
    await alone(world, ann, () => ann.messenger.send('Bob', 'left with M'))
    assert.ok(world.mailboxes.node('M').blocks > 0)
    world.mailboxes.node('M').away = true
    world.mailboxes.node('M').hangUp()
    world.online(bob)
    await pass(world, 22)
    assert.equal(parts(bob)[world.mailboxes.node('M').peer.slice(0, 8)], 'keeps')
    await world.restart(bob)
    await pass(world, 4)
    assert.deepEqual(parts(bob), expected(world, { M: 'none', N: 'keeps', S: 'keeps' }))
    world.mailboxes.node('M').away = false
    await pass(world, 60)
    assert.deepEqual(parts(bob), expected(world, { M: 'none', N: 'keeps', S: 'keeps' }), 'nothing moves to and fro')
    assert.deepEqual(talk(bob, 'Ann'), ['left with M'])
    assert.ok(bob.store.queues().every(({ node }) => node !== world.mailboxes.node('M').peer), 'emptied, and removed')
    world.offline(bob)
    await alone(world, ann, () => ann.messenger.send('Bob', 'after'))
    await alone(world, bob)
    assert.deepEqual(talk(bob, 'Ann'), ['left with M', 'after'])
    await world.use(bob, world.mailboxes.node('M'))
    assert.deepEqual(parts(bob), expected(world, { N: 'keeps', S: 'keeps', M: 'spare' }), 'its link given again')
  })

  it('does not step in because our own network was gone for days', async () => {
    const world = new World()
    const { bob } = await apart(world, ['M', 'N', 'S'])
    await pass(world, 72)
    world.online(bob)
    await pass(world, 1)
    assert.deepEqual(parts(bob), expected(world, { M: 'keeps', N: 'keeps', S: 'spare' }))
    assert.deepEqual(warnings(bob), [])
  })

  it('that is missing is asked for, once; and a relay that is away is kept until there is one', async () => {
    const world = new World()
    const { bob } = await apart(world, ['M', 'N'])
    world.mailboxes.node('M').away = true
    world.mailboxes.node('M').hangUp()
    world.online(bob)
    await pass(world, 30)
    assert.deepEqual(warnings(bob), ['mailboxes-few'])
    assert.ok(bob.store.queues().some(({ node, phase }) => node === world.mailboxes.node('M').peer && phase === 'open'))
    await world.use(bob, world.mailboxes.node('S'))
    await pass(world, 1)
    assert.deepEqual(parts(bob), expected(world, { M: 'none', N: 'keeps', S: 'keeps' }))
  })

  it('is not needed when the one that denied makes queues a day later', async () => {
    const world = new World()
    world.mailboxes.node('M').denies = true
    const { bob } = await apart(world, ['M', 'N'])
    assert.deepEqual([parts(bob), warnings(bob)], [expected(world, { M: 'none', N: 'keeps' }), ['mailboxes-few']])
    world.mailboxes.node('M').denies = false
    world.online(bob)
    await pass(world, 26)
    assert.deepEqual(parts(bob), expected(world, { M: 'keeps', N: 'keeps' }))
  })
})

describe('a relay that makes few queues a day', () => {
  it('makes them for whom one spoke with last, is asked again about when it has room, and the person sees how far it is', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    const others = []
    for (const name of ['Bob', 'Cho', 'Dae', 'Eun']) {
      const other = await world.person(name)
      await world.pair(ann, other)
      others.push(other)
    }
    for (const name of ['Cho', 'Eun']) {
      await ann.messenger.send(name, 'hello')
      await world.settle(2_000)
    }
    const node = world.mailboxes.node('M')
    node.room = 2
    await world.use(ann, node)
    await world.settle(10_000)
    const served = () => ann.store.queues().filter(({ phase }) => phase === 'open').map(({ contact }) => ann.messenger.contacts().find(({ account }) => account === contact)?.name).toSorted()
    assert.deepEqual(served(), ['Cho', 'Eun'])
    assert.deepEqual([ann.messenger.relays()[0]?.contacts, ann.messenger.status().mailboxes, ann.messenger.status().contacts], [2, 2, 4])
    assert.equal(node.asked, 3, 'asked once in vain')
    await pass(world, 24)
    assert.ok(node.asked > 12 && node.asked < 45, `${node.asked} times in a day`)
    node.room = 5
    await pass(world, 2)
    assert.equal(served().length, 4)
    assert.deepEqual(warnings(ann), [])
  })

  it('and none for us all day is replaced', async () => {
    const world = new World()
    world.mailboxes.node('M').room = 0
    const { bob } = await apart(world, ['M', 'N', 'S'])
    world.online(bob)
    await pass(world, 27)
    assert.deepEqual(parts(bob), expected(world, { M: 'none', N: 'keeps', S: 'keeps' }))
  })
})
