/**
 * The reference engine: the `Suite` on the @noble libraries, the same in Node and in a browser. Deterministic: given
 * the same `Random`, the same bytes come out. Written to be read; the node runs `src/crypto` instead.
 */
import { poly1305 } from '@noble/ciphers/_poly1305.js'
import { chacha20 } from '@noble/ciphers/chacha.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { concat } from './bytes.ts'
import { isAcceptableSignature, isCanonicalU } from './strict.ts'
import { type Encapsulation, type KemKind, KeyError, type KeyKind, type KeyPair, type Random, type SecretKey, SIZE, type Suite } from './suite.ts'

/** Private fields keep the secret out of logs, JSON and inspection. */
class NobleSecret<K extends KeyKind> implements SecretKey<K> {
  readonly kind: K
  readonly #seed: Uint8Array
  readonly #expanded: Uint8Array

  constructor(kind: K, seed: Uint8Array, expanded: Uint8Array) {
    this.kind = kind
    this.#seed = seed
    this.#expanded = expanded
  }

  static seedOf(key: SecretKey): Uint8Array {
    return NobleSecret.mine(key).#seed
  }

  static expandedOf(key: SecretKey): Uint8Array {
    return NobleSecret.mine(key).#expanded
  }

  private static mine(key: SecretKey): NobleSecret<KeyKind> {
    if (!(key instanceof NobleSecret)) throw new KeyError('kind', key.kind)
    return key
  }
}

const kems = { 'ml-kem-768': ml_kem768, 'ml-kem-1024': ml_kem1024 }

function importSecret<K extends KeyKind>(kind: K, secret: Uint8Array): KeyPair<K> {
  if (secret.length !== SIZE[kind].secretKey) throw new KeyError('length', kind)
  const seed = secret.slice()
  switch (kind) {
    case 'x25519':
      return { kind, publicKey: x25519.getPublicKey(seed), secretKey: new NobleSecret(kind, seed, seed) }
    case 'ed25519':
      return { kind, publicKey: ed25519.getPublicKey(seed), secretKey: new NobleSecret(kind, seed, seed) }
    default: {
      const keys = kems[kind as KemKind].keygen(seed)
      return { kind, publicKey: keys.publicKey, secretKey: new NobleSecret(kind, seed, keys.secretKey) }
    }
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/**
 * S·B = R + H(R | A | M)·A without the cofactor, as OpenSSL checks it. `ed25519.verify` multiplies both sides by 8
 * and so accepts what OpenSSL refuses: signatures with a component of small order (attack 3).
 */
function satisfiesCofactorlessEquation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { Point } = ed25519
  const encodedR = signature.subarray(0, 32)
  try {
    const a = Point.fromBytes(publicKey)
    const r = Point.fromBytes(encodedR)
    const s = bytesToNumberLE(signature.subarray(32))
    const challenge = Point.Fn.create(bytesToNumberLE(sha512(concat(encodedR, publicKey, message))))
    return Point.BASE.multiplyUnsafe(s).equals(r.add(a.multiplyUnsafe(challenge)))
  } catch {
    return false // not on the curve
  }
}

/** ChaCha20's first block keys Poly1305, the others encrypt (RFC 8439 section 2.8): all of them at once. */
const FIRST_BLOCK = 64
const padded = (length: number): number => (length + 15) & ~15

function poly1305Tag(key: Uint8Array, encrypted: Uint8Array, associated: Uint8Array): Uint8Array {
  const encryptedAt = padded(associated.length)
  const lengthsAt = encryptedAt + padded(encrypted.length)
  const input = new Uint8Array(lengthsAt + 16)
  input.set(associated)
  input.set(encrypted, encryptedAt)
  const lengths = new DataView(input.buffer, lengthsAt)
  lengths.setUint32(0, associated.length, true)
  lengths.setUint32(8, encrypted.length, true)
  return poly1305(input, key)
}

/** @throws Error wrong length of key or nonce */
function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  const work = new Uint8Array(FIRST_BLOCK + plaintext.length)
  work.set(plaintext, FIRST_BLOCK)
  chacha20(key, nonce, work, work)
  const encrypted = work.subarray(FIRST_BLOCK)
  return concat(encrypted, poly1305Tag(work.subarray(0, 32), encrypted, associated))
}

/** Decrypts into an array of its own before the tag is checked; nobody sees it when the tag is wrong. */
function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - SIZE.aead.tag
  if (end < 0 || key.length !== SIZE.aead.key || nonce.length !== SIZE.aead.nonce) return undefined
  const encrypted = sealed.subarray(0, end)
  const work = new Uint8Array(FIRST_BLOCK + end)
  work.set(encrypted, FIRST_BLOCK)
  chacha20(key, nonce, work, work)
  if (!equal(poly1305Tag(work.subarray(0, 32), encrypted, associated), sealed.subarray(end))) return undefined
  return work.slice(FIRST_BLOCK)
}

/** Where inputs of several parts are put together: a fresh array is a good part of a hash. Empty between calls. */
const desk = new Uint8Array(4096)

function ofParts(hash: (input: Uint8Array) => Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  if (length > desk.length) return hash(concat(...parts))
  let at = 0
  for (const part of parts) {
    desk.set(part, at)
    at += part.length
  }
  const out = hash(desk.subarray(0, length))
  desk.fill(0, 0, length)
  return out
}

export const noble: Suite = {
  name: 'noble',
  hash: (...parts) => ofParts(sha512, parts),
  sha256: (...parts) => ofParts(sha256, parts),
  hmac: (key, ...parts) => hmac(sha512, key, concat(...parts)),
  hkdf(salt, ikm, info, length) {
    if (length > SIZE.hkdfOutput) throw new RangeError(`HKDF-SHA-512 gives at most ${SIZE.hkdfOutput} bytes`)
    return hkdf(sha512, ikm, salt, info, length)
  },
  equal,

  generate: <K extends KeyKind>(kind: K, random: Random) => importSecret(kind, random(SIZE[kind].secretKey)),
  importSecret,
  exportSecret: (key) => NobleSecret.seedOf(key).slice(),

  dh(secret, publicKey) {
    if (publicKey.length !== SIZE.x25519.publicKey) throw new KeyError('length', 'x25519')
    if (!isCanonicalU(publicKey)) throw new KeyError('non-canonical', 'x25519')
    const scalar = NobleSecret.expandedOf(secret)
    try {
      return x25519.getSharedSecret(scalar, publicKey)
    } catch {
      throw new KeyError('low-order', 'x25519') // noble refuses the all-zero result
    }
  },

  sign: (secret, message) => ed25519.sign(message, NobleSecret.expandedOf(secret)),
  verify(publicKey, message, signature) {
    if (!isAcceptableSignature(publicKey, signature)) return false
    return satisfiesCofactorlessEquation(publicKey, message, signature)
  },

  encapsulate(kind: KemKind, publicKey: Uint8Array, random: Random): Encapsulation {
    if (publicKey.length !== SIZE[kind].publicKey) throw new KeyError('length', kind)
    const coins = random(32)
    try {
      const { cipherText, sharedSecret } = kems[kind].encapsulate(publicKey, coins)
      return { ciphertext: cipherText, sharedSecret }
    } catch {
      throw new KeyError('modulus', kind)
    }
  },
  decapsulate(secret, ciphertext) {
    if (ciphertext.length !== SIZE[secret.kind].ciphertext) throw new KeyError('length', secret.kind)
    return kems[secret.kind].decapsulate(ciphertext, NobleSecret.expandedOf(secret))
  },

  seal,
  open,
}
