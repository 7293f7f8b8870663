/** `/dure/channel-sync/1`: one request, one reply of many frames, one stream each. What requests and frames say is above us. */
import type { Connection, Stream } from '@libp2p/interface'
import { RateLimiter } from '@libp2p/utils'
import { pipe } from 'it-pipe'
import { MAX_SYNC_FRAME, MAX_SYNC_REQUEST, SyncError } from '../../../protocols/channel/index.ts'
import { concat } from '../../../protocols/suite/index.ts'
import { GossipError, type GossipHandlers, type PeerKey } from '../../messenger/channels/ports.ts'
import { hostOf, isLoopback } from '../addresses.ts'
import { drained } from '../drained.ts'
import { ipOf } from '../gater.ts'
import type { Fault } from './faults.ts'
import { encodeFrame, FramingError, readFrames, SilenceError } from './frames.ts'
import * as limit from './limits.ts'

export const SYNC_PROTOCOL = '/dure/channel-sync/1'

type Frames = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

// ---------------------------------------------------------------- the side that answers

export interface SyncQuestions {
  answer: GossipHandlers['answer']
  /** Told before the answer: who asks about a channel knows it. */
  asked(from: PeerKey, request: Uint8Array): void
  fault(peer: PeerKey, fault: Fault): void
}

export function createSyncServer({ answer, asked, fault }: SyncQuestions): (stream: Stream, connection: Connection, from: PeerKey) => Promise<void> {
  const perPeer = new RateLimiter({ points: limit.SYNC_PER_PEER_PER_MINUTE, duration: 60 })
  const perHost = new RateLimiter({ points: limit.SYNC_PER_HOST_PER_MINUTE, duration: 60 })

  return async (stream, connection, from) => {
    const ip = ipOf(connection)
    if (ip !== '' && !isLoopback(ip)) perHost.consume(hostOf(ip))
    perPeer.consume(from)
    const expired = setTimeout(() => stream.abort(new Error('the reply took too long')), limit.SYNC_TIMEOUT).unref()
    try {
      const request = await readFrames(stream, MAX_SYNC_REQUEST).next(limit.SYNC_FRAME_TIMEOUT)
      if (!request) return
      asked(from, request)
      const gone = closed(stream)
      gone.catch(() => undefined)
      // Also when the layer above takes its time: nobody waits for it any more.
      await Promise.race([pipe(() => faultless(() => answer(from, request)), batches, frames => send(stream, frames)), gone])
      await stream.close({ signal: AbortSignal.timeout(limit.SYNC_DRAIN_TIMEOUT) })
    } catch (error) {
      // A disk of ours that fails is no fault of who asks.
      if ((error instanceof RefusedError && error.cause instanceof SyncError) || error instanceof FramingError) fault(from, 'invalid')
      stream.abort(error as Error)
    } finally {
      clearTimeout(expired)
    }
  }
}

/** The layer above does not answer that. */
class RefusedError extends Error {}

/** Tells its failures from those of the stream. */
async function* faultless(answer: () => Frames): AsyncGenerator<Uint8Array> {
  let source: Iterator<Uint8Array> | AsyncIterator<Uint8Array> | undefined
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>
      try {
        source ??= iterate(answer())
        next = await source.next()
      } catch (error) {
        throw new RefusedError('the request was refused', { cause: error })
      }
      if (next.done) return
      yield next.value
    }
  } finally {
    await source?.return?.()
  }
}

const iterate = (frames: Frames): Iterator<Uint8Array> | AsyncIterator<Uint8Array> =>
  Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]()

/** Joins small frames into one write. The first goes alone, so that the other side sees that we live. */
async function* batches(frames: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let batch: Uint8Array[] = []
  let size = 0
  let enough = 1
  for await (const frame of frames) {
    const encoded = encodeFrame(frame, MAX_SYNC_FRAME)
    batch.push(encoded)
    size += encoded.length
    if (size < enough) continue
    yield concat(...batch)
    batch = []
    size = 0
    enough = limit.SYNC_BATCH
  }
  if (size > 0) yield concat(...batch)
}

/** As fast as it is read, and no longer than it is read. */
async function send(stream: Stream, batches: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const batch of batches) if (!stream.send(batch)) await drained(stream, limit.SYNC_DRAIN_TIMEOUT)
}

/** Rejects when the stream is gone. */
function closed(stream: Stream): Promise<never> {
  return new Promise((_, reject) => {
    const gone = (): void => reject(new Error('the stream is gone'))
    if (stream.status === 'open') stream.addEventListener('close', gone, { once: true })
    else gone()
  })
}

// ---------------------------------------------------------------- the side that asks

/** Frames as they come; the stream is closed when the reader stops. @throws GossipError */
export async function* askSync(stream: Stream, request: Uint8Array, options: { fault(fault: Fault): void; signal: AbortSignal | undefined }): AsyncGenerator<Uint8Array> {
  const { fault, signal } = options
  const end = performance.now() + limit.SYNC_TIMEOUT
  const aborted = (): void => stream.abort(new Error('no longer wanted'))
  signal?.addEventListener('abort', aborted)
  let count = 0
  try {
    signal?.throwIfAborted()
    const frames = readFrames(stream, MAX_SYNC_FRAME)
    stream.send(encodeFrame(request, MAX_SYNC_REQUEST))
    // Our half is done; the other goes on.
    void stream.close({ signal: AbortSignal.timeout(limit.SYNC_TIMEOUT) }).catch(() => undefined)
    for (;;) {
      const frame = await frames.next(Math.min(limit.SYNC_FRAME_TIMEOUT, end - performance.now()))
      if (!frame) return
      if (++count > limit.MAX_REPLY_FRAMES || frames.received > limit.MAX_REPLY_BYTES) {
        fault('flood')
        throw new GossipError('oversized', 'the reply does not end')
      }
      yield frame
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof GossipError) throw error
    if (error instanceof SilenceError) throw new GossipError('timeout', 'nothing whole came in time')
    if (error instanceof FramingError && error.code !== 'truncated') {
      fault('invalid')
      throw new GossipError('oversized', 'a frame that is no frame')
    }
    if (stream.status === 'reset') throw new GossipError('refused', 'the other side hung up')
    throw new GossipError('unreachable', 'the connection was lost')
  } finally {
    signal?.removeEventListener('abort', aborted)
    if (stream.status === 'open' || stream.status === 'closing') stream.abort(new Error('done with it'))
  }
}
