/**
 * The inviter's side of a contact invite: one use, judged by the bytes. Pure; who decrypts the hello and who asks the
 * person is not its concern.
 */
import type { DeviceId } from '../identity/index.ts'
import { LABEL, labelled, type Random, type Suite } from '../suite/index.ts'
import { NONCE, nonceCommitment, shortCode } from './code.ts'
import { PairingError } from './errors.ts'
import { encodeReply } from './frames.ts'
import { type Invite, inviteId, MAX_ADDRESSES } from './invite.ts'

/** Waiting for its one answer. */
export interface OpenInvite {
  readonly step: 'open'
  readonly invite: Invite
  /** 32 bytes, drawn with the invite and said only to the first who answers well */
  readonly nonce: Uint8Array
  /** the signed bundle to hand out */
  readonly bundle: Uint8Array
  /** `encodePrekeySecrets` of it */
  readonly prekeys: Uint8Array
}

/** Answered. The secrets are gone; what is left recognises repeats. */
export interface UsedInvite {
  readonly step: 'used'
  /** 16 bytes */
  readonly id: Uint8Array
  readonly expires: number
  /** who used it */
  readonly device: DeviceId
  /** hash of the hello that used it */
  readonly hello: Uint8Array
  /** the reply, to be given again to the same hello */
  readonly reply: Uint8Array
}

export type InviteState = OpenInvite | UsedInvite

/** Draws the one-time secret and the nonce. `expires` in seconds; addresses beyond the limit are left out. */
export function createInvite(
  random: Random,
  options: {
    device: DeviceId
    bundle: Uint8Array
    bundleHash: Uint8Array
    prekeys: Uint8Array
    addresses: readonly string[]
    inPerson: boolean
    expires: number
  },
): OpenInvite {
  const { device, bundle, bundleHash, prekeys, inPerson, expires } = options
  const addresses = options.addresses.slice(0, MAX_ADDRESSES)
  const invite: Invite = { kind: 'contact', device, bundleHash, secret: random(16), expires, inPerson, addresses }
  return { step: 'open', invite, nonce: random(NONCE), bundle, prekeys }
}

export const inviteIdOf = (suite: Suite, state: InviteState): Uint8Array =>
  state.step === 'open' ? inviteId(suite, state.invite.secret) : state.id

/** The reply to `fetchBundle`. It commits to the nonce before anything is heard. */
export const bundleReply = (suite: Suite, state: OpenInvite): Uint8Array =>
  encodeReply({ type: 'bundle', commitment: nonceCommitment(suite, state.nonce), bundle: state.bundle })

const isOver = (state: OpenInvite, now: number): boolean => now >= state.invite.expires * 1000

/**
 * What to do with a request for the bundle. `used`: refuse, and warn the person, for somebody else holds the code.
 * `late`: the same device asks after it answered; refuse quietly.
 */
export function judgeFetch(suite: Suite, state: InviteState | undefined, request: { from: DeviceId; now: number }): 'serve' | 'late' | 'used' | 'expired' | 'unknown' {
  if (!state) return 'unknown'
  if (state.step === 'used') return suite.equal(state.device, request.from) ? 'late' : 'used'
  return isOver(state, request.now) ? 'expired' : 'serve'
}

/**
 * What to do with a hello, from its bytes alone. `first`: try to open it; if it opens, `useInvite`, else nothing has
 * changed. `again`: give the reply of the state once more. `used`: refuse, warn this side and, by the refusal, the other.
 */
export function judgeHello(
  suite: Suite,
  state: InviteState | undefined,
  hello: { from: DeviceId; envelope: Uint8Array; now: number },
): 'first' | 'again' | 'used' | 'expired' | 'unknown' {
  if (!state) return 'unknown'
  if (state.step === 'open') return isOver(state, hello.now) ? 'expired' : 'first'
  const same = suite.equal(state.device, hello.from) && suite.equal(state.hello, helloHash(suite, hello.envelope))
  return same ? 'again' : 'used'
}

/**
 * The hello opened: the invite is used. To be committed together with the new session, before the reply leaves.
 * @param used `from` is the device at the other end of the stream, `device` the one the handshake named, `envelope` the
 * hello as it came, `answer` our envelope in the new session, `transcript` that of the handshake
 * @returns the reply to send and the short code to show
 * @throws PairingError wrong-device: somebody else's device was named
 */
export function useInvite(
  suite: Suite,
  state: OpenInvite,
  used: { from: DeviceId; device: DeviceId; envelope: Uint8Array; answer: Uint8Array; transcript: Uint8Array },
): { state: UsedInvite; reply: Uint8Array; code: string } {
  if (!suite.equal(used.from, used.device)) throw new PairingError('wrong-device')
  const reply = encodeReply({ type: 'pending', nonce: state.nonce, envelope: used.answer })
  const id = inviteIdOf(suite, state)
  const next: UsedInvite = { step: 'used', id, expires: state.invite.expires, device: used.device, hello: helloHash(suite, used.envelope), reply }
  return { state: next, reply, code: shortCode(suite, used.transcript, state.nonce) }
}

const helloHash = (suite: Suite, envelope: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.hello, envelope)).slice(0, 32)
