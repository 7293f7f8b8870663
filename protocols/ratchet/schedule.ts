/** Every key a ratchet derives, and from what. Knows no layout and no state. */
import { concat, LABEL, type Label, labelled, labelledParts, SIZE, type Suite, u32 } from '../suite/index.ts'

export const KEY = 32
export const SALT = 16
export const COMMITMENT = 32
export const NUMBER_TAG = 16

/** What stands before the key in a keyed hash: K(label, key, ...) = H(L(label, key, ...)), and k the same with SHA-256, where 16 bytes are enough. */
const keyed = (label: Label): Uint8Array => concat(labelled(label), u32(KEY))

const HEADER = keyed(LABEL.ratchetHeader)
const CHAIN = keyed(LABEL.ratchetChain)
const MESSAGE = keyed(LABEL.ratchetMessage)
const DRAWN = keyed(LABEL.ratchetSalt)
const NUMBER = keyed(LABEL.ratchetNumber)
const MASK = keyed(LABEL.ratchetMask)
const [LENGTH_SALT, LENGTH_COMMITMENT, LENGTH_NUMBERS] = [u32(SALT), u32(COMMITMENT), u32(4 + 4)]

export interface Step {
  readonly root: Uint8Array
  readonly chainKey: Uint8Array
  /** of the chain after the one this step begins */
  readonly nextHeader: Uint8Array
}

/** Names a chain: of the whole sealed announcement. */
export const nameOf = (suite: Suite, sealed: Uint8Array): Uint8Array => suite.sha256(...labelledParts(LABEL.ratchetAnnouncement, sealed))

/** The root step: new secrets and all that was announced with them, by its name. `dh` and `kem` are the two shared secrets. */
export function step(suite: Suite, root: Uint8Array, dh: Uint8Array, kem: Uint8Array, id: Uint8Array): Step {
  const okm = suite.hkdf(root, concat(dh, kem), labelled(LABEL.ratchetRoot, id), 96)
  return { root: okm.slice(0, 32), chainKey: okm.slice(32, 64), nextHeader: okm.slice(64) }
}

export interface HeaderKeys {
  /** seals the announcement of one chain */
  readonly sealKey: Uint8Array
  /** hides and proves the numbers of its messages */
  readonly numberKey: Uint8Array
}

export function headerKeys(suite: Suite, headerKey: Uint8Array): HeaderKeys {
  const out = suite.hash(HEADER, headerKey)
  return { sealKey: out.slice(0, KEY), numberKey: out.slice(KEY) }
}

/**
 * The nonce of an announcement depends on all of it: a header key that two clones of a device use meets two announcements
 * only under two nonces.
 */
export const announcementNonce = (suite: Suite, announcement: Uint8Array): Uint8Array =>
  suite.sha256(...labelledParts(LABEL.ratchetNonce, announcement)).slice(0, SIZE.aead.nonce)

/** One turn of the symmetric chain. */
export function advance(suite: Suite, chainKey: Uint8Array): { chainKey: Uint8Array; messageKey: Uint8Array } {
  const out = suite.hash(CHAIN, chainKey)
  return { chainKey: out.slice(0, KEY), messageKey: out.slice(KEY) }
}

/** The key that opens the body and the commitment to it: no second key has the same commitment (attack 31). */
export function messageKeys(suite: Suite, messageKey: Uint8Array, salt: Uint8Array): { key: Uint8Array; commitment: Uint8Array } {
  const out = suite.hash(MESSAGE, messageKey, LENGTH_SALT, salt)
  return { key: out.slice(0, KEY), commitment: out.slice(KEY) }
}

/**
 * The salt of one message. It depends on what is said, so that a state that was cloned or rolled back together with its
 * random generator repeats a key only by repeating the message (attack 106). The receiver takes any salt.
 */
export function drawSalt(suite: Suite, messageKey: Uint8Array, drawn: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  return suite.sha256(DRAWN, messageKey, LENGTH_SALT, drawn, u32(associated.length), associated, u32(plaintext.length), plaintext).slice(0, SALT)
}

/** What hides the number of a message: the commitment is pseudo-random and its own for each. Given a masked number, the number. */
export function masked(suite: Suite, numberKey: Uint8Array, n: Uint8Array, commitment: Uint8Array): Uint8Array {
  const mask = suite.sha256(MASK, numberKey, LENGTH_COMMITMENT, commitment)
  return n.map((byte, i) => byte ^ (mask[i] as number))
}

/** What proves the number, before any chain is moved for it. */
export const numberTag = (suite: Suite, numberKey: Uint8Array, n: Uint8Array, hidden: Uint8Array, commitment: Uint8Array): Uint8Array =>
  suite.sha256(NUMBER, numberKey, LENGTH_NUMBERS, n, hidden, LENGTH_COMMITMENT, commitment).slice(0, NUMBER_TAG)
