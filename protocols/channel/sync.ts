/**
 * Frames of `/dure/channel-sync/1`, where one asks and the other has: one request a stream, then frames, the last of them
 * `end` or `refused`. The transport says how long a frame is.
 */
import { encodePeer, type LinkPeer, readPeer } from '../pairing/index.ts'
import { concat, Reader, u32, u64 } from '../suite/index.ts'
import { MAX_ENTRY } from './limits.ts'
import { CHUNK, chunksOf } from './media.ts'
import { HASH, type RangeProof } from './merkle.ts'

/** Entries of one page: its proof is then no more than a few bytes an entry. */
export const MAX_PAGE = 256
/** The longest request is that for a page. */
export const MAX_SYNC_REQUEST = 83
/** Above the longest frame: an entry of 64 KiB with the frontier before it. */
export const MAX_SYNC_FRAME = 96 * 1024
/** Bytes of one evidence, which a reply carries in as many frames as it takes. */
export const MAX_EVIDENCE = 512 * 1024
/** Bytes of evidence in one frame. */
export const MAX_EVIDENCE_PART = 64 * 1024
/** Peers one reply tells of: enough to find more, too few to fill anybody's book with the peers of one. */
export const MAX_PEERS = 16
/** Sizes are below 2^53: no frontier is longer. */
const MAX_FRONTIER = 53
/** The compact range of a middle part goes up and down again. */
const MAX_RANGE = 2 * MAX_FRONTIER
/** Of a picture of 10 MiB: 320 chunks. */
const MAX_CHUNK_PROOF = 9

export type SyncRequest =
  | { readonly type: 'heads'; readonly channel: Uint8Array }
  /** `size` of the tree the proof is for; `from + count` is not above it */
  | { readonly type: 'page'; readonly channel: Uint8Array; readonly log: Uint8Array; readonly from: number; readonly count: number; readonly size: number }
  /** the file of that hash and size, `count` chunks from number `first` on */
  | { readonly type: 'media'; readonly hash: Uint8Array; readonly size: number; readonly first: number; readonly count: number }
  | { readonly type: 'evidence'; readonly channel: Uint8Array }
  | { readonly type: 'peers'; readonly channel: Uint8Array }

/** `unknown`: also for what is followed in private. `missing`: the channel is here, what was asked for is not. */
export type SyncRefusal = 'unknown' | 'missing' | 'busy'

export type SyncFrame =
  /** the newest entry of a log, and the frontier before it */
  | { readonly type: 'head'; readonly log: Uint8Array; readonly frontier: readonly Uint8Array[]; readonly entry: Uint8Array }
  /** of the entries [from, to), which follow in order */
  | { readonly type: 'proof'; readonly from: number; readonly to: number; readonly proof: RangeProof }
  | { readonly type: 'entry'; readonly entry: Uint8Array }
  | { readonly type: 'chunk'; readonly index: number; readonly proof: readonly Uint8Array[]; readonly chunk: Uint8Array }
  /** a part of one evidence; `last`: it is whole with this */
  | { readonly type: 'evidence'; readonly last: boolean; readonly part: Uint8Array }
  | { readonly type: 'peer'; readonly peer: LinkPeer }
  | { readonly type: 'refused'; readonly code: SyncRefusal }
  /** the reply is whole; a stream that ends without it was cut */
  | { readonly type: 'end' }

/** A frame that is not one. Who sent it is at fault. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code = 'malformed'

  constructor() {
    super('a frame of the sync protocol is malformed')
  }
}

const REQUEST = { heads: 1, page: 2, media: 3, evidence: 4, peers: 5 } as const
const FRAME = { head: 1, proof: 2, entry: 3, chunk: 4, evidence: 5, peer: 6, refused: 7, end: 8 } as const
const REFUSAL = { unknown: 1, missing: 2, busy: 3 } as const

const malformed = (): SyncError => new SyncError()

// ---------------------------------------------------------------- requests

/** @throws SyncError */
export function encodeSyncRequest(request: SyncRequest): Uint8Array {
  const type = byte(REQUEST[request.type])
  switch (request.type) {
    case 'page':
      pageIsAsked(request)
      return concat(type, hash(request.channel), hash(request.log), u64(request.from), u16(request.count), u64(request.size))
    case 'media':
      chunksAreAsked(request)
      return concat(type, hash(request.hash), u32(request.size), u32(request.first), u16(request.count))
    default:
      return concat(type, hash(request.channel))
  }
}

/** @throws SyncError */
export function decodeSyncRequest(bytes: Uint8Array): SyncRequest {
  const reader = new Reader(bytes, malformed)
  const request = readRequest(reader)
  reader.end()
  return request
}

function readRequest(reader: Reader): SyncRequest {
  const type = nameOf(REQUEST, reader.u8())
  switch (type) {
    case 'page': {
      const page = { type, channel: reader.take(HASH), log: reader.take(HASH), from: reader.u64(), count: reader.u16(), size: reader.u64() } as const
      pageIsAsked(page)
      return page
    }
    case 'media': {
      const media = { type, hash: reader.take(HASH), size: reader.u32(), first: reader.u32(), count: reader.u16() } as const
      chunksAreAsked(media)
      return media
    }
    default:
      return { type, channel: reader.take(HASH) }
  }
}

