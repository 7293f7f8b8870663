import assert from 'node:assert/strict'
import { due, heard, interrupted, left, messageId, newSender, openBlock, partAt, type Piece, queueKeys, roomAgain, type Sender, sendCommand, start } from '../../../protocols/mailbox/index.ts'
import { noble } from '../../../protocols/suite/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { T0 } from './people.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const message = (name: number, blocks: number): Uint8Array => new Uint8Array(blocks * 16_384).fill(name)
const [soonest, latest] = [0, 255].map((byte) => () => Uint8Array.of(byte)) as [() => Uint8Array, () => Uint8Array]

/** A sender with so many messages of so many blocks. */
const started = (...blocks: number[]): Sender => blocks.reduce((sender, count, i) => start(noble, sender, message(i + 1, count)), newSender())
const numbers = (pieces: readonly Piece[]): number[] => pieces.map(({ number }) => number)
/** All that is due leaves. */
const leave = (sender: Sender, now = T0): { sender: Sender; pieces: Piece[] } => {
  const pieces = due(sender, now)
  return { sender: left(sender, pieces), pieces }
}
/** Refused so many times, each when its wait was over; and how long it waits then. */
function refused(times: number, random: () => Uint8Array): number {
  let [sender, now] = [started(1), T0]
  for (let i = 0; i < times; i++) {
    now = sender.again || now
    const { sender: away, pieces } = leave(sender, now)
    assert.deepEqual(numbers(pieces), [1])
    sender = heard(away, pieces[0]!, 'quota', now, random).sender
  }
  return sender.again - now
}

