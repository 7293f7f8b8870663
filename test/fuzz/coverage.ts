/** Which blocks of our own code ran since it was last asked: what V8 counts for a debugger. */
import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'

export interface Coverage {
  /** Blocks that ran now and never before. */
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

function countNew({ url, functions }: Profiler.ScriptCoverage, seen: Set<string>): number {
  let fresh = 0
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      if (count === 0) continue
      const block = `${url}:${startOffset}:${endOffset}`
      if (seen.has(block)) continue
      seen.add(block)
      fresh++
    }
  }
  return fresh
}
