/** What outlives a request because no room has bytes for it: a node with its streams, parts of messages that are not whole. */
import { DoorError } from './errors.ts'

/** Things held at once. The largest, a node with all its queues full, takes some 32 MiB. */
const MAX_HELD = 16

export class Handles<T> {
  readonly #kind: string
  readonly #held = new Map<string, T>()
  #count = 0

  constructor(kind: string) {
    this.#kind = kind
  }

  /** @throws DoorError too-many */
  hold(thing: T): string {
    if (this.#held.size >= MAX_HELD) throw new DoorError('too-many', `${MAX_HELD} at once: ${this.#kind}`)
    const name = `${this.#kind} ${++this.#count}`
    this.#held.set(name, thing)
    return name
  }

  /** @throws DoorError unknown-handle */
  get(name: string): T {
    const thing = this.#held.get(name)
    if (thing === undefined) throw new DoorError('unknown-handle', this.#kind)
    return thing
  }

  forget(name: string): boolean {
    return this.#held.delete(name)
  }
}
