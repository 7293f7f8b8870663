/** A relay's mailboxes as their clients meet them, over both stores, without a network. */
import assert from 'node:assert/strict'
import { ABANDONED, CAPACITY, RETENTION } from '../../../protocols/mailbox/index.ts'
import { openssl as suite, secureRandom as random } from '../../../src/crypto/index.ts'
import { openMailboxStore } from '../../../src/relay/store/open.ts'
import { createMemoryMailboxStore } from '../../support/memory-mailbox-store.ts'
import { blockId, body, type Clock, connect, openSessions, SEED, stores, tag, temporaryHome } from './support.ts'

const DAY = 24 * 3600 * 1000
const clock = (): Clock => ({ now: 1_000 * DAY })
const BUSY = { type: 'refused', code: 'busy' }
const DENIED = { type: 'refused', code: 'denied' }
const QUOTA = { type: 'refused', code: 'quota' }
const DONE = { type: 'done' }

for (const [name, open] of Object.entries(stores)) {
  describe(`mailboxes over ${name}`, () => {
    it('hand out what was handed in while the recipient was away, and what comes while it is there', async () => {
      const [store, at] = [await open(), clock()]
      const sessions = openSessions(store, at)
      const [bob, ann] = [connect(sessions), connect(sessions)]
      const { recipient, sender } = await bob.create()
      bob.end()
      for (let n = 1; n <= 3; n++) assert.deepEqual(await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as), DONE)
      const again = connect(sessions)
      assert.deepEqual(await again.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as), { type: 'subscribed', previous: tag(0), blocks: 3 })
      assert.deepEqual(await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(4) }, sender.as), DONE)
      const got = []
      for (let n = 0; n < 4; n++) got.push(await again.delivery(recipient.as))
      assert.deepEqual(got.map((each) => each.kind === 'block' && each.body[0]), [1, 2, 3, 4])
      assert.deepEqual(await again.ask({ type: 'acknowledge', id: recipient.id, seqs: got.map(({ seq }) => seq) }, recipient.as), DONE)
      assert.deepEqual(store.size(), { queues: 1, blocks: 0 })
      assert.equal(sessions.status()['blocks_delivered_total'], 4)
      await store.close()
    })

    it('give the second subscriber everything again, and tell the first (attack 63)', async () => {
      const store = await open()
      const sessions = openSessions(store, clock())
      const [bob, ann, thief] = [connect(sessions), connect(sessions), connect(sessions)]
      const { recipient, sender } = await bob.create()
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(1) }, sender.as)
      await bob.delivery(recipient.as)
      assert.deepEqual(await thief.ask({ type: 'subscribe', id: recipient.id, tag: tag(2) }, recipient.as), { type: 'subscribed', previous: tag(1), blocks: 1 })
      assert.equal((await thief.delivery(recipient.as)).kind, 'block')
      assert.deepEqual(await bob.push(), { type: 'evicted', id: recipient.id })
      assert.deepEqual(await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(3) }, recipient.as), { type: 'subscribed', previous: tag(2), blocks: 1 })
      await store.close()
    })

    it('say that a queue is full, and when there is room again', async () => {
      const store = await open()
      const sessions = openSessions(store, clock())
      const [bob, ann] = [connect(sessions), connect(sessions)]
      const { recipient, sender } = await bob.create()
      const send = (n: number): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as)
      for (let n = 1; n <= CAPACITY; n++) assert.deepEqual(await send(n), DONE)
      for (let n = 0; n < 3; n++) assert.deepEqual(await send(1), QUOTA)
      assert.equal(sessions.status()['refused_quota_total'], 3)
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      for (let got = 0; got < CAPACITY + 1; got++) {
        const { seq, kind } = await bob.delivery(recipient.as)
        assert.equal(kind, got === CAPACITY ? 'quota' : 'block')
        assert.deepEqual(await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [seq] }, recipient.as), DONE)
      }
      assert.deepEqual(await ann.push(), { type: 'room', id: sender.id })
      assert.deepEqual(await send(1), DONE)
      await store.close()
    })

    it('lose blocks and queues to age only, and say so', async () => {
      const [store, at] = [await open(), clock()]
      const sessions = openSessions(store, at)
      const [bob, ann] = [connect(sessions), connect(sessions)]
      const { recipient, sender } = await bob.create()
      await bob.create()
      await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(1) }, sender.as)
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      await bob.delivery(recipient.as)
      at.now += RETENTION
      sessions.start()
      const marker = await bob.delivery(recipient.as)
      assert.deepEqual([marker.kind, marker.kind === 'expired' && marker.total], ['expired', 1])
      sessions.stop()
      assert.deepEqual(store.size(), { queues: 2, blocks: 0 })
      at.now += ABANDONED
      sessions.start()
      assert.deepEqual(await bob.push(), { type: 'evicted', id: recipient.id })
      sessions.stop()
      await store.step('recipient', recipient.id, () => ({ result: undefined }))
      assert.deepEqual(store.size(), { queues: 0, blocks: 0 })
      assert.deepEqual(await bob.ask({ type: 'info', id: recipient.id }, recipient.as), DENIED)
      await store.close()
    })

    it('keep what lies in the queue of an invite', async () => {
      const store = await open()
      const sessions = openSessions(store, clock())
      const [bob, ann] = [connect(sessions), connect(sessions)]
      const { recipient, sender } = await bob.create('request')
      assert.deepEqual(await ann.ask({ type: 'read', id: sender.id }, sender.as), DENIED)
      for (const n of [1, 2]) assert.deepEqual(await bob.ask({ type: 'post', id: recipient.id, body: body(n) }, recipient.as), DONE)
      assert.equal((await ann.ask({ type: 'read', id: sender.id }, sender.as)).type, 'notice')
      assert.deepEqual(store.size(), { queues: 1, blocks: 1 })
      assert.deepEqual(await bob.ask({ type: 'delete', id: recipient.id }, recipient.as), DONE)
      assert.deepEqual(store.size(), { queues: 0, blocks: 0 })
      await store.close()
    })
  })
}

