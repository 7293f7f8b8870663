/**
 * The only door to cryptography. Every room takes a `Suite` as an argument; two engines implement it: `noble.ts`
 * beside this file (the reference, also for browsers) and `src/crypto` (the node's fast one). Differential tests
 * hold them to the same verdict on every input. This file knows no algorithm, only shapes.
 */

/** Source of randomness: `n` fresh, uniformly random bytes. Always an argument, never ambient. */
export type Random = (n: number) => Uint8Array

export type KeyKind = 'x25519' | 'ed25519' | 'ml-kem-768' | 'ml-kem-1024'

/**
 * A secret key as its engine likes to hold it. Opaque and immutable; printing or JSON-encoding it shows only its
 * kind. A key made by one engine moves to another by `suite.exportSecret` and `suite.importSecret`.
 */
export interface SecretKey<K extends KeyKind = KeyKind> {
  readonly kind: K
}

export interface KeyPair<K extends KeyKind = KeyKind> {
  readonly kind: K
  readonly publicKey: Uint8Array
  readonly secretKey: SecretKey<K>
}

export interface Encapsulation {
  readonly ciphertext: Uint8Array
  /** 32 bytes */
  readonly sharedSecret: Uint8Array
}

/** Sizes in bytes. X25519 RFC 7748, Ed25519 RFC 8032, ML-KEM FIPS 203 table 3, ChaCha20-Poly1305 RFC 8439. */
export const SIZE = {
  x25519: { publicKey: 32, secretKey: 32 },
  ed25519: { publicKey: 32, secretKey: 32, signature: 64 },
  'ml-kem-768': { publicKey: 1184, secretKey: 64, ciphertext: 1088 },
  'ml-kem-1024': { publicKey: 1568, secretKey: 64, ciphertext: 1568 },
  aead: { key: 32, nonce: 12, tag: 16 },
  hash: 64,
  sharedSecret: 32,
  /** 255 blocks of SHA-512 (RFC 5869 section 2.3) */
  hkdfOutput: 255 * 64,
} as const

export type KemKind = 'ml-kem-768' | 'ml-kem-1024'

export interface Suite {
  readonly name: string

  /** SHA-512 over the concatenation of the parts; 64 bytes. */
  hash(...parts: Uint8Array[]): Uint8Array
  /**
   * SHA-256 over the concatenation of the parts; 32 bytes. For the Merkle trees of RFC 6962, which others check with tools of their own, and where
   * 16 bytes are enough.
   */
  sha256(...parts: Uint8Array[]): Uint8Array
  /** HMAC-SHA-512; 64 bytes. */
  hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array
  /** HKDF-SHA-512 (RFC 5869), extract then expand. @throws RangeError length above 16320, the most the RFC allows */
  hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array
  /** Compares in time that depends only on the lengths. */
  equal(a: Uint8Array, b: Uint8Array): boolean

  /** Fresh key pair. The OpenSSL engine draws from OpenSSL's own generator instead of `random`, which it does not call. */
  generate<K extends KeyKind>(kind: K, random: Random): KeyPair<K>
  /**
   * Key pair of a stored secret: 32 bytes (X25519 scalar, Ed25519 seed) or 64 bytes (ML-KEM seed d | z, FIPS 203).
   * @throws KeyError wrong length
   */
  importSecret<K extends KeyKind>(kind: K, secret: Uint8Array): KeyPair<K>
  /** The bytes `importSecret` takes. */
  exportSecret(key: SecretKey): Uint8Array

  /** X25519. @throws KeyError public key non-canonical (high bit set or >= p), of low order, or all-zero result */
  dh(secret: SecretKey<'x25519'>, publicKey: Uint8Array): Uint8Array

  /** Ed25519, RFC 8032; 64 bytes. */
  sign(secret: SecretKey<'ed25519'>, message: Uint8Array): Uint8Array
  /**
   * Strict verification, one verdict in every engine: canonical S, canonical A and R, A and R not of small order,
   * cofactorless equation. Never throws: wrong lengths are `false`.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean

  /**
   * Draws 32 bytes; the OpenSSL engine again uses OpenSSL's own generator.
   * @throws KeyError wrong length or a coefficient >= q (FIPS 203 section 7.2 modulus check)
   */
  encapsulate<K extends KemKind>(kind: K, publicKey: Uint8Array, random: Random): Encapsulation
  /** Implicit rejection: a wrong ciphertext of right length gives a pseudo-random secret. @throws KeyError wrong length */
  decapsulate<K extends KemKind>(secret: SecretKey<K>, ciphertext: Uint8Array): Uint8Array

  /** ChaCha20-Poly1305; ciphertext followed by the 16-byte tag. `key` and `nonce` must never meet twice. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array
  /** The plaintext, or undefined when the tag does not verify (or the input is shorter than a tag). Never throws for bad input. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined
}

/** A key that must not be used: `code` says what is wrong, `kind` which key. Carries no key bytes. */
export class KeyError extends Error {
  static readonly codeNames = ['length', 'non-canonical', 'low-order', 'modulus', 'kind'] as const
  override readonly name = 'KeyError'
  readonly code: (typeof KeyError.codeNames)[number]
  readonly kind: KeyKind

  constructor(code: KeyError['code'], kind: KeyKind) {
    super(`${kind} key refused: ${code}`)
    this.code = code
    this.kind = kind
  }
}
