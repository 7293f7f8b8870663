import { decodeEnvelope, type Envelope, EnvelopeError, type FirstEnvelope, unpad } from '../envelope/index.ts'
import { HandshakeError, type Responded } from '../handshake/index.ts'
import type { DeviceId } from '../identity/index.ts'
import { decrypt, RatchetError, startResponder } from '../ratchet/index.ts'
import type { Suite } from '../suite/index.ts'
import { SessionError } from './errors.ts'
import { contradicts, linkOf, PREFIX, readPrefix, remember } from './history.ts'
import { baseOf, createSession, FORGOTTEN, type HeardSession, isSame, type Party, type Session, type SessionRecord } from './record.ts'
import { settle } from './settle.ts'

export interface OpenResult {
  readonly record: SessionRecord
  readonly content: Uint8Array
  /** the peer started a session with this envelope: its prekeys are now used up */
  readonly isNewSession: boolean
  /** the peer's history forked: its device was cloned, or went back to an earlier state */
  readonly historyBroken: boolean
  /** the peer had written it before something that was opened already */
  readonly late: boolean
}

export interface OpenContext {
  readonly self: Party
  /** whose queue or connection the envelope came by */
  readonly peer: DeviceId
  /** ms since the epoch */
  readonly now: number
  /** answers a first message that starts a session: `respond` with the right prekeys. Absent or undefined: none may be started. */
  readonly respond?: (handshake: Uint8Array) => Responded | undefined
}

/**
 * Opens an envelope. Whatever is thrown, the record is untouched, and so are the prekeys (attack 10): they are deleted
 * by the caller when `isNewSession`.
 * @throws SessionError no-session | malformed | duplicate | forked | forgotten | decrypt | handshake | other-peer
 */
export function open(suite: Suite, record: SessionRecord | undefined, bytes: Uint8Array, context: OpenContext): OpenResult {
  const envelope = parse(bytes)
  if (record && !suite.equal(record.peer.device, context.peer)) throw new SessionError('other-peer')
  if (envelope.kind === 'ordinary') {
    if (!record) throw new SessionError('no-session')
    return inAny(suite, record, [record.active, ...record.old], envelope.ratchet, context.now)
  }
  const base = baseOf(suite, envelope.handshake)
  if (record) {
    const known = [record.active, ...record.old].find((session) => suite.equal(session.base, base))
    if (known) return inAny(suite, record, [known], envelope.ratchet, context.now)
    if (record.forgotten.some((start) => suite.equal(start, base.subarray(0, FORGOTTEN)))) throw new SessionError('forgotten')
  }
  return inNew(suite, record, envelope, base, context)
}

function parse(bytes: Uint8Array): Envelope {
  try {
    return decodeEnvelope(bytes)
  } catch (cause) {
    if (cause instanceof EnvelopeError) throw new SessionError('malformed', { cause })
    throw cause
  }
}

function inAny(suite: Suite, record: SessionRecord, sessions: readonly Session[], message: Uint8Array, now: number): OpenResult {
  for (const session of sessions) {
    const read = inSession(suite, session, message, now)
    if (!read) continue
    return { record: settle(record, read.session, false, now), content: read.content, isNewSession: false, historyBroken: read.historyBroken, late: isLate(record, read.at) }
  }
  throw new SessionError('decrypt')
}

function inNew(suite: Suite, record: SessionRecord | undefined, { handshake, ratchet: message }: FirstEnvelope, base: Uint8Array, context: OpenContext): OpenResult {
  const { self, now } = context
  const responded = context.respond && respondTo(context.respond, handshake)
  if (!responded) throw new SessionError('no-session')
  const { secret, peer: answered } = responded
  const peer: Party = { account: answered.list.list.account, device: answered.device }
  if (!suite.equal(peer.device, context.peer) || (record && !isSame(suite, record.peer, peer))) throw new SessionError('other-peer')

  const ratchet = startResponder({ ...secret, ...secret.ratchet })
  const created = createSession(suite, { own: false, handshake, base, transcript: secret.transcript, ratchet, self, peer })
  const read = inSession(suite, created, message, now)
  if (!read) throw new SessionError('decrypt')
  const { session, content, historyBroken, at } = read
  const settled = record ? settle(record, session, true, now) : { peer, wroteAt: 0, active: session, old: [], forgotten: [] }
  return { record: settled, content, isNewSession: true, historyBroken, late: record !== undefined && isLate(record, at) }
}

function respondTo(respond: NonNullable<OpenContext['respond']>, handshake: Uint8Array): Responded | undefined {
  try {
    return respond(handshake)
  } catch (cause) {
    if (cause instanceof HandshakeError) throw new SessionError('handshake', { cause })
    throw cause
  }
}

const isLate = ({ active, old }: SessionRecord, at: number): boolean => [active, ...old].some(({ heard }) => heard !== undefined && at < heard.sentAt)

/** The session after the message and what it said; undefined when the message is not of this session. */
function inSession(
  suite: Suite,
  session: Session,
  message: Uint8Array,
  now: number,
): { session: HeardSession; content: Uint8Array; historyBroken: boolean; at: number } | undefined {
  const { first: _, ...answered } = session
  try {
    const { state, plaintext } = decrypt(suite, session.ratchet, message, session.associated.receive, now)
    const prefix = plaintext.subarray(0, PREFIX)
    const { index, at, previous } = readPrefix(prefix)
    const content = unpad(plaintext.subarray(PREFIX))
    const entry = { index, previous, hash: linkOf(suite, prefix, content) }
    const heard = { sentAt: Math.max(at, session.heard?.sentAt ?? 0), at: now }
    return {
      session: { ...answered, ratchet: state, heard, received: remember(session.received, entry) },
      content,
      historyBroken: contradicts(suite, session.received, entry),
      at,
    }
  } catch (cause) {
    if (cause instanceof RatchetError && cause.code === 'no-key') return undefined
    if (cause instanceof RatchetError && (cause.code === 'duplicate' || cause.code === 'forked' || cause.code === 'forgotten')) throw new SessionError(cause.code)
    if (cause instanceof RatchetError || cause instanceof EnvelopeError) throw new SessionError('decrypt', { cause })
    throw cause
  }
}