function pageIsAsked({ from, count, size }: { readonly from: number; readonly count: number; readonly size: number }): void {
  if (!Number.isSafeInteger(size) || count > MAX_PAGE) throw malformed()
  isPart(from, count, size)
}

function chunksAreAsked({ size, first, count }: { readonly size: number; readonly first: number; readonly count: number }): void {
  let chunks: number
  try {
    chunks = chunksOf(size)
  } catch {
    throw malformed()
  }
  isPart(first, count, chunks)
}

function isPart(from: number, count: number, size: number): void {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(count) || from < 0 || count < 1 || from > size - count) throw malformed()
}

// ---------------------------------------------------------------- replies

/** @throws SyncError */
export function encodeSyncFrame(frame: SyncFrame): Uint8Array {
  const type = byte(FRAME[frame.type])
  switch (frame.type) {
    case 'head':
      return concat(type, hash(frame.log), nodes(frame.frontier, MAX_FRONTIER), bounded(frame.entry, MAX_ENTRY))
    case 'proof':
      isPage(frame.from, frame.to)
      return concat(type, u64(frame.from), u64(frame.to), nodes(frame.proof.left, MAX_FRONTIER), nodes(frame.proof.right, MAX_RANGE))
    case 'entry':
      return concat(type, bounded(frame.entry, MAX_ENTRY))
    case 'chunk':
      isChunk(frame.index)
      return concat(type, u32(frame.index), nodes(frame.proof, MAX_CHUNK_PROOF), bounded(frame.chunk, CHUNK))
    case 'evidence':
      return concat(type, byte(frame.last ? 1 : 0), bounded(frame.part, MAX_EVIDENCE_PART))
    case 'peer':
      return concat(type, ofPairing(() => encodePeer(frame.peer)))
    case 'refused':
      return concat(type, byte(REFUSAL[frame.code]))
    case 'end':
      return type
  }
}

/** @throws SyncError */
export function decodeSyncFrame(bytes: Uint8Array): SyncFrame {
  const reader = new Reader(bytes, malformed)
  const frame = readFrame(reader)
  reader.end()
  return frame
}

function readFrame(reader: Reader): SyncFrame {
  const type = nameOf(FRAME, reader.u8())
  switch (type) {
    case 'head':
      return { type, log: reader.take(HASH), frontier: readNodes(reader, MAX_FRONTIER), entry: bounded(reader.rest(), MAX_ENTRY) }
    case 'proof': {
      const from = reader.u64()
      const to = reader.u64()
      isPage(from, to)
      return { type, from, to, proof: { left: readNodes(reader, MAX_FRONTIER), right: readNodes(reader, MAX_RANGE) } }
    }
    case 'entry':
      return { type, entry: bounded(reader.rest(), MAX_ENTRY) }
    case 'chunk': {
      const index = reader.u32()
      isChunk(index)
      return { type, index, proof: readNodes(reader, MAX_CHUNK_PROOF), chunk: bounded(reader.rest(), CHUNK) }
    }
    case 'evidence': {
      const last = reader.u8()
      if (last > 1) throw malformed()
      return { type, last: last === 1, part: bounded(reader.rest(), MAX_EVIDENCE_PART) }
    }
    case 'peer':
      return { type, peer: ofPairing(() => readPeer(reader)) }
    case 'refused':
      return { type, code: nameOf(REFUSAL, reader.u8()) }
    case 'end':
      return { type }
  }
}

function isPage(from: number, to: number): void {
  if (!Number.isSafeInteger(to) || to - from > MAX_PAGE) throw malformed()
  isPart(from, to - from, to)
}

function isChunk(index: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** MAX_CHUNK_PROOF) throw malformed()
}

// ---------------------------------------------------------------- shared

const byte = (value: number): Uint8Array => new Uint8Array([value])
const u16 = (value: number): Uint8Array => new Uint8Array([value >>> 8, value])

function nameOf<T extends string>(codes: Readonly<Record<T, number>>, code: number): T {
  for (const name in codes) if (codes[name] === code) return name
  throw malformed()
}

function hash(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== HASH) throw malformed()
  return bytes
}

/** Not empty, and not above the limit. */
function bounded(bytes: Uint8Array, most: number): Uint8Array {
  if (bytes.length < 1 || bytes.length > most) throw malformed()
  return bytes
}

function nodes(hashes: readonly Uint8Array[], most: number): Uint8Array {
  if (hashes.length > most) throw malformed()
  return concat(byte(hashes.length), ...hashes.map(hash))
}

function readNodes(reader: Reader, most: number): Uint8Array[] {
  const count = reader.u8()
  if (count > most) throw malformed()
  return Array.from({ length: count }, () => reader.take(HASH))
}

/** Addresses are coded in the pairing room, whose errors are of invites. */
function ofPairing<T>(step: () => T): T {
  try {
    return step()
  } catch {
    throw malformed()
  }
}
