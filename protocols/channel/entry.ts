/** One entry of a log: a fixed byte table, signed. What is signed and hashed is the bytes as they travelled. */
import { concat, type KeyPair, LABEL, labelled, SIZE, type Suite, u32, u64 } from '../suite/index.ts'
import { EntryError, type Rule } from './errors.ts'
import { MAX_ENTRY, MAX_SEEN } from './limits.ts'
import { HASH, leafHash } from './merkle.ts'

/** Below 16: of the root log. From 16 on: of the authors' logs. */
export const KIND = {
  genesis: 1,
  manifest: 2,
  certificate: 3,
  revocation: 4,
  rotation: 5,
  post: 16,
  edit: 17,
  withdrawal: 18,
} as const

/** The first kind of the authors' logs. */
export const FIRST_AUTHOR_KIND = 16

/** So many entries of a log, and the tree root over them. */
export interface Head {
  readonly log: Uint8Array
  readonly size: number
  readonly root: Uint8Array
}

/** What an entry says. Nothing of it is checked but its form: see `VerifiedEntry`. */
export interface Entry {
  readonly kind: number
  /** zeros in a genesis */
  readonly channel: Uint8Array
  /** the root log's is the channel; zeros in a genesis */
  readonly log: Uint8Array
  readonly seq: number
  /** author's clock, ms */
  readonly time: number
  /** tree root over the entries before it in its log */
  readonly root: Uint8Array
  /** id of the root entry that certifies the author; zeros in the root log */
  readonly certificate: Uint8Array
  /** other logs as the author knew them, ascending by log */
  readonly seen: readonly Head[]
  readonly body: Uint8Array
  readonly signature: Uint8Array
  /** as it travelled */
  readonly bytes: Uint8Array
  /** leaf hash of the bytes in the Merkle tree of its log */
  readonly id: Uint8Array
}

declare const signed: unique symbol
declare const verified: unique symbol

/** Signed by who may, in the window and time they may; where it stands in its log is not checked. Only this room makes one. */
export interface SignedEntry extends Entry {
  readonly [signed]: true
}

/**
 * Signed, and in its place over exactly the entries before it. Only `judge`, `judgePage`, `adoptHead`, `openChannel` and `write`
 * make one, and nothing else is stored or shown (attack 54).
 */
export interface VerifiedEntry extends SignedEntry {
  readonly [verified]: true
}

/** An entry before it is signed. */
export type Draft = Omit<Entry, 'signature' | 'bytes' | 'id'>

export const ZEROS = new Uint8Array(HASH)

const VERSION = 1
const AT = { kind: 1, channel: 2, log: 34, seq: 66, time: 74, root: 82, certificate: 114, seen: 146, heads: 147 } as const
const HEAD = HASH + 8 + HASH
/** No heads, no body. */
const LEAST = AT.heads + 4 + SIZE.ed25519.signature

const fail = (rule: Rule): EntryError => new EntryError(rule)

/** Public values only: gives its answer as soon as it is known. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** As the bytes stand in a table. Public values only. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * The bytes are copied, so that what was judged stays what it was.
 * @throws EntryError malformed | version | too-large | kind | seen
 */
export function decodeEntry(suite: Suite, from: Uint8Array): Entry {
  if (from.length > MAX_ENTRY) throw fail('too-large')
  if (from.length < LEAST) throw fail('malformed')
  if (from[0] !== VERSION) throw fail('version')
  const bytes = new Uint8Array(from) // a slice of a Buffer would share its memory
  const view = new DataView(bytes.buffer)
  const take = (at: number): Uint8Array => bytes.subarray(at, at + HASH)
  const kind = bytes[AT.kind] as number
  if (kind === 0) throw fail('kind')
  const count = bytes[AT.seen] as number
  const bodyAt = AT.heads + count * HEAD + 4
  const signatureAt = bytes.length - SIZE.ed25519.signature
  if (bodyAt > signatureAt || view.getUint32(bodyAt - 4) !== signatureAt - bodyAt) throw fail('malformed')
  if (count > MAX_SEEN) throw fail('seen')
  return {
    kind,
    channel: take(AT.channel),
    log: take(AT.log),
    seq: readU64(view, AT.seq),
    time: readU64(view, AT.time),
    root: take(AT.root),
    certificate: take(AT.certificate),
    seen: readSeen(view, bytes, count),
    body: bytes.subarray(bodyAt, signatureAt),
    signature: bytes.subarray(signatureAt),
    bytes,
    id: leafHash(suite, bytes),
  }
}

function readSeen(view: DataView, bytes: Uint8Array, count: number): Head[] {
  const heads: Head[] = []
  for (let at: number = AT.heads; heads.length < count; at += HEAD) {
    const head = { log: bytes.subarray(at, at + HASH), size: readU64(view, at + HASH), root: bytes.subarray(at + HASH + 8, at + HEAD) }
    const before = heads.at(-1)
    if (head.size === 0 || (before && compare(before.log, head.log) >= 0)) throw fail('seen')
    heads.push(head)
  }
  return heads
}

/** Numbers from 2^53 on are in no entry: they cannot be counted exactly everywhere. */
function readU64(view: DataView, at: number): number {
  const value = view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
  if (!Number.isSafeInteger(value)) throw fail('malformed')
  return value
}

const toSign = (unsigned: Uint8Array): Uint8Array => labelled(LABEL.channelEntry, unsigned)

/** Written and signed. @throws EntryError too-large | seen */
export function signEntry(suite: Suite, key: KeyPair<'ed25519'>, draft: Draft): Uint8Array {
  if (draft.seen.length > MAX_SEEN) throw fail('seen')
  const unsigned = concat(
    new Uint8Array([VERSION, draft.kind]),
    draft.channel,
    draft.log,
    u64(draft.seq),
    u64(draft.time),
    draft.root,
    draft.certificate,
    new Uint8Array([draft.seen.length]),
    ...draft.seen.flatMap(({ log, size, root }) => [log, u64(size), root]),
    u32(draft.body.length),
    draft.body,
  )
  if (unsigned.length + SIZE.ed25519.signature > MAX_ENTRY) throw fail('too-large')
  return concat(unsigned, suite.sign(key.secretKey, toSign(unsigned)))
}

export function isSignedBy(suite: Suite, key: Uint8Array, { bytes, signature }: Entry): boolean {
  return suite.verify(key, toSign(bytes.subarray(0, bytes.length - signature.length)), signature)
}
