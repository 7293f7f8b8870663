/**
 * The checks both engines make before the mathematics, so that their verdicts cannot differ: canonical encodings and
 * small-order points by table. All inputs are public; none of this needs constant time.
 */

const P = 2n ** 255n - 19n
/** Order of the prime-order subgroup of edwards25519 (RFC 8032 section 5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n

function littleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  for (let i = 0; i < 32; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn)
  return bytes
}

const P_BYTES = littleEndian(P)
const L_BYTES = littleEndian(L)
const SIGN_BIT = 0x80

/** Is the little-endian number in 32 bytes, its top byte read through `mask`, below the bound? */
function isBelow(bytes: Uint8Array, bound: Uint8Array, mask = 0xff): boolean {
  for (let i = 31; i >= 0; i--) {
    const have = (bytes[i] as number) & (i === 31 ? mask : 0xff)
    const limit = bound[i] as number
    if (have !== limit) return have < limit
  }
  return false
}

/** An X25519 u-coordinate below p with the unused high bit clear. */
export const isCanonicalU = (u: Uint8Array): boolean => isBelow(u, P_BYTES)

/**
 * y-coordinates of the eight points of small order on edwards25519: the identity (1), the point of order 2 (-1), those
 * of order 4 (0) and of order 8 (the last two, each the negative of the other).
 */
const SMALL_ORDER_Y = [
  0n,
  1n,
  P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  P - 2707385501144840649318225287225658788936804267575313519463743609750303402022n,
].map(littleEndian)

function isSmallOrder(point: Uint8Array): boolean {
  return SMALL_ORDER_Y.some((y) => y.every((byte, i) => byte === (i === 31 ? (point[i] as number) & ~SIGN_BIT : point[i])))
}

/** A compressed Edwards point: y below p and not of small order. Says nothing about being on the curve. */
const isCanonicalPoint = (point: Uint8Array): boolean => isBelow(point, P_BYTES, ~SIGN_BIT & 0xff) && !isSmallOrder(point)

/** Lengths, canonical S (RFC 8032 section 5.1.7), canonical A and R, neither of small order. */
export function isAcceptableSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  return isBelow(signature.subarray(32), L_BYTES) && isCanonicalPoint(publicKey) && isCanonicalPoint(signature.subarray(0, 32))
}
