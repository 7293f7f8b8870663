import assert from 'node:assert/strict'
import type { MessageView } from '../../../src/messenger/views.ts'
import { around, EMPTY, MOST, newest, PAGE, type Window, withArrived, withChanged, withNewer, withOlder, without } from '../../../src/web/state/window.ts'
import { messageOf } from './support.ts'

describe('the window on a long conversation', () => {
  const LENGTH = 100_000
  const message = (n: number): MessageView => messageOf({ id: n.toString(16).padStart(32, '0'), at: n })
  const page = (from: number, to: number): MessageView[] => Array.from({ length: Math.max(0, to - from) }, (_, index) => message(from + index))
  const numbers = ({ messages }: Window): number[] => messages.map(({ at }) => at)

  it('reaches the first of 100,000 messages and comes back, and never holds more than a few hundred', () => {
    let window = newest(page(LENGTH - PAGE, LENGTH))
    while (window.older) {
      const first = numbers(window)[0]!
      window = withOlder(window, page(Math.max(0, first - PAGE), first))
      assert.ok(window.messages.length <= MOST)
      assert.ok(numbers(window).every((n, index, all) => index === 0 || n === all[index - 1]! + 1), 'no gap')
      if (first - PAGE <= 0 && numbers(window)[0] === 0) window = withOlder(window, [])
    }
    assert.equal(numbers(window)[0], 0)
    assert.equal(window.newer, true)
    while (window.newer) {
      const last = numbers(window).at(-1)!
      window = withNewer(window, page(last + 1, Math.min(LENGTH, last + 1 + PAGE)))
      assert.ok(window.messages.length <= MOST)
    }
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
    assert.deepEqual(numbers(withOlder(once, page(0, 2))), [0, 1, 2, 3])
  })

  it('changes and loses single messages where they stand', () => {
    const window = newest(page(0, 3))
    assert.equal(withChanged(window, { ...message(1), text: 'said differently' }).messages[1]?.text, 'said differently')
    assert.deepEqual(numbers(without(window, message(1).id)), [0, 2])
    assert.equal(withChanged(window, message(7)), window)
    assert.equal(without(EMPTY, message(7).id), EMPTY)
  })
})
