import { encodeFirst, encodeOrdinary, firstOverhead, ORDINARY_OVERHEAD, pad } from '../envelope/index.ts'
import { encrypt, RATCHET_OVERHEAD } from '../ratchet/index.ts'
import { concat, type Random, type Suite } from '../suite/index.ts'
import { linkOf, PREFIX, writePrefix } from './history.ts'
import type { SessionRecord } from './record.ts'

/**
 * Seals content for the peer in the active session. The caller stores the returned record before the envelope leaves.
 * @param now ms since the epoch
 * @throws EnvelopeError too-large
 * @throws RatchetError chain-limit
 */
export function seal(
  suite: Suite,
  random: Random,
  record: SessionRecord,
  content: Uint8Array,
  now: number,
): { record: SessionRecord; envelope: Uint8Array } {
  const { active } = record
  const { first, sent } = active
  const overhead = RATCHET_OVERHEAD + PREFIX + (first ? firstOverhead(first) : ORDINARY_OVERHEAD)
  const wroteAt = Math.max(now, record.wroteAt + 1)
  const prefix = writePrefix(sent, wroteAt)
  const plaintext = concat(prefix, pad(content, overhead))
  const { state, message } = encrypt(suite, random, active.ratchet, plaintext, active.associated.send)
  const envelope = first ? encodeFirst({ handshake: first, ratchet: message }) : encodeOrdinary({ ratchet: message })
  const next = { count: sent.count + 1, previous: linkOf(suite, prefix, content) }
  return { record: { ...record, wroteAt, active: { ...active, ratchet: state, sent: next } }, envelope }
}
