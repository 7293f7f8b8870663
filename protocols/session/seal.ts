import { decodeEnvelope, encodeFirst, encodeOrdinary, firstOverhead, ORDINARY_OVERHEAD, pad } from '../envelope/index.ts'
import { encrypt, RATCHET_OVERHEAD } from '../ratchet/index.ts'
import { concat, type Random, type Suite } from '../suite/index.ts'
import { SessionError } from './errors.ts'
import { linkOf, PREFIX, writePrefix } from './history.ts'
import { baseOf, type Session, type SessionRecord } from './record.ts'

interface Sealed {
  readonly record: SessionRecord
  readonly envelope: Uint8Array
}

/**
 * Seals content for the peer in the active session. The caller stores the returned record before the envelope leaves.
 * @param now ms since the epoch
 * @throws EnvelopeError too-large
 * @throws RatchetError chain-limit
 */
export const seal = (suite: Suite, random: Random, record: SessionRecord, content: Uint8Array, now: number): Sealed =>
  sealIn(suite, random, record, record.active, content, now)

/**
 * The same in the session that a first envelope began, active or not: of two starts that cross, its author may know no other yet.
 * @param first the envelope, which was opened into the record
 * @throws SessionError no-session: no session of the record began with it
 * @throws EnvelopeError not an envelope; and as `seal`
 */
export function answer(suite: Suite, random: Random, record: SessionRecord, first: Uint8Array, content: Uint8Array, now: number): Sealed {
  const envelope = decodeEnvelope(first)
  if (envelope.kind !== 'first') throw new SessionError('no-session')
  return hello(suite, random, record, envelope.handshake, content, now)
}

/**
 * The same in the session that a handshake began, active or not.
 * @throws SessionError no-session: no session of the record began with it
 * @throws as `seal`
 */
export function hello(suite: Suite, random: Random, record: SessionRecord, handshake: Uint8Array, content: Uint8Array, now: number): Sealed {
  const base = baseOf(suite, handshake)
  const session = [record.active, ...record.old].find((each) => suite.equal(each.base, base))
  if (!session) throw new SessionError('no-session')
  return sealIn(suite, random, record, session, content, now)
}

function sealIn(suite: Suite, random: Random, record: SessionRecord, session: Session, content: Uint8Array, now: number): Sealed {
  const { first, sent } = session
  const overhead = RATCHET_OVERHEAD + PREFIX + (first ? firstOverhead(first) : ORDINARY_OVERHEAD)
  const wroteAt = Math.max(now, record.wroteAt + 1)
  const prefix = writePrefix(sent, wroteAt)
  const plaintext = concat(prefix, pad(content, overhead))
  const { state, message } = encrypt(suite, random, session.ratchet, plaintext, session.associated.send)
  const envelope = first ? encodeFirst({ handshake: first, ratchet: message }) : encodeOrdinary({ ratchet: message })
  const next = { ...session, ratchet: state, sent: { count: sent.count + 1, previous: linkOf(suite, prefix, content) } }
  const written = (each: Session): Session => (each === session ? next : each)
  return { record: { ...record, wroteAt, active: written(record.active), old: record.old.map(written) }, envelope }
}
