/**
 * Authentic entries whose place in their log cannot be judged yet, because entries before them are not here. They are passed on before anything says
 * whether their author keeps to the rate or signs one number twice, so only so many of them are.
 */
import type { Entry } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import type { EntryId } from './ports.ts'

/** Of one log: what an author posts in the minutes until what is before it was fetched. */
const MAX_AHEAD = 64
/** Logs with such entries: two channels with all the authors one can have. The one that had them longest ago goes. */
const MAX_LOGS = 64

export class Ahead {
  /** by log, the id of the first entry that came with a number */
  readonly #first = new Map<string, Map<number, EntryId>>()

  /** Is it to be passed on? One of each number, of so many numbers. @param size entries of its log that are here */
  take(entry: Pick<Entry, 'log' | 'seq' | 'id'>, size: number): boolean {
    const log = toHex(entry.log)
    const numbers = this.#first.get(log) ?? new Map<number, EntryId>()
    this.#first.delete(log)
    this.#first.set(log, numbers)
    for (const seq of numbers.keys()) if (seq < size) numbers.delete(seq)
    for (const oldest of this.#first.keys()) {
      if (this.#first.size <= MAX_LOGS) break
      this.#first.delete(oldest)
    }
    const first = numbers.get(entry.seq)
    if (first !== undefined) return first === toHex(entry.id)
    if (numbers.size >= MAX_AHEAD) return false
    numbers.set(entry.seq, toHex(entry.id))
    return true
  }
}
