import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Announcement,
  count,
  decodeAnnouncement,
  decodeCommand,
  decodeNodeFrame,
  encodeAnnouncement,
  encodeCommand,
  encodeNodeFrame,
  follow,
  hasSeen,
  join,
  type Joined,
  MAX_ANNOUNCEMENT,
  MAX_INCOMPLETE,
  MAX_PARTS,
  MailboxError,
  messageId,
  nextRevision,
  NONE,
  type Part,
  PART,
  type Partial,
  partAt,
  partsOf,
  queueKeys,
  remember,
  SEEN,
  sealBlock,
  type Seen,
  start,
  newSender,
  due,
  WINDOW,
} from '../../../protocols/mailbox/index.ts'
import { noble } from '../../../protocols/suite/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { DAY, T0 } from './people.ts'

const random = seededRandom(1)
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)
const cut = (message: Uint8Array, from = 1) => Array.from({ length: partsOf(message.length) }, (_, i) => partAt(message, messageId(noble, message), i, from + i))

/** Takes parts in, as one contact would. */
class Joiner {
  partials: readonly Partial[] = []
  seq = 0
  now = T0
  add(part: ReturnType<typeof cut>[number], queue = 'a', seq = ++this.seq): Joined {
    const joined = join(noble, this.partials, part, { handle: { queue, seq }, at: this.now }, this.now)
    this.partials = joined.partials
    return joined
  }
}

describe('a message in parts', () => {
  it('comes together in any order, once, with every delivery it was made of', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 262_144 }), fc.infiniteStream(fc.nat()), (length, order) => {
        const message = filled(length, 5)
        const parts = cut(message)
        const joiner = new Joiner()
        const places = parts.map((_, i) => i).sort(() => (order.next().value as number) % 2 || -1)
        const results = places.map((place) => joiner.add(parts[place]!))
        assert.ok(noble.equal(results.at(-1)!.message!, message))
        assert.ok(results.slice(0, -1).every(({ message: early, handles }) => early === undefined && handles.length === 0))
        assert.equal(results.at(-1)!.handles.length, parts.length)
        assert.deepEqual(joiner.partials, [])
      }),
      { numRuns: 40 },
    )
  })

  it('fits one block up to 16 KiB, and sixteen at the most', () => {
    assert.deepEqual([4_096, 16_384, 65_536, 131_072, 196_608, 262_144].map(partsOf), [1, 1, 4, 8, 12, 16])
    assert.equal(MAX_PARTS, 16)
    assert.throws(() => start(noble, newSender(), filled(262_145, 0)), { code: 'too-large' })
    assert.throws(() => start(noble, newSender(), filled(0, 0)), { code: 'too-large' })
  })

  it('whose parts are of two messages under one hash is nobody’s, and is let go', () => {
    const joiner = new Joiner()
    const [one, two] = [cut(filled(2 * PART, 1)), cut(filled(2 * PART, 2))]
    joiner.add(one[0]!)
    const joined = joiner.add({ ...two[1]!, hash: one[0]!.hash })
    assert.deepEqual([joined.message, joined.corrupt, joined.handles.length, joiner.partials.length], [undefined, true, 2, 0])
  })

  it('is bounded: the one that waited longest gives way, and what is held back stays below the window (attack 30)', () => {
    const joiner = new Joiner()
    const held = new Set<number>()
    let abandoned = 0
    for (let i = 0; i < 20; i++) {
      for (const part of cut(filled(262_144, i)).slice(0, 15)) {
        held.add(joiner.seq + 1)
        const joined = joiner.add(part)
        abandoned += joined.abandoned
        for (const { seq } of joined.handles) held.delete(seq)
        assert.ok(held.size < WINDOW, 'or the recipient would wait for ever')
      }
    }
    assert.deepEqual([joiner.partials.length, abandoned], [MAX_INCOMPLETE, 16])
  })

  it('is the same in whatever order its parts came', () => {
    const message = new Uint8Array(2 * PART + 5).map((_, i) => i % 251)
    const parts = cut(message)
    for (const order of [[0, 1, 2], [2, 0, 1]]) {
      const joiner = new Joiner()
      assert.deepEqual(order.map((place) => joiner.add(parts[place]!).message), [undefined, undefined, message])
    }
  })

  it('gives way to the fifth that is begun, and gives back its deliveries', () => {
    const joiner = new Joiner()
    const first = [1, 2, 3, 4, 5].map((byte) => joiner.add(cut(filled(3 * PART, byte))[0]!))
    assert.deepEqual(first.map(({ abandoned, handles, corrupt }) => [abandoned, handles.map(({ seq }) => seq), corrupt]), [[0, [], false], [0, [], false], [0, [], false], [0, [], false], [1, [1], false]])
    const again = joiner.add(cut(filled(3 * PART, 2))[1]!)
    assert.deepEqual([again.abandoned, joiner.partials.map(({ parts }) => parts.size)], [0, [1, 1, 1, 2]], 'the one that was heard of last stands last')
    assert.deepEqual(joiner.add(cut(filled(3 * PART, 6))[0]!).handles, [{ queue: 'a', seq: 3 }])
  })

  it('is not kept longer than its node would, counted from when it came there, or from now if that is to come', () => {
    for (const at of [T0 - DAY, T0, T0 + 5 * DAY]) {
      const joiner = new Joiner()
      const [part, another, third] = [1, 2, 3].map((byte) => cut(filled(2 * PART, byte))[0]!) as [Part, Part, Part]
      joiner.partials = join(noble, [], part, { handle: { queue: 'a', seq: ++joiner.seq }, at }, T0).partials
      joiner.now = Math.min(at, T0) + 21 * DAY - 1
      assert.deepEqual(joiner.add(another).handles, [])
      joiner.now++
      const joined = joiner.add(third)
      assert.deepEqual([joined.abandoned, joined.handles, joiner.partials.length], [1, [{ queue: 'a', seq: 1 }], 2])
    }
  })

  it('is told by its length as well: who says another length of one hash speaks of another message', () => {
    const joiner = new Joiner()
    const [part] = cut(filled(3 * PART, 1))
    joiner.add(part!)
    joiner.add({ ...part!, length: 2 * PART })
    assert.deepEqual(joiner.partials.map(({ length }) => length), [3 * PART, 2 * PART])
  })

  it('lets a part go that came twice by one queue, and holds it at both nodes when it came by two', () => {
    const joiner = new Joiner()
    const parts = cut(filled(2 * PART, 1))
    joiner.add(parts[0]!)
    assert.deepEqual(joiner.add(parts[0]!).handles, [{ queue: 'a', seq: 2 }])
    assert.deepEqual(joiner.add(parts[0]!, 'a', 1).handles, [], 'the same delivery after a new subscription')
    assert.deepEqual(joiner.add(parts[0]!, 'b', 1).handles, [])
    assert.deepEqual(joiner.add(parts[1]!).handles, [{ queue: 'a', seq: 1 }, { queue: 'b', seq: 1 }, { queue: 'a', seq: 3 }])
  })

  it('through two queues gives blocks that do not match', () => {
    const [part] = cut(filled(4_096, 1))
    const [one, two] = [1, 2].map((byte) => sealBlock(noble, random, queueKeys(noble, filled(32, byte)), part!))
    assert.ok(one!.some((byte, i) => byte !== two![i]))
    assert.equal(due(start(noble, newSender(), filled(4_096, 1)), T0).length, 1)
  })
})

