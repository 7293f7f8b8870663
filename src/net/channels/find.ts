/** `/dure/channel-find/1`: which of these do you serve? Asked with blinded names, so that only who knows a channel learns it was meant. */
import type { Stream } from '@libp2p/interface'
import { RateLimiter } from '@libp2p/utils'
import { FIND_NONCE, FIND_TAG } from '../../../protocols/channel/names.ts'
import { concat } from '../../../protocols/suite/index.ts'
import type { GossipHandlers, PeerKey } from '../../messenger/channels/ports.ts'
import { encodeFrame, FramingError, readFrames } from './frames.ts'
import { FIND_PER_PEER_PER_MINUTE, FIND_TIMEOUT, MAX_FIND_TAGS } from './limits.ts'

export const FIND_PROTOCOL = '/dure/channel-find/1'

const MAX_QUESTION = FIND_NONCE + MAX_FIND_TAGS * FIND_TAG
const MAX_ANSWER = MAX_FIND_TAGS / 8

export function createFindServer(recognises: GossipHandlers['recognises']): (stream: Stream, from: PeerKey) => Promise<void> {
  const perPeer = new RateLimiter({ points: FIND_PER_PEER_PER_MINUTE, duration: 60 })
  return async (stream, from) => {
    perPeer.consume(from)
    const question = await readFrames(stream, MAX_QUESTION).next(FIND_TIMEOUT)
    if (!question || question.length <= FIND_NONCE || (question.length - FIND_NONCE) % FIND_TAG !== 0) throw new FramingError('truncated')
    const tags = Array.from({ length: (question.length - FIND_NONCE) / FIND_TAG }, (_, i) => question.subarray(FIND_NONCE + i * FIND_TAG, FIND_NONCE + (i + 1) * FIND_TAG))
    const answer = new Uint8Array(Math.ceil(tags.length / 8))
    recognises(question.subarray(0, FIND_NONCE), tags).forEach((yes, i) => {
      if (yes) answer[i >> 3] = (answer[i >> 3] ?? 0) | (0x80 >> (i & 7))
    })
    stream.send(encodeFrame(answer, MAX_ANSWER))
    await stream.close({ signal: AbortSignal.timeout(FIND_TIMEOUT) })
  }
}

/** One boolean a tag. @throws when there is no such answer */
export async function askFind(stream: Stream, nonce: Uint8Array, tags: readonly Uint8Array[]): Promise<boolean[]> {
  try {
    const frames = readFrames(stream, MAX_ANSWER)
    stream.send(encodeFrame(concat(nonce, ...tags), MAX_QUESTION))
    const answer = await frames.next(FIND_TIMEOUT)
    if (answer?.length !== Math.ceil(tags.length / 8)) throw new FramingError('truncated')
    stream.close({ signal: AbortSignal.timeout(FIND_TIMEOUT) }).catch((error: Error) => stream.abort(error))
    return tags.map((_, i) => ((answer[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0)
  } catch (error) {
    stream.abort(error as Error)
    throw error
  }
}
