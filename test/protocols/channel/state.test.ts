import assert from 'node:assert/strict'
import type { Head } from '../../../protocols/channel/entry.ts'
import { type Channel, disputes, emptyLog, generationOf, heads, type LogState, missing, rateAt, total } from '../../../protocols/channel/state.ts'
import { noble, toHex } from '../../../protocols/suite/index.ts'

const id = (name: number): Uint8Array => new Uint8Array(32).fill(name)
const head = (name: number, size: number, root = id(100 + size)): Head => ({ log: id(name), size, root })
const log = (name: number, size: number, seen: readonly Head[] = []): LogState => ({ ...emptyLog(id(name)), size, seen })
/** A channel named 0, whose root log has four entries. */
const channel = (logs: readonly LogState[], changed: Partial<Channel> = {}): Channel =>
  ({ id: id(0), root: log(0, 4), roots: [0, 1, 2, 3, 4].map((size) => id(100 + size)), logs: new Map(logs.map((state) => [toHex(state.log), state])), cuts: new Map(), rates: [], ...changed }) as Partial<Channel> as Channel
const cut = (name: number, size: number): Pick<Channel, 'cuts'> => ({ cuts: new Map([[toHex(id(name)), { ...head(name, size), reason: '', seq: 3 }]]) })
const shown = (all: ReturnType<typeof missing>): (number | undefined)[][] => all.map(({ log, from, to, saidBy }) => [log[0], from, to, saidBy[0]])

describe('what is missing of a channel', () => {
  it('is what the newest entries that are here speak of and is not, ascending by log', () => {
    const state = channel([log(7, 1), log(3, 2, [head(7, 5), head(5, 1), head(9, 9)]), log(5, 0)])
    assert.deepEqual(shown(missing(state)), [[5, 0, 1, 3], [7, 1, 5, 3]])
    assert.deepEqual(shown(missing({ ...state, root: log(0, 4, [head(3, 3)]) })), [[3, 2, 3, 0], [5, 0, 1, 3], [7, 1, 5, 3]])
    assert.deepEqual(shown(missing(channel([log(3, 2, [head(0, 6)])]))), [[0, 4, 6, 3]], 'of the root log as well')
    assert.deepEqual(missing(channel([log(3, 2, [head(5, 1), head(0, 4)]), log(5, 1)])), [], 'not what is here')
  })

  it('is said by who knows of most, and of two who know as much by the first by name', () => {
    const word = (most: readonly number[]): (number | undefined)[][] => shown(missing(channel([log(9, 0), ...most.map((size, i) => log(i + 1, 1, [head(9, size)]))])))
    assert.deepEqual(word([5, 8, 6]), [[9, 0, 8, 2]])
    assert.deepEqual(word([8, 5, 8]), [[9, 0, 8, 1]])
    const both = [log(2, 1, [head(9, 8)]), log(1, 1, [head(9, 8)])]
    for (const order of [both, both.toReversed()]) assert.deepEqual(shown(missing(channel([log(9, 0), ...order]))), [[9, 0, 8, 1]])
  })

  it('is said by those alone whose word is taken', () => {
    const state = channel([log(9, 0), log(1, 1, [head(9, 5)]), log(2, 1, [head(9, 3)])])
    assert.deepEqual(shown(missing(state, (name) => name[0] !== 1)), [[9, 0, 3, 2]])
  })

  it('ends where a log was ended, and begins there too: who ends a log says how long it is', () => {
    assert.deepEqual(shown(missing(channel([log(9, 1), log(1, 1, [head(9, 5)])], cut(9, 3)))), [[9, 1, 3, 0]])
    assert.deepEqual(shown(missing(channel([log(9, 3), log(1, 1, [head(9, 5)])], cut(9, 3)))), [])
    assert.deepEqual(shown(missing(channel([log(9, 1)], cut(9, 3)))), [[9, 1, 3, 0]])
  })
})

describe('a channel', () => {
  it('is disputed by authors who name another root log of a size that is here', () => {
    const other = id(99)
    const state = channel([log(1, 1, [head(0, 4, other)]), log(2, 1, [head(0, 4)]), log(3, 1, [head(0, 5, other)]), log(4, 0), log(5, 1, [head(1, 1), head(0, 2, other)])])
    assert.deepEqual(disputes(state), [{ log: id(1), root: head(0, 4, other) }, { log: id(5), root: head(0, 2, other) }])
  })

  it('has the heads of its logs in one order, those with entries', () => {
    const state = channel([log(7, 0), log(5, 2), log(3, 1)])
    assert.deepEqual(heads(noble, state).map(({ log, size }) => [log[0], size]), [[0, 4], [3, 1], [5, 2]])
    assert.equal(total(state), 7)
    assert.equal(generationOf({ ...state, keys: [1, 2, 3].map((name) => ({ from: name, key: id(name), next: id(name + 1) })) }), 2, 'of three root keys two took the place of another')
  })

  it('has the rate of the newest manifest before an entry', () => {
    const rates = [{ from: 1, rate: 50 }, { from: 3, rate: 10 }]
    assert.deepEqual([1, 2, 3, 9].map((size) => rateAt(channel([], { rates }), size)), [50, 50, 10, 10])
    assert.equal(rateAt(channel([]), 1), 1, 'the least, where there is none')
  })
})
