import assert from 'node:assert/strict'
import { allows, take } from '../../../protocols/channel/rate.ts'
import type { LogState } from '../../../protocols/channel/state.ts'

const DAY = 24 * 3_600_000
/** A log of four entries, the last of that time, whose bucket has so many entries left. */
const log = (entries: number, time = 0, size = 4): LogState => ({ tokens: entries * DAY, time, size }) as LogState

describe('the rate of a log', () => {
  it('takes one entry for each, and gives back as many a day as the manifest says, no more at once', () => {
    assert.equal(take(log(3), 0, 3), 2 * DAY)
    assert.equal(take(log(0), DAY / 2, 3), DAY / 2)
    assert.equal(take(log(0, DAY), DAY, 3), -DAY, 'nothing in no time')
    assert.equal(take(log(0), DAY / 3 - 1, 3), -3)
    assert.equal(take(log(2), 5 * DAY, 3), 2 * DAY, 'a full bucket is full')
    assert.equal(take(log(9), 0, 3), 2 * DAY, 'also one filled at a higher rate')
    assert.equal(take(log(0), Number.MAX_SAFE_INTEGER, 100), 99 * DAY)
  })

  it('explains a log that is longer than what is here, to the millisecond', () => {
    assert.equal(allows(log(3), 7, 0, 3), true, 'three at once')
    assert.equal(allows(log(3), 8, 0, 3), false)
    assert.equal(allows(log(9), 8, 0, 3), false, 'whatever was saved at a higher rate')
    assert.equal(allows(log(0), 7, DAY, 3), true, 'three in a day')
    assert.equal(allows(log(0), 7, DAY - 1, 3), false)
    assert.equal(allows(log(0, DAY), 7, DAY, 3), false, 'counted from the last entry')
    assert.equal(allows(log(0, 0, 0), 1_000, 0, 1), true, 'of a log of which nothing is here anything may be true')
  })
})
