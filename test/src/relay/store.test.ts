/** The store of a relay's mailboxes: one contract over the encrypted file and its twin in memory; then what only a file can do. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ABANDONED, encodeQueue, newQueue, type Queue, RETENTION } from '../../../protocols/mailbox/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { openssl as suite, secureRandom as random } from '../../../src/crypto/index.ts'
import type { QueueChange } from '../../../src/relay/mailbox/ports.ts'
import { openMailboxStore } from '../../../src/relay/store/open.ts'
import { createMemoryMailboxStore } from '../../support/memory-mailbox-store.ts'
import { body, SEED, stores, temporaryHome } from './support.ts'

const DAY = 24 * 3600 * 1000
const NOW = 100 * DAY

const made = (): Queue =>
  newQueue(suite, random, { kind: 'conversation', recipientKey: suite.generate('x25519', random).publicKey, senderKey: suite.generate('x25519', random).publicKey, now: NOW })

const change = (queue: Queue, more: Partial<QueueChange> = {}): QueueChange => ({ id: queue.recipient, queue, kept: undefined, dropped: [], ...more })
const withBlock = (queue: Queue, at = NOW): Queue => ({
  ...queue,
  nextSeq: queue.nextSeq + 1,
  items: [...queue.items, { kind: 'block', seq: queue.nextSeq, at, block: random(16) }],
})
/** Read whole: a queue may read its parts when they are looked at. */
const plain = (queue: Queue | undefined): string | undefined => queue && toHex(encodeQueue(suite, queue))

for (const [name, open] of Object.entries(stores)) {
  describe(`mailboxes in ${name}`, () => {
    it('finds a queue by each of its names, and by nothing else', async () => {
      const store = open()
      const queues = Array.from({ length: 20 }, made)
      for (const queue of queues) await store.commit(change(queue))
      for (const queue of queues) {
        for (const by of ['recipient', 'sender', 'recipientKey'] as const) assert.deepEqual(plain(store.find(by, queue[by])), plain(queue))
        assert.equal(store.find('recipient', queue.sender), undefined)
        assert.equal(store.find('sender', queue.recipient), undefined)
      }
      for (const byte of [0, 255]) assert.equal(store.find('sender', new Uint8Array(24).fill(byte)), undefined)
      assert.deepEqual(store.size(), { queues: 20, blocks: 0 })
      store.close()
    })

    it('keeps and drops bodies with the queue they belong to', async () => {
      const store = open()
      const [queue, other] = [withBlock(made()), withBlock(made())]
      await Promise.all([store.commit(change(queue, { kept: { seq: 1, body: body(1) } })), store.commit(change(other, { kept: { seq: 1, body: body(2) } }))])
      assert.deepEqual(Buffer.from(store.body(queue.recipient, 1) ?? []), Buffer.from(body(1)))
      assert.deepEqual(Buffer.from(store.body(other.recipient, 1) ?? []), Buffer.from(body(2)))
      assert.equal(store.body(queue.recipient, 2), undefined)
      assert.deepEqual(store.size(), { queues: 2, blocks: 2 })
      await store.commit(change({ ...queue, items: [] }, { dropped: [1, 7] }))
      assert.equal(store.body(queue.recipient, 1), undefined)
      assert.deepEqual(store.size(), { queues: 2, blocks: 1 })
      await store.commit({ id: other.recipient, queue: undefined, kept: undefined, dropped: [] })
      assert.equal(store.find('sender', other.sender), undefined)
      assert.equal(store.body(other.recipient, 1), undefined)
      assert.deepEqual(store.size(), { queues: 1, blocks: 0 })
      store.close()
    })

    it('shows what was committed at once, and also when it changed many times in a group', async () => {
      const store = open()
      let queue = made()
      const commits = [store.commit(change(queue))]
      for (let n = 1; n <= 10; n++) {
        queue = withBlock(queue)
        commits.push(store.commit(change(queue, { kept: { seq: n, body: body(n) } })))
        assert.equal(store.find('sender', queue.sender)?.items.length, n)
      }
      await Promise.all(commits)
      assert.deepEqual(plain(store.find('sender', queue.sender)), plain(queue))
      const secured = { ...queue, senderKey: suite.generate('x25519', random).publicKey }
      await store.commit(change(secured))
      assert.deepEqual(plain(store.find('recipient', queue.recipient)), plain(secured))
      store.close()
    })

    it('answers a command that changes nothing only when what it saw is durable (attack 64)', async () => {
      const store = open()
      const order: string[] = []
      const change1 = store.commit(change(made())).then(() => order.push('change'))
      const nothing = store.commit().then(() => order.push('nothing'))
      order.push('asked')
      await Promise.all([change1, nothing])
      assert.deepEqual(order, ['asked', 'change', 'nothing'])
      await store.commit()
      store.close()
    })

    it('names the queues that have something to lose, the oldest first', async () => {
      const store = open()
      const [fresh, old, older] = [made(), withBlock(made(), NOW - 5 * DAY), withBlock(made(), NOW - 6 * DAY)]
      for (const queue of [fresh, old, older]) await store.commit(change(queue))
      assert.deepEqual(store.due(NOW, 10), [])
      assert.deepEqual(store.due(NOW + RETENTION, 10).map(plain), [plain(older), plain(old)])
      assert.deepEqual(store.due(NOW + RETENTION, 1).map(plain), [plain(older)])
      assert.equal(store.due(NOW + ABANDONED, 10).length, 3)
      store.close()
    })
  })
}

