/** A stream of bytes as lines, none of them longer than a limit, whatever comes. */

/** Bytes of a line, without its end. Twice the largest evidence in hex; the memory that reading one takes is bounded by it. */
export const MAX_LINE = 2 * 1024 * 1024

export const TOO_LONG = Symbol('a line that is too long')

const NEWLINE = 0x0a

/** Of a line that is too long only that it was there is kept. What follows the last newline is a line if there is any of it. */
export async function* lines(source: AsyncIterable<Uint8Array>, most = MAX_LINE): AsyncGenerator<Uint8Array | typeof TOO_LONG> {
  let parts: Uint8Array[] = []
  let length = 0
  const add = (part: Uint8Array): void => {
    length += part.length
    if (length > most) parts = []
    else if (part.length > 0) parts.push(part)
  }
  const line = (): Uint8Array | typeof TOO_LONG => {
    const whole = length > most ? TOO_LONG : new Uint8Array(Buffer.concat(parts))
    parts = []
    length = 0
    return whole
  }
  for await (const chunk of source) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end))
      yield line()
      from = end + 1
    }
    add(chunk.subarray(from))
  }
  if (length > 0) yield line()
}
