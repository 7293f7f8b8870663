/**
 * ChaCha20-Poly1305 (RFC 8439). The key goes in as a KeyObject: given bytes, Node 24 first takes the path of an exception to
 * find that they are none, which costs 14 us of 21, whatever the size.
 */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { SIZE } from '../../protocols/suite/index.ts'
import { plain } from './plain.ts'

const { key: KEY, nonce: NONCE, tag: TAG } = SIZE.aead
const options = { authTagLength: TAG }

export function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', createSecretKey(key), nonce, options)
  cipher.setAAD(associated, { plaintextLength: plaintext.length })
  const sealed = new Uint8Array(plaintext.length + TAG)
  sealed.set(cipher.update(plaintext))
  cipher.final()
  sealed.set(cipher.getAuthTag(), plaintext.length)
  return sealed
}

export function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
  const length = sealed.length - TAG
  if (length < 0 || key.length !== KEY || nonce.length !== NONCE) return undefined
  const decipher = createDecipheriv('chacha20-poly1305', createSecretKey(key), nonce, options)
  decipher.setAAD(associated, { plaintextLength: length })
  decipher.setAuthTag(sealed.subarray(length))
  const plaintext = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return plain(plaintext)
}
