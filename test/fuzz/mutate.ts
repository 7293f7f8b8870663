/** Wrong inputs made out of right ones: bits, lengths, pieces cut, doubled, moved and taken from elsewhere. Seeded. */
import { concat, type Random } from '../../protocols/suite/index.ts'

/** Where limits and signs lie. */
const BYTES = [0, 1, 0x7f, 0x80, 0xfe, 0xff]
const WORDS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
/** What breaks texts: ends of lines, marks of direction, half a pair, a letter of several bytes, separators. */
const PIECES = ['', '\0', '\n', '\u202e', '\ufeff', '😀', '%00', '%', '..', '/', '"', '\\', '{', '[', ':', '-1', '1e999', '__proto__'].map((text) => new TextEncoder().encode(text))
/** A length that grew beyond what any room takes tells nothing new. */
const MAX_INPUT = 300_000

export interface Dice {
  /** below `bound` */
  below(bound: number): number
  of<T>(items: readonly T[]): T
}

export function dice(random: Random): Dice {
  const below = (bound: number): number => {
    const bytes = random(4)
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % bound
  }
  return { below, of: <T>(items: readonly T[]) => items[below(items.length)] as T }
}

type Change = (input: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array

const spliced = (input: Uint8Array, at: number, cut: number, put: Uint8Array): Uint8Array => concat(input.subarray(0, at), put, input.subarray(at + cut))

/** A few bytes of it, from somewhere. */
function piece(from: Uint8Array, { below }: Dice): Uint8Array {
  const at = below(from.length + 1)
  return from.subarray(at, at + below(Math.min(64, from.length - at) + 1))
}

function withNumber(input: Uint8Array, { below, of }: Dice, size: 1 | 2 | 4): Uint8Array {
  const out = input.slice()
  if (out.length < size) return out
  const view = new DataView(out.buffer)
  const at = below(out.length - size + 1)
  const value = below(2) === 0 ? of(size === 1 ? BYTES : WORDS) : (size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at)) + below(5) - 2
  if (size === 1) view.setUint8(at, value)
  else if (size === 2) view.setUint16(at, value)
  else view.setUint32(at, value)
  return out
}

const CHANGES: readonly Change[] = [
  (input, { below }) => {
    const out = input.slice()
    if (out.length > 0) out[below(out.length)]! ^= 1 << below(8)
    return out
  },
  (input, dice) => withNumber(input, dice, 1),
  (input, dice) => withNumber(input, dice, 2),
  (input, dice) => withNumber(input, dice, 4),
  (input, { below }) => input.slice(0, below(input.length + 1)),
  (input, { below }) => spliced(input, below(input.length + 1), 1 + below(16), new Uint8Array()),
  (input, dice) => spliced(input, dice.below(input.length + 1), 0, piece(input, dice)),
  (input, dice, other) => spliced(input, dice.below(input.length + 1), dice.below(17), piece(other, dice)),
  (input, dice) => spliced(input, dice.below(input.length + 1), 0, dice.of(PIECES)),
  (input, { below }) => spliced(input, below(input.length + 1), 0, new Uint8Array(below(40)).fill(below(256))),
  // the first half of one, the second of another: heads of one kind before a body of another
  (input, { below }, other) => concat(input.subarray(0, below(input.length + 1)), other.subarray(below(other.length + 1))),
]

/** One to a few changes. Never changes its arguments. */
export function mutated(input: Uint8Array, other: Uint8Array, chance: Dice): Uint8Array {
  let out = input
  for (let n = 1 + chance.below(3); n > 0; n--) out = chance.of(CHANGES)(out, chance, other)
  return out.slice(0, MAX_INPUT)
}
