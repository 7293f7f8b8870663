/** An entry that is the next of its log: does it stand on exactly those before it? */
import type { Suite } from '../suite/index.ts'
import { type Entry, same } from './entry.ts'
import { ignore, type Refusal, reject } from './errors.ts'
import { grow, type Grown, treeRoot } from './merkle.ts'
import { take } from './rate.ts'
import type { LogState } from './state.ts'

export interface Placed {
  readonly state: LogState
  readonly grown: readonly Grown[]
}

/** @param rate entries a day; undefined: not limited. @returns the log with it */
export function place(suite: Suite, state: LogState, entry: Entry, rate: number | undefined): Placed | Refusal {
  // Before the first entry there is nothing to see differently; later a signature over another past is the author's fault, not that of who passed it on.
  if (!same(entry.root, treeRoot(suite, state.frontier))) return state.size === 0 ? reject('root') : ignore('other-history')
  if (entry.time < state.time) return reject('time')
  const tokens = rate === undefined ? state.tokens : take(state, entry.time, rate)
  if (tokens < 0) return reject('rate')
  const { frontier, grown } = grow(suite, state.frontier, entry.id)
  const { log, time, certificate, seen } = entry
  return { state: { log, size: frontier.size, frontier, time, tokens, certificate, seen }, grown }
}
