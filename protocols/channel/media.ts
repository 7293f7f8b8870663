/** Pictures beside the entries: named by a hash of their chunks, so that each chunk can be checked as it comes, whoever sends it. */
import type { Suite } from '../suite/index.ts'
import { MAX_MEDIA } from './limits.ts'
import { emptyFrontier, grow, inclusionProof, leafHash, subtreesOf, treeRoot, verifyInclusion } from './merkle.ts'

/** One frame carries one chunk and its proof; the proof of a picture of 10 MiB adds 9 hashes to it, below 1 %. */
export const CHUNK = 32 * 1024
/** What an entry can say of its width and height. */
const MAX_SIDE = 0xffff
/** Segments of a JPEG before its size is told: colour profiles and thumbnails take some dozen at the most. */
const MAX_SEGMENTS = 1_000

export type MediaType = 'png' | 'jpeg' | 'webp' | 'gif'

export interface Media {
  /** 32 bytes */
  readonly hash: Uint8Array
  readonly size: number
}

const REASONS = {
  size: 'it is empty or above the limit',
  type: 'it is no PNG, JPEG, WebP or GIF',
  dimensions: 'it says no width and height that a picture has',
  chunk: 'there is no such chunk, or it is not as long as it must be',
}

/** A file that is no picture of ours, or a chunk that cannot be one of it. */
export class MediaError extends Error {
  override readonly name = 'MediaError'
  readonly code: keyof typeof REASONS

  constructor(code: MediaError['code']) {
    super(`media refused: ${REASONS[code]}`)
    this.code = code
  }
}

/** @throws MediaError size */
export function chunksOf(size: number): number {
  if (!Number.isInteger(size) || size < 1 || size > MAX_MEDIA) throw new MediaError('size')
  return Math.ceil(size / CHUNK)
}

/** Leaf hashes of the chunks, all `CHUNK` long but the last. @throws MediaError size */
export const chunkHashes = (suite: Suite, bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: chunksOf(bytes.length) }, (_, i) => leafHash(suite, bytes.subarray(i * CHUNK, (i + 1) * CHUNK)))

/** RFC 6962 tree root over the chunks. @throws MediaError size */
export function mediaHash(suite: Suite, bytes: Uint8Array): Uint8Array {
  return treeRoot(suite, chunkHashes(suite, bytes).reduce((frontier, hash) => grow(suite, frontier, hash).frontier, emptyFrontier))
}

/** @param hashes of all chunks. @throws MerkleError range: there is no such chunk */
export function chunkProof(suite: Suite, hashes: readonly Uint8Array[], index: number): Uint8Array[] {
  const subtree = subtreesOf(suite, (leaf) => hashes[leaf] as Uint8Array, () => undefined)
  return inclusionProof(suite, index, hashes.length, subtree)
}

/** Is it that chunk of that file? @throws MediaError chunk | size; MerkleError */
export function verifyChunk(suite: Suite, media: Media, index: number, chunk: Uint8Array, proof: readonly Uint8Array[]): void {
  const chunks = chunksOf(media.size)
  const length = index === chunks - 1 ? media.size - index * CHUNK : CHUNK
  if (chunk.length !== length) throw new MediaError('chunk')
  verifyInclusion(suite, leafHash(suite, chunk), index, chunks, media.hash, proof)
}

export interface Picture {
  readonly type: MediaType
  readonly width: number
  readonly height: number
}

/**
 * Type, width and height as the first bytes of a file say. Reads headers only, and says nothing about the rest: whoever
 * shows the picture decodes bytes of a stranger.
 * @throws MediaError type | dimensions
 */
export function sniffType(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const type = typeOf(bytes)
  let sides: Sides
  try {
    sides = READERS[type](view)
  } catch (error) {
    if (error instanceof RangeError) throw new MediaError('dimensions') // it ends inside its header
    throw error
  }
  if (sides.some((side) => side < 1 || side > MAX_SIDE)) throw new MediaError('dimensions')
  return { type, width: sides[0], height: sides[1] }
}

type Sides = readonly [width: number, height: number]

function typeOf(bytes: Uint8Array): MediaType {
  const has = (at: number, text: string): boolean => Array.from(text).every((letter, i) => bytes[at + i] === letter.charCodeAt(0))
  if (has(0, '\x89PNG\r\n\x1a\n')) return 'png'
  if (has(0, '\xff\xd8\xff')) return 'jpeg'
  if (has(0, 'RIFF') && has(8, 'WEBP')) return 'webp'
  if (has(0, 'GIF87a') || has(0, 'GIF89a')) return 'gif'
  throw new MediaError('type')
}

/** Each reads at fixed places, or steps forward a bounded number of times; a `RangeError` is a place behind the end. */
const READERS: Record<MediaType, (view: DataView) => Sides> = { png, jpeg, webp, gif }

/** W3C PNG section 11.2.1: the first chunk is IHDR, of 13 bytes. */
function png(view: DataView): Sides {
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) throw new MediaError('dimensions')
  return [view.getUint32(16), view.getUint32(20)]
}

/** GIF89a section 18: the logical screen. */
function gif(view: DataView): Sides {
  return [view.getUint16(6, true), view.getUint16(8, true)]
}

/** RFC 9649: what the first chunk says, which is one of three. */
function webp(view: DataView): Sides {
  const uint24 = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000
  switch (view.getUint32(12)) {
    case 0x56503858: // VP8X
      return [uint24(24) + 1, uint24(27) + 1]
    case 0x5650384c: { // VP8L
      if (view.getUint8(20) !== 0x2f) throw new MediaError('dimensions')
      const bits = view.getUint32(21, true)
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
    }
    case 0x56503820: // VP8, RFC 6386 section 9.1: a key frame
      if (uint24(23) !== 0x2a019d || (view.getUint8(20) & 1) !== 0) throw new MediaError('dimensions')
      return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff]
    default:
      throw new MediaError('dimensions')
  }
}

/** ITU T.81 section B.1.1: segments up to the frame header, which is SOF0 .. SOF15 without DHT, JPG and DAC. */
function jpeg(view: DataView): Sides {
  let at = 2
  for (let segment = 0; segment < MAX_SEGMENTS; segment++) {
    if (view.getUint8(at) !== 0xff) break
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at++ // a fill byte
      continue
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (frame) return [view.getUint16(at + 7), view.getUint16(at + 5)]
    const segmentLength = view.getUint16(at + 2)
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda) || segmentLength < 2) break // nothing that may stand before the frame
    at += 2 + segmentLength
  }
  throw new MediaError('dimensions')
}
