/**
 * The chain through all plaintexts of one direction: each names its place, and the hash of the one before. Two devices
 * that go on from one copied state, or one that goes on from an old state, cannot both continue it (attacks 20, 21).
 */
import { concat, LABEL, labelledParts, Reader, type Suite, u32, u64 } from '../suite/index.ts'
import { SessionError } from './errors.ts'
import { MAX_HISTORY } from './limits.ts'

export const LINK = 16
const NOTHING = new Uint8Array(LINK)

/** index u32 | sent at u64 | hash of the previous plaintext 16 */
export const PREFIX = 4 + 8 + LINK

/** Our side: what we sent so far. */
export interface Sent {
  readonly count: number
  readonly previous: Uint8Array
}

export interface Received {
  readonly index: number
  readonly previous: Uint8Array
  readonly hash: Uint8Array
}

export const NOTHING_SENT: Sent = { count: 0, previous: NOTHING }

export interface Prefix {
  readonly index: number
  /** by the sender's clock, ms since the epoch; later in every message than in the one before */
  readonly at: number
  readonly previous: Uint8Array
}

export const writePrefix = ({ count, previous }: Sent, at: number): Uint8Array => concat(u32(count), u64(at), previous)

/** @throws SessionError decrypt */
export function readPrefix(bytes: Uint8Array): Prefix {
  const reader = new Reader(bytes, () => new SessionError('decrypt'))
  return { index: reader.u32(), at: reader.u64(), previous: reader.take(LINK) }
}

export const linkOf = (suite: Suite, prefix: Uint8Array, content: Uint8Array): Uint8Array =>
  suite.sha256(...labelledParts(LABEL.sessionPrevious, prefix, content)).slice(0, LINK)

/** Whether the message contradicts one received before. Messages that never came prove nothing. */
export function contradicts(suite: Suite, known: readonly Received[], message: Received): boolean {
  if (message.index === 0 && !suite.equal(message.previous, NOTHING)) return true
  return known.some((other) => {
    if (other.index === message.index) return true
    if (other.index === message.index - 1) return !suite.equal(other.hash, message.previous)
    return other.index === message.index + 1 && !suite.equal(other.previous, message.hash)
  })
}

export const remember = (known: readonly Received[], message: Received): readonly Received[] => [...known, message].slice(-MAX_HISTORY)
