/** `/dure/channel-find/1`: which of these do you serve? Asked with blinded names, so that only who knows a channel learns it was meant. */
import type { Stream } from '@libp2p/interface'
import { RateLimiter } from '@libp2p/utils'
import { decodeFindReply, decodeFindRequest, encodeFindReply, encodeFindRequest, FIND_NONCE, FIND_TAG, MAX_FIND } from '../../../protocols/channel/index.ts'
import type { GossipHandlers, PeerKey } from '../../messenger/channels/ports.ts'
import { encodeFrame, FramingError, readFrames } from './frames.ts'
import { FIND_PER_PEER_PER_MINUTE, FIND_TIMEOUT } from './limits.ts'

export const FIND_PROTOCOL = '/dure/channel-find/1'

const MAX_QUESTION = FIND_NONCE + MAX_FIND * FIND_TAG
const MAX_ANSWER = MAX_FIND / 8

export function createFindServer(recognises: GossipHandlers['recognises']): (stream: Stream, from: PeerKey) => Promise<void> {
  const perPeer = new RateLimiter({ points: FIND_PER_PEER_PER_MINUTE, duration: 60 })
  return async (stream, from) => {
    perPeer.consume(from)
    const question = await readFrames(stream, MAX_QUESTION).next(FIND_TIMEOUT)
    if (!question) throw new FramingError('truncated')
    const { nonce, tags } = decodeFindRequest(question)
    stream.send(encodeFrame(encodeFindReply(recognises(nonce, tags)), MAX_ANSWER))
    await stream.close({ signal: AbortSignal.timeout(FIND_TIMEOUT) })
  }
}

/** One boolean a tag. @throws when there is no such answer */
export async function askFind(stream: Stream, nonce: Uint8Array, tags: readonly Uint8Array[]): Promise<boolean[]> {
  try {
    const frames = readFrames(stream, MAX_ANSWER)
    stream.send(encodeFrame(encodeFindRequest({ nonce, tags }), MAX_QUESTION))
    const answer = await frames.next(FIND_TIMEOUT)
    if (!answer) throw new FramingError('truncated')
    stream.close({ signal: AbortSignal.timeout(FIND_TIMEOUT) }).catch((error: Error) => stream.abort(error))
    return decodeFindReply(answer, tags.length)
  } catch (error) {
    stream.abort(error as Error)
    throw error
  }
}
