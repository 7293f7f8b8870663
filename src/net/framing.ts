/**
 * The frames of both protocols. One layout:
 *
 *   0  4  length of what follows, big-endian (type and body)
 *   4  1  type
 *   5  …  body
 *
 * Each direction of each stream carries one type only, so a reader knows the largest length before it buffers a byte.
 */
import { concat, u32 } from '../../protocols/suite/index.ts'
import type { Verdict } from '../messenger/ports.ts'
import { MAX_ENVELOPE, MAX_IN_FLIGHT, MAX_PAIRING_FRAME } from './limits.ts'

const TYPE = { envelope: 1, verdicts: 2, request: 3, reply: 4 } as const
export type FrameType = keyof typeof TYPE

const VERDICT_BYTE: Record<Verdict, number> = { stored: 1, 'no-session': 2 }
const VERDICT_SIZE = 5
const COUNTER_SIZE = 4
/** length and type */
export const FRAME_HEADER = 5

const MAX_BODY: Record<FrameType, number> = {
  envelope: COUNTER_SIZE + MAX_ENVELOPE,
  verdicts: VERDICT_SIZE * MAX_IN_FLIGHT,
  request: MAX_PAIRING_FRAME,
  reply: MAX_PAIRING_FRAME,
}
const MIN_BODY: Record<FrameType, number> = { envelope: COUNTER_SIZE + 1, verdicts: VERDICT_SIZE, request: 1, reply: 1 }

/** The other side does not speak the protocol: the stream is aborted. `limit` is the bound it passed, where one did. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
  readonly code: 'oversized' | 'undersized' | 'type' | 'verdict' | 'counter' | 'trailing' | 'truncated'
  readonly limit: number | undefined

  constructor(code: FrameError['code'], limit?: number) {
    super(limit === undefined ? `frame refused: ${code}` : `frame refused: ${code}, limit ${limit}`)
    this.code = code
    this.limit = limit
  }
}

/** @throws FrameError 'oversized' | 'undersized' */
export function encodeFrame(type: FrameType, body: Uint8Array): Uint8Array {
  check(type, body.length)
  return concat(u32(body.length + 1), new Uint8Array([TYPE[type]]), body)
}

/** `counter` counts the envelopes of one stream from 0. @throws FrameError when the envelope is empty or too large */
export const encodeEnvelope = (counter: number, envelope: Uint8Array): Uint8Array => encodeFrame('envelope', concat(u32(counter), envelope))

export function decodeEnvelope(body: Uint8Array): { counter: number; envelope: Uint8Array } {
  return { counter: readU32(body, 0), envelope: body.subarray(COUNTER_SIZE) }
}

export interface Answer {
  readonly counter: number
  readonly verdict: Verdict
}

export const encodeVerdicts = (answers: readonly Answer[]): Uint8Array =>
  encodeFrame('verdicts', concat(...answers.map(({ counter, verdict }) => concat(u32(counter), new Uint8Array([VERDICT_BYTE[verdict]])))))

/** @throws FrameError 'verdict' */
export function decodeVerdicts(body: Uint8Array): Answer[] {
  if (body.length % VERDICT_SIZE !== 0) throw new FrameError('verdict')
  const answers: Answer[] = []
  for (let at = 0; at < body.length; at += VERDICT_SIZE) {
    const byte = body[at + COUNTER_SIZE]
    const verdict = byte === VERDICT_BYTE.stored ? 'stored' : byte === VERDICT_BYTE['no-session'] ? 'no-session' : undefined
    if (!verdict) throw new FrameError('verdict')
    answers.push({ counter: readU32(body, at), verdict })
  }
  return answers
}

/** Cuts the bytes of one direction of a stream into the bodies of its frames. Holds at most one frame and one chunk. */
export class FrameReader {
  readonly #type: FrameType
  #chunks: Uint8Array[] = []
  #length = 0

  constructor(type: FrameType) {
    this.#type = type
  }

  /** Bytes of frames that are not complete, or not taken yet. */
  get buffered(): number {
    return this.#length
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** The next whole body. @throws FrameError as soon as the header shows a frame that cannot be right */
  next(): Uint8Array | undefined {
    if (this.#length < 4) return undefined
    const length = readU32(this.#peek(4), 0)
    check(this.#type, length - 1)
    if (this.#length < FRAME_HEADER) return undefined
    if (this.#peek(FRAME_HEADER)[4] !== TYPE[this.#type]) throw new FrameError('type')
    if (this.#length < 4 + length) return undefined
    return this.#take(4 + length).subarray(FRAME_HEADER)
  }

  #peek(size: number): Uint8Array {
    const first = this.#chunks[0]
    if (first && first.length >= size) return first
    const head = this.#take(size)
    this.#chunks.unshift(head)
    this.#length += size
    return head
  }

  /** A copy: what was received lives in buffers much larger than a frame. */
  #take(size: number): Uint8Array {
    const out = new Uint8Array(size)
    let at = 0
    let used = 0
    while (at < size) {
      const chunk = this.#chunks[used] as Uint8Array
      const part = chunk.subarray(0, size - at)
      out.set(part, at)
      at += part.length
      if (part.length === chunk.length) used++
      else this.#chunks[used] = chunk.subarray(part.length)
    }
    // At once: taking a frame that came byte by byte must not move the list for every byte.
    this.#chunks.splice(0, used)
    this.#length -= size
    return out
  }
}

function check(type: FrameType, length: number): void {
  if (length < MIN_BODY[type]) throw new FrameError('undersized', MIN_BODY[type])
  if (length > MAX_BODY[type]) throw new FrameError('oversized', MAX_BODY[type])
}

function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at)
}