describe('the budgets of a relay', () => {
  it('give one host so many new queues a day, and none of them to the next (attack 61)', async () => {
    const [store, at] = [createMemoryMailboxStore(), clock()]
    const sessions = openSessions(store, at, { queuesPerHost: 20 })
    const [stranger, neighbour] = [connect(sessions), connect(sessions, '192.0.2.2')]
    const keys = { recipient: suite.generate('x25519', random), sender: suite.generate('x25519', random) }
    await stranger.create('conversation', keys)
    for (let n = 1; n < 20; n++) await stranger.create()
    const fresh = (): typeof keys => ({ recipient: suite.generate('x25519', random), sender: suite.generate('x25519', random) })
    for (let n = 0; n < 100; n++) assert.deepEqual(await stranger.tryCreate('conversation', fresh()), BUSY)
    assert.deepEqual(await connect(sessions).tryCreate('conversation', fresh()), BUSY)
    await stranger.create('conversation', keys) // made again after its reply was lost: no new one
    await neighbour.create()
    assert.equal(store.size().queues, 21)
    at.now += DAY / 20
    await stranger.create()
    assert.deepEqual(await stranger.tryCreate('conversation', fresh()), BUSY)
  })

  it('give each side of a queue so many commands a minute, of which strangers use none (attack 61)', async () => {
    const [store, at] = [createMemoryMailboxStore(), clock()]
    const sessions = openSessions(store, at, { commandsPerQueue: 60 })
    const [bob, ann, stranger] = [connect(sessions), connect(sessions), connect(sessions)]
    const [{ recipient, sender }, other] = [await bob.create(), await stranger.create()]
    for (let n = 0; n < 200; n++) assert.deepEqual(await stranger.ask({ type: 'info', id: recipient.id }, other.recipient.as), DENIED)
    const send = (): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(1) }, sender.as)
    for (let n = 0; n < 60; n++) assert.deepEqual(await send(), DONE)
    for (let n = 0; n < 10; n++) assert.deepEqual(await send(), BUSY)
    assert.equal((await bob.ask({ type: 'info', id: recipient.id }, recipient.as)).type, 'info')
    assert.equal((await stranger.ask({ type: 'info', id: other.recipient.id }, other.recipient.as)).type, 'info')
    at.now += 1_000
    assert.deepEqual(await send(), DONE)
    assert.deepEqual(await send(), BUSY)
    assert.equal(sessions.status()['refused_busy_total'], 11)
  })

  it('let a host that asks too much wait, and no other', async () => {
    const at = clock()
    const sessions = openSessions(createMemoryMailboxStore(), at, { commandsPerHost: { burst: 10, perSecond: 2 } })
    const [stranger, neighbour] = [connect(sessions), connect(sessions, '192.0.2.2')]
    const { recipient } = await stranger.create()
    for (let n = 1; n < 10; n++) await stranger.ask({ type: 'info', id: recipient.id }, recipient.as)
    assert.deepEqual([stranger.stream.turn(), neighbour.stream.turn()], [500, 0])
    at.now += 500
    assert.equal(stranger.stream.turn(), 0)
  })

  it('refuse blocks and queues above the quota with busy, and take them again when there is room (attack 61)', async () => {
    const store = createMemoryMailboxStore()
    const sessions = openSessions(store, clock(), { quota: 100_000 })
    const [bob, ann] = [connect(sessions), connect(sessions)]
    const { recipient, sender } = await bob.create()
    const send = (): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(1) }, sender.as)
    let taken = 0
    while ((await send()).type === 'done') taken++
    assert.equal(taken, 5)
    const { bytes = Infinity, bytes_limit: most = 0 } = sessions.status()
    assert.ok(bytes <= most)
    await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
    const { seq } = await bob.delivery(recipient.as)
    assert.deepEqual(await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [seq] }, recipient.as), DONE)
    assert.deepEqual(await send(), DONE)
    assert.deepEqual(await send(), BUSY)
  })
})

