/** The store of a relay's mailboxes: one contract over the encrypted file and its twin in memory; then what only a file can do. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ABANDONED, encodeQueue, newQueue, type Queue, RETENTION } from '../../../protocols/mailbox/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { openssl as suite, secureRandom as random } from '../../../src/crypto/index.ts'
import type { MailboxStore, Name, QueueChange } from '../../../src/relay/mailbox/ports.ts'
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
const put = (store: MailboxStore, made: QueueChange): Promise<void> => store.step('recipient', made.id, () => ({ change: made, result: undefined }))
const nothing = (store: MailboxStore): Promise<void> => store.step('recipient', random(24), () => ({ result: undefined }))
const plain = (queue: Queue): string => toHex(encodeQueue(suite, queue))
/** Read whole: a queue may read its parts when they are looked at. */
const find = (store: MailboxStore, by: Name, value: Uint8Array): Promise<string | undefined> => store.step(by, value, (queue) => ({ result: queue && plain(queue) }))
const itemsOf = (store: MailboxStore, { sender }: Queue): Promise<number | undefined> => store.step('sender', sender, (queue) => ({ result: queue?.items.length }))

for (const [name, open] of Object.entries(stores)) {
  describe(`mailboxes in ${name}`, () => {
    it('finds a queue by each of its names, and by nothing else', async () => {
      const store = await open()
      const queues = Array.from({ length: 20 }, made)
      for (const queue of queues) await put(store, change(queue))
      for (const queue of queues) {
        for (const by of ['recipient', 'sender', 'recipientKey'] as const) assert.deepEqual(await find(store, by, queue[by]), plain(queue))
        assert.equal(await find(store, 'recipient', queue.sender), undefined)
        assert.equal(await find(store, 'sender', queue.recipient), undefined)
      }
      for (const byte of [0, 255]) assert.equal(await find(store, 'sender', new Uint8Array(24).fill(byte)), undefined)
      assert.deepEqual(store.size(), { queues: 20, blocks: 0 })
      await store.close()
    })

    it('keeps and drops bodies with the queue they belong to', async () => {
      const store = await open()
      const [queue, other] = [withBlock(made()), withBlock(made())]
      await Promise.all([put(store, change(queue, { kept: { seq: 1, body: body(1) } })), put(store, change(other, { kept: { seq: 1, body: body(2) } }))])
      assert.deepEqual(Buffer.from((await store.body(queue.recipient, 1)) ?? []), Buffer.from(body(1)))
      assert.deepEqual(Buffer.from((await store.body(other.recipient, 1)) ?? []), Buffer.from(body(2)))
      assert.equal(await store.body(queue.recipient, 2), undefined)
      assert.deepEqual(store.size(), { queues: 2, blocks: 2 })
      await put(store, change({ ...queue, items: [] }, { dropped: [1, 7] }))
      assert.equal(await store.body(queue.recipient, 1), undefined)
      assert.deepEqual(store.size(), { queues: 2, blocks: 1 })
      await put(store, { id: other.recipient, queue: undefined, kept: undefined, dropped: [] })
      assert.equal(await find(store, 'sender', other.sender), undefined)
      assert.equal(await store.body(other.recipient, 1), undefined)
      assert.deepEqual(store.size(), { queues: 1, blocks: 0 })
      await store.close()
    })

    it('lets each step see what those before it made, and keep it, many of them on one queue', async () => {
      const store = await open()
      const queue = made()
      const steps: Promise<number>[] = [put(store, change(queue)).then(() => 0)]
      for (let n = 1; n <= 10; n++) {
        steps.push(store.step('sender', queue.sender, (found) => {
          const next = withBlock(found ?? assert.fail('it was made'))
          return { change: change(next, { kept: { seq: n, body: body(n) }, dropped: n > 2 ? [n - 2] : [] }), result: next.items.length }
        }))
      }
      assert.deepEqual(await Promise.all(steps), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      assert.deepEqual(store.size(), { queues: 1, blocks: 2 })
      assert.equal(await store.body(queue.recipient, 8), undefined)
      assert.deepEqual(Buffer.from((await store.body(queue.recipient, 10)) ?? []), Buffer.from(body(10)))
      const secured = { ...queue, senderKey: suite.generate('x25519', random).publicKey }
      await put(store, change(secured))
      assert.deepEqual(await find(store, 'recipient', queue.recipient), plain(secured))
      await Promise.all([put(store, change(secured, { queue: undefined })), put(store, change(secured))])
      assert.deepEqual([store.size(), await itemsOf(store, queue)], [{ queues: 1, blocks: 0 }, 0])
      await store.close()
    })

    it('counts, in every step, what the steps before it took', async () => {
      const store = await open()
      const sizes = await Promise.all(Array.from({ length: 5 }, () => {
        const queue = withBlock(made())
        return store.step('recipient', queue.recipient, (_, size) => ({ change: change(queue, { kept: { seq: 1, body: body(1) } }), result: { ...size } }))
      }))
      assert.deepEqual(sizes, [0, 1, 2, 3, 4].map((n) => ({ queues: n, blocks: n })))
      await store.close()
    })

    it('answers a command that changes nothing only when what it saw is durable (attack 64)', async () => {
      const store = await open()
      const order: string[] = []
      const change1 = put(store, change(made())).then(() => order.push('change'))
      const unchanged = nothing(store).then(() => order.push('nothing'))
      order.push('asked')
      await Promise.all([change1, unchanged])
      assert.deepEqual(order, ['asked', 'change', 'nothing'])
      await nothing(store)
      await store.close()
    })

    it('names the queues that have something to lose, the oldest first', async () => {
      const store = await open()
      const [fresh, old, older] = [made(), withBlock(made(), NOW - 5 * DAY), withBlock(made(), NOW - 6 * DAY)]
      for (const queue of [fresh, old, older]) await put(store, change(queue))
      const due = async (now: number, most: number): Promise<string[]> => (await store.due(now, most)).map(toHex)
      assert.deepEqual(await due(NOW, 10), [])
      assert.deepEqual(await due(NOW + RETENTION, 10), [toHex(older.recipient), toHex(old.recipient)])
      assert.deepEqual(await due(NOW + RETENTION, 1), [toHex(older.recipient)])
      assert.equal((await due(NOW + ABANDONED, 10)).length, 3)
      await store.close()
    })
  })
}

describe('what fails', () => {
  it('is undone with all that was committed beside it', async () => {
    const store = createMemoryMailboxStore()
    const queue = made()
    await put(store, change(queue))
    let told = 0
    store.onRollback(() => told++)
    const failing = put(store, change(withBlock(queue), { kept: { seq: 1, body: body(1) } }))
    store.failNext(new Error('made to fail'))
    await assert.rejects(failing, /made to fail/)
    assert.deepEqual([told, store.size(), await itemsOf(store, queue)], [1, { queues: 1, blocks: 0 }, 0])
  })

  it('is undone in the file, too', async () => {
    const store = openMailboxStore(suite, temporaryHome(), SEED)
    const queue = made()
    await put(store, change(queue))
    let told = 0
    store.onRollback(() => told++)
    const good = put(store, change(withBlock(queue), { kept: { seq: 1, body: body(1) } }))
    const bad = put(store, change(queue, { kept: { seq: 1, body: body(1) } })) // the same place twice
    await Promise.all([assert.rejects(good), assert.rejects(bad)])
    assert.deepEqual([told, store.size(), await itemsOf(store, queue)], [1, { queues: 1, blocks: 0 }, 0])
    await put(store, change(withBlock(queue), { kept: { seq: 1, body: body(3) } }))
    assert.deepEqual(store.size(), { queues: 1, blocks: 1 })
    await store.close()
  })
})

describe('the file of the mailboxes', () => {
  it('is there after a restart, for who has the key, and for one process', async () => {
    const home = temporaryHome()
    const store = openMailboxStore(suite, home, SEED)
    const queue = withBlock(made())
    await put(store, change(queue, { kept: { seq: 1, body: body(1) } }))
    assert.throws(() => openMailboxStore(suite, home, SEED), /a relay has the mailboxes .* open/)
    await store.close()
    const again = openMailboxStore(suite, home, SEED)
    assert.deepEqual(await find(again, 'sender', queue.sender), plain(queue))
    assert.deepEqual(again.size(), { queues: 1, blocks: 1 })
    await again.close()
    assert.throws(() => openMailboxStore(suite, home, new Uint8Array(32).fill(8)), { code: 'corrupt' })
    assert.equal(statSync(join(home, 'mailbox.db')).mode & 0o777, 0o600)
  })

  it('holds nothing that can be read without the key', async () => {
    const home = temporaryHome()
    const store = openMailboxStore(suite, home, SEED)
    const queue = withBlock(made())
    await put(store, change(queue, { kept: { seq: 1, body: body(1) } }))
    await store.close()
    const file = readFileSync(join(home, 'mailbox.db'))
    for (const bytes of [queue.recipient, queue.sender, queue.recipientKey, queue.senderKey, body(1).subarray(0, 64)]) assert.equal(file.includes(Buffer.from(bytes)), false)
    assert.notEqual(file.toString('latin1', 0, 15), 'SQLite format 3')
  })

  it('that is damaged is not used', async () => {
    const home = temporaryHome()
    const store = openMailboxStore(suite, home, SEED)
    for (let n = 0; n < 20; n++) await put(store, change(withBlock(made()), { kept: { seq: 1, body: body(n) } }))
    await store.close()
    const file = join(home, 'mailbox.db')
    const bytes = readFileSync(file)
    bytes[2_000] = (bytes[2_000] ?? 0) ^ 1
    writeFileSync(file, bytes)
    assert.throws(() => openMailboxStore(suite, home, SEED), { code: 'corrupt' })
  })
})
