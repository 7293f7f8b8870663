/** A clock that moves only when a test says so; timers run in order while it moves. */
import type { Clock } from '../../src/messenger/ports.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

export class VirtualClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()

  constructor(now = Date.UTC(2026, 10, 21, 9)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(delay: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, Math.ceil(delay)), run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Runs every timer due on the way. @returns how many there were */
  advance(ms: number): number {
    const end = this.#now + ms
    for (let ran = 0; ; ran++) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) {
        this.#now = end
        return ran
      }
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
    }
  }

  /** The wall clock was set: no timer runs for it. */
  jump(ms: number): void {
    this.#now += ms
  }
}
