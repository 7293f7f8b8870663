/** The header: what a chain announces, and the number of the message. Sealed under the chain's header key. */
import { concat, isCanonicalU, SIZE, type Suite, u32 } from '../suite/index.ts'
import { COMMITMENT, SALT } from './schedule.ts'

const DH = SIZE.x25519.publicKey
const EK = SIZE['ml-kem-768'].publicKey
const CT = SIZE['ml-kem-768'].ciphertext

/** dh | ek | ct | pn */
export const ANNOUNCEMENT = DH + EK + CT + 4
const HEADER = ANNOUNCEMENT + 4

const HEADER_AT = SALT + COMMITMENT
const BODY_AT = HEADER_AT + HEADER + SIZE.aead.tag

/** `message.length - plaintext.length`, whatever is said and whenever. */
export const RATCHET_OVERHEAD = BODY_AT + SIZE.aead.tag

/** Views of one buffer. */
export interface Header {
  readonly dh: Uint8Array
  readonly ek: Uint8Array
  readonly ct: Uint8Array
  /** length of the sender's chain before this one */
  readonly pn: number
  readonly n: number
  readonly announcement: Uint8Array
}

export const announce = (dh: Uint8Array, ek: Uint8Array, ct: Uint8Array, pn: number): Uint8Array => concat(dh, ek, ct, u32(pn))

export interface Message {
  readonly salt: Uint8Array
  readonly commitment: Uint8Array
  readonly header: Uint8Array
  readonly body: Uint8Array
}

/** Views of the parts; undefined when too short. */
export function parse(message: Uint8Array): Message | undefined {
  if (message.length < RATCHET_OVERHEAD) return undefined
  return {
    salt: message.subarray(0, SALT),
    commitment: message.subarray(SALT, HEADER_AT),
    header: message.subarray(HEADER_AT, BODY_AT),
    body: message.subarray(BODY_AT),
  }
}

/** The header's AEAD covers every other byte of the message: what was altered on the way dies here, before any work. */
const covered = (associated: Uint8Array, message: Omit<Message, 'header'>): Uint8Array =>
  concat(associated, message.salt, message.commitment, message.body)

/** The commitment is pseudo-random and its own for each message, so its first bytes are the nonce. */
const nonce = (commitment: Uint8Array): Uint8Array => commitment.subarray(0, SIZE.aead.nonce)

export function sealHeader(
  suite: Suite,
  headerKey: Uint8Array,
  content: { announcement: Uint8Array; n: number },
  message: Omit<Message, 'header'>,
  associated: Uint8Array,
): Uint8Array {
  const sealed = suite.seal(headerKey, nonce(message.commitment), concat(content.announcement, u32(content.n)), covered(associated, message))
  return concat(message.salt, message.commitment, sealed, message.body)
}

/** Tries one message under several header keys. */
export function headerOpener(suite: Suite, message: Message, associated: Uint8Array): (headerKey: Uint8Array) => Header | undefined {
  const ad = covered(associated, message)
  return (headerKey) => {
    const header = suite.open(headerKey, nonce(message.commitment), message.header, ad)
    return header && read(header)
  }
}

function read(header: Uint8Array): Header {
  const numbers = new DataView(header.buffer, header.byteOffset + HEADER - 8, 8)
  return {
    dh: header.subarray(0, DH),
    ek: header.subarray(DH, DH + EK),
    ct: header.subarray(DH + EK, DH + EK + CT),
    pn: numbers.getUint32(0),
    n: numbers.getUint32(4),
    announcement: header.subarray(0, ANNOUNCEMENT),
  }
}

const Q = 3329
const COEFFICIENTS = EK - 32

/**
 * Keys our next step can use: FIPS 203 section 7.2 (each 12-bit coefficient below q) and a canonical u-coordinate. Checked
 * when announced, so that a peer cannot leave us with a session that fails only when we answer.
 */
export function areUsable(header: Header): boolean {
  for (let i = 0; i < COEFFICIENTS; i += 3) {
    const [a, b, c] = [header.ek[i] as number, header.ek[i + 1] as number, header.ek[i + 2] as number]
    if ((a | ((b & 15) << 8)) >= Q || ((b >> 4) | (c << 4)) >= Q) return false
  }
  return isCanonicalU(header.dh)
}
