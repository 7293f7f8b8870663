/** From shared secrets to session secrets: the transcript and the key schedule. Knows no layout and no policy. */
import { concat, LABEL, labelled, labelledParts, type Suite, utf8 } from '../suite/index.ts'

/** First field of every transcript. There is one suite and no way to ask for another (attack 12). */
const SUITE_NAME = utf8('X25519 ML-KEM-1024 HKDF-SHA-512')

/** X3DH section 2.2 puts 32 bytes of 0xFF before the DH outputs, so that they can never be read as an encoded key. */
const PREFIX = new Uint8Array(32).fill(0xff)

const ROOT = labelled(LABEL.handshakeRoot)

/** Length of the one-time pairing secret. */
export const PAIRING_SECRET = 16

export interface HandshakeSecret {
  /** 32 bytes, the first root key of the ratchet */
  readonly root: Uint8Array
  /** 32 bytes, header key of the initiator's first sending chain */
  readonly headerInitiator: Uint8Array
  /** 32 bytes, next header key: that of the responder's first reply chain */
  readonly headerResponder: Uint8Array
  /** 64 bytes, public; binds everything both sides said, for associated data and the short code */
  readonly transcript: Uint8Array
}

export interface SharedSecrets {
  /** DH(IKa,SPKb), DH(Ea,IKb), DH(Ea,SPKb), and DH(Ea,OPKb) when there is a one-time prekey */
  readonly dh: readonly Uint8Array[]
  readonly kem: Uint8Array
  readonly pairing: Uint8Array | undefined
}

/**
 * @param message as it travelled. It names the bundle by its hash, so all that was said is in it: roots, device lists, device ids,
 * agreement keys, prekey ids, kinds and bytes, Ea and ct.
 * @throws RangeError when the pairing secret is not 16 bytes
 */
export function deriveSecret(suite: Suite, message: Uint8Array, shared: SharedSecrets): HandshakeSecret {
  if (shared.pairing && shared.pairing.length !== PAIRING_SECRET) throw new RangeError(`a pairing secret is ${PAIRING_SECRET} bytes`)
  const withPairing = new Uint8Array([shared.pairing ? 1 : 0])
  const transcript = suite.hash(...labelledParts(LABEL.transcript, SUITE_NAME, message, withPairing))
  const ikm = concat(PREFIX, ...shared.dh, shared.kem, shared.pairing ?? new Uint8Array())
  const okm = suite.hkdf(transcript, ikm, ROOT, 96)
  return { root: okm.slice(0, 32), headerInitiator: okm.slice(32, 64), headerResponder: okm.slice(64, 96), transcript }
}
