/** What a channel is called: to people, to the gossip, to the DHT, and in a question that does not say it. */
import { base32nopad } from '@scure/base'
import { LABEL, labelled, type Suite, toHex } from '../suite/index.ts'

/** Bytes of the nonce of a question for channels. */
export const FIND_NONCE = 16
/** Bytes of a blinded name: no two channels meet in one by accident. */
export const FIND_TAG = 16

const TEXT = /^[a-z2-7]{52}$/

/** 52 lowercase base32 characters. */
export const channelText = (id: Uint8Array): string => base32nopad.encode(id).toLowerCase()

/** The 32 bytes, or undefined for what `channelText` never gives. */
export function parseChannelText(text: string): Uint8Array | undefined {
  if (!TEXT.test(text)) return undefined
  try {
    return base32nopad.decode(text.toUpperCase())
  } catch {
    return undefined // bits behind the last byte that are not zero
  }
}

/** Topic of the gossip. Who does not know the channel does not learn it from this. */
export const topicOf = (suite: Suite, id: Uint8Array): string => `/dure/channel/1/${toHex(suite.hash(labelled(LABEL.channelTopic, id)).subarray(0, 32))}`

/** 32 bytes: what its provider records in the DHT stand under. */
export const providerKey = (suite: Suite, id: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.channelProvider, id)).slice(0, 32)

/** Its name in the question with that nonce; only who knows the channel recognises it. */
export const findTag = (suite: Suite, id: Uint8Array, nonce: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.channelFind, id, nonce)).slice(0, FIND_TAG)
