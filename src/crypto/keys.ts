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

/** The switch is for the overloads of `generateKeyPairSync`. */
function generateObjects(kind: KeyKind): { publicKey: KeyObject; privateKey: KeyObject } {
  switch (kind) {
    case 'x25519':
      return generateKeyPairSync('x25519')
    case 'ed25519':
      return generateKeyPairSync('ed25519')
    case 'ml-kem-768':
      return generateKeyPairSync('ml-kem-768')
    default:
      return generateKeyPairSync('ml-kem-1024')
  }
}

export function generate<K extends KeyKind>(kind: K): KeyPair<K> {
  const { publicKey, privateKey } = generateObjects(kind)
  return { kind, publicKey: rawPublic(publicKey), secretKey: new OpensslSecret(kind, { key: privateKey }) }
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

/**
 * Imported public keys of the peers seen last, oldest out first. Public keys only: the time of a hit tells no more
 * than that the key was seen before. KEM keys are used once and not kept.
 */
const KEPT_PUBLIC_KEYS = 512
const imported = new Map<string, KeyObject>()

/** @throws Error when OpenSSL refuses the key */
export function importPublic(kind: KeyKind, publicKey: Uint8Array): KeyObject {
  return untraced(() => createPublicKey({ key: asBuffer(publicKey), format: 'raw-public', asymmetricKeyType: kind }))
}

export function rememberedPublic(kind: 'x25519' | 'ed25519', publicKey: Uint8Array): KeyObject {
  const name = kind + asBuffer(publicKey).toString('latin1')
  const known = imported.get(name)
  if (known !== undefined) {
    imported.delete(name)
    imported.set(name, known)
    return known
  }
  const key = importPublic(kind, publicKey)
  if (imported.size >= KEPT_PUBLIC_KEYS) imported.delete(imported.keys().next().value as string)
  imported.set(name, key)
  return key
}
