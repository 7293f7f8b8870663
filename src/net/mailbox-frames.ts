/**
 * What both ends of `/dure/mailbox/1` have in common: length u32 big-endian, then a frame of one of two sizes; and a stream is known to be
 * slow by a frame that begins and does not end.
 */
import type { Stream } from '@libp2p/interface'
import { LONG, SHORT } from '../../protocols/mailbox/index.ts'
import { concat, u32 } from '../../protocols/suite/index.ts'
import { FramingError, readFrames, SilenceError } from './channels/frames.ts'
import { MAILBOX_FRAME_TIMEOUT } from './limits.ts'

export const MAILBOX_PROTOCOL = '/dure/mailbox/1'

const HEAD = 4

/** @throws RangeError not the size of a frame */
export function framed(frame: Uint8Array): Uint8Array {
  if (frame.length !== SHORT && frame.length !== LONG) throw new RangeError(`not the size of a frame: ${frame.length}`)
  return concat(u32(frame.length), frame)
}

export interface FrameReader {
  /**
   * The next frame, whenever it comes; undefined when the other side has closed.
   * @param quiet asked when no frame came for a while: true ends the stream
   * @throws FramingError, SilenceError, what the stream failed with
   */
  next(quiet: () => boolean): Promise<Uint8Array | undefined>
}

export function frameReader(stream: Stream): FrameReader {
  const frames = readFrames(stream, LONG)
  let taken = 0
  return {
    async next(quiet) {
      for (;;) {
        try {
          const frame = await frames.next(MAILBOX_FRAME_TIMEOUT)
          if (!frame) return undefined
          taken += HEAD + frame.length
          if (frame.length !== SHORT && frame.length !== LONG) throw new FramingError('oversized')
          return frame
        } catch (error) {
          // One byte a minute does not keep a stream: a frame that has begun is to end in this time.
          if (!(error instanceof SilenceError) || frames.received > taken || quiet()) throw error
        }
      }
    },
  }
}
