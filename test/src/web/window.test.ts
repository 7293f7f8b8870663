import assert from 'node:assert/strict'
import type { MessageView } from '../../../src/messenger/views.ts'
import { around, edgeOf, EMPTY, type End, grown, MOST, newest, PAGE, inSteps, STEP, type Window, withArrived, withChanged, without } from '../../../src/web/state/window.ts'
import { messageOf } from './support.ts'

describe('the window on a long conversation', () => {
  const LENGTH = 100_000
  const message = (n: number): MessageView => messageOf({ id: n.toString(16).padStart(32, '0'), at: n })
  const page = (from: number, to: number): MessageView[] => Array.from({ length: Math.max(0, to - from) }, (_, index) => message(from + index))
  const numbers = ({ messages }: Window): number[] => messages.map(({ at }) => at)

  it('reaches the first of 100,000 messages and comes back, and never holds more than a few hundred', () => {
    const walk = (begun: Window, end: End, next: (edge: number) => MessageView[]): Window => {
      let window = begun
      while (window[end]) {
        const whole = next(Number.parseInt(edgeOf(window, end)!, 16))
        const parts = inSteps(whole, end)
        for (const [n, part] of parts.entries()) {
          assert.ok(part.length <= STEP)
          window = grown(window, end, part, n + 1 < parts.length || whole.length >= PAGE)
          assert.ok(window.messages.length <= MOST)
          assert.ok(numbers(window).every((at, index, all) => index === 0 || at === all[index - 1]! + 1), 'no gap')
        }
      }
      return window
    }
    let window = walk(newest(page(LENGTH - PAGE, LENGTH)), 'older', (first) => page(Math.max(0, first - PAGE), first))
    assert.equal(numbers(window)[0], 0)
    assert.equal(window.newer, true)
    window = walk(window, 'newer', (last) => page(last + 1, Math.min(LENGTH, last + 1 + PAGE)))
    assert.equal(numbers(window).at(-1), LENGTH - 1)
    assert.equal(window.older, true)
  })

  it('takes a new message only next to the newest', () => {
    assert.deepEqual(numbers(withArrived(newest(page(0, 3)), message(3))), [0, 1, 2, 3])
    const past = around(page(100, 103))
    assert.equal(withArrived(past, message(9_999)), past)
  })

  it('shows a message once, whether the answer or the event came first', () => {
    const once = withArrived(newest(page(0, 3)), message(3))
    assert.deepEqual(numbers(withArrived(once, message(3))), [0, 1, 2, 3])
    assert.deepEqual(numbers(grown(once, 'older', page(0, 2), false)), [0, 1, 2, 3])
  })

  it('changes and loses single messages where they stand', () => {
    const window = newest(page(0, 3))
    assert.equal(withChanged(window, { ...message(1), text: 'said differently' }).messages[1]?.text, 'said differently')
    assert.deepEqual(numbers(without(window, message(1).id)), [0, 2])
    assert.equal(withChanged(window, message(7)), window)
    assert.equal(without(EMPTY, message(7).id), EMPTY)
  })
})
