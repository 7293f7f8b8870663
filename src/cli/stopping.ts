/** How a command that runs a node comes to its end. */
import type { Context } from './command.ts'

/** Ctrl-C ends it all within 2 s, whatever hangs. */
const STOP_DEADLINE_MS = 1_800

export interface Stopping {
  readonly asked: Promise<void>
  readonly ask: () => void
  readonly done: () => void
}

/** Ctrl-C, a polite kill, or a client's request; npm and the terminal may send the same signal twice. */
export function waitForStop({ io }: Context): Stopping {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { asked: promise, ask: resolve, done: io.onInterrupt(resolve) }
}

export async function stopInTime(running: { stop(): Promise<unknown> }): Promise<void> {
  const deadline = Promise.withResolvers<void>()
  const timer = setTimeout(deadline.resolve, STOP_DEADLINE_MS)
  await Promise.race([running.stop(), deadline.promise])
  clearTimeout(timer)
}
