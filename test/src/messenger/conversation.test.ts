import assert from 'node:assert/strict'
import { encodeContent } from '../../../protocols/content/index.ts'
import { talk, World } from '../../support/world.ts'

describe('a conversation', () => {
  it('goes both ways, in order, and is told as events', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await bob.messenger.send('Ann', 'hello')
    await world.settle()
    await ann.messenger.send('Bob', '안녕')
    await world.settle()
    for (let i = 0; i < 20; i++) await bob.messenger.send('Ann', `line ${i}`)
    await world.settle()
    assert.deepEqual(talk(ann, 'Bob').filter((line) => line.startsWith('line')), Array.from({ length: 20 }, (_, i) => `line ${i}`))
    assert.deepEqual(talk(bob, 'Ann').slice(0, 2), ['> hello', '안녕'])
    const heard = ann.events.flatMap((event) => (event.type === 'message' && event.message.direction === 'in' && event.message.kind === 'text' ? [event.message.text] : []))
    assert.deepEqual(heard, talk(ann, 'Bob').filter((line) => !line.startsWith('>')))
  })

  it('shows honestly how far a message has come: queued, sent, delivered, read', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    world.network.disconnect(bob.device)
    const { id, delivery } = await ann.messenger.send('Bob', 'are you there?')
    assert.equal(delivery, 'queued')
    await world.settle()
    assert.equal(ann.messenger.message(id).delivery, 'queued')
    world.network.reconnect(bob.device)
    world.network.meet(ann.device, bob.device)
    await world.settle()
    assert.equal(ann.messenger.message(id).delivery, 'delivered')
    await bob.messenger.markRead('Ann')
    await world.settle()
    assert.equal(ann.messenger.message(id).delivery, 'read')
    assert.equal(bob.messenger.contact('Ann').unread, 0)
  })

  it('tells nobody that a message was read when read receipts are off', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await bob.messenger.setReadReceipts(false)
    const { id } = await ann.messenger.send('Bob', 'psst')
    await world.settle()
    await bob.messenger.markRead('Ann')
    await world.settle()
    assert.equal(ann.messenger.message(id).delivery, 'delivered')
  })

  it('lets the author alone edit and delete, and both react', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const said = await ann.messenger.send('Bob', 'lunch at twelv')
    await world.settle()
    await ann.messenger.edit(said.id, 'lunch at twelve')
    await bob.messenger.react(said.id, '👍')
    await world.settle()
    assert.equal(bob.messenger.message(said.id).text, 'lunch at twelve')
    assert.deepEqual(ann.messenger.message(said.id).reactions.map((each) => each.emoji), ['👍'])
    await assert.rejects(bob.messenger.edit(said.id, 'no lunch'), { code: 'bad-input' })
    await bob.messenger.react(said.id, '')
    await ann.messenger.remove(said.id)
    await world.settle()
    const left = bob.messenger.message(said.id)
    assert.deepEqual([left.deleted, left.text, left.reactions], [true, '', []])
  })

  it('does not let one contact change what another said (attack 25)', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person('Eve')]
    await world.pair(ann, bob)
    await world.pair(ann, eve)
    const said = await bob.messenger.send('Ann', 'I owe you 10')
    await world.settle()
    // Eve knows the id and says "edit", "delete" and "read" for a message of Bob's.
    await eve.messenger.send('Ann', 'hi', { id: said.id }).catch(() => undefined)
    await world.settle()
    assert.equal(ann.messenger.message(said.id).text, 'I owe you 10')
    assert.equal(ann.messenger.message(said.id).contact, ann.messenger.contact('Bob').account)
    assert.deepEqual(talk(ann, 'Eve'), [])
  })

  it('replies to a message of the same conversation only', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person('Eve')]
    await world.pair(ann, bob)
    await world.pair(ann, eve)
    const question = await ann.messenger.send('Bob', 'tea?')
    await world.settle()
    const answer = await bob.messenger.send('Ann', 'yes', { replyTo: question.id })
    await world.settle()
    assert.equal(ann.messenger.message(answer.id).replyTo, question.id)
    await assert.rejects(ann.messenger.send('Eve', 'see above', { replyTo: question.id }), { code: 'bad-input' })
  })

  it('makes messages disappear on both sides when the timer says so', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.setTimer('Bob', 60)
    await world.settle()
    assert.equal(bob.messenger.contact('Ann').timer, 60)
    await bob.messenger.send('Ann', 'burn this')
    await world.settle()
    assert.deepEqual(talk(ann, 'Bob'), ['burn this'])
    await world.settle(70_000)
    assert.deepEqual(talk(bob, 'Ann'), [], 'the author counts from sending')
    assert.deepEqual(talk(ann, 'Bob'), ['burn this'], 'the reader counts from reading')
    await ann.messenger.markRead('Bob')
    await world.settle(70_000)
    assert.deepEqual(talk(ann, 'Bob'), [])
  })

  it('keeps a kind of a later version and shows it as such', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const later = encodeContent({ kind: 'unknown', id: world.random(16), at: world.clock.now(), raw: laterKind(world.random(16)) })
    await ann.store.commit([
      { put: 'outbox', row: { id: 'ff'.repeat(16), device: bob.device, contact: ann.messenger.contact('Bob').account, content: later, envelope: undefined, held: false, queuedAt: 0 } },
    ])
    await world.restart(ann)
    await world.settle()
    const shown = bob.messenger.history('Ann', { limit: 10 }).find((message) => message.kind === 'unknown')
    assert.equal(shown?.text, '')
    assert.ok(bob.store.message(shown.id)?.raw)
  })

  it('tells of typing only who is here, and stores nothing of it', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.typing('Bob', true)
    await world.settle()
    assert.ok(bob.events.some((event) => event.type === 'typing' && event.name === 'Ann' && event.active))
    world.network.disconnect(bob.device)
    await ann.messenger.typing('Bob', true)
    assert.equal(ann.messenger.status().waiting, 0)
  })

  it('refuses what cannot be sent, with a word on what to do', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await assert.rejects(ann.messenger.send('Bob', '   '), { code: 'bad-input' })
    await assert.rejects(ann.messenger.send('Bob', 'x'.repeat(70_000)), { code: 'too-large', hint: 'send it in parts' })
    await assert.rejects(ann.messenger.send('Bobby', 'hi'), { code: 'not-found' })
    await assert.rejects(ann.messenger.send('Bob', '\ud800'), { code: 'bad-input' })
  })

  it('takes an id for a message once, so that a caller may repeat a call', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const id = 'ab'.repeat(16)
    await ann.messenger.send('Bob', 'once', { id })
    await ann.messenger.send('Bob', 'once', { id })
    await world.settle()
    assert.deepEqual(talk(bob, 'Ann'), ['once'])
  })
})

/** A content whose kind this version does not know: an id, a time, and a body in field 99. */
const laterKind = (id: Uint8Array): Uint8Array => new Uint8Array([0x0a, 16, ...id, 0x10, 1, 0x9a, 0x06, 0x03, 1, 2, 3])
