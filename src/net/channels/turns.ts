/** At most so many at a time with each peer; the others wait in the order they came. */
export interface Turns {
  /** Resolves with what ends the turn. Rejects with the signal's reason when it was aborted first. */
  wait(who: string, signal: AbortSignal | undefined): Promise<() => void>
}

export function createTurns(most: number): Turns {
  const running = new Map<string, number>()
  const waiting = new Map<string, (() => void)[]>()

  function end(who: string): void {
    const next = waiting.get(who)?.shift()
    if (waiting.get(who)?.length === 0) waiting.delete(who)
    if (next) {
      next()
      return
    }
    const rest = (running.get(who) ?? 1) - 1
    if (rest > 0) running.set(who, rest)
    else running.delete(who)
  }

  return {
    async wait(who, signal) {
      signal?.throwIfAborted()
      const taken = running.get(who) ?? 0
      if (taken < most) {
        running.set(who, taken + 1)
      } else {
        await new Promise<void>((resolve, reject) => {
          const turn = (): void => {
            signal?.removeEventListener('abort', give)
            resolve()
          }
          const give = (): void => {
            const queue = waiting.get(who)
            queue?.splice(queue.indexOf(turn), 1)
            reject(signal?.reason as Error)
          }
          signal?.addEventListener('abort', give, { once: true })
          waiting.set(who, [...(waiting.get(who) ?? []), turn])
        })
      }
      let ended = false
      return () => {
        if (!ended) end(who)
        ended = true
      }
    },
  }
}
