/**
 * The node's engine: the `Suite` on node:crypto, the same verdicts and bytes as `protocols/suite/noble.ts` several
 * times faster. Not deterministic: key generation and encapsulation draw from OpenSSL's own generator.
 */
import { decapsulate, diffieHellman, encapsulate, sign, timingSafeEqual, verify } from 'node:crypto'
import { isAcceptableSignature, isCanonicalU, KeyError, SIZE, type Suite } from '../../protocols/suite/index.ts'
import { open, seal } from './aead.ts'
import { hash, hkdf, hmac, sha256 } from './hash.ts'
import { exportSecret, generate, importPublic, importSecret, privateKeyOf, recent } from './keys.ts'
import { plain } from './plain.ts'

export const openssl: Suite = {
  name: 'openssl',
  hash,
  sha256,
  hmac,
  hkdf,
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),

  generate,
  importSecret,
  exportSecret,

  dh(secret, publicKey) {
    if (publicKey.length !== SIZE.x25519.publicKey) throw new KeyError('length', 'x25519')
    if (!isCanonicalU(publicKey)) throw new KeyError('non-canonical', 'x25519')
    const privateKey = privateKeyOf(secret)
    const peer = recent.x25519.of(publicKey)
    try {
      return plain(diffieHellman({ privateKey, publicKey: peer }))
    } catch {
      throw new KeyError('low-order', 'x25519') // OpenSSL refuses the all-zero result
    }
  },

  sign: (secret, message) => plain(sign(null, message, privateKeyOf(secret))),
  verify(publicKey, message, signature) {
    if (!isAcceptableSignature(publicKey, signature)) return false
    return verify(null, message, recent.ed25519.of(publicKey), signature)
  },

  encapsulate(kind, publicKey) {
    if (publicKey.length !== SIZE[kind].publicKey) throw new KeyError('length', kind)
    let key
    try {
      key = importPublic(kind, publicKey)
    } catch {
      throw new KeyError('modulus', kind)
    }
    const { ciphertext, sharedKey } = encapsulate(key)
    return { ciphertext: plain(ciphertext), sharedSecret: plain(sharedKey) }
  },
  decapsulate(secret, ciphertext) {
    if (ciphertext.length !== SIZE[secret.kind].ciphertext) throw new KeyError('length', secret.kind)
    return plain(decapsulate(privateKeyOf(secret), ciphertext))
  },

  seal,
  open,
}
