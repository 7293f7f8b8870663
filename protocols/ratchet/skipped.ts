/** Keys of messages that have not come yet: taken once, bounded in number and age. */
import { KEEP_SKIPPED, MAX_FINISHED_CHAINS, MAX_OLD_CHAINS, MAX_STORED_KEYS } from './limits.ts'
import type { OldChain, RatchetState, ReceivingChain, SkippedKey } from './state.ts'

/** Undefined: the key was used, or dropped for a limit. */
export function take(skipped: readonly SkippedKey[], n: number): { messageKey: Uint8Array; skipped: readonly SkippedKey[] } | undefined {
  const index = skipped.findIndex((key) => key.n === n)
  if (index < 0) return undefined
  return { messageKey: (skipped[index] as SkippedKey).messageKey, skipped: skipped.toSpliced(index, 1) }
}

export const close = (old: readonly OldChain[], { id, sealKey, numberKey, skipped, taken }: ReceivingChain, now: number): readonly OldChain[] => [
  ...old,
  { id, sealKey, numberKey, skipped, taken, closedAt: now },
]

/** The state within its limits; the same one when it is already. */
export function pruned(state: RatchetState, now: number): RatchetState {
  const { receiving, old } = state
  const kept = boundedChains(old, now)
  const waiting = receiving ? young(receiving.skipped, now) : []
  let excess = waiting.length - MAX_STORED_KEYS
  for (const chain of kept) excess += chain.skipped.length
  if (excess <= 0) {
    if (kept === old && waiting === receiving?.skipped) return state
    return { ...state, old: kept, ...(receiving && { receiving: { ...receiving, skipped: waiting } }) }
  }
  const trimmed = kept.map((chain) => {
    const dropped = Math.min(excess, chain.skipped.length)
    excess -= dropped
    return { ...chain, skipped: chain.skipped.slice(dropped) }
  })
  return { ...state, old: trimmed, ...(receiving && { receiving: { ...receiving, skipped: waiting.slice(excess) } }) }
}

/** Keys are in the order they were skipped, so the first is the oldest. */
function young(skipped: readonly SkippedKey[], now: number): readonly SkippedKey[] {
  const first = skipped[0]
  if (!first || now - first.at <= KEEP_SKIPPED) return skipped
  return skipped.filter((key) => now - key.at <= KEEP_SKIPPED)
}

function boundedChains(old: readonly OldChain[], now: number): readonly OldChain[] {
  const fresh = old.filter(({ closedAt }) => now - closedAt <= KEEP_SKIPPED)
  let surplus = fresh.filter(({ skipped }) => skipped.length === 0).length - MAX_FINISHED_CHAINS
  const kept = fresh.filter(({ skipped }) => skipped.length > 0 || surplus-- <= 0).slice(-MAX_OLD_CHAINS)
  return kept.length === old.length ? old : kept
}
