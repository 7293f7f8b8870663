/**
 * Which ways through our own code were taken since it was last asked: what V8 counts for a debugger. To be started before that code is loaded, in a process that keeps
 * what it compiled (--no-flush-bytecode): of a function that was compiled before, V8 counts calls only, and of one that it had put away it knows nothing and ends.
 */
import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'

export interface Coverage {
  /** Ways that were taken now and never before. */
  fresh(): number
  end(): void
}

/** @param ours part of a path that the code to be covered has */
export function watchCoverage(ours: RegExp): Coverage {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const seen = new Set<string>()
  return {
    fresh() {
      let fresh = 0
      // Answers come at once: the session is to this very thread.
      session.post('Profiler.takePreciseCoverage', (error, taken) => {
        if (error) throw error
        for (const script of taken.result) {
          if (ours.test(script.url)) fresh += countNew(script, seen)
        }
      })
      return fresh
    },
    end() {
      session.post('Profiler.stopPreciseCoverage')
      session.disconnect()
    },
  }
}

/**
 * V8 joins what ran as often as what surrounds it, so a function that took another way shows by what of it did *not* run: each set of such parts is one way through it.
 */
function countNew({ url, functions }: Profiler.ScriptCoverage, seen: Set<string>): number {
  let fresh = 0
  for (const { ranges } of functions) {
    const [whole, ...parts] = ranges
    if (!whole || whole.count === 0) continue
    const way = `${url}:${whole.startOffset}:${parts.filter(({ count }) => count === 0).map(({ startOffset }) => startOffset).join()}`
    if (seen.has(way)) continue
    seen.add(way)
    fresh++
  }
  return fresh
}
