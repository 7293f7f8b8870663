/**
 * The rate limit of a log: a token bucket over the times of its entries, so that every peer comes to the same judgement
 * whenever an entry reaches it. Counted in whole numbers: an entry takes a day's worth of ms, a ms brings back `rate`.
 */
import type { LogState } from './state.ts'

const ENTRY = 24 * 3_600_000

/** What the bucket has after an entry of that time; negative when there was not enough. */
export function take({ tokens, time }: LogState, at: number, rate: number): number {
  const capacity = rate * ENTRY
  const before = Math.min(tokens, capacity)
  // A day fills any bucket; more of it would leave the numbers that are counted exactly.
  return Math.min(capacity, before + Math.min(at - time, ENTRY) * rate) - ENTRY
}

/** Can the log have come to that many entries by that time, whatever the missing ones are? */
export const allows = ({ tokens, time, size }: LogState, count: number, at: number, rate: number): boolean =>
  size === 0 || (count - size) * ENTRY <= Math.min(tokens, rate * ENTRY) + (at - time) * rate
