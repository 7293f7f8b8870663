/**
 * The checks both engines make before the mathematics, so that their verdicts cannot differ: canonical encodings and
 * small-order points by table. All inputs are public; none of this needs constant time.
 */

const P = 2n ** 255n - 19n
/** Order of the prime-order subgroup of edwards25519 (RFC 8032 section 5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

/** An X25519 u-coordinate below p with the unused high bit clear. */
export const isCanonicalU = (u: Uint8Array): boolean => littleEndian(u) < P

/** y-coordinates of the eight points of small order on edwards25519, sign bit cleared. */
const SMALL_ORDER_Y = new Set([
  0n,
  1n,
  P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303021146n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
])

/** A compressed Edwards point: y below p and not of small order. Says nothing about being on the curve. */
function isCanonicalPoint(point: Uint8Array): boolean {
  const y = littleEndian(point) & ((1n << 255n) - 1n)
  return y < P && !SMALL_ORDER_Y.has(y)
}

/** Lengths, canonical S (RFC 8032 section 5.1.7), canonical A and R, neither of small order. */
export function isAcceptableSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  return littleEndian(signature.subarray(32)) < L && isCanonicalPoint(publicKey) && isCanonicalPoint(signature.subarray(0, 32))
}
