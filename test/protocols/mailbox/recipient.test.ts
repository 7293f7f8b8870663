import assert from 'node:assert/strict'
import {
  acknowledgements, EMPTY_INBOX, evicted, type Handle, hasSeen, type Inside, messageId, newView, parted, PART, partAt, queueKeys, receive, sealBlock, subscribe, subscribed, type View,
} from '../../../protocols/mailbox/index.ts'
import { noble, toHex } from '../../../protocols/suite/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { DAY, T0 } from './people.ts'

const random = seededRandom(1)
const keys = queueKeys(noble, random(32))
const ours = random(24)
const message = (name: number, blocks = 1): Uint8Array => new Uint8Array(blocks * PART).fill(name)
/** The block with this number, of a message as long as so many blocks. */
const part = (text: Uint8Array, number: number, index = 0): Inside => partAt(text, messageId(noble, text), index, number)
const sealed = (inside: Inside): Uint8Array => sealBlock(noble, random, keys, inside)

/** What is kept of a contact with one queue. */
class Reader {
  inbox = EMPTY_INBOX
  view: View
  now = T0
  seq = 0

  constructor(kind: View['kind'] = 'conversation') {
    this.view = newView(ours, kind)
  }

  take(delivered: { kind: 'block'; body: Uint8Array } | { kind: 'quota' } | { kind: 'expired'; total: number }, suite = noble) {
    const taken = receive(suite, keys, this.inbox, this.view, { ...delivered, seq: ++this.seq, at: this.now }, this.now)
    this.inbox = taken.inbox
    this.view = taken.view
    return { message: taken.message?.[0], settled: taken.settled.map(({ seq }) => seq), notes: taken.notes }
  }

  block = (inside: Inside) => this.take({ kind: 'block', body: sealed(inside) })
}