describe('a disk that is full', () => {
  it('is busy: what was not stored was not said to be, and nothing is lost (attack 64)', async () => {
    const store = createMemoryMailboxStore()
    const sessions = openSessions(store, clock())
    const [bob, ann] = [connect(sessions), connect(sessions)]
    const { recipient, sender } = await bob.create()
    await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
    const block = blockId()
    const send = { type: 'send', id: sender.id, block, body: body(1) } as const
    store.failNext(new Error('disk full'))
    assert.deepEqual(await ann.ask(send, sender.as), BUSY)
    assert.deepEqual(await ann.ask(send, sender.as), DONE)
    const got = await bob.delivery(recipient.as)
    assert.deepEqual([got.seq, got.kind], [1, 'block'])
    const settle = { type: 'acknowledge', id: recipient.id, seqs: [got.seq] } as const
    store.failNext(new Error('disk full'))
    assert.deepEqual(await bob.ask(settle, recipient.as), BUSY)
    assert.equal(store.size().blocks, 1)
    assert.deepEqual(await bob.ask(settle, recipient.as), DONE)
    assert.equal(store.size().blocks, 0)
    assert.equal(sessions.status()['commits_failed_total'], 2)
  })

  it('leaves who listens listening, and who takes over without', async () => {
    const store = createMemoryMailboxStore()
    const sessions = openSessions(store, clock())
    const [bob, ann, other] = [connect(sessions), connect(sessions), connect(sessions)]
    const { recipient, sender } = await bob.create()
    await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
    store.failNext(new Error('disk full'))
    assert.deepEqual(await other.ask({ type: 'subscribe', id: recipient.id, tag: tag(2) }, recipient.as), BUSY)
    assert.deepEqual([bob.stream.listening, other.stream.listening], [true, false])
    await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(1) }, sender.as)
    assert.equal((await bob.delivery(recipient.as)).kind, 'block')
    bob.end()
    assert.equal(sessions.status()['subscriptions'], 0)
  })
})

describe('a stranger who asks for a queue (attack 62)', function () {
  this.timeout(120_000)
  const SAMPLES = 10_000

  it('gets the same bytes and waits as long whether it is there or not: 10,000 samples (attack 62)', async () => {
    const store = openMailboxStore(suite, temporaryHome(), SEED)
    const sessions = openSessions(store, clock(), { commandsPerHost: { burst: 1e9, perSecond: 1e9 } })
    const [bob, ann] = [connect(sessions), connect(sessions)]
    const ends = await Promise.all([bob.create()])
    for (let n = 0; n < 50; n++) ends.push(await bob.create())
    const { recipient, sender } = ends[0] ?? assert.fail()
    // The queue that is there is full: its state takes longest to read.
    for (let n = 0; n < CAPACITY; n++) await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as)
    const stranger = connect(sessions, '192.0.2.9')
    const own = await stranger.create()
    const cases = {
      absent: { type: 'subscribe', id: random(24), tag: tag(1) },
      forbidden: { type: 'subscribe', id: recipient.id, tag: tag(1) },
      role: { type: 'subscribe', id: sender.id, tag: tag(1) },
    } as const
    const times: Record<string, number[]> = { absent: [], forbidden: [], role: [] }
    const bytes = new Set<string>()
    const names = Object.keys(cases) as (keyof typeof cases)[]
    for (let n = 0; n < SAMPLES; n++) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(n + turn) % names.length] ?? 'absent'
        const frame = await stranger.ready(cases[name], own.recipient.as)
        const started = process.hrtime.bigint()
        const heard = stranger.stream.hear(frame)
        times[name]?.push(Number(process.hrtime.bigint() - started))
        await heard
        await stranger.reply()
        const reply = stranger.frames.at(-1) ?? assert.fail()
        stranger.frames.length = 0
        // All but the number of the command.
        bytes.add(Buffer.concat([reply.subarray(0, 2), reply.subarray(10)]).toString('hex'))
      }
    }
    assert.equal(bytes.size, 1)
    const quantile = (name: string, part: number): number => times[name]?.toSorted((a, b) => a - b)[Math.floor(SAMPLES * part)] ?? NaN
    const spread = quantile('absent', 0.75) - quantile('absent', 0.25)
    for (const name of ['forbidden', 'role']) {
      const difference = Math.abs(quantile(name, 0.5) - quantile('absent', 0.5))
      assert.ok(difference < Math.max(spread / 2, 5_000), `${name}: medians differ by ${difference} ns, half of all lie within ${spread} ns`)
    }
    assert.deepEqual(store.size(), { queues: 52, blocks: CAPACITY })
    await store.close()
  })
})
