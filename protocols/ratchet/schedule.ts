/** Every key a ratchet derives, and from what. Knows no layout and no state. */
import { concat, LABEL, labelled, type Suite, u32 } from '../suite/index.ts'

export const SALT = 16
export const COMMITMENT = 32

const ROOT = LABEL.ratchetRoot
const CHAIN = labelled(LABEL.ratchetChain)
const MESSAGE = concat(labelled(LABEL.ratchetMessage), u32(SALT))
const DRAWN = concat(labelled(LABEL.ratchetSalt), u32(SALT))

export interface Step {
  readonly root: Uint8Array
  readonly chainKey: Uint8Array
  /** of the chain after the one this step begins */
  readonly nextHeader: Uint8Array
}

/** The root step: new secrets and all that was announced with them. `dh` and `kem` are the two shared secrets. */
export function step(suite: Suite, root: Uint8Array, dh: Uint8Array, kem: Uint8Array, announcement: Uint8Array): Step {
  const announced = suite.hash(labelled(LABEL.ratchetAnnouncement, announcement))
  const okm = suite.hkdf(root, concat(dh, kem), labelled(ROOT, announced), 96)
  return { root: okm.slice(0, 32), chainKey: okm.slice(32, 64), nextHeader: okm.slice(64) }
}

/** One turn of the symmetric chain. */
export function advance(suite: Suite, chainKey: Uint8Array): { chainKey: Uint8Array; messageKey: Uint8Array } {
  const out = suite.hmac(chainKey, CHAIN)
  return { chainKey: out.subarray(0, 32), messageKey: out.subarray(32) }
}

/** The key that opens the body and the commitment to it: no second key has the same commitment (attack 31). */
export function messageKeys(suite: Suite, messageKey: Uint8Array, salt: Uint8Array): { key: Uint8Array; commitment: Uint8Array } {
  const out = suite.hmac(messageKey, MESSAGE, salt)
  return { key: out.subarray(0, 32), commitment: out.subarray(32) }
}

/**
 * The salt of one message. It depends on what is said, so that a state that was cloned or rolled back together with its
 * random generator repeats a key only by repeating the message (attack 106). The receiver takes any salt.
 */
export function drawSalt(suite: Suite, messageKey: Uint8Array, drawn: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  return suite.hmac(messageKey, DRAWN, drawn, u32(associated.length), associated, u32(plaintext.length), plaintext).subarray(0, SALT)
}
