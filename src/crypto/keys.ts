/** Keys as OpenSSL holds them. Importing one costs as much as using it, so imports are put off and remembered. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { KeyError, type KeyKind, type KeyPair, type SecretKey, SIZE } from '../../protocols/suite/index.ts'
import { asBuffer, plain } from './plain.ts'

/**
 * Node 24 finds out that bytes are no KeyObject by an exception, four times for each import. Written down without its trace, which nobody sees, an
 * import of an X25519 key takes a third of the time and one of an ML-KEM key little more than half.
 */
function untraced<T>(importKey: () => T): T {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return importKey()
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** Raw private form of a kind: FIPS 203 seed d | z, or the 32 bytes of RFC 7748 and RFC 8032. */
const PRIVATE_FORMAT = { x25519: 'raw-private', ed25519: 'raw-private', 'ml-kem-768': 'raw-seed', 'ml-kem-1024': 'raw-seed' } as const

/**
 * The secret is in private fields, out of reach of logs, JSON and inspection. A stored secret is imported when first
 * used: a session read from the database mostly needs none of its keys for the next message.
 */
class OpensslSecret<K extends KeyKind> implements SecretKey<K> {
  readonly kind: K
  #stored: Uint8Array | undefined
  #key: KeyObject | undefined

  constructor(kind: K, secret: { stored: Uint8Array } | { key: KeyObject }) {
    this.kind = kind
    if ('key' in secret) this.#key = secret.key
    else this.#stored = secret.stored
  }

  static keyOf(secret: SecretKey): KeyObject {
    const mine = OpensslSecret.mine(secret)
    const { kind } = mine
    const format = PRIVATE_FORMAT[kind]
    mine.#key ??= untraced(() => createPrivateKey({ key: asBuffer(mine.#stored as Uint8Array), format, asymmetricKeyType: kind }))
    return mine.#key
  }

  static bytesOf(secret: SecretKey): Uint8Array {
    const mine = OpensslSecret.mine(secret)
    mine.#stored ??= plain(OpensslSecret.keyOf(mine).export({ format: PRIVATE_FORMAT[mine.kind] }))
    return mine.#stored.slice()
  }

  private static mine(secret: SecretKey): OpensslSecret<KeyKind> {
    if (!(secret instanceof OpensslSecret)) throw new KeyError('kind', secret.kind)
    return secret
  }
}

export const privateKeyOf = OpensslSecret.keyOf
export const exportSecret = OpensslSecret.bytesOf

const rawPublic = (key: KeyObject): Uint8Array => plain(key.export({ format: 'raw-public' }))

/** The public half as bytes at once: no object is made of it that only the collector would see. Node's types do not know the format here yet. */
const generateRaw = generateKeyPairSync as unknown as (kind: KeyKind, options: object) => { publicKey: Uint8Array; privateKey: KeyObject }
const RAW = { publicKeyEncoding: { format: 'raw-public' } }

export function generate<K extends KeyKind>(kind: K): KeyPair<K> {
  const { publicKey, privateKey } = generateRaw(kind, RAW)
  return { kind, publicKey: plain(publicKey), secretKey: new OpensslSecret(kind, { key: privateKey }) }
}

export function importSecret<K extends KeyKind>(kind: K, secret: Uint8Array): KeyPair<K> {
  if (secret.length !== SIZE[kind].secretKey) throw new KeyError('length', kind)
  const secretKey = new OpensslSecret(kind, { stored: secret.slice() })
  let publicKey: Uint8Array | undefined
  return {
    kind,
    get publicKey() {
      return (publicKey ??= rawPublic(createPublicKey(privateKeyOf(secretKey))))
    },
    secretKey,
  }
}

/** @throws Error when OpenSSL refuses the key */
export function importPublic(kind: KeyKind, publicKey: Uint8Array): KeyObject {
  return untraced(() => createPublicKey({ key: asBuffer(publicKey), format: 'raw-public', asymmetricKeyType: kind }))
}

/**
 * The public keys imported last, oldest out first: within one handshake a key is used up to three times, a feed is verified by one key.
 * Found by comparing bytes, which for so few is faster than a name. Public keys only: the time of a hit tells no more than that the key was seen
 * before. KEM keys are used once and not kept.
 */
const KEPT = 16

class Recent {
  readonly #kind: 'x25519' | 'ed25519'
  readonly #bytes = new Uint8Array(KEPT * 32)
  readonly #keys: KeyObject[] = []
  #next = 0

  constructor(kind: 'x25519' | 'ed25519') {
    this.#kind = kind
  }

  /** @throws Error when OpenSSL refuses the key */
  of(publicKey: Uint8Array): KeyObject {
    for (let i = 0; i < this.#keys.length; i++) if (this.#isAt(i, publicKey)) return this.#keys[i] as KeyObject
    const key = importPublic(this.#kind, publicKey)
    this.#bytes.set(publicKey, this.#next * 32)
    this.#keys[this.#next] = key
    this.#next = (this.#next + 1) % KEPT
    return key
  }

  #isAt(index: number, publicKey: Uint8Array): boolean {
    for (let i = 0, at = index * 32; i < 32; i++, at++) if (this.#bytes[at] !== publicKey[i]) return false
    return true
  }
}

/** For keys of 32 bytes. */
export const recent = { x25519: new Recent('x25519'), ed25519: new Recent('ed25519') }
