/** When to call a node again that did not answer: later each time, and not in step with others who call it. */
import type { Random } from '../ports.ts'

const MIN_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 5 * 60_000

/** Nobody rests longer. */
export const LONGEST_PAUSE_MS = MAX_PAUSE_MS * 1.5

/** @param failures before this one */
export function pauseAfter(failures: number, random: Random): number {
  const pause = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(failures, 20))
  return jittered(pause, random)
}

/** Half of it to one and a half. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.5 + (random(1)[0] as number) / 256)
}
