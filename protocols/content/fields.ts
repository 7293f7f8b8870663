/**
 * The protobuf wire format, read strictly and without recursion. protons' decoder knows the schema but is lax: it takes
 * repeated singular fields and other wire types, and forgets fields it does not know. So each message passes here first.
 */
import { malformed, ContentError } from './errors.ts'
import { MAX_FIELDS } from './limits.ts'

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const
const MAX_FIELD_NUMBER = 2 ** 29 - 1
/** 10 x 7 bits hold 64. */
const MAX_VARINT_BYTES = 10

export interface Field {
  readonly number: number
  readonly wire: (typeof WIRE)[keyof typeof WIRE]
  /** of a varint; not exact from 2^53 on */
  readonly value: number
  /** of a length-delimited field: a view into the message */
  readonly bytes: Uint8Array
  /** tag and value as they travelled: a view into the message */
  readonly whole: Uint8Array
}

/** What a known field must be: a varint up to `max`, or bytes, at most `most` times. */
export type FieldShape =
  | { readonly name: string; readonly wire: 'varint'; readonly max: number }
  | { readonly name: string; readonly wire: 'bytes'; readonly most: number }

/** By field number. */
export type Shape = ReadonlyMap<number, FieldShape>

/** The fields of a message in order. @throws ContentError malformed | too-large, when it gets there */
export function* fields(message: Uint8Array, what: string): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = message[at++]
      if (byte === undefined) throw malformed(what)
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) {
        if (value >= 2 ** 64) throw malformed(what)
        return value
      }
    }
    throw malformed(what)
  }
  const skip = (length: number): number => {
    if (length > message.length - at) throw malformed(what)
    at += length
    return at
  }

  for (let count = 1; at < message.length; count++) {
    if (count > MAX_FIELDS) throw new ContentError('too-large', `${what} fields`, MAX_FIELDS)
    const start = at
    const tag = varint()
    const number = Math.floor(tag / 8)
    if (number < 1 || number > MAX_FIELD_NUMBER) throw malformed(what)
    const wire = tag % 8
    let value = 0
    let bytes = message.subarray(at, at)
    if (wire === WIRE.varint) value = varint()
    else if (wire === WIRE.fixed64) skip(8)
    else if (wire === WIRE.fixed32) skip(4)
    else if (wire === WIRE.bytes) {
      const length = varint()
      bytes = message.subarray(at, skip(length))
    } else throw malformed(what)
    yield { number, wire, value, bytes, whole: message.subarray(start, at) }
  }
}

/** Counts what it has seen of a message and refuses what its shape does not allow; false for a field it does not know. */
export function checker(shape: Shape, what: string): (field: Field) => boolean {
  const seen = new Map<number, number>()
  return (field) => {
    const known = shape.get(field.number)
    if (!known) return false
    const path = `${what}.${known.name}`
    const count = (seen.get(field.number) ?? 0) + 1
    seen.set(field.number, count)
    if (field.wire !== WIRE[known.wire]) throw malformed(path)
    if (known.wire === 'varint') {
      if (count > 1 || field.value > known.max) throw malformed(path)
    } else if (count > known.most) {
      throw known.most === 1 ? malformed(path) : new ContentError('too-large', path, known.most)
    }
    return true
  }
}

/** A length-delimited field. */
export function delimited(number: number, bytes: Uint8Array): Uint8Array {
  const head = [...varint(number * 8 + WIRE.bytes), ...varint(bytes.length)]
  const out = new Uint8Array(head.length + bytes.length)
  out.set(head)
  out.set(bytes, head.length)
  return out
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80)
  return [...bytes, value]
}
