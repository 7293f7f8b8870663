/** Follows what happens in the node, over cuts and restarts of it. */
import type { EventView } from '../../messenger/views.ts'
import { createEventReader } from './event-lines.ts'

/** The first wait after a cut; each further one is twice as long. */
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 10_000
/** The node writes something every 20 s; who hears nothing for longer listens to a line that is dead. */
const SILENCE_MS = 50_000

export interface Following {
  open(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response>
  onEvent(event: EventView): void
  /** What is shown is to be read anew: on the first connection, and when events were lost. */
  onReset(): void
  onConnected(connected: boolean): void
  /** @returns 0..1 */
  random(): number
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Half of the wait is fixed, half drawn: pages that lost the node together do not all return at once. */
export function backoff(failures: number, random: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)
  return longest / 2 + (longest / 2) * random
}

/** @returns a function that ends it */
export function followEvents(following: Following): () => void {
  const ended = new AbortController()
  let last: string | undefined
  let failures = 0

  async function connection(): Promise<void> {
    const silent = new AbortController()
    let timer = setTimeout(() => silent.abort(), SILENCE_MS)
    try {
      const response = await following.open(last === undefined ? {} : { 'last-event-id': last }, AbortSignal.any([ended.signal, silent.signal]))
      if (response.body === null) return
      following.onConnected(true)
      if (last === undefined) following.onReset()
      failures = 0
      const read = createEventReader()
      const decoder = new TextDecoder()
      const reader = response.body.getReader()
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(timer)
        timer = setTimeout(() => silent.abort(), SILENCE_MS)
        for (const { event, data, id } of read(decoder.decode(piece.value, { stream: true }))) {
          if (event === 'reset') {
            last = undefined
            following.onReset()
          } else {
            following.onEvent(JSON.parse(data) as EventView)
          }
          last = id ?? last
        }
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async function follow(): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        await connection()
      } catch {
        // cut, refused or silent: all the same to us
      }
      if (ended.signal.aborted) return
      following.onConnected(false)
      await following.wait(backoff(failures++, following.random()), ended.signal)
    }
  }
  void follow()
  return () => ended.abort()
}
