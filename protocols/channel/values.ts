/** What stands in fields: one reader for each shape. All of them say `body` of what they refuse, naming the field. */
import { Reader, u32, u64, utf8 } from '../suite/index.ts'
import { asText, type Field, FieldError, one } from './fields.ts'

/** Reads a field's value as a byte table, to its end. */
export function table<T>(value: Uint8Array, tag: number, read: (reader: Reader) => T): T {
  const reader = new Reader(value, () => new FieldError('body', tag))
  const result = read(reader)
  reader.end()
  return result
}

export const number = (fields: readonly Field[], tag: number): number => table(one(fields, tag) as Uint8Array, tag, (reader) => reader.u64())

/** Text of one line, for lists and titles: no control characters. */
export function line(value: Uint8Array, tag: number): string {
  const text = asText(value, tag)
  if (/\p{Cc}/u.test(text)) throw new FieldError('body', tag)
  return text
}

/** Printable ASCII with a scheme people click: what looks like another letter is written in the ways of a URL (attack 95). */
const LINK = /^(?:https?:\/\/|dure:)[\x21-\x7e]+$/i

export function link(value: Uint8Array, tag: number): string {
  const text = asText(value, tag)
  if (!LINK.test(text)) throw new FieldError('body', tag)
  return text
}

/** @throws FieldError body: halves of surrogate pairs, which UTF-8 has no bytes for */
export function field(tag: number, value: string | Uint8Array): Field {
  if (typeof value !== 'string') return { tag, value }
  if (!value.isWellFormed()) throw new FieldError('body', tag)
  return { tag, value: utf8(value) }
}

/** No field at all for what is not said: an empty one would be a second way to say nothing. */
export const optional = (tag: number, value: string | Uint8Array | undefined): Field[] => (value === undefined || value.length === 0 ? [] : [field(tag, value)])

/** @throws FieldError body: no number that fits */
export function unsigned(tag: number, value: number, bytes: 2 | 4 | 8): Field {
  const whole = Number.isSafeInteger(value) && value >= 0 && (bytes === 8 || value < 2 ** (8 * bytes))
  if (!whole) throw new FieldError('body', tag)
  if (bytes === 8) return { tag, value: u64(value) }
  return { tag, value: bytes === 4 ? u32(value) : u32(value).slice(2) }
}