describe('the numbers of a sender', () => {
  it('show every gap, and every block that comes late; a liar cannot make them grow', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.maxSafeNat().map((n) => n + 1)), { maxLength: 80, size: 'max' }), (came) => {
        let numbers = NONE
        const model = new Set<number>()
        let wasFull = false
        for (const number of came.filter((n) => n < Number.MAX_SAFE_INTEGER)) {
          const { numbers: next, place } = count(numbers, number)
          if (model.has(number)) assert.equal(place.place, 'again')
          else if (place.place === 'again') assert.ok(wasFull && number < (numbers.missing[0]?.from ?? numbers.next), 'only what was given up, the oldest')
          assert.equal(place.place === 'next', number === numbers.next)
          numbers = next
          wasFull ||= numbers.missing.length === 16
          model.add(number)
          assert.ok(numbers.missing.length <= 16)
          for (const { from, to } of numbers.missing) assert.ok(from <= to && to < numbers.next && ![...model].some((n) => n >= from && n <= to))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('what was seen', () => {
  it('is remembered for as many messages as four queues hold, twice over', () => {
    let seen: Seen = []
    const hash = (i: number): Uint8Array => new Uint8Array(32).fill(i % 256).fill(i >>> 8, 16)
    for (let i = 0; i < SEEN + 1; i++) seen = remember(seen, hash(i))
    assert.equal(seen.length, SEEN)
    assert.deepEqual([hasSeen(seen, hash(0)), hasSeen(seen, hash(1)), hasSeen(seen, hash(SEEN))], [false, true, true])
    assert.equal(remember(seen, hash(5)), seen)
  })
})

describe('an announcement', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  const address = fc.stringMatching(/^\/[A-Za-z0-9./:_=~+-]{1,60}$/)
  const queue = fc.record({ node: bytes(32), addresses: fc.array(address, { maxLength: 4 }), sender: bytes(24), nodeKey: bytes(32), secret: bytes(32), priority: fc.nat(255) }, { noNullPrototype: true })
  const lists: fc.Arbitrary<Announcement> = fc.record(
    { revision: fc.maxSafeNat(), queues: fc.uniqueArray(queue, { maxLength: 4, selector: ({ sender }) => sender.join() }).filter((all) => new Set(all.map(({ secret }) => secret.join())).size === all.length) },
    { noNullPrototype: true },
  )
  const one = { node: filled(32, 1), addresses: ['/ip4/192.0.2.7/tcp/4001'], sender: filled(24, 2), nodeKey: filled(32, 3), secret: filled(32, 4), priority: 0 }
  const two = { ...one, sender: filled(24, 5), secret: filled(32, 6) }

  it('comes back from its bytes, and has one form', () => {
    fc.assert(fc.property(lists, (list) => assert.deepEqual(decodeAnnouncement(encodeAnnouncement(list)), list)))
    fc.assert(
      fc.property(lists, fc.nat(), fc.nat(255), (list, place, byte) => {
        const coded = encodeAnnouncement(list)
        coded[place % coded.length] = byte
        try {
          assert.deepEqual(encodeAnnouncement(decodeAnnouncement(coded)), coded)
        } catch (error) {
          assert.ok(error instanceof MailboxError, String(error))
        }
      }),
    )
  })

  it('takes the place of an older one, and is not undone by one that comes late', () => {
    const [old, next] = [{ revision: 5, queues: [one] }, { revision: 6, queues: [{ ...one, addresses: [] }, two] }]
    assert.deepEqual(follow(undefined, old), { added: [one], kept: [], removed: [] })
    assert.deepEqual(follow(old, next), { added: [two], kept: [next.queues[0]], removed: [] })
    assert.deepEqual(follow(next, { revision: 7, queues: [] }), { added: [], kept: [], removed: next.queues })
    assert.equal(follow(next, old), undefined)
    assert.equal(follow(next, { revision: 6, queues: [] }), undefined)
    assert.deepEqual(follow(old, { revision: 6, queues: [{ ...one, secret: filled(32, 9) }] })!.removed, [one], 'other keys are another queue')
  })

  it('of a state that was lost still has a higher number', () => {
    assert.equal(nextRevision(0, T0), T0)
    assert.equal(nextRevision(T0 + 10, T0), T0 + 11)
  })

  it('at its largest is as large as it says', () => {
    const addresses = Array<string>(4).fill(`/${'a'.repeat(199)}`)
    const queues = [1, 2, 3, 4].map((byte) => ({ ...one, addresses, sender: filled(24, byte), secret: filled(32, byte) }))
    assert.equal(encodeAnnouncement({ revision: 1, queues }).length, MAX_ANNOUNCEMENT)
  })
})

describe('the frames of a mailbox', () => {
  it('of any bytes are read to the same bytes or refused by name (attack 24)', () => {
    const types = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x90, 0x91, 0x92)
    fc.assert(
      fc.property(types, fc.nat(2), fc.uint8Array({ maxLength: 150, size: 'max' }), fc.constantFrom(256, 16_640), (type, number, noise, size) => {
        const frame = new Uint8Array(size)
        frame.set([1, type, 0, 0, 0, 0, 0, 0, 0, number])
        frame.set(noise, 34)
        for (const [decode, encode] of [
          [(bytes: Uint8Array) => decodeCommand(bytes), (asked: ReturnType<typeof decodeCommand>) => encodeCommand(asked.number, asked.command)],
          [decodeNodeFrame, encodeNodeFrame],
        ] as const) {
          try {
            const decoded = decode(frame)
            const again = encode(decoded as never)
            assert.ok(noble.equal(again, 'signed' in decoded ? decoded.signed : frame))
          } catch (error) {
            assert.ok(error instanceof MailboxError, String(error))
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('are not made of fields of another size', () => {
    const id = filled(24, 1)
    assert.throws(() => encodeCommand(0, { type: 'info', id }), { code: 'malformed' })
    assert.throws(() => encodeCommand(1, { type: 'info', id: filled(23, 1) }), { code: 'malformed' })
    assert.throws(() => encodeCommand(1, { type: 'send', id, block: filled(16, 1), body: filled(16_384, 1) }), { code: 'malformed' })
    assert.throws(() => encodeCommand(1, { type: 'acknowledge', id, seqs: [] }), { code: 'malformed' })
    assert.throws(() => encodeNodeFrame({ type: 'hello', nonce: filled(16, 1), now: 0 }), { code: 'malformed' })
    assert.throws(() => encodeNodeFrame({ type: 'reply', number: 0, reply: { type: 'done' } }), { code: 'malformed' })
  })
})
