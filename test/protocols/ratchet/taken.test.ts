import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_REMEMBERED } from '../../../protocols/ratchet/limits.ts'
import type { OldChain, RatchetState, ReceivingChain } from '../../../protocols/ratchet/state.ts'
import { bounded, ENTRY, judge, remember, takenFrom, takenSize, type Taken } from '../../../protocols/ratchet/taken.ts'
import { concat } from '../../../protocols/suite/index.ts'
import { seededRandom } from '../../support/seeded.ts'

/** A commitment as long as the real ones; only its beginning is kept. */
const LENGTH = 32
const MARK = 8
const RUN = 32

const none = new Uint8Array()
const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => from + n)
const commitmentOf = (n: number): Uint8Array => seededRandom(n + 1)(LENGTH)
const all = (of: readonly number[], before: Taken = []): Taken => of.reduce((taken, n) => remember(taken, n, commitmentOf(n)), before)
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1)

describe('the numbers that messages took', () => {
  it('tell a repeat, another message of the same number, and what was never seen or is no longer known', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(0xffff_ffff), { maxLength: 80, size: 'max' }), fc.nat(0xffff_ffff), (used, other) => {
        const taken = all(used)
        for (const n of used) {
          assert.equal(judge(taken, n, commitmentOf(n)), 'duplicate')
          for (let at = 0; at < LENGTH; at++) assert.equal(judge(taken, n, flipped(commitmentOf(n), at)), at < MARK ? 'forked' : 'duplicate')
        }
        if (!used.includes(other)) assert.equal(judge(taken, other, commitmentOf(other)), 'forgotten')
      }),
      { numRuns: 30 },
    )
  })

  it('lie in runs of 32, of which only the last is written anew', () => {
    let taken: Taken = []
    for (const n of numbers(100)) {
      const before = taken
      const copies = before.map((run) => run.slice())
      taken = remember(before, n, commitmentOf(n))
      assert.equal(taken.length, Math.ceil((n + 1) / RUN))
      assert.deepEqual(before, copies, 'what was there is as it was')
      for (const [place, run] of taken.slice(0, -1).entries()) assert.equal(run, before[place])
      assert.deepEqual(taken.at(-1)?.subarray(-ENTRY), concat(Uint8Array.of(0, 0, 0, n), commitmentOf(n).subarray(0, MARK)))
      assert.equal(takenSize(taken), (n + 1) * ENTRY)
    }
  })

  it('come back from the store as they were, wherever in it they lie', () => {
    for (const count of [0, 1, RUN - 1, RUN, RUN + 1, 3 * RUN]) {
      const taken = all(numbers(count))
      const stored = concat(Uint8Array.of(1, 2, 3), ...taken).subarray(3)
      assert.deepEqual(takenFrom(stored), taken)
      for (const n of numbers(count)) assert.equal(judge(takenFrom(stored), n, commitmentOf(n)), 'duplicate')
    }
  })
})

describe('the numbers of all chains together', () => {
  const chain = (taken: Taken, name: number): OldChain => ({ id: Uint8Array.of(name), sealKey: none, numberKey: none, taken, skipped: [], closedAt: name })
  const receiving = (taken: Taken): ReceivingChain => ({ id: none, sealKey: none, numberKey: none, chainKey: none, n: 0, taken, skipped: [] })
  const state = (old: readonly OldChain[], last?: ReceivingChain): RatchetState => ({ old, ...(last && { receiving: last }) }) as RatchetState
  const kept = ({ old, receiving: last }: RatchetState): number[] => [...old, ...(last ? [last] : [])].map(({ taken }) => takenSize(taken) / ENTRY)

  it('are as many as the limit says, and the state is the same one until then', () => {
    const half = all(numbers(MAX_REMEMBERED / 2))
    for (const full of [state([chain(half, 1), chain(half, 2)]), state([chain(half, 1)], receiving(half)), state([], receiving([...half, ...half])), state([])]) assert.equal(bounded(full), full)
  })

  it('go by whole runs, those of the oldest chain first, until they are within the limit', () => {
    const over = (old: readonly number[], last?: number): number[] =>
      kept(bounded(state(old.map((count, place) => chain(all(numbers(count)), place)), last === undefined ? undefined : receiving(all(numbers(last))))))
    assert.deepEqual(over([MAX_REMEMBERED, 1]), [MAX_REMEMBERED - RUN, 1])
    assert.deepEqual(over([10, RUN + 5, MAX_REMEMBERED]), [0, 0, MAX_REMEMBERED])
    assert.deepEqual(over([5, RUN], MAX_REMEMBERED), [0, 0, MAX_REMEMBERED])
    assert.deepEqual(over([5, 2 * RUN], MAX_REMEMBERED - RUN), [0, RUN, MAX_REMEMBERED - RUN])
    assert.deepEqual(over([], MAX_REMEMBERED + 1), [MAX_REMEMBERED + 1 - RUN])
    assert.deepEqual(over([1], MAX_REMEMBERED + RUN + 1), [0, MAX_REMEMBERED + 1 - RUN])
  })

  it('that go are the first ones of a chain, and nothing else of it changes', () => {
    const [old, last] = [chain(all(numbers(2 * RUN)), 7), receiving(all(numbers(MAX_REMEMBERED - RUN)))]
    const before = state([chain([], 6), old], last)
    const after = bounded(before)
    assert.deepEqual(after.old, [chain([], 6), { ...old, taken: old.taken.slice(1) }])
    assert.deepEqual([after.old[0] === before.old[0], after.receiving === last], [true, true], 'a chain that loses nothing stays the same one')
    assert.deepEqual([old.taken.length, judge(after.old[1]!.taken, 0, commitmentOf(0)), judge(after.old[1]!.taken, RUN, commitmentOf(RUN))], [2, 'forgotten', 'duplicate'])
    assert.equal('receiving' in bounded(state([chain(all(numbers(MAX_REMEMBERED + 1)), 1)])), false)
  })
})
