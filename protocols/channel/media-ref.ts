/** How an entry names a picture that travels beside it. */
import { concat } from '../suite/index.ts'
import { FieldError, type FieldRule } from './fields.ts'
import { MAX_MEDIA, MAX_SHORT_TEXT } from './limits.ts'
import type { Media, MediaType } from './media.ts'
import { HASH } from './merkle.ts'
import { field, line, table, unsigned } from './values.ts'

export interface MediaRef extends Media {
  readonly type: MediaType
  readonly width: number
  readonly height: number
  /** what it shows, for who does not see it */
  readonly alt: string
}

const TYPES: readonly MediaType[] = ['png', 'jpeg', 'webp', 'gif']
const FIXED = HASH + 4 + 1 + 2 + 2

export const MEDIA_RULE: FieldRule = { least: FIXED, most: FIXED + MAX_SHORT_TEXT }

/** @throws FieldError body */
export function encodeMediaRef(ref: MediaRef, tag: number): Uint8Array {
  const side = (value: number): Uint8Array => unsigned(tag, value, 2).value
  const type = new Uint8Array([1 + TYPES.indexOf(ref.type)])
  return concat(ref.hash, unsigned(tag, ref.size, 4).value, type, side(ref.width), side(ref.height), field(tag, ref.alt).value)
}

/** @throws FieldError body */
export function decodeMediaRef(value: Uint8Array, tag: number): MediaRef {
  return table(value, tag, (reader) => {
    const hash = reader.take(HASH)
    const size = reader.u32()
    const type = TYPES[reader.u8() - 1]
    const width = reader.u16()
    const height = reader.u16()
    if (size < 1 || size > MAX_MEDIA || type === undefined || width < 1 || height < 1) throw new FieldError('body', tag)
    return { hash, size, type, width, height, alt: line(reader.rest(), tag) }
  })
}
