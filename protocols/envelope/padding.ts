/** Padding of ISO/IEC 7816-4: one byte 0x80, then zeros. It has no length field that could lie (attack 27). */
import { bucketFor, MAX_CONTENT, MAX_ENVELOPE, MAX_OVERHEAD } from './buckets.ts'
import { EnvelopeError } from './errors.ts'

const MARK = 0x80

/**
 * The content, padded so that it and the `overhead` bytes that will surround it (header, keys, tag) are exactly a bucket.
 * @throws EnvelopeError too-large: content beyond MAX_CONTENT
 * @throws RangeError overhead outside 0 .. MAX_OVERHEAD
 */
export function pad(content: Uint8Array, overhead: number): Uint8Array {
  if (!Number.isInteger(overhead) || overhead < 0 || overhead > MAX_OVERHEAD) throw new RangeError(`not an overhead: ${overhead}`)
  if (content.length > MAX_CONTENT) throw new EnvelopeError('too-large', MAX_CONTENT)
  const padded = new Uint8Array(bucketFor(content.length + 1 + overhead) - overhead)
  padded.set(content)
  padded[content.length] = MARK
  return padded
}

/**
 * The content again, as a copy. Every padding byte is checked, and every fault gives the same error.
 * @throws EnvelopeError padding
 */
export function unpad(padded: Uint8Array): Uint8Array {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  if (padded.length > MAX_ENVELOPE || end < 0 || end > MAX_CONTENT || padded[end] !== MARK) throw new EnvelopeError('padding')
  return padded.slice(0, end)
}
