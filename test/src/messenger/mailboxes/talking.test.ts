import assert from 'node:assert/strict'
import { talk, World } from '../../../support/world.ts'
import { alone, apart } from './apart.ts'

describe('two people who are never online at the same time', () => {
  it('talk through a mailbox, and see truly how far each message has come', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    let id = ''
    await alone(world, ann, async () => {
      id = (await ann.messenger.send('Bob', 'hello')).id
      assert.equal(ann.messenger.message(id).delivery, 'queued')
    })
    assert.equal(ann.messenger.message(id).delivery, 'mailbox')
    assert.deepEqual(ann.messenger.message(id).ledger?.map(({ state }) => state), ['mailbox'])
    assert.deepEqual(talk(bob, 'Ann'), [])
    await alone(world, bob, () => bob.messenger.send('Ann', 'hello yourself'))
    assert.deepEqual(talk(bob, 'Ann'), ['hello', '> hello yourself'])
    await alone(world, ann)
    assert.deepEqual(talk(ann, 'Bob'), ['> hello', 'hello yourself'])
    assert.equal(ann.messenger.message(id).delivery, 'delivered')
    await alone(world, bob, () => bob.messenger.markRead('Ann'))
    await alone(world, ann)
    assert.equal(ann.messenger.message(id).delivery, 'read')
    await alone(world, bob)
    await alone(world, ann)
    assert.deepEqual([ann, bob].map(({ messenger }) => messenger.status().waiting), [0, 0])
    assert.equal(world.mailboxes.node('M').blocks, 0)
  })

  it('need not wait until a connection that carries nothing any more is given up, and nothing is shown twice when it carries again', async () => {
    const world = new World()
    const { ann, bob } = await apart(world)
    for (const person of [ann, bob]) world.online(person)
    await alone(world, ann) // contacts who are both there, on one connection
    world.online(ann)
    await world.settle(20_000)
    await ann.messenger.send('Bob', 'are you there?')
    await world.settle()
    assert.equal(ann.messenger.status().waiting, 0, 'they talk directly')
    world.network.automatic = false
    const { id } = await ann.messenger.send('Bob', 'and now?')
    for (let second = 0; second < 10; second++) {
      world.clock.advance(1_000)
      await world.mailboxes.settle()
    }
    assert.equal(ann.messenger.message(id).delivery, 'mailbox')
    world.network.automatic = true
    await world.settle(30_000)
    assert.deepEqual([talk(bob, 'Ann'), ann.messenger.message(id).delivery], [['are you there?', 'and now?'], 'delivered'])
  })

  it('are told with which mailbox a message is, when it is there no more, and where it was once it has arrived', async () => {
    const world = new World()
    const { ann, bob } = await apart(world, ['M', 'N'])
    const [m, n] = ['M', 'N'].map((name) => world.mailboxes.node(name).peer.slice(0, 8))
    let id = ''
    await alone(world, ann, async () => {
      id = (await ann.messenger.send('Bob', 'hello')).id
    })
    const line = () => ann.messenger.message(id).ledger![0]!
    const where = () => line().mailboxes?.map(({ relay, keeps }) => [relay, keeps])
    assert.deepEqual([line().name, line().state, where()], [ann.messenger.contact('Bob').devices[0]?.name, 'mailbox', [[m, true]]])
    assert.deepEqual(line().mailboxes?.[0]?.at, line().at)
    world.clock.advance(3600_000)
    await alone(world, ann)
    assert.deepEqual(where(), [[m, true], [n, true]], 'left in a second one after an hour')
    world.mailboxes.node('M').vanish()
    world.mailboxes.node('M').away = false
    await alone(world, bob, () => bob.messenger.forgetRelay(m!))
    assert.deepEqual(where(), [[m, true], [n, true]])
    await alone(world, ann)
    assert.deepEqual([line().state, where()], ['delivered', [[m, false], [n, false]]])
    await world.restart(ann)
    assert.deepEqual([line().state, where()], ['delivered', [[m, false], [n, false]]])
  })

  it('are not told that a message is with a mailbox which does not know it any more', async () => {
    const world = new World()
    const { ann } = await apart(world)
    let id = ''
    await alone(world, ann, async () => {
      id = (await ann.messenger.send('Bob', 'hello')).id
    })
    world.mailboxes.node('M').vanish()
    world.mailboxes.node('M').away = false
    await alone(world, ann, () => ann.messenger.send('Bob', 'and this?'))
    assert.deepEqual(ann.messenger.message(id).ledger?.[0]?.mailboxes?.map(({ keeps }) => keeps), [false])
  })
})