describe('a sender', () => {
  it('numbers the blocks of its messages one after the other, and of one message once', () => {
    const sender = started(3, 1)
    assert.deepEqual(sender.started.map(({ first, length, stored }) => [first, length, stored]), [[1, 49_152, 0], [4, 16_384, 0]])
    assert.deepEqual([sender.next, sender.state], [5, 'ready'])
    assert.equal(start(noble, sender, message(1, 3)), sender)
    const later = newSender(7, sender.started)
    assert.deepEqual([later.next, later.started], [7, sender.started])
  })

  it('seals a block anew each time under the name it had, for a resend to be known by', () => {
    const random = seededRandom(1)
    const queue = { keys: queueKeys(noble, random(32)), sender: random(24) }
    const text = message(1, 2)
    const piece = due(start(noble, newSender(5), text), T0)[1]!
    const [one, two] = [1, 2].map(() => sendCommand(noble, random, queue, text, piece)) as [ReturnType<typeof sendCommand>, ReturnType<typeof sendCommand>]
    assert.deepEqual([one.type, one.id, one.block], ['send', queue.sender, two.block])
    assert.notDeepEqual(one.body, two.body)
    for (const { body } of [one, two]) assert.deepEqual(openBlock(noble, queue.keys, body), partAt(text, messageId(noble, text), 1, 6))
  })

  it('begins no more than eight messages on one queue', () => {
    const sender = started(1, 1, 1, 1, 1, 1, 1, 1)
    assert.throws(() => start(noble, sender, message(9, 1)), new RangeError('too many messages are started on this queue'))
    assert.equal(start(noble, sender, message(8, 1)), sender)
  })

  it('has sixteen blocks on the way, in order, and none twice', () => {
    const { sender, pieces } = leave(started(14, 4))
    assert.deepEqual(numbers(pieces), Array.from({ length: 16 }, (_, i) => i + 1))
    assert.deepEqual(pieces.map(({ index }) => index), [...Array.from({ length: 14 }, (_, i) => i), 0, 1])
    assert.deepEqual(due(sender, T0), [])
    const { sender: next } = heard(sender, pieces[2]!, 'done', T0, soonest)
    assert.deepEqual(numbers(due(next, T0)), [17])
    assert.deepEqual(due(left(sender, [...pieces, ...pieces]), T0), [], 'nor with more on the way than there may be')
  })

  it('knows a message to be with the node when all its blocks are, in whatever order', () => {
    const { sender, pieces } = leave(started(2, 2))
    const [first, second, other] = pieces as [Piece, Piece, Piece]
    assert.notEqual(first.message, other.message)
    const one = heard(sender, second, 'done', T0, soonest)
    assert.deepEqual([one.finished, one.sender.started.map(({ stored }) => stored)], [undefined, [2, 0]])
    const again = heard(one.sender, second, 'done', T0, soonest)
    assert.deepEqual([again.finished, again.sender.started], [undefined, one.sender.started], 'also when it is told twice')
    const both = heard(one.sender, first, 'done', T0, soonest)
    assert.deepEqual([both.finished, both.sender.started.map(({ first }) => first)], [first.message, [3]])
    assert.equal(heard(both.sender, first, 'done', T0, soonest).finished, undefined)
    assert.deepEqual(both.sender.flying, [3, 4])
  })

  it('sends the rest again when the stream has ended', () => {
    const { sender, pieces } = leave(started(3))
    const { sender: one } = heard(sender, pieces[1]!, 'done', T0, soonest)
    assert.deepEqual(due(one, T0), [])
    assert.deepEqual(numbers(due(interrupted(one), T0)), [1, 3])
  })

  it('waits when the queue is full or the node busy, then tries with one block alone', () => {
    for (const said of ['quota', 'busy'] as const) {
      const { sender, pieces } = leave(started(4))
      const { sender: waiting, finished } = heard(sender, pieces[0]!, said, T0, latest)
      assert.deepEqual([waiting.state, waiting.tries, waiting.again - T0, finished], ['waiting', 1, 30 * SECOND, undefined])
      const quiet = interrupted(waiting)
      assert.deepEqual(due(quiet, waiting.again - 1), [])
      assert.deepEqual(numbers(due(quiet, waiting.again)), [1])
      assert.deepEqual(due(left(quiet, [pieces[0]!]), waiting.again), [], 'one alone')
      const { sender: open } = heard(left(quiet, [pieces[0]!]), pieces[0]!, 'done', waiting.again, latest)
      assert.deepEqual([open.state, open.tries, open.again], ['ready', 0, 0])
      assert.deepEqual(numbers(due(open, waiting.again)), [2, 3, 4])
    }
  })

  it('doubles its wait up to a quarter of an hour, and spreads it over the upper half', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 30].map((times) => refused(times, latest) / SECOND), [30, 60, 120, 240, 480, 900, 900])
    assert.deepEqual([1, 2, 6].map((times) => refused(times, soonest) / SECOND), [15, 30, 450])
    assert.equal(refused(1, () => Uint8Array.of(51)), 18 * SECOND)
    assert.equal(refused(1, () => Uint8Array.of(1)), 15_059, 'to the millisecond')
  })

  it('takes several refusals of what was on the way together for one', () => {
    const { sender, pieces } = leave(started(3))
    const first = heard(sender, pieces[0]!, 'quota', T0, latest).sender
    const second = heard(first, pieces[1]!, 'quota', T0 + 5, soonest).sender
    assert.deepEqual(second, { ...first, flying: [3] })
    const later = heard(second, pieces[2]!, 'quota', first.again, latest).sender
    assert.deepEqual([later.tries, later.again], [2, first.again + MINUTE], 'one that comes when the wait is over is another')
  })

  it('does not wait for years when the clock was set back', () => {
    const { sender, pieces } = leave(started(2))
    const waiting = interrupted(heard(sender, pieces[0]!, 'quota', T0, latest).sender)
    const limit = waiting.again - 15 * MINUTE
    assert.deepEqual(due(waiting, limit), [])
    assert.deepEqual(numbers(due(waiting, limit - 1)), [1])
    assert.equal(heard(waiting, pieces[0]!, 'quota', limit, latest).sender.again, waiting.again)
    assert.equal(heard(waiting, pieces[0]!, 'quota', limit - 1, latest).sender.again, limit - 1 + MINUTE)
  })

  it('goes on at once when it hears that there is room', () => {
    const { sender, pieces } = leave(started(4))
    const waiting = interrupted(heard(sender, pieces[0]!, 'quota', T0, latest).sender)
    const open = roomAgain(waiting)
    assert.deepEqual([open.state, open.tries, open.again], ['ready', 0, 0])
    assert.deepEqual(numbers(due(open, T0)), [1, 2, 3, 4])
    assert.equal(roomAgain(sender), sender)
  })

  it('is at an end when it was denied, whatever is heard later of what was on the way', () => {
    const { sender, pieces } = leave(started(3, 1))
    const { sender: gone, finished } = heard(sender, pieces[0]!, 'denied', T0, latest)
    assert.deepEqual([gone.state, gone.flying, finished], ['gone', [2, 3, 4], undefined])
    assert.deepEqual(due(interrupted(gone), T0), [])
    assert.equal(roomAgain(gone), gone)
    const refusedLater = heard(gone, pieces[1]!, 'quota', T0, latest).sender
    assert.deepEqual([refusedLater.state, refusedLater.flying], ['gone', [3, 4]])
    const storedLater = heard(gone, pieces[3]!, 'done', T0, latest)
    assert.deepEqual([storedLater.sender.state, storedLater.finished], ['gone', pieces[3]!.message], 'what it took before is with it')
  })
})
