/** The one stream of events the doors listen to. */
import type { Clock } from './ports.ts'
import type { EventView } from './views.ts'

/** How many events a door may have missed and still catch up on; older gaps are read from the store. */
const KEPT_EVENTS = 1_000

type WithoutStamp<E> = E extends unknown ? Omit<E, 'id' | 'at'> : never
export type NewEvent = WithoutStamp<EventView>

export class Events {
  readonly #clock: Clock
  readonly #listeners = new Set<(event: EventView) => void>()
  #kept: EventView[] = []
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  emit(event: NewEvent): void {
    const stamped = { id: ++this.#last, at: this.#clock.now(), ...event } as EventView
    this.#kept.push(stamped)
    if (this.#kept.length >= 2 * KEPT_EVENTS) this.#kept = this.#kept.slice(-KEPT_EVENTS)
    for (const listener of this.#listeners) listener(stamped)
  }

  on(listener: (event: EventView) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Events after `id`; undefined when some of them are no longer held. */
  since(id: number): EventView[] | undefined {
    if (id > this.#last) return undefined
    const missed = this.#last - id
    return missed <= this.#kept.length ? this.#kept.slice(this.#kept.length - missed) : undefined
  }
}
