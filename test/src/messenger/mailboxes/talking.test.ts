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
})
