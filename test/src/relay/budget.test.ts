import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createBudget } from '../../../src/relay/mailbox/budget.ts'

describe('a budget', () => {
  it('gives so much at once, then so much a second, and says when', () => {
    const clock = { now: 0 }
    const budget = createBudget({ burst: 3, perSecond: 2, remembered: 10, now: () => clock.now })
    assert.deepEqual([1, 2, 3, 4].map(() => budget.take('a')), [true, true, true, false])
    assert.deepEqual([budget.wait('a'), budget.wait('b')], [500, 0])
    clock.now = 500
    assert.deepEqual([budget.take('a'), budget.take('a')], [true, false])
    clock.now = 100 // set back: nothing is given, and nothing taken
    assert.equal(budget.take('a'), false)
  })

  it('forgets whom it did not see longest, and so gives them again', () => {
    const budget = createBudget({ burst: 1, perSecond: 0.001, remembered: 2, now: () => 0 })
    for (const who of ['a', 'b', 'a', 'c']) budget.take(who)
    assert.deepEqual([budget.take('a'), budget.take('b')], [false, true])
  })

  it('never gives more than burst and rate, however it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000), { maxLength: 100, size: 'max' }), (pauses) => {
        const clock = { now: 0 }
        const budget = createBudget({ burst: 5, perSecond: 3, remembered: 10, now: () => clock.now })
        let given = 0
        for (const pause of pauses) {
          clock.now += pause
          if (budget.take('a')) given++
          else assert.ok(budget.wait('a') > 0)
        }
        assert.ok(given <= 5 + (clock.now / 1000) * 3)
      }),
    )
  })
})
