/**
 * A suite with stand-ins for the two slow public-key primitives, so that thousands of schedules can be played: right
 * shapes and agreement, no secrecy at all. Hashes, HMAC and AEAD are real.
 */
import { concat, type KeyKind, type KeyPair, type SecretKey, SIZE, type Suite } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'

interface ToySecret<K extends KeyKind> extends SecretKey<K> {
  readonly bytes: Uint8Array
}

const bytesOf = (key: SecretKey): Uint8Array => (key as ToySecret<KeyKind>).bytes

function pair<K extends KeyKind>(kind: K, seed: Uint8Array): KeyPair<K> {
  const secretKey: ToySecret<K> = { kind, bytes: seed }
  const publicKey = new Uint8Array(SIZE[kind].publicKey)
  publicKey.set(openssl.hash(seed).subarray(0, 31), publicKey.length - 32)
  return { kind, publicKey, secretKey }
}

const share = (ek: Uint8Array, coins: Uint8Array): Uint8Array => openssl.hash(ek, coins).slice(0, 32)

/** `sent` receives the message key of each message sealed. */
export const toySuite = (sent?: (messageKey: Uint8Array) => void): Suite => ({
  ...openssl,
  name: 'toy',
  sha256(...parts) {
    if (sent && Buffer.from(parts[0] as Uint8Array).includes('ratchet/salt')) sent((parts[1] as Uint8Array).slice())
    return openssl.sha256(...parts)
  },
  generate: (kind, random) => pair(kind, random(SIZE[kind].secretKey)),
  importSecret: (kind, secret) => pair(kind, secret.slice()),
  exportSecret: (key) => bytesOf(key).slice(),
  dh(secret, publicKey) {
    const own = pair('x25519', bytesOf(secret)).publicKey
    return openssl.hash(...(Buffer.compare(own, publicKey) < 0 ? [own, publicKey] : [publicKey, own])).slice(0, 32)
  },
  encapsulate(kind, publicKey, random) {
    const coins = random(32)
    return { ciphertext: concat(coins, new Uint8Array(SIZE[kind].ciphertext - 32)), sharedSecret: share(publicKey, coins) }
  },
  decapsulate: (secret, ciphertext) => share(pair(secret.kind, bytesOf(secret)).publicKey, ciphertext.subarray(0, 32)),
})
