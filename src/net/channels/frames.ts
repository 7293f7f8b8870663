/**
 * Frames of the channel network's own protocols: length u32 big-endian, then so many bytes. What the bytes mean is the business of
 * protocols/channel. Reading follows the reader: the stream is paused whenever a frame is waiting to be taken, so a slow reader
 * holds at most one receive window.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { LengthPrefixedDecoder } from '@libp2p/utils'
import { concat, u32 } from '../../../protocols/suite/index.ts'
import { STREAM_WINDOW } from '../limits.ts'

/** The other side does not keep to the framing. */
export class FramingError extends Error {
  override readonly name = 'FramingError'
  readonly code: 'oversized' | 'truncated' | 'empty'

  constructor(code: FramingError['code']) {
    super(`frame refused: ${code}`)
    this.code = code
  }
}

/** Nothing whole came in time. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError'
}

export function encodeFrame(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length === 0) throw new FramingError('empty')
  if (bytes.length > limit) throw new FramingError('oversized')
  return concat(u32(bytes.length), bytes)
}

export interface FrameSource {
  /** The next whole frame; undefined when the other side has closed after the last one. @throws FramingError, SilenceError, what the stream failed with */
  next(timeout: number): Promise<Uint8Array | undefined>
  /** Bytes that came, length fields included. */
  readonly received: number
}

/** Takes the stream over: nobody else may read it. */
export function readFrames(stream: Stream, limit: number): FrameSource {
  const decoder = new LengthPrefixedDecoder({
    maxDataLength: limit,
    maxBufferSize: limit + 4 * STREAM_WINDOW,
    lengthDecoder(bytes) {
      if (bytes.length < 4) throw new RangeError('the length is not whole')
      const head = bytes.subarray(0, 4)
      const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
      if (length === 0) throw new FramingError('empty')
      if (length > limit) throw new FramingError('oversized')
      return length
    },
    encodingLength: () => 4,
  })
  const frames: Uint8Array[] = []
  let received = 0
  let pending = 0
  let failure: Error | undefined
  let resuming = false
  let wake: () => void = () => undefined

  const ended = (): boolean => stream.remoteWriteStatus === 'closed' && stream.readBufferLength === 0

  function pauseIfFull(): void {
    // `resume` hands over what had piled up and then tells the other side to go on: a pause inside it would be undone.
    if (frames.length > 0 && !resuming && stream.readStatus === 'readable') stream.pause()
  }

  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    if (failure) return
    received += data.byteLength
    pending += data.byteLength
    try {
      for (const frame of decoder.decode(data)) {
        // A copy: what was received lives in buffers much larger than a frame.
        frames.push(new Uint8Array(frame.subarray()))
        pending -= 4 + frame.byteLength
      }
    } catch (error) {
      failure = error as Error
    }
    pauseIfFull()
    wake()
  })
  stream.addEventListener('remoteCloseWrite', () => wake())
  stream.addEventListener('close', ({ error }) => {
    failure ??= error
    wake()
  })

  return {
    get received() {
      return received
    },
    async next(timeout) {
      const end = performance.now() + timeout
      for (;;) {
        const frame = frames.shift()
        if (frame) return frame
        if (failure) throw failure
        if (stream.readStatus === 'paused') {
          resuming = true
          stream.resume()
          resuming = false
          pauseIfFull()
          if (frames.length > 0 || failure) continue
        }
        if (ended()) {
          if (pending > 0) throw new FramingError('truncated')
          return undefined
        }
        const rest = end - performance.now()
        if (rest <= 0) throw new SilenceError(`nothing whole came in ${timeout} ms`)
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, rest)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    },
  }
}