describe('what fails', () => {
  it('is undone with all that was committed beside it', async () => {
    const store = createMemoryMailboxStore()
    const queue = made()
    await store.commit(change(queue))
    let told = 0
    store.onRollback(() => told++)
    const failing = store.commit(change(withBlock(queue), { kept: { seq: 1, body: body(1) } }))
    store.failNext(new Error('made to fail'))
    await assert.rejects(failing, /made to fail/)
    assert.deepEqual([told, store.size(), store.find('sender', queue.sender)?.items.length], [1, { queues: 1, blocks: 0 }, 0])
  })

  it('is undone in the file, too', async () => {
    const store = openMailboxStore(suite, temporaryHome(), SEED)
    const queue = made()
    await store.commit(change(queue))
    let told = 0
    store.onRollback(() => told++)
    const good = store.commit(change(withBlock(queue), { kept: { seq: 1, body: body(1) } }))
    const bad = store.commit(change(queue, { kept: { seq: 1, body: body(1) } })) // the same place twice
    await Promise.all([assert.rejects(good), assert.rejects(bad)])
    assert.deepEqual([told, store.size(), store.find('sender', queue.sender)?.items.length], [1, { queues: 1, blocks: 0 }, 0])
    await store.commit(change(withBlock(queue), { kept: { seq: 1, body: body(3) } }))
    assert.deepEqual(store.size(), { queues: 1, blocks: 1 })
    store.close()
  })
})

describe('the file of the mailboxes', () => {
  it('is there after a restart, for who has the key, and for one process', async () => {
    const home = temporaryHome()
    const store = openMailboxStore(suite, home, SEED)
    const queue = withBlock(made())
    await store.commit(change(queue, { kept: { seq: 1, body: body(1) } }))
    assert.throws(() => openMailboxStore(suite, home, SEED), /a relay has the mailboxes .* open/)
    store.close()
    const again = openMailboxStore(suite, home, SEED)
    assert.deepEqual(plain(again.find('sender', queue.sender)), plain(queue))
    assert.deepEqual(again.size(), { queues: 1, blocks: 1 })
    again.close()
    assert.throws(() => openMailboxStore(suite, home, new Uint8Array(32).fill(8)), { code: 'corrupt' })
    assert.equal(statSync(join(home, 'mailbox.db')).mode & 0o777, 0o600)
  })

  it('holds nothing that can be read without the key', async () => {
    const home = temporaryHome()
    const store = openMailboxStore(suite, home, SEED)
    const queue = withBlock(made())
    await store.commit(change(queue, { kept: { seq: 1, body: body(1) } }))
    store.close()
    const file = readFileSync(join(home, 'mailbox.db'))
    for (const bytes of [queue.recipient, queue.sender, queue.recipientKey, queue.senderKey, body(1).subarray(0, 64)]) assert.equal(file.includes(Buffer.from(bytes)), false)
    assert.notEqual(file.toString('latin1', 0, 15), 'SQLite format 3')
  })

  it('that is damaged is not used', async () => {
    const home = temporaryHome()
    const store = openMailboxStore(suite, home, SEED)
    for (let n = 0; n < 20; n++) await store.commit(change(withBlock(made()), { kept: { seq: 1, body: body(n) } }))
    store.close()
    const file = join(home, 'mailbox.db')
    const bytes = readFileSync(file)
    bytes[2_000] = (bytes[2_000] ?? 0) ^ 1
    writeFileSync(file, bytes)
    assert.throws(() => openMailboxStore(suite, home, SEED), { code: 'corrupt' })
  })
})
