/** Mailboxes in every Store, and a profile of the version before them. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HandedRow, QueueRow } from '../../../src/messenger/mailboxes/ports.ts'
import type { Store } from '../../../src/messenger/ports.ts'
import { makeDurable, openDatabase } from '../../../src/store/database.ts'
import { openStore, salvage } from '../../../src/store/index.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { ALICE, BOB, id, key, keyOf, LAPTOP, messageRow, outboxRow, PHONE, type Subject, subjects, temporaryHome } from './support.ts'

const QUEUE = 'aa'.repeat(24)
const OTHER = 'bb'.repeat(24)

const queueRow = (n: number, more: Partial<QueueRow> = {}): QueueRow => ({
  id: key(n),
  contact: ALICE,
  node: key(0x90de),
  addresses: ['/ip4/192.0.2.1/tcp/4001'],
  phase: 'asked',
  secrets: new Uint8Array([1, 2]),
  view: undefined,
  since: 5,
  ...more,
})
const handedRow = (n: number, queue: string, at = 7): HandedRow => ({ id: id(n), device: PHONE, queue, at })

for (const [name, open] of Object.entries(subjects)) {
  describe(`mailboxes in ${name}`, () => {
    let subject: Subject
    let store: Store
    beforeEach(async () => {
      subject = await open()
      store = subject.store
    })
    afterEach(() => store.close())

    it('are none at first', () => {
      assert.deepEqual([store.queues(), store.announcements(), store.senders(), store.handed(PHONE), store.handed('')], [[], [], [], [], []])
    })

    it('are given back as they were put, in the order they came, the newest state of each', async () => {
      const announcement = { device: PHONE, bytes: new Uint8Array([3]) }
      const sender = { queue: QUEUE, device: PHONE, state: new Uint8Array([4]) }
      await store.commit([
        { put: 'queue', row: queueRow(1) }, { put: 'queue', row: queueRow(2, { contact: BOB }) },
        { put: 'queue', row: queueRow(1, { phase: 'open', view: new Uint8Array([9]), since: 6 }) },
        { put: 'announcement', row: { ...announcement, bytes: new Uint8Array(0) } }, { put: 'announcement', row: announcement },
        { put: 'sender', row: { ...sender, state: new Uint8Array(0) } }, { put: 'sender', row: sender },
        { put: 'handed', row: handedRow(2, QUEUE) }, { put: 'handed', row: handedRow(1, OTHER) }, { put: 'handed', row: handedRow(1, QUEUE, 1) },
        { put: 'handed', row: handedRow(1, QUEUE) }, { put: 'handed', row: { ...handedRow(1, QUEUE), device: LAPTOP } },
      ])
      assert.deepEqual(store.queues(), [queueRow(1, { phase: 'open', view: new Uint8Array([9]), since: 6 }), queueRow(2, { contact: BOB })])
      assert.deepEqual(store.announcements(), [announcement])
      assert.deepEqual(store.senders(), [sender])
      assert.deepEqual(store.handed(PHONE), [handedRow(1, QUEUE), handedRow(1, OTHER), handedRow(2, QUEUE)])
      await store.commit([{ remove: 'queue', id: key(1) }])
      assert.deepEqual(store.queues(), [queueRow(2, { contact: BOB })])
    })

    it('forget what is in a queue with the queue, and where an item is with the item', async () => {
      await store.commit([
        { put: 'outbox', row: outboxRow(1, PHONE) }, { put: 'sender', row: { queue: QUEUE, device: PHONE, state: new Uint8Array(1) } },
        ...[1, 2, 3].flatMap((n) => [QUEUE, OTHER].map((queue) => ({ put: 'handed' as const, row: handedRow(n, queue) }))),
      ])
      await store.commit([{ remove: 'sender', queue: OTHER }])
      assert.deepEqual(store.handed(PHONE), [1, 2, 3].map((n) => handedRow(n, QUEUE)))
      await store.commit([{ remove: 'outbox', id: id(1), device: PHONE }])
      assert.deepEqual(store.handed(PHONE), [2, 3].map((n) => handedRow(n, QUEUE)))
      await store.commit([{ remove: 'handed', id: id(3), device: PHONE }])
      assert.deepEqual(store.handed(PHONE), [handedRow(2, QUEUE)])
    })

    it('have a state of delivery between queued and sent', async () => {
      const out = (n: number, delivery: 'queued' | 'mailbox' | 'sent') => messageRow(n, 'x', { direction: 'out', delivery })
      await store.commit([{ add: 'message', row: out(1, 'queued') }, { add: 'message', row: out(2, 'mailbox') }])
      await store.commit([
        { put: 'message', row: out(1, 'mailbox') }, { put: 'message', row: out(2, 'sent') },
        { put: 'ledger', row: { message: id(1), device: PHONE, state: 'mailbox', at: 3 } },
        { put: 'ledger', row: { message: id(2), device: PHONE, state: 'mailbox', at: 3 } },
        { put: 'ledger', row: { message: id(2), device: PHONE, state: 'sent', at: 4 } },
      ])
      assert.deepEqual([1, 2].map((n) => store.message(id(n))?.delivery), ['mailbox', 'sent'])
      assert.deepEqual([1, 2].map((n) => store.ledger(id(n))[0]?.state), ['mailbox', 'sent'])
      await store.commit([{ put: 'message', row: out(1, 'queued') }])
      assert.equal(store.message(id(1))?.delivery, 'queued')
    })

    it('leave their name in the ledger, which a later step does not take away', async () => {
      const line = (device: string, state: 'mailbox' | 'read', at: number) => ({ message: id(1), device, state, at })
      const mailboxes = [{ relay: '5e0a91c2', at: 3 }, { relay: '0badcafe', at: 4 }]
      await store.commit([
        { add: 'message', row: messageRow(1, 'x', { direction: 'out', delivery: 'queued' }) },
        { put: 'ledger', row: { ...line(PHONE, 'mailbox', 3), mailboxes: mailboxes.slice(0, 1) } }, { put: 'ledger', row: line(LAPTOP, 'mailbox', 3) },
      ])
      await store.commit([{ put: 'ledger', row: { ...line(PHONE, 'mailbox', 3), mailboxes } }, { put: 'ledger', row: line(LAPTOP, 'read', 5) }])
      await store.commit([{ put: 'ledger', row: line(PHONE, 'read', 5) }])
      assert.deepEqual(store.ledger(id(1)), [line(LAPTOP, 'read', 5), { ...line(PHONE, 'read', 5), mailboxes }])
    })

    it('are as before when a commit fails', async () => {
      await store.commit([{ put: 'queue', row: queueRow(1) }, { put: 'handed', row: handedRow(1, QUEUE) }])
      const lost = store.commit([{ remove: 'queue', id: key(1) }, { remove: 'sender', queue: QUEUE }])
      await Promise.all([assert.rejects(lost), assert.rejects(subject.fail())])
      assert.deepEqual(store.queues(), [queueRow(1)])
      assert.deepEqual(store.handed(PHONE), [handedRow(1, QUEUE)])
    })
  })
}

describe('a profile of the version before mailboxes', () => {
  it('is opened and salvaged with its messages in the state they had', async () => {
    const home = temporaryHome()
    ;(await openStore({ home, unlock: 'key-file', create: true })).close()
    for (const name of ['dure.db', 'dure.db-wal', 'generation']) rmSync(join(home, name), { force: true })
    const db = openDatabase(join(home, 'dure.db'), keyOf(home))
    makeDurable(db)
    migrate(db, 2)
    db.prepare('INSERT INTO party (ref, key) VALUES (1, ?), (2, ?)').run(Buffer.from(ALICE, 'hex'), Buffer.from(PHONE, 'hex'))
    const message = db.prepare(`
      INSERT INTO message (seq, id, contact, direction, kind, at, stored_at, expire_after, receipt, delivery, indexed, text)
      VALUES (?, ?, 1, 'out', 'text', ?, ?, 0, 'none', ?, 1, 'hi')`)
    const rows = [messageRow(1, 'hi', { direction: 'out', delivery: 'queued' }), messageRow(2, 'hi', { direction: 'out', delivery: 'read' })]
    for (const [index, row] of rows.entries()) message.run(index + 1, Buffer.from(row.id, 'hex'), row.at, row.storedAt, row.delivery)
    db.prepare(`INSERT INTO ledger VALUES (?, 2, 'queued', 4)`).run(Buffer.from(id(1), 'hex'))
    db.prepare(`INSERT INTO outbox VALUES (1, ?, 2, 1, 0, 4, x'01', NULL)`).run(Buffer.from(id(1), 'hex'))
    db.close()

    const out = join(temporaryHome(), 'saved')
    await salvage({ home, unlock: 'key-file', out })
    for (const directory of [home, out]) {
      const store = await openStore({ home: directory, unlock: 'key-file' })
      assert.deepEqual(store.history(ALICE, { limit: 9 }), rows.map((row, index) => ({ ...row, seq: index + 1 })))
      assert.deepEqual(store.ledger(id(1)), [{ message: id(1), device: PHONE, state: 'queued', at: 4 }])
      assert.deepEqual(store.queues(), [])
      store.close()
    }
  })
})
