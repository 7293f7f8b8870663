/** Time as the machine has it. */
import type { Clock } from './messenger/ports.ts'

/** The run time's clock and timers. Timers never keep a process alive that has nothing else to do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
