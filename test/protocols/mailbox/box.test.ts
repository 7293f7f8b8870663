import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Box, type Command, decodeQueue, dueOf, encodeQueue, isAbandoned, leave, newQueue, type Push, step, sweep, WINDOW } from '../../../protocols/mailbox/index.ts'
import { fromUtf8, noble, toHex, utf8 } from '../../../protocols/suite/index.ts'
import { TwinQueue } from '../../reference/mailbox.ts'
import { seededRandom } from '../../support/seeded.ts'
import { DAY, T0 } from './people.ts'

const random = seededRandom(1)
const key = noble.generate('x25519', random).publicKey
const shared = { id: random(24), dh: random(32), keys: random(64) }
const body = new Uint8Array(0) // a box does not look into bodies
const fresh = (kind: 'conversation' | 'request' = 'conversation'): Box => ({ queue: newQueue(noble, random, { kind, recipientKey: key, senderKey: key, now: T0 }) })
const named = (name: string): Uint8Array => utf8(name.padEnd(16))
const nobody = new Uint8Array(24)

/** A box as its user holds it. */
class Held {
  box: Box
  now = T0
  readonly bodies = new Set<number>()
  readonly pushes: Push[] = []

  constructor(box = fresh()) {
    this.box = box
  }

  do(command: Exclude<Command, { type: 'create' }>, session = 'recipient') {
    const before = JSON.stringify(shownOf(this.box))
    const old = this.box
    const { box, answer, pushes, kept, dropped } = step(this.box, { session, shared }, command, this.now)
    assert.equal(JSON.stringify(shownOf(old)), before, 'a step changes nothing of what it was given')
    if (kept) this.bodies.add(kept.seq)
    for (const seq of dropped) assert.ok(this.bodies.delete(seq), 'only what was kept is dropped, and once')
    this.box = box ?? this.box
    this.pushes.push(...pushes)
    return answer.type === 'refused' ? answer.code : answer.type
  }

  send = (name: string): string => this.do({ type: 'send', id: nobody, block: named(name), body }, 'sender')
  acknowledge = (...seqs: number[]): string => this.do({ type: 'acknowledge', id: nobody, seqs })
  subscribe = (session = 'recipient', tag = random(16)): string => this.do({ type: 'subscribe', id: nobody, tag }, session)
  /** What was pushed to the session since. */
  pushed(session = 'recipient'): string[] {
    const mine = this.pushes.filter(({ to }) => to === session)
    this.pushes.splice(0, this.pushes.length, ...this.pushes.filter(({ to }) => to !== session))
    return mine.map((push) => (push.type === 'delivery' ? shownOf({ queue: { ...this.box.queue, items: [push.item] } })[0]! : push.type))
  }
}

const shownOf = ({ queue }: Pick<Box, 'queue'>): string[] =>
  queue.items.map((item) => (item.kind === 'block' ? fromUtf8(item.block).trimEnd() : item.kind === 'expired' ? `expired ${item.total}` : 'quota'))

