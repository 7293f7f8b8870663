/** A content to bytes and back. */
import { concat } from '../suite/index.ts'
import { checked } from './check.ts'
import type { Content, KnownBody } from './content.ts'
import { ContentError, malformed } from './errors.ts'
import { checker, delimited, type Field, fields, type Shape } from './fields.ts'
import { KINDS } from './kinds.ts'
import { MAX_CONTENT_BYTES } from './limits.ts'
import * as wire from './wire.js'

/** Field numbers below are for what every kind has, from here on for kinds: so an unknown kind is told from an unknown field. */
const FIRST_KIND = 16

const COMMON: Shape = new Map([
  [1, { name: 'id', wire: 'bytes', most: 1 }],
  [2, { name: 'at', wire: 'varint', max: Number.MAX_SAFE_INTEGER }],
  [3, { name: 'expireAfter', wire: 'varint', max: 0xffffffff }],
])

const KIND_OF = new Map(Object.entries(KINDS).map(([kind, { number }]) => [number, kind as KnownBody['kind']]))

/** The bytes the session seals; of an unknown kind those that had come. @throws ContentError */
export function encodeContent(content: Content): Uint8Array {
  checked(content)
  if (content.kind === 'unknown') return content.raw
  const { id, at, expireAfter = 0, unknownFields } = content
  const codec = KINDS[content.kind] as { number: number; encode(body: Content): Uint8Array }
  const bytes = concat(
    wire.Content.encode({ id, at, expireAfter }),
    unknownFields?.common ?? new Uint8Array(0),
    delimited(codec.number, concat(codec.encode(content), unknownFields?.body ?? new Uint8Array(0))),
  )
  if (bytes.length > MAX_CONTENT_BYTES) throw new ContentError('too-large', 'content', MAX_CONTENT_BYTES)
  return bytes
}

/**
 * Strict for known kinds; a kind this version does not know is `unknown` with all its bytes, and a field it does not know
 * is kept aside. Nothing of the result is a view into `bytes`.
 * @throws ContentError
 */
export function decodeContent(bytes: Uint8Array): Content {
  if (bytes.length > MAX_CONTENT_BYTES) throw new ContentError('too-large', 'content', MAX_CONTENT_BYTES)
  const isCommon = checker(COMMON, 'content')
  const known: Uint8Array[] = []
  const unknown: Uint8Array[] = []
  let body: Field | undefined
  for (const field of fields(bytes, 'content')) {
    if (field.number < FIRST_KIND) (isCommon(field) ? known : unknown).push(field.whole)
    else if (body) throw malformed('content.body')
    else body = field
  }
  if (body?.wire !== 2) throw malformed('content.body')

  const { id, at, expireAfter } = parsed('content', () => wire.Content.decode(concat(...known)))
  const common = { id: id.slice(), at, ...(expireAfter > 0 && { expireAfter }) }
  const kind = KIND_OF.get(body.number)
  if (kind === undefined) return checked({ kind: 'unknown', ...common, raw: bytes.slice() })

  const unknownFields = { common: concat(...unknown), body: unknownIn(body.bytes, KINDS[kind].shape, kind) }
  const hasUnknown = unknownFields.common.length + unknownFields.body.length > 0
  return checked({ ...common, ...parsed(kind, () => KINDS[kind].decode(body.bytes)), ...(hasUnknown && { unknownFields }) })
}

/** The fields of a body that its shape does not know, joined. @throws ContentError the known ones are not as they must be */
function unknownIn(message: Uint8Array, shape: Shape, kind: string): Uint8Array {
  const isKnown = checker(shape, kind)
  const unknown: Uint8Array[] = []
  for (const field of fields(message, kind)) if (!isKnown(field)) unknown.push(field.whole)
  return concat(...unknown)
}

/** What protons cannot read: a number that is not in its enumeration, a field that ends before its length. */
function parsed<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw error instanceof ContentError ? error : malformed(what)
  }
}
