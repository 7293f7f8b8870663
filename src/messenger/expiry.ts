/** Disappearing messages: gone from the store when their time has come, also while nobody looks. */
import { commit, type Context, newStep } from './context.ts'

/** Timers are looked at again at least this often: a clock may jump, and timers beyond 2^31 ms do not fire. */
const LONGEST_WAIT_MS = 3600_000

export class Expiry {
  readonly #context: Context
  #cancel: (() => void) | undefined
  #running = false

  constructor(context: Context) {
    this.#context = context
  }

  start(): void {
    this.#running = true
    this.schedule()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  /** To be called when a countdown began. */
  schedule(): void {
    if (!this.#running) return
    this.#cancel?.()
    const { store, clock } = this.#context
    const next = store.nextExpiry()
    if (next === undefined) return
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(0, next - clock.now()))
    this.#cancel = clock.after(wait, () => {
      this.#sweep()
        .catch(() => this.#context.log.warn('expired messages were not removed; tried again later'))
        .finally(() => this.schedule())
    })
  }

  async #sweep(): Promise<void> {
    const { store, clock, events } = this.#context
    const step = newStep()
    for (const row of store.expired(clock.now())) {
      step.changes.push({ remove: 'message', id: row.id })
      step.afterwards.push(() => events.emit({ type: 'removed', message: row.id, contact: row.contact }))
    }
    if (step.changes.length > 0) await commit(this.#context, step)
  }
}
