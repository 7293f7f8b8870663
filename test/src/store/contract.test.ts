/** What every Store promises: one suite, run on the encrypted database and on its in-memory twin. */
import assert from 'node:assert/strict'
import type { Change, LedgerRow, RequestRow, Store, StoredMessage } from '../../../src/messenger/ports.ts'
import { StoreError } from '../../../src/store/index.ts'
import { ALICE, BOB, contactRow, id, key, LAPTOP, messageRow, outboxRow, PHONE, selfRow, type Subject, subjects } from './support.ts'

const texts = (rows: StoredMessage[]): string[] => rows.map((row) => row.text)
const add = (...row: Parameters<typeof messageRow>): Change => ({ add: 'message', row: messageRow(...row) })
const put = (...row: Parameters<typeof messageRow>): Change => ({ put: 'message', row: messageRow(...row) })
const stored = (seq: number, ...row: Parameters<typeof messageRow>): StoredMessage => ({ ...messageRow(...row), seq })

for (const [name, open] of Object.entries(subjects)) {
  describe(name, () => {
    let subject: Subject
    let store: Store
    beforeEach(async () => {
      subject = await open()
      store = subject.store
    })
    afterEach(() => store.close())

    it('is empty at first', () => {
      assert.equal(store.self(), undefined)
      assert.equal(store.setting('x'), undefined)
      for (const list of [store.contacts(), store.requests(), store.invites(), store.prekeys(), store.sessionDevices(), store.outbox()]) {
        assert.deepEqual(list, [])
      }
      assert.equal(store.nextExpiry(), undefined)
      assert.equal(store.lastMessage(ALICE), undefined)
      assert.equal(store.rolledBack, false)
    })

    it('gives back every kind of row as it was put, before and after it is durable', async () => {
      const self = { ...selfRow('Mina'), picture: new Uint8Array([9, 9]) }
      const contact = contactRow(BOB, 'bob', { addresses: { [PHONE]: ['/ip4/127.0.0.1/tcp/1'] }, timer: 60, verified: true, picture: new Uint8Array(3) })
      const request: RequestRow = { id: 'abc234', kind: 'pairing', account: BOB, device: PHONE, code: '123 456', at: 5 }
      const question: RequestRow = { ...request, id: 'abc235', kind: 'new-device', code: undefined }
      const invite = { id: id(7), role: 'inviter' as const, state: new Uint8Array([4]), expires: 99 }
      const prekey = { id: 12, account: BOB, secrets: new Uint8Array([5, 6]), expires: 100 }
      const laidOut = { id: 11, account: BOB, secrets: new Uint8Array([7]), expires: 200, laidOut: true as const }
      const another = { id: 13, account: ALICE, secrets: new Uint8Array([8]), expires: 50 }
      const message = messageRow(1, 'hi', {
        raw: new Uint8Array([1]), replyTo: id(9), editedAt: 4, deletedAt: 5, reactions: { [BOB]: '👍' }, expireAfter: 6, expiresAt: 7,
        readAt: 8, receipt: 'read', delivery: 'sent', direction: 'out', kind: 'unknown', contact: BOB,
      })
      const item = outboxRow(1, PHONE, { envelope: new Uint8Array(4096), held: true })
      const line: LedgerRow = { message: id(1), device: PHONE, state: 'sent', at: 11 }
      const durable = store.commit([
        { put: 'self', row: self }, { put: 'setting', key: 'k', value: 'v' }, { put: 'contact', row: contact }, { put: 'request', row: request },
        { put: 'request', row: question }, { put: 'invite', row: invite }, { put: 'prekey', row: laidOut }, { put: 'prekey', row: prekey }, { put: 'prekey', row: another },
        { put: 'session', device: PHONE, record: new Uint8Array([1, 2]) }, { add: 'message', row: message },
        { put: 'outbox', row: item }, { put: 'ledger', row: line },
      ])
      const look = (): void => {
        assert.deepEqual(store.self(), self)
        assert.equal(store.setting('k'), 'v')
        assert.deepEqual(store.contacts(), [contact])
        assert.deepEqual(store.requests(), [request, question])
        assert.deepEqual(store.invites(), [invite])
        assert.deepEqual(store.prekey(12), prekey)
        assert.deepEqual(store.prekeys(), [another, prekey, laidOut])
        assert.deepEqual(store.prekeys(BOB), [prekey, laidOut])
        assert.deepEqual(store.session(PHONE), new Uint8Array([1, 2]))
        assert.deepEqual(store.sessionDevices(), [PHONE])
        assert.deepEqual(store.message(id(1)), { ...message, seq: 1 })
        assert.deepEqual(store.outbox().map(({ seq: _, ...row }) => row), [item])
        assert.deepEqual(store.ledger(id(1)), [line])
      }
      look()
      await durable
      look()
    })

    it('says when all that reads show is durable: at once when it is', async () => {
      const told: string[] = []
      await store.settled()
      void store.commit([{ put: 'setting', key: 'k', value: 'v' }]).then(() => told.push('durable'))
      assert.deepEqual([store.setting('k'), told], ['v', []])
      await store.settled()
      assert.deepEqual(told, ['durable'])
      await store.settled()
    })

    it('replaces by put, keeps the first by add, and forgets by remove', async () => {
      await store.commit([
        { put: 'contact', row: contactRow(ALICE, 'alice') }, { put: 'contact', row: contactRow(BOB, 'bob') },
        add(1, 'first'), add(2, 'second'), add(1, 'again'),
        { put: 'session', device: PHONE, record: new Uint8Array([1]) }, { put: 'session', device: PHONE, record: new Uint8Array([2]) },
        { put: 'ledger', row: { message: id(1), device: PHONE, state: 'queued', at: 1 } },
        { put: 'ledger', row: { message: id(1), device: LAPTOP, state: 'queued', at: 1 } },
        { put: 'ledger', row: { message: id(1), device: PHONE, state: 'sent', at: 2 } },
      ])
      assert.deepEqual(texts(store.history(ALICE, { limit: 9 })), ['first', 'second'])
      assert.deepEqual(store.session(PHONE), new Uint8Array([2]))
      assert.deepEqual(store.ledger(id(1)).map(({ device, state }) => [device, state]), [[LAPTOP, 'queued'], [PHONE, 'sent']])
      await store.commit([
        { put: 'contact', row: contactRow(ALICE, 'alice renamed') }, put(1, 'edited'), put(3, 'third'), { remove: 'message', id: id(2) },
        { remove: 'session', device: PHONE }, { remove: 'contact', account: BOB }, { remove: 'message', id: id(99) },
        { remove: 'outbox', id: id(5), device: PHONE }, { remove: 'request', id: 'zzzzzz' }, { remove: 'prekey', id: 3 }, { remove: 'invite', id: id(1) },
      ])
      assert.deepEqual(store.history(ALICE, { limit: 9 }), [stored(1, 1, 'edited'), stored(3, 3, 'third')])
      assert.deepEqual(store.contacts().map((row) => row.name), ['alice renamed'])
      assert.equal(store.session(PHONE), undefined)
      assert.deepEqual(store.sessionDevices(), [])
    })

    it('removes the ledger of a message with the message', async () => {
      await store.commit([add(1, 'x'), { put: 'ledger', row: { message: id(1), device: PHONE, state: 'sent', at: 2 } }])
      await store.commit([{ remove: 'message', id: id(1) }])
      assert.deepEqual(store.ledger(id(1)), [])
    })

    it('moves a message whose fixed columns change, at the same place', async () => {
      await store.commit([add(1, 'x'), add(2, 'y')])
      await store.commit([put(1, 'x', { contact: BOB, direction: 'out', at: 5, replyTo: id(2) })])
      assert.deepEqual(store.message(id(1)), stored(1, 1, 'x', { contact: BOB, direction: 'out', at: 5, replyTo: id(2) }))
      assert.deepEqual(texts(store.history(ALICE, { limit: 5 })), ['y'])
      assert.deepEqual(texts(store.history(BOB, { limit: 5 })), ['x'])
    })

    it('keeps the queue in order, and the place of an item that is sealed later', async () => {
      await store.commit([{ put: 'outbox', row: outboxRow(1, PHONE) }, { put: 'outbox', row: outboxRow(2, LAPTOP) }])
      await store.commit([{ put: 'outbox', row: outboxRow(3, PHONE) }])
      await store.commit([{ put: 'outbox', row: outboxRow(1, PHONE, { envelope: new Uint8Array(7) }) }])
      assert.deepEqual(store.outbox().map((item) => item.id), [id(1), id(2), id(3)])
      assert.deepEqual(store.outbox(PHONE).map((item) => item.envelope?.length), [7, undefined])
      await store.commit([{ remove: 'outbox', id: id(1), device: PHONE }])
      assert.deepEqual(store.outbox(PHONE).map((item) => item.id), [id(3)])
      assert.deepEqual(store.outbox(key(77)), [])
    })

    it('pages through a conversation without gap or repeat', async () => {
      await store.commit(Array.from({ length: 25 }, (_, n) => add(n + 1, `m${n + 1}`, { contact: n % 5 === 4 ? BOB : ALICE })))
      const seen: string[] = []
      for (let before: string | undefined; ; ) {
        const page = store.history(ALICE, before === undefined ? { limit: 7 } : { before, limit: 7 })
        if (page.length === 0) break
        seen.unshift(...texts(page))
        before = page[0]?.id
      }
      assert.deepEqual(seen, Array.from({ length: 25 }, (_, n) => n + 1).filter((n) => n % 5 !== 0).map((n) => `m${n}`))
      assert.deepEqual(texts(store.history(ALICE, { before: id(3), limit: 9 })), ['m1', 'm2'])
      assert.deepEqual(texts(store.history(ALICE, { after: id(3), limit: 2 })), ['m4', 'm6'])
      assert.deepEqual(texts(store.history(ALICE, { after: id(23), limit: 9 })), ['m24'])
      assert.deepEqual(store.history(BOB, { after: id(3), limit: 9 }), [])
      assert.deepEqual(store.history(ALICE, { before: id(500), limit: 9 }), [])
      assert.deepEqual(store.history(ALICE, { before: 'not an id', limit: 9 }), [])
      assert.equal(store.lastMessage(BOB)?.text, 'm25')
      assert.deepEqual(texts([...store.allMessages()]), Array.from({ length: 25 }, (_, n) => `m${n + 1}`))
    })

    it('puts what came late above another message, in every page, and counts it as seen with what stands below it', async () => {
      await store.commit([add(1, 'one'), add(2, 'elsewhere', { contact: BOB }), add(5, 'five'), add(6, 'six')])
      const above = (n: number, text: string, next: number): Change => ({ ...add(n, text), above: id(next) }) as Change
      await store.commit([above(3, 'three', 5), above(4, 'four', 5)])
      await store.commit([above(2_000, 'two', 3), above(7, 'of nobody', 900), above(8, 'of another', 2)])
      const order = ['one', 'two', 'three', 'four', 'five', 'six', 'of nobody', 'of another']
      assert.deepEqual(texts(store.history(ALICE, { limit: 99 })), order)
      assert.deepEqual(texts(store.history(ALICE, { before: id(5), limit: 2 })), ['three', 'four'])
      assert.deepEqual(texts(store.history(ALICE, { after: id(1), limit: 3 })), ['two', 'three', 'four'])
      assert.deepEqual(texts(store.unreadMessages(ALICE, id(4))), ['one', 'two', 'three', 'four'])
      assert.equal(store.lastMessage(ALICE)?.text, 'of another')
      // A thousand more of them, as of somebody whose words waited for a month.
      await store.commit(Array.from({ length: 1_000 }, (_, n) => above(10_000 + n, `late ${n}`, 6)))
      assert.deepEqual(texts(store.history(ALICE, { before: id(6), limit: 1_000 })), Array.from({ length: 1_000 }, (_, n) => `late ${n}`))
      await store.commit([{ put: 'message', row: messageRow(4, 'four, moved', { at: 9 }) }])
      assert.deepEqual(texts(store.history(ALICE, { after: id(3), limit: 2 })), ['four, moved', 'five'])
    })

    it('counts what the person has not seen, and what receipts are owed', async () => {
      await store.commit([
        add(1, 'a'), add(2, 'b'), add(3, 'mine', { direction: 'out', delivery: 'queued' }), add(4, 'notice', { kind: 'notice' }),
        add(5, 'c', { contact: BOB }),
      ])
      assert.equal(store.unread(ALICE), 3)
      assert.equal(store.unread(key(77)), 0)
      assert.deepEqual(texts(store.unreadMessages(ALICE)), ['a', 'b', 'notice'])
      assert.deepEqual(texts(store.unreadMessages(ALICE, id(2))), ['a', 'b'])
      assert.deepEqual(store.unreadMessages(ALICE, id(99)), [])
      assert.deepEqual(texts(store.owedReceipts(9)), ['a', 'b', 'c'])
      assert.deepEqual(texts(store.owedReceipts(1)), ['a'])
      await store.commit([put(1, 'a', { readAt: 5, receipt: 'read' }), put(2, 'b', { receipt: 'delivered' })])
      assert.deepEqual(texts(store.unreadMessages(ALICE)), ['b', 'notice'])
      assert.deepEqual(texts(store.owedReceipts(9)), ['c'])
    })

    it('knows what has to disappear, the earliest first', async () => {
      await store.commit([
        add(1, 'later', { expireAfter: 9, expiresAt: 500 }), add(2, 'soon', { expireAfter: 9, expiresAt: 100 }), add(3, 'not started', { expireAfter: 9 }),
      ])
      assert.equal(store.nextExpiry(), 100)
      assert.deepEqual(texts(store.expired(99)), [])
      assert.deepEqual(texts(store.expired(100)), ['soon'])
      assert.deepEqual(texts(store.expired(900)), ['soon', 'later'])
    })

    it('rejects everything queued together when one call fails, and tells before it rejects', async () => {
      await store.commit([add(1, 'kept'), { put: 'session', device: PHONE, record: new Uint8Array([1]) }])
      const order: string[] = []
      store.onRollback(() => order.push(`rollback, sees ${texts(store.history(ALICE, { limit: 9 })).join()} and ${store.session(PHONE)}`))
      const calls = [
        store.commit([add(2, 'lost'), { put: 'session', device: PHONE, record: new Uint8Array([2]) }, { put: 'setting', key: 'a', value: 'b' }]),
        subject.fail(),
      ]
      await Promise.all(calls.map((call, n) => assert.rejects(call, (error: unknown) => {
        order.push(`rejected ${n}`)
        return error instanceof StoreError && error.code === 'bad-row'
      })))
      assert.deepEqual(order, ['rollback, sees kept and 1', 'rejected 0', 'rejected 1'])
      assert.equal(store.setting('a'), undefined)
      await store.commit([add(2, 'second try')])
      assert.deepEqual(texts(store.history(ALICE, { limit: 9 })), ['kept', 'second try'])
    })

    it('finishes what was queued when it is closed, and refuses afterwards', async () => {
      const last = store.commit([add(1, 'last words')])
      store.close()
      await last
      await assert.rejects(store.commit([]), { code: 'closed' })
      assert.throws(() => store.self(), { code: 'closed' })
    })
  })
}