describe('a recipient', () => {
  it('takes a message once, from whichever block it is whole, and may acknowledge all of them then', () => {
    const reader = new Reader()
    assert.deepEqual(reader.block(part(message(7, 2), 1, 0)), { message: undefined, settled: [], notes: [] })
    assert.equal(hasSeen(reader.inbox.seen, messageId(noble, message(7, 2)).hash), false, 'a part is no message')
    assert.deepEqual(reader.block(part(message(7, 2), 2, 1)), { message: 7, settled: [1, 2], notes: [] })
    assert.ok(hasSeen(reader.inbox.seen, messageId(noble, message(7, 2)).hash))
    const before = reader.inbox
    assert.deepEqual(reader.block(part(message(7, 2), 3, 0)), { message: undefined, settled: [3], notes: [] })
    assert.equal(reader.inbox, before)
    assert.deepEqual(reader.view, { ...newView(ours, 'conversation'), numbers: { next: 4, missing: [] } })
  })

  it('is told of numbers that are missing and of those that come late', () => {
    const reader = new Reader()
    assert.deepEqual(reader.block(part(message(1), 4)).notes, [{ type: 'gap', gap: { from: 1, to: 3 } }])
    assert.deepEqual(reader.block(part(message(2), 2)).notes, [{ type: 'late', number: 2 }])
    assert.deepEqual(reader.block(part(message(3), 5)).notes, [])
    assert.deepEqual(reader.block(part(message(4), 2)).notes, [], 'a number that came before')
    assert.deepEqual(reader.view.numbers, { next: 6, missing: [{ from: 1, to: 1 }, { from: 3, to: 3 }] })
    assert.deepEqual(reader.block(part(message(3), 9)).notes, [{ type: 'gap', gap: { from: 6, to: 8 } }], 'also by a message that was seen')
  })

  it('counts nothing in the queue of an invite, where everybody counts from 1', () => {
    const reader = new Reader('request')
    assert.deepEqual([reader.block(part(message(1), 5)), reader.block(part(message(2), 1))].map(({ message, notes }) => [message, notes]), [[1, []], [2, []]])
    assert.deepEqual(reader.view, newView(ours, 'request'))
  })

  it('counts what fills a silent line, and lets it go', () => {
    const reader = new Reader()
    assert.deepEqual(reader.block({ what: 'nothing', number: 1 }), { message: undefined, settled: [1], notes: [] })
    assert.equal(reader.view.numbers.next, 2)
    assert.equal(reader.inbox, EMPTY_INBOX)
  })

  it('knows whose fault it is when a block does not open', () => {
    const reader = new Reader()
    const changed = sealed(part(message(1), 1))
    changed[100]! ^= 1
    assert.deepEqual(reader.take({ kind: 'block', body: changed }), { message: undefined, settled: [1], notes: [{ type: 'foreign' }] })
    assert.deepEqual(reader.block({ what: 'notice', data: message(1) }), { message: undefined, settled: [2], notes: [{ type: 'nonsense' }] })
    const torn = { ...noble, open: (...sealed: Parameters<typeof noble.open>) => noble.open(...sealed)?.fill(1, 0, 1).fill(9, 1, 2) }
    assert.deepEqual(reader.take({ kind: 'block', body: sealed(part(message(1), 1)) }, torn), { message: undefined, settled: [3], notes: [{ type: 'nonsense' }] })
    const broken = { ...noble, open: () => assert.fail('a fault of ours') }
    assert.throws(() => reader.take({ kind: 'block', body: sealed(part(message(1), 1)) }, broken), { message: 'a fault of ours' }, 'what is no fault of theirs is not put on them')
    assert.deepEqual([reader.inbox, reader.view], [EMPTY_INBOX, newView(ours, 'conversation')])
  })

  it('is told of a message that has not its hash, and of those that were given up', () => {
    const reader = new Reader()
    const { hash } = messageId(noble, message(1, 2))
    reader.block(part(message(1, 2), 1, 0))
    assert.deepEqual(reader.block({ ...(part(message(2, 2), 2, 1) as Extract<Inside, { what: 'part' }>), hash }), { message: undefined, settled: [1, 2], notes: [{ type: 'nonsense' }] })
    assert.deepEqual(reader.inbox, { seen: [], partials: [] })
    reader.block(part(message(3, 2), 3, 0))
    reader.now += 21 * DAY
    assert.deepEqual(reader.block(part(message(4, 2), 4, 0)), { message: undefined, settled: [3], notes: [{ type: 'abandoned', messages: 1 }] })
  })

  it('tells of the markers of its node: that the queue was full, and how many more blocks waited too long', () => {
    const reader = new Reader()
    assert.deepEqual(reader.take({ kind: 'quota' }), { message: undefined, settled: [1], notes: [{ type: 'quota' }] })
    assert.deepEqual(reader.take({ kind: 'expired', total: 3 }), { message: undefined, settled: [2], notes: [{ type: 'expired', blocks: 3 }] })
    assert.deepEqual(reader.take({ kind: 'expired', total: 3 }), { message: undefined, settled: [3], notes: [] }, 'the same again')
    assert.deepEqual(reader.take({ kind: 'expired', total: 2 }), { message: undefined, settled: [4], notes: [] })
    assert.deepEqual(reader.take({ kind: 'expired', total: 7 }).notes, [{ type: 'expired', blocks: 4 }])
    assert.deepEqual(reader.view, { ...newView(ours, 'conversation'), expired: 7 })
  })

  it('knows a stranger with its key by the tag of who subscribed before (attack 63)', () => {
    const asked = subscribe(newView(ours, 'conversation'), random, ours)
    assert.deepEqual(asked.command, { type: 'subscribe', id: ours, tag: asked.view.tags[0] })
    const answered = (view: View, previous: Uint8Array) => subscribed(noble, view, { type: 'subscribed', previous, blocks: 0 })
    assert.equal(answered(asked.view, new Uint8Array(16)).stranger, false, 'nobody before us')
    assert.equal(answered(asked.view, random(16)).stranger, true)
    assert.equal(answered(asked.view, new Uint8Array(16).fill(1, 15)).stranger, true)
    let view = asked.view
    for (let i = 0; i < 15; i++) view = subscribe(view, random, ours).view
    assert.deepEqual(view.tags.map((tag) => answered(view, tag).stranger), new Array(16).fill(false))
    const next = subscribe(view, random, ours).view
    assert.equal(next.tags.length, 16)
    assert.deepEqual([answered(next, view.tags[0]!).stranger, answered(next, view.tags[1]!).stranger], [true, false], 'sixteen of its own it remembers')
  })

  it('goes through its phases', () => {
    const idle = newView(ours, 'conversation')
    const { view: asked } = subscribe(idle, random, ours)
    const { view } = subscribed(noble, asked, { type: 'subscribed', previous: new Uint8Array(16), blocks: 0 })
    assert.deepEqual([idle, asked, view, evicted(view), parted(view)].map(({ phase }) => phase), ['idle', 'asked', 'subscribed', 'evicted', 'idle'])
    assert.deepEqual({ ...parted(view), tags: [] }, idle)
  })

  it('acknowledges the blocks of each queue to that queue, sixteen by one command', () => {
    const settled: Handle[] = Array.from({ length: 34 }, (_, i) => ({ queue: i % 17 === 16 ? 'another' : toHex(ours), seq: i }))
    const mine = settled.filter(({ queue }) => queue !== 'another').map(({ seq }) => seq)
    assert.deepEqual(acknowledgements(ours, settled), [
      { type: 'acknowledge', id: ours, seqs: mine.slice(0, 16) },
      { type: 'acknowledge', id: ours, seqs: mine.slice(16) },
    ])
    assert.deepEqual(acknowledgements(ours, []), [])
  })
})
