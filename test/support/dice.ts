/** Small numbers out of a seed: the same text, the same numbers. */
import { createHash } from 'node:crypto'

export class Dice {
  readonly #seed: string
  #pool = Buffer.alloc(0)
  #counter = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  below(limit: number): number {
    if (this.#pool.length < 4) this.#pool = createHash('sha512').update(`${this.#seed} ${this.#counter++}`).digest()
    const drawn = this.#pool.readUInt32BE()
    this.#pool = this.#pool.subarray(4)
    return drawn % limit
  }

  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  chance(p: number): boolean {
    return this.below(1_000) < p * 1_000
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T
  }
}
