/** The side that read a code: fetches the bundle, says hello once, checks what comes back. Pure. */
import type { DeviceId } from '../identity/index.ts'
import type { Suite } from '../suite/index.ts'
import { nonceCommitment, shortCode } from './code.ts'
import { PairingError } from './errors.ts'
import { encodeRequest, type Reply } from './frames.ts'
import { type Invite, inviteId } from './invite.ts'
import type { InviteState } from './inviter.ts'

interface Scanned {
  /** 16 bytes, the invite's id */
  readonly id: Uint8Array
  /** the inviter's device */
  readonly device: DeviceId
  readonly expires: number
  /** the inviter's key was read from their screen: nothing is left to compare on this side */
  readonly authentic: boolean
}

/** Hello is on its way: the same bytes until there is an answer. */
export interface AskedInvite extends Scanned {
  readonly step: 'asked'
  readonly hello: Uint8Array
  /** what the inviter committed to before it heard the hello */
  readonly commitment: Uint8Array
  /** 64 bytes, of the handshake */
  readonly transcript: Uint8Array
}

/** The inviter's device has answered; its person decides. */
export interface PendingInvite extends Scanned {
  readonly step: 'pending'
  readonly code: string
}

export type ScanState = AskedInvite | PendingInvite

/**
 * Whether reading this code showed whose it is: it was made for a screen and read by a camera. Whoever forwards a
 * picture of a screen defeats this, so the door asks only for pictures it took itself.
 */
export const authenticates = (invite: Invite, scanned: boolean): boolean => scanned && invite.inPerson

/**
 * Both have scanned each other: they already answered one of our invites from the very device whose code we now read.
 * Nothing is left to compare; accept them, verified.
 */
export const meets = (suite: Suite, invite: Invite, scanned: boolean, ours: InviteState): boolean =>
  authenticates(invite, scanned) && ours.step === 'used' && suite.equal(ours.device, invite.device)

export const fetchRequest = (suite: Suite, invite: Invite): Uint8Array =>
  encodeRequest({ type: 'fetchBundle', inviteId: inviteId(suite, invite.secret) })

/**
 * The fetched bundle is the one the invite promised.
 * @param bundle the hash and device of the verified bundle
 * @throws PairingError wrong-bundle
 */
export function checkBundle(suite: Suite, invite: Invite, bundle: { hash: Uint8Array; device: DeviceId }): void {
  if (!suite.equal(invite.bundleHash, bundle.hash) || !suite.equal(invite.device, bundle.device)) throw new PairingError('wrong-bundle')
}

/**
 * Hello is made; commit this with the new session before it leaves.
 * @param asked `scanned`: the code was read by a camera; `commitment` from the bundle's reply; `hello` the envelope;
 * `transcript` that of the handshake
 */
export function ask(
  suite: Suite,
  invite: Invite,
  asked: { scanned: boolean; commitment: Uint8Array; hello: Uint8Array; transcript: Uint8Array },
): AskedInvite {
  const { scanned, commitment, hello, transcript } = asked
  const { secret, device, expires } = invite
  return { step: 'asked', id: inviteId(suite, secret), device, expires, authentic: authenticates(invite, scanned), hello, commitment, transcript }
}

export const helloRequest = (state: AskedInvite): Uint8Array => encodeRequest({ type: 'hello', inviteId: state.id, envelope: state.hello })

/** What is left in the invite's mailbox when its device is away: the same hello. */
export const leftRequest = (state: AskedInvite, device: DeviceId): Uint8Array =>
  encodeRequest({ type: 'left', device, inviteId: state.id, envelope: state.hello })

/**
 * The inviter's answer. Its envelope is for the session to open first; if that fails, so does this step.
 * @returns the new state, with the short code to compare
 * @throws PairingError wrong-nonce: not the one committed to
 */
export function hearAnswer(suite: Suite, state: AskedInvite, reply: Extract<Reply, { type: 'pending' }>): PendingInvite {
  if (!suite.equal(nonceCommitment(suite, reply.nonce), state.commitment)) throw new PairingError('wrong-nonce')
  const { id, device, expires, authentic, transcript } = state
  return { step: 'pending', id, device, expires, authentic, code: shortCode(suite, transcript, reply.nonce) }
}
