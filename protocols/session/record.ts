/** What one device remembers of its conversation with another device: sessions, and which of them is the one to send in. */
import type { Initiated } from '../handshake/index.ts'
import type { AccountId, DeviceId } from '../identity/index.ts'
import { type RatchetState, startInitiator } from '../ratchet/index.ts'
import { LABEL, labelledParts, type Suite } from '../suite/index.ts'
import { SessionError } from './errors.ts'
import { NOTHING_SENT, type Received, type Sent } from './history.ts'
import { KEEP_OLD, MAX_FORGOTTEN, MAX_OLD_SESSIONS } from './limits.ts'

export interface Party {
  readonly account: AccountId
  readonly device: DeviceId
}

export interface Session {
  /** 32 bytes, hash of the handshake message: the session's name on both sides */
  readonly base: Uint8Array
  /** whether we started it */
  readonly own: boolean
  readonly ratchet: RatchetState
  /** 32 bytes each; bind both accounts and devices, their roles and the handshake to every message */
  readonly associated: { readonly send: Uint8Array; readonly receive: Uint8Array }
  /** the handshake message, which goes with every envelope until the peer has answered */
  readonly first?: Uint8Array
  readonly sent: Sent
  readonly received: readonly Received[]
  /** latest message of the peer: by its clock and by ours, ms since the epoch. Absent: the peer has not written in it. */
  readonly heard?: { readonly sentAt: number; readonly at: number }
  /** messages since the active session was last heard, while this one is not it */
  readonly streak: number
  /** we replaced it on purpose */
  readonly superseded: boolean
  /** when it stopped being the active one, ms since the epoch; 0 for the active one */
  readonly leftAt: number
}

/** One in which the peer has written. */
export type HeardSession = Session & Required<Pick<Session, 'heard'>>

export interface SessionRecord {
  readonly peer: Party
  /** the time the last sealed message carries: the next carries a later one, whatever the clock says */
  readonly wroteAt: number
  readonly active: Session
  /** latest left first */
  readonly old: readonly Session[]
  /** 16 bytes each: start of the base of a session that is no longer kept */
  readonly forgotten: readonly Uint8Array[]
}

export const isSame = (suite: Suite, a: Party, b: Party): boolean => suite.equal(a.account, b.account) && suite.equal(a.device, b.device)

export const BASE = 32
export const FORGOTTEN = 16

export const hasSession = (record: SessionRecord | undefined): record is SessionRecord => record !== undefined

/** The name of the session a handshake message starts. */
export const baseOf = (suite: Suite, handshake: Uint8Array): Uint8Array => suite.sha256(...labelledParts(LABEL.sessionBase, handshake))

/** Who speaks to whom, in which session. */
function associate(suite: Suite, transcript: Uint8Array, from: Party, to: Party): Uint8Array {
  return suite.hash(...labelledParts(LABEL.sessionAssociated, transcript, from.account, from.device, to.account, to.device)).slice(0, 32)
}

export function createSession(
  suite: Suite,
  options: { own: boolean; handshake: Uint8Array; base: Uint8Array; transcript: Uint8Array; ratchet: RatchetState; self: Party; peer: Party },
): Session {
  const { own, handshake, base, transcript, ratchet, self, peer } = options
  return {
    base,
    own,
    ratchet,
    associated: { send: associate(suite, transcript, self, peer), receive: associate(suite, transcript, peer, self) },
    ...(own && { first: handshake }),
    sent: NOTHING_SENT,
    received: [],
    streak: 0,
    superseded: false,
    leftAt: 0,
  }
}

/**
 * Begins a session and makes it the active one. What the peer still writes in the earlier ones opens, but does not bring
 * them back. `handshake` is what `initiate` returned; `now` in ms since the epoch.
 * @throws SessionError other-peer: the handshake is with somebody else than `peer` or than the record
 */
export function startSession(
  suite: Suite,
  record: SessionRecord | undefined,
  options: { handshake: Initiated; self: Party; peer: Party; now: number },
): SessionRecord {
  const { peer, now } = options
  const active = ownSession(suite, record, options)
  if (!record) return { peer, wroteAt: 0, active, old: [], forgotten: [] }
  const earlier = [{ ...record.active, leftAt: now }, ...record.old].map((session) => ({ ...session, superseded: true }))
  return bounded({ peer, wroteAt: record.wroteAt, active, old: earlier, forgotten: record.forgotten }, now)
}

/**
 * Begins a session beside the active one, which goes on: for a hello to somebody we talk with already, that may be refused or never answered.
 * `hello` seals in it; the peer's answer opens in it, and `settle` judges that as any other.
 * @throws SessionError as `startSession`
 */
export function startBeside(suite: Suite, record: SessionRecord, options: { handshake: Initiated; self: Party; peer: Party; now: number }): SessionRecord {
  const beside = { ...ownSession(suite, record, options), leftAt: options.now }
  return bounded({ ...record, old: [beside, ...record.old] }, options.now)
}

function ownSession(suite: Suite, record: SessionRecord | undefined, { handshake, self, peer }: { handshake: Initiated; self: Party; peer: Party }): Session {
  const { message, secret } = handshake
  if (!isSame(suite, handshake.peer, peer) || (record && !isSame(suite, record.peer, peer))) throw new SessionError('other-peer')
  const ratchet = startInitiator({ ...secret, ...secret.ratchet })
  return createSession(suite, { own: true, handshake: message, base: baseOf(suite, message), transcript: secret.transcript, ratchet, self, peer })
}

/** The record within its limits. */
export function bounded(record: SessionRecord, now: number): SessionRecord {
  const old = record.old.filter((session, index) => index < MAX_OLD_SESSIONS && now - session.leftAt <= KEEP_OLD)
  const dropped = record.old.filter((session) => !old.includes(session)).map((session) => session.base.slice(0, FORGOTTEN))
  return { ...record, old, forgotten: [...record.forgotten, ...dropped].slice(-MAX_FORGOTTEN) }
}
