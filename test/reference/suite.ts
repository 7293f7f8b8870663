/**
 * The suite once more, slowly: HKDF and label encoding written out, X25519 as the ladder of RFC 7748 and Ed25519
 * verification as affine arithmetic on the curve, all on whole numbers. Shares SHA-512 and HMAC with nobody but Node.
 */
import { createHash, createHmac } from 'node:crypto'

const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const number = (hex: string): bigint => BigInt(`0x0${bytesOf(hex).reverse().toString('hex')}`)
export const encoded = (value: bigint): string => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex')

const mod = (value: bigint, m = P): bigint => ((value % m) + m) % m
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b)
  return result
}
/** By the extended Euclidean algorithm; 0 for 0, as RFC 7748 has it. */
function invert(value: bigint): bigint {
  let [a, b, x, y] = [mod(value), P, 1n, 0n]
  if (a === 0n) return 0n
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x]
  return mod(x)
}

// ---------------------------------------------------------------- labels, HMAC, HKDF

export function labelled(label: string, fields: string[]): string {
  const parts = [Buffer.from(label, 'ascii').toString('hex'), ...fields]
  return parts.map((part) => (part.length / 2).toString(16).padStart(8, '0') + part).join('')
}

export const sha512 = (hex: string): string => createHash('sha512').update(bytesOf(hex)).digest('hex')
export const hmac = (key: string, message: string): string => createHmac('sha512', bytesOf(key)).update(bytesOf(message)).digest('hex')

export function hkdf(salt: string, ikm: string, info: string, length: number): string {
  const prk = hmac(salt || '00'.repeat(64), ikm)
  let [out, block] = ['', '']
  for (let i = 1; out.length < 2 * length; i++) {
    block = hmac(prk, block + info + i.toString(16).padStart(2, '0'))
    out += block
  }
  return out.slice(0, 2 * length)
}

// ---------------------------------------------------------------- X25519 (RFC 7748 section 5)

/** The shared secret, or the reason there is none. */
export function x25519(secret: string, publicKey: string): string {
  const u = number(publicKey)
  if (u >= P) return 'non-canonical'
  const scalar = bytesOf(secret)
  scalar[0] = (scalar[0] as number) & 248
  scalar[31] = ((scalar[31] as number) & 127) | 64
  const k = number(scalar.toString('hex'))
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n]
  for (let t = 254n; t >= 0n; t--) {
    const bit = (k >> t) & 1n
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2]
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3]
    const e = a * a - b * b
    ;[x3, z3] = [mod((d * a + c * b) ** 2n), mod(u * mod((d * a - c * b) ** 2n))]
    ;[x2, z2] = [mod(a * a * mod(b * b)), mod(e * (a * a + 121665n * e))]
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2]
  }
  const shared = mod(x2 * invert(z2))
  return shared === 0n ? 'low-order' : encoded(shared)
}

export const x25519Public = (secret: string): string => x25519(secret, encoded(9n))

// ---------------------------------------------------------------- Ed25519 (RFC 8032 section 5.1)

export interface Point {
  readonly x: bigint
  readonly y: bigint
}
const D = mod(-121665n * invert(121666n))
const IDENTITY: Point = { x: 0n, y: 1n }

export function add(a: Point, b: Point): Point {
  const product = mod(D * a.x * b.x * a.y * b.y)
  return { x: mod((a.x * b.y + b.x * a.y) * invert(1n + product)), y: mod((a.y * b.y + a.x * b.x) * invert(1n - product)) }
}

export function times(scalar: bigint, point: Point): Point {
  let sum = IDENTITY
  for (let k = scalar, step = point; k > 0n; k >>= 1n, step = add(step, step)) if (k & 1n) sum = add(sum, step)
  return sum
}

const same = (a: Point, b: Point): boolean => a.x === b.x && a.y === b.y

/** Undefined: y is not below p, not on the curve, or the sign of a zero is set. */
function decodePoint(hex: string): Point | undefined {
  const whole = number(hex)
  const [y, odd] = [whole & (2n ** 255n - 1n), whole >> 255n]
  if (y >= P) return undefined
  const square = mod((y * y - 1n) * invert(D * y * y + 1n))
  let x = power(square, (P + 3n) / 8n)
  if (mod(x * x) !== square) x = mod(x * power(2n, (P - 1n) / 4n))
  if (mod(x * x) !== square || (x === 0n && odd === 1n)) return undefined
  return { x: (x & 1n) === odd ? x : mod(-x), y }
}

export const encodePoint = ({ x, y }: Point): string => encoded(y | ((x & 1n) << 255n))

export const BASE = decodePoint(encoded(mod(4n * invert(5n)))) as Point

/** A generator of the eight points of small order. */
export function torsion(): Point {
  for (let y = 2n; ; y++) {
    const point = decodePoint(encoded(y))
    const small = point && times(L, point)
    if (small && !same(times(4n, small), IDENTITY)) return small
  }
}

export const isSmallOrder = (point: Point): boolean => same(times(8n, point), IDENTITY)

const challenge = (r: string, key: string, message: string): bigint => number(sha512(r + key + message)) % L

/** The verdict of the suite's strict verification. */
export function verify(publicKey: string, message: string, signature: string): boolean {
  const [encodedR, s] = [signature.slice(0, 64), number(signature.slice(64))]
  const [a, r] = [decodePoint(publicKey), decodePoint(encodedR)]
  if (signature.length !== 128 || publicKey.length !== 64 || s >= L || !a || !r || isSmallOrder(a) || isSmallOrder(r)) return false
  return same(times(s, BASE), add(r, times(challenge(encodedR, publicKey, message), a)))
}

/** A signature made from bare scalars, with chosen points added to the key and to R. */
export function craft(secret: bigint, nonce: bigint, message: string, plus: { key: Point; r: Point }) {
  const publicKey = encodePoint(add(times(secret, BASE), plus.key))
  const r = encodePoint(add(times(nonce, BASE), plus.r))
  const s = (nonce + challenge(r, publicKey, message) * secret) % L
  return { publicKey, message, signature: r + encoded(s) }
}

export const NOTHING = IDENTITY
export const ORDER = L
export const PRIME = P
