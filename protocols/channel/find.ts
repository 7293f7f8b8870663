/** Frames of `/dure/channel-find/1`: which of these channels do you serve? Asked without saying their names. */
import { concat, Reader } from '../suite/index.ts'
import { FIND_NONCE, FIND_TAG } from './names.ts'
import { SyncError } from './sync.ts'

/** Channels asked for in one question. */
export const MAX_FIND = 64

const malformed = (): SyncError => new SyncError()

/** Names of channels, blinded by a nonce of the moment (`findTag`): who knows none of them learns none. */
export interface FindRequest {
  /** 16 bytes */
  readonly nonce: Uint8Array
  /** 16 bytes each, 1 .. `MAX_FIND` */
  readonly tags: readonly Uint8Array[]
}

/** @throws SyncError */
export function encodeFindRequest({ nonce, tags }: FindRequest): Uint8Array {
  if (nonce.length !== FIND_NONCE || tags.length < 1 || tags.length > MAX_FIND || tags.some((tag) => tag.length !== FIND_TAG)) throw malformed()
  return concat(nonce, ...tags)
}

/** @throws SyncError */
export function decodeFindRequest(bytes: Uint8Array): FindRequest {
  const count = (bytes.length - FIND_NONCE) / FIND_TAG
  if (!Number.isInteger(count) || count < 1 || count > MAX_FIND) throw malformed()
  const reader = new Reader(bytes, malformed)
  return { nonce: reader.take(FIND_NONCE), tags: Array.from({ length: count }, () => reader.take(FIND_TAG)) }
}

/** One bit a tag, the first is the highest of the first byte; bits left over are 0. */
export function encodeFindReply(known: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(known.length / 8))
  known.forEach((yes, i) => {
    if (yes) bits[i >> 3] = (bits[i >> 3] as number) | (0x80 >> (i & 7))
  })
  return bits
}

/** @param count of the tags that were asked. @throws SyncError */
export function decodeFindReply(bytes: Uint8Array, count: number): boolean[] {
  if (bytes.length !== Math.ceil(count / 8)) throw malformed()
  const bits = Array.from({ length: bytes.length * 8 }, (_, i) => ((bytes[i >> 3] as number) & (0x80 >> (i & 7))) !== 0)
  if (bits.slice(count).includes(true)) throw malformed()
  return bits.slice(0, count)
}