const moves = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), name: fc.nat(40) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), place: fc.nat(10) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('subscribe' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

describe('a box', () => {
  it('does what its twin does, with every schedule of sending, acknowledging and waiting', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 80 }), (plan) => {
        const held = new Held(fresh('request'))
        const twin = new TwinQueue(8)
        let day = 0
        for (const move of plan) {
          if (move.do === 'send') assert.equal(held.send(`${move.name}`), twin.send(`${move.name}`, day))
          if (move.do === 'acknowledge') {
            const seq = held.box.queue.items[move.place]?.seq ?? 10_000
            assert.equal(held.acknowledge(seq), 'done')
            twin.acknowledge(move.place, day)
            twin.sweep(day)
          }
          if (move.do === 'wait') {
            day += move.days
            held.now = T0 + day * DAY
          }
          if (move.do === 'subscribe') {
            held.subscribe()
            twin.sweep(day)
          }
          if (move.do === 'restart') held.box = { queue: decodeQueue(noble, encodeQueue(noble, held.box.queue)) }
          if (move.do !== 'wait') assert.deepEqual(shownOf(held.box), twin.shown)
          assert.equal(held.box.queue.full, twin.full)
          const blocks = held.box.queue.items.filter(({ kind }) => kind === 'block')
          assert.deepEqual([...held.bodies].sort((a, b) => a - b), blocks.map(({ seq }) => seq), 'bodies are those of its blocks')
        }
      }),
      { numRuns: 500 },
    )
  })

  it('keeps a block that is handed in twice once, also after it was deleted (attack 60)', () => {
    const held = new Held()
    assert.deepEqual([held.send('a'), held.send('a'), held.bodies.size], ['done', 'done', 1])
    held.acknowledge(1)
    assert.deepEqual([held.send('a'), held.bodies.size], ['done', 0])
    for (let i = 0; i < 128; i++) {
      held.send(`b${i}`)
      held.acknowledge(held.box.queue.items[0]!.seq)
    }
    held.send('a')
    assert.equal(held.bodies.size, 1, 'its memory has an end; the recipient has its own')
  })

  it('pushes in order, each once, and no more than the window', () => {
    const held = new Held()
    for (let i = 0; i < WINDOW + 3; i++) held.send(`${i}`)
    held.subscribe()
    const first = held.pushed()
    assert.deepEqual(first, Array.from({ length: WINDOW }, (_, i) => `${i}`))
    held.send('more')
    assert.deepEqual(held.pushed(), [])
    held.acknowledge(2, 1)
    assert.deepEqual(held.pushed(), [`${WINDOW}`, `${WINDOW + 1}`])
    held.subscribe('recipient again')
    assert.deepEqual(held.pushed(), ['evicted'])
    assert.deepEqual(held.pushed('recipient again'), Array.from({ length: WINDOW }, (_, i) => `${i + 2}`), 'what is not acknowledged comes again')
  })

  it('deletes nothing that is not acknowledged: a delivery is not one (attack 64)', () => {
    const held = new Held()
    held.send('a')
    for (let i = 0; i < 3; i++) {
      held.subscribe(`stream ${i}`)
      assert.deepEqual(held.pushed(`stream ${i}`), ['a'])
      held.box = leave(held.box, `stream ${i}`)
    }
    held.acknowledge(7)
    assert.deepEqual([...held.bodies], [1])
  })

  it('tells the first subscription of the second, and the second who was before it (attack 63)', () => {
    const held = new Held()
    const [first, second] = [random(16), random(16)]
    held.subscribe('first', first)
    const { answer } = step(held.box, { session: 'second', shared }, { type: 'subscribe', id: nobody, tag: second }, held.now)
    assert.deepEqual(answer, { type: 'subscribed', previous: first, blocks: 0 })
    held.subscribe('second', second)
    assert.deepEqual(held.pushed('first'), ['evicted'])
    held.send('a')
    assert.deepEqual([held.pushed('first'), held.pushed('second')], [[], ['a']])
  })

  it('that another process of the same store has changed is woken, or evicted', () => {
    const here = new Held()
    here.subscribe()
    const there = new Held({ queue: here.box.queue })
    there.send('a')
    const woken = dueOf({ ...here.box, queue: there.box.queue })
    assert.deepEqual(woken.pushes.map(({ type, to }) => [type, to]), [['delivery', 'recipient']])
    there.subscribe('elsewhere')
    const gone = dueOf({ ...woken.box, queue: there.box.queue })
    assert.deepEqual([gone.pushes, gone.box.watch], [[{ to: 'recipient', type: 'evicted' }], undefined])
  })

  it('that is suspended takes nothing, and gives what it has', () => {
    const held = new Held()
    held.send('a')
    held.do({ type: 'suspend', id: nobody })
    assert.equal(held.send('b'), 'denied')
    assert.equal(held.send('a'), 'denied')
    held.subscribe()
    assert.deepEqual(held.pushed(), ['a'])
  })

  it('that is deleted leaves no body behind', () => {
    const held = new Held()
    held.send('a')
    held.do({ type: 'post', id: nobody, body })
    held.do({ type: 'post', id: nobody, body })
    assert.equal(held.bodies.size, 2, 'the second notice takes the place of the first')
    held.subscribe('owner')
    held.do({ type: 'delete', id: nobody }, 'somebody else with the key')
    assert.equal(held.bodies.size, 0)
    assert.deepEqual(held.pushed('owner').at(-1), 'evicted')
  })

  it('is written only when something of it changed', () => {
    const held = new Held()
    held.send('a')
    const { queue } = held.box
    for (const act of [() => held.send('a'), () => held.acknowledge(99), () => held.do({ type: 'info', id: nobody })]) {
      act()
      assert.equal(held.box.queue, queue)
    }
    held.now += DAY
    held.do({ type: 'info', id: nobody })
    assert.notEqual(held.box.queue.visited, queue.visited)
  })

  it('is swept without anybody speaking, and is abandoned after half a year', () => {
    const held = new Held()
    held.send('a')
    held.now += 21 * DAY - 1
    assert.equal(sweep(held.box, held.now).box, held.box)
    const { box, dropped } = sweep(held.box, held.now + 1)
    assert.deepEqual([shownOf(box), dropped], [['expired 1'], [1]])
    assert.ok(!isAbandoned(held.box.queue, T0 + 182 * DAY))
    assert.ok(isAbandoned(held.box.queue, T0 + 184 * DAY))
  })

  it('comes back from its table', () => {
    const held = new Held()
    for (let i = 0; i < 130; i++) held.send(`${i}`)
    held.acknowledge(3, 5)
    held.do({ type: 'post', id: nobody, body })
    const bytes = encodeQueue(noble, held.box.queue)
    assert.ok(bytes.length < 6_144, `${bytes.length}`)
    const back = decodeQueue(noble, bytes)
    assert.deepEqual(toHex(encodeQueue(noble, back)), toHex(bytes))
    assert.deepEqual({ ...back, node: 0 }, { ...held.box.queue, node: 0 })
    assert.throws(() => decodeQueue(noble, bytes.slice(1)), { name: 'MailboxError' })
    assert.throws(() => decodeQueue(noble, new Uint8Array([...bytes, 0])), { code: 'malformed' })
  })
})
