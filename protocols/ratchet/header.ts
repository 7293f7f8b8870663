/** The layout of a message: what says which number of which chain it is, and what the chain announced. */
import { concat, isCanonicalU, SIZE, type Suite, u32 } from '../suite/index.ts'
import { announcementNonce, COMMITMENT, masked, NUMBER_TAG, numberTag, SALT } from './schedule.ts'

const DH = SIZE.x25519.publicKey
const EK = SIZE['ml-kem-768'].publicKey
const CT = SIZE['ml-kem-768'].ciphertext
const NONCE = SIZE.aead.nonce

/** dh | ek | ct | pn */
const ANNOUNCEMENT = DH + EK + CT + 4
/** nonce | announcement, encrypted | tag: the same bytes in every message of a chain */
export const SEALED_ANNOUNCEMENT = NONCE + ANNOUNCEMENT + SIZE.aead.tag

const NUMBER_AT = SALT + COMMITMENT
const ANNOUNCEMENT_AT = NUMBER_AT + NUMBER_TAG + 4
const BODY_AT = ANNOUNCEMENT_AT + SEALED_ANNOUNCEMENT

/** `message.length - plaintext.length`, whatever is said and whenever. */
export const RATCHET_OVERHEAD = BODY_AT + SIZE.aead.tag

/** Views of one buffer. */
export interface Announcement {
  readonly dh: Uint8Array
  readonly ek: Uint8Array
  readonly ct: Uint8Array
  /** length of the sender's chain before this one */
  readonly pn: number
}

export interface Message {
  readonly salt: Uint8Array
  readonly commitment: Uint8Array
  /** masked, then the tag that proves it */
  readonly number: Uint8Array
  /** the sealed announcement */
  readonly sealed: Uint8Array
  readonly body: Uint8Array
}

/** Views of the parts; undefined when too short. */
export function parse(message: Uint8Array): Message | undefined {
  if (message.length < RATCHET_OVERHEAD) return undefined
  return {
    salt: message.subarray(0, SALT),
    commitment: message.subarray(SALT, NUMBER_AT),
    number: message.subarray(NUMBER_AT, ANNOUNCEMENT_AT),
    sealed: message.subarray(ANNOUNCEMENT_AT, BODY_AT),
    body: message.subarray(BODY_AT),
  }
}

/** A whole message: which of its chain it is can be read by who has the number key. */
export function assemble(
  suite: Suite,
  chain: { readonly numberKey: Uint8Array; readonly n: number; readonly sealed: Uint8Array },
  { salt, commitment, body }: Pick<Message, 'salt' | 'commitment' | 'body'>,
): Uint8Array {
  const n = u32(chain.n)
  const hidden = masked(suite, chain.numberKey, n, commitment)
  return concat(salt, commitment, hidden, numberTag(suite, chain.numberKey, n, hidden, commitment), chain.sealed, body)
}

/** Undefined when the message is not of this chain, or was altered before its body. The number that is `expected` is tried without lifting the mask. */
export function readNumber(suite: Suite, numberKey: Uint8Array, { number, commitment }: Message, expected: number): number | undefined {
  const [hidden, tag] = [number.subarray(0, 4), number.subarray(4)]
  const isNumber = (n: Uint8Array): boolean => suite.equal(numberTag(suite, numberKey, n, hidden, commitment), tag)
  if (isNumber(u32(expected))) return expected
  const n = masked(suite, numberKey, hidden, commitment)
  return isNumber(n) ? new DataView(n.buffer, n.byteOffset, 4).getUint32(0) : undefined
}

const words = (bytes: Uint8Array): Uint32Array => {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Uint32Array(buffer, byteOffset, length / 4)
}

/** Whether two sealed announcements are the same. They are public. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [words(a), words(b)]
  for (let i = 0; i < SEALED_ANNOUNCEMENT / 4; i++) if (left[i] !== right[i]) return false
  return true
}

/** Once for a chain. */
export function sealAnnouncement(suite: Suite, sealKey: Uint8Array, { dh, ek, ct, pn }: Announcement): Uint8Array {
  const announcement = concat(dh, ek, ct, u32(pn))
  const nonce = announcementNonce(suite, announcement)
  return concat(nonce, suite.seal(sealKey, nonce, announcement, new Uint8Array()))
}

export function openAnnouncement(suite: Suite, sealKey: Uint8Array, sealed: Uint8Array): Announcement | undefined {
  const announcement = suite.open(sealKey, sealed.subarray(0, NONCE), sealed.subarray(NONCE), new Uint8Array())
  if (!announcement) return undefined
  return {
    dh: announcement.subarray(0, DH),
    ek: announcement.subarray(DH, DH + EK),
    ct: announcement.subarray(DH + EK, DH + EK + CT),
    pn: new DataView(announcement.buffer, announcement.byteOffset + ANNOUNCEMENT - 4, 4).getUint32(0),
  }
}

const Q = 3329
const COEFFICIENTS = EK - 32

/**
 * Keys our next step can use: FIPS 203 section 7.2 (each 12-bit coefficient below q) and a canonical u-coordinate. Checked
 * when announced, so that a peer cannot leave us with a session that fails only when we answer.
 */
export function areUsable({ dh, ek }: Announcement): boolean {
  for (let i = 0; i < COEFFICIENTS; i += 3) {
    const middle = ek[i + 1] as number
    if (((ek[i] as number) | ((middle & 15) << 8)) >= Q || ((middle >> 4) | ((ek[i + 2] as number) << 4)) >= Q) return false
  }
  return isCanonicalU(dh)
}
