/**
 * Reads a fixed byte table from front to back, big-endian. Short input and trailing bytes are the caller's error; what
 * is returned are copies, so that a parsed value never changes with the buffer it came from.
 */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #fail: () => Error
  #at = 0

  constructor(bytes: Uint8Array, fail: () => Error) {
    this.#bytes = bytes
    this.#fail = fail
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw this.#fail()
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at)
  }

  u8(): number {
    return this.#unsigned(1)
  }

  u16(): number {
    return this.#unsigned(2)
  }

  u32(): number {
    return this.#unsigned(4)
  }

  /** Below 2^53: larger values are refused. */
  u64(): number {
    const value = this.#unsigned(8)
    if (!Number.isSafeInteger(value)) throw this.#fail()
    return value
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Nothing may follow. */
  end(): void {
    if (!this.done) throw this.#fail()
  }

  #unsigned(length: number): number {
    const end = this.#at + length
    if (end > this.#bytes.length) throw this.#fail()
    let value = 0
    while (this.#at < end) value = value * 256 + (this.#bytes[this.#at++] as number)
    return value
  }
}
