import assert from 'node:assert/strict'
import { KEEP_SKIPPED, MAX_FINISHED_CHAINS, MAX_OLD_CHAINS, MAX_STORED_KEYS } from '../../../protocols/ratchet/index.ts'
import { pruned } from '../../../protocols/ratchet/skipped.ts'
import type { OldChain, RatchetState, ReceivingChain, SkippedKey } from '../../../protocols/ratchet/state.ts'
import { NOW } from './talkers.ts'

const none = new Uint8Array()
const keys = (count: number, at = NOW): SkippedKey[] => Array.from({ length: count }, (_, n) => ({ n, messageKey: none, at }))
const closed = (name: number, skipped: readonly SkippedKey[] = [], closedAt = NOW): OldChain => ({ id: Uint8Array.of(name), sealKey: none, numberKey: none, taken: [], skipped, closedAt })
const open = (skipped: readonly SkippedKey[]): ReceivingChain => ({ id: none, sealKey: none, numberKey: none, chainKey: none, n: 0, taken: [], skipped })
const state = (old: readonly OldChain[], receiving?: readonly SkippedKey[]): RatchetState => ({
  root: none, nextHeaderSend: none, nextHeaderReceive: none, turn: { kind: 'ours', peer: { dh: none, kem: none }, previous: 0 }, old, ...(receiving && { receiving: open(receiving) }),
})
const names = ({ old }: RatchetState): number[] => old.map(({ id }) => id[0] as number)
const counts = ({ old, receiving }: RatchetState): number[] => [...old, ...(receiving ? [receiving] : [])].map(({ skipped }) => skipped.length)
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

describe('what waits in a ratchet', () => {
  it('is left as it is while it is within its limits', () => {
    const full = state([...range(0, 8).map((i) => closed(i)), closed(9, keys(1_000), NOW - KEEP_SKIPPED), ...range(10, 65).map((i) => closed(i, keys(1)))], keys(945, NOW - KEEP_SKIPPED))
    assert.equal(full.old.length, MAX_OLD_CHAINS)
    assert.ok(pruned(full, NOW) === full, 'the very same: a difference of thousands of keys takes a minute to print')
    const empty = state([], [])
    assert.equal(pruned(empty, NOW), empty)
    const first = state([])
    assert.deepEqual(pruned(first, NOW), first)
  })

  it('waits for 30 days, each key by itself and a closed chain as a whole', () => {
    const mixed = [...keys(2, NOW - KEEP_SKIPPED - 1), ...keys(1, NOW - KEEP_SKIPPED), ...keys(1)]
    const after = pruned(state([closed(1, keys(1), NOW - KEEP_SKIPPED - 1), closed(2, keys(1), NOW - KEEP_SKIPPED)], mixed), NOW)
    assert.deepEqual([names(after), after.receiving?.skipped], [[2], mixed.slice(2)])
    const young = state([closed(1, keys(1))], mixed)
    assert.deepEqual([pruned(young, NOW).old, counts(pruned(young, NOW))], [young.old, [1, 2]])
    const late = state([closed(1, keys(1), NOW - KEEP_SKIPPED - 1)], keys(1))
    assert.deepEqual(counts(pruned(late, NOW)), [1])
    assert.deepEqual(pruned(state([closed(1, keys(1), 0)]), NOW), state([]))
  })

  it('is known for eight chains that have nothing left to receive, the newest', () => {
    const finished = range(0, 2 + MAX_FINISHED_CHAINS).map((i) => closed(i))
    const chains = [...finished.slice(0, 1), closed(50, keys(1)), ...finished.slice(1)]
    assert.deepEqual(names(pruned(state(chains, []), NOW)), [50, ...range(2, 10)])
    const expired = [closed(60, [], NOW - KEEP_SKIPPED - 1), ...finished.slice(0, MAX_FINISHED_CHAINS)]
    assert.deepEqual(names(pruned(state(expired, []), NOW)), range(0, 8), 'not counting those past their time')
  })

  it('waits in 64 closed chains, the newest', () => {
    const after = pruned(state(range(0, MAX_OLD_CHAINS + 2).map((i) => closed(i, keys(1))), []), NOW)
    assert.deepEqual(names(after), range(2, MAX_OLD_CHAINS + 2))
  })

  it('is 2,000 keys in all, those of the oldest chains dropped first and their oldest first', () => {
    const after = pruned(state([closed(1, keys(300)), closed(2, keys(500)), closed(3, keys(200))], keys(1_500)), NOW)
    assert.deepEqual(counts(after), [0, 300, 200, 1_500])
    assert.deepEqual(after.old[1]?.skipped.map(({ n }) => n), range(200, 500))
    const one = pruned(state([closed(1, keys(10))], keys(MAX_STORED_KEYS + 5)), NOW)
    assert.deepEqual([counts(one), one.receiving?.skipped[0]?.n], [[0, MAX_STORED_KEYS], 5])
    assert.deepEqual(counts(pruned(state([closed(1, keys(1_500)), closed(2, keys(600))]), NOW)), [1_400, 600])
  })
})
