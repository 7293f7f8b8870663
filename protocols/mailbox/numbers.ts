/**
 * The sender's count of its blocks, seen from the recipient. It is sealed with each block, so it says what a node cannot say otherwise: that
 * something before is missing. It never decides whether a block is taken.
 */
import { MAX_MISSING } from './limits.ts'

/** From `from` to `to`, both among them. */
export interface Run {
  readonly from: number
  readonly to: number
}

export interface Numbers {
  /** one above the highest that came */
  readonly next: number
  /** what did not come yet, the oldest first; the oldest is given up when there are too many */
  readonly missing: readonly Run[]
}

export const NONE: Numbers = { next: 1, missing: [] }

/** `gap`: these are missing before it. `late`: it was missing, and is here now. `again`: this number came before. */
export type Place = { readonly place: 'next' | 'late' | 'again' } | { readonly place: 'gap'; readonly gap: Run }

export function count(numbers: Numbers, number: number): { numbers: Numbers; place: Place } {
  const { next, missing } = numbers
  if (number === next) return { numbers: { next: number + 1, missing }, place: { place: 'next' } }
  if (number > next) {
    const gap = { from: next, to: number - 1 }
    return { numbers: { next: number + 1, missing: [...missing, gap].slice(-MAX_MISSING) }, place: { place: 'gap', gap } }
  }
  const run = missing.find(({ from, to }) => number >= from && number <= to)
  if (!run) return { numbers, place: { place: 'again' } }
  const left = [{ from: run.from, to: number - 1 }, { from: number + 1, to: run.to }].filter(({ from, to }) => from <= to)
  return { numbers: { next, missing: missing.flatMap((each) => (each === run ? left : [each])).slice(-MAX_MISSING) }, place: { place: 'late' } }
}
