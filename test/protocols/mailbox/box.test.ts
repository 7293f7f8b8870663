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
    for (const { to } of pushes) assert.ok(to, 'every push is to somebody')
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
      fc.property(fc.array(moves, { maxLength: 80, size: 'max' }), (plan) => {
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
      { numRuns: 100 },
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

  it('that was full takes nothing until the marker of it is acknowledged; then it tells who waits', () => {
    const held = new Held(fresh('request'))
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    for (const name of all) assert.equal(held.send(name), 'done')
    assert.deepEqual([held.send('i'), held.send('j')], ['quota', 'quota'])
    assert.deepEqual(shownOf(held.box), [...all, 'quota'], 'one marker, however often it refused')
    assert.deepEqual(held.do({ type: 'info', id: nobody }), 'info')
    held.subscribe()
    assert.deepEqual(held.pushed(), [...all, 'quota'])
    held.acknowledge(1)
    assert.deepEqual([held.send('i'), held.box.queue.full, held.pushed('sender')], ['quota', true, []], 'there is room, and the recipient does not know yet that something was refused')
    held.acknowledge(9)
    assert.deepEqual([held.box.queue.full, held.box.waiting, held.pushed('sender'), held.bodies.size], [false, undefined, ['room'], 7])
    assert.deepEqual([held.send('i'), held.send('j'), held.send('a')], ['done', 'quota', 'done'])
    assert.equal(held.box.queue.recent.length, 1, 'a marker is no block')
    assert.deepEqual(held.box.queue.items.map(({ seq }) => seq), [2, 3, 4, 5, 6, 7, 8, 10, 11], 'and has a number of its own')
  })

  it('tells nobody of room who has left, and nobody twice', () => {
    for (const gone of ['sender', 'somebody else']) {
      const held = new Held(fresh('request'))
      for (let i = 0; i < 9; i++) held.send(`${i}`)
      held.box = leave(held.box, gone)
      held.acknowledge(9)
      assert.deepEqual(held.pushed('sender'), gone === 'sender' ? [] : ['room'])
      held.acknowledge(1, 2)
      assert.deepEqual(held.pushed('sender'), [])
    }
    const never = new Held(fresh('request'))
    for (let i = 0; i < 9; i++) never.send(`${i}`)
    never.box = { queue: never.box.queue }
    for (const seq of [1, 9]) {
      never.acknowledge(seq)
      assert.deepEqual([never.pushes, never.box], [[], { queue: never.box.queue }])
    }
  })

  it('counts what waited too long in one marker that stands first and takes no place of a block', () => {
    const held = new Held(fresh('request'))
    held.send('a')
    held.send('b')
    held.now += 20 * DAY
    held.send('c')
    held.now += DAY
    held.subscribe()
    assert.deepEqual(held.pushed(), ['expired 2', 'c'])
    assert.deepEqual([held.box.queue.expired, [...held.bodies]], [2, [3]])
    for (let i = 0; i < 7; i++) assert.equal(held.send(`${i}`), 'done')
    assert.equal(held.send('one more'), 'quota')
    held.now += 20 * DAY
    assert.equal(held.send('a'), 'quota')
    assert.deepEqual(shownOf(held.box), ['expired 3', '0', '1', '2', '3', '4', '5', '6', 'quota'], 'c has gone into the marker; the queue is full until its marker is acknowledged, or goes too')
    held.now += DAY
    assert.equal(held.send('a'), 'done', 'a block that expired may be handed in again')
    assert.deepEqual(shownOf(held.box), ['expired 10', 'a'])
    assert.deepEqual([held.box.queue.full, held.pushed('sender')], [false, ['room']])
    held.acknowledge(held.box.queue.items[0]!.seq)
    assert.deepEqual([shownOf(held.box), held.box.queue.expired], [['a'], 10], 'the count stays')
    held.now += 21 * DAY
    held.subscribe()
    held.now += 21 * DAY
    held.subscribe()
    assert.deepEqual(shownOf(held.box), ['expired 11'], 'and the marker, until it is acknowledged')
  })

  it('whose marker of QUOTA alone is old opens again, and loses nothing', () => {
    const held = new Held(fresh('request'))
    held.send('old')
    held.now += 21 * DAY
    for (let i = 0; i < 9; i++) held.send(`${i}`)
    held.acknowledge(...held.box.queue.items.filter(({ kind }) => kind === 'block').map(({ seq }) => seq))
    assert.deepEqual(shownOf(held.box), ['expired 1', 'quota'])
    held.now += 21 * DAY
    const { box, pushes, dropped } = sweep(held.box, held.now)
    assert.deepEqual([shownOf(box), box.queue.full, box.queue.expired, pushes.map(({ type }) => type), dropped], [['expired 1'], false, 1, ['room'], []])
  })

  it('says how it stands', () => {
    const held = new Held()
    const info = (now = held.now) => step(held.box, { session: 'recipient', shared }, { type: 'info', id: nobody }, now).answer
    assert.deepEqual(info(), { type: 'info', blocks: 0, capacity: 128, oldest: 0, full: false, suspended: false })
    held.send('a')
    held.now += DAY
    held.send('b')
    assert.deepEqual(info(), { type: 'info', blocks: 2, capacity: 128, oldest: T0, full: false, suspended: false })
    held.do({ type: 'suspend', id: nobody })
    assert.deepEqual(info(T0 + 21 * DAY), { type: 'info', blocks: 1, capacity: 128, oldest: T0 + DAY, full: false, suspended: true }, 'the marker of what expired is no block')
  })

  it('hands out the notice until another takes its place or it is suspended, and takes another sender key', () => {
    const held = new Held(fresh('request'))
    const read = () => step(held.box, { session: 'stranger', shared }, { type: 'read', id: nobody }, held.now)
    assert.deepEqual(read().answer, { type: 'refused', code: 'denied' })
    assert.equal(held.do({ type: 'post', id: nobody, body }), 'done')
    assert.deepEqual(read().answer, { type: 'notice', seq: 1 })
    held.do({ type: 'post', id: nobody, body })
    assert.deepEqual([read().answer, [...held.bodies]], [{ type: 'notice', seq: 2 }, [2]])
    const senderKey = noble.generate('x25519', random).publicKey
    assert.equal(held.do({ type: 'secure', id: nobody, senderKey }), 'done')
    assert.equal(held.box.queue.senderKey, senderKey)
    assert.equal(held.do({ type: 'suspend', id: nobody }), 'done')
    assert.deepEqual(read().answer, { type: 'refused', code: 'denied' })
    const before = held.box.queue
    held.now += DAY
    assert.equal(read().box?.queue, before, 'who scans an invite is not the recipient: the queue has not been visited')
    held.send('a')
    assert.equal(held.box.queue, before)
  })

  it('remembers of its recipient the day, and no more', () => {
    const held = new Held()
    const days = [() => held.acknowledge(99), () => held.subscribe(), () => held.do({ type: 'info', id: nobody }), () => held.do({ type: 'suspend', id: nobody })].map((act) => {
      held.now += DAY + 3_600_000
      act()
      return held.box.queue.visited
    })
    const first = Math.floor(T0 / 86_400_000)
    assert.deepEqual(days.map((day) => day / 86_400_000), [1, 2, 3, 4].map((i) => first + i))
    held.send('a')
    assert.equal(held.box.queue.visited, days[3])
  })

  it('pushes nothing without a subscription, nor to one whose stream has ended', () => {
    const held = new Held()
    held.send('a')
    assert.deepEqual(dueOf(held.box), { box: held.box, pushes: [] })
    held.subscribe('here')
    held.box = leave(held.box, 'another stream')
    assert.equal(held.box.watch?.session, 'here')
    held.box = leave(held.box, 'here')
    assert.deepEqual(Object.keys(held.box), ['queue'])
    held.send('b')
    assert.deepEqual(held.pushed('here'), ['a'])
  })

  it('is not evicted by who holds it: a second subscription of one stream takes the place of the first', () => {
    const held = new Held()
    held.send('a')
    held.subscribe('here')
    held.subscribe('here')
    assert.deepEqual(held.pushed('here'), ['a', 'a'])
    held.do({ type: 'delete', id: nobody }, 'here')
    assert.deepEqual(held.pushed('here'), [])
  })

  it('gives back the bodies of blocks alone, and the pushes of its sweep, when it is deleted', () => {
    const held = new Held(fresh('request'))
    for (let i = 0; i < 9; i++) held.send(`${i}`)
    held.now += 21 * DAY
    const { box, answer, pushes, kept, dropped } = step(held.box, { session: 'owner', shared }, { type: 'delete', id: nobody }, held.now)
    assert.deepEqual([box, answer, pushes, kept, [...dropped]], [undefined, { type: 'done' }, [{ to: 'sender', type: 'room' }], undefined, [1, 2, 3, 4, 5, 6, 7, 8]])
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
    const { visited } = held.box.queue
    assert.deepEqual([isAbandoned(held.box.queue, visited + 183 * DAY - 1), isAbandoned(held.box.queue, visited + 183 * DAY)], [false, true])
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
