/** The only sizes an envelope has on the wire, in bytes. A short chat message fits the first, a picture the later ones. */
export const BUCKETS: readonly number[] = [4_096, 16_384, 65_536, 131_072, 196_608, 262_144]

/** The largest envelope: what a mailbox stores as one block and a stream carries as one frame. */
export const MAX_ENVELOPE = 262_144

/** The largest content: one bucket step below the largest envelope, so that it fits whatever surrounds it. */
export const MAX_CONTENT = 196_608

/** What may surround content: the rest of the largest envelope but for the one byte of padding that is always there. */
export const MAX_OVERHEAD = MAX_ENVELOPE - MAX_CONTENT - 1

export const isBucket = (length: number): boolean => BUCKETS.includes(length)

/** The smallest bucket that holds so many bytes. @throws RangeError beyond the largest */
export function bucketFor(length: number): number {
  const bucket = BUCKETS.find((size) => size >= length)
  if (bucket === undefined) throw new RangeError(`no envelope holds ${length} bytes`)
  return bucket
}
