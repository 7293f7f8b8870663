/** The short code both screens show: a short authentication string (SAS) over the whole handshake. */
import { LABEL, labelled, type Suite } from '../suite/index.ts'

/** Bytes of the inviter's nonce. */
export const NONCE = 32

/** 32 bytes the inviter says before it has heard anything, so that it cannot choose its nonce to fit a code. */
export const nonceCommitment = (suite: Suite, nonce: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.nonceCommitment, nonce)).slice(0, 32)

/**
 * Six digits, `123 456`.
 * @param transcript 64 bytes, of the handshake
 * @param nonce 32 bytes, the inviter's
 */
export function shortCode(suite: Suite, transcript: Uint8Array, nonce: Uint8Array): string {
  const digest = suite.hash(labelled(LABEL.shortCode, transcript, nonce))
  let value = 0n
  for (const byte of digest.subarray(0, 8)) value = (value << 8n) | BigInt(byte)
  const digits = (value % 1_000_000n).toString().padStart(6, '0')
  return `${digits.slice(0, 3)} ${digits.slice(3)}`
}
