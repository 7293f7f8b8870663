/**
 * SHA-512, SHA-256, HMAC and HKDF on one-shot `crypto.hash`: two of those make an HMAC in a third of the time of `createHmac`,
 * whose cost is setting up the context.
 */
import { hash as digest } from 'node:crypto'
import { concat, SIZE } from '../../protocols/suite/index.ts'
import { plain } from './plain.ts'

/** Input block of SHA-512 in bytes (RFC 2104's B). */
const BLOCK = 128

export function hash(...parts: Uint8Array[]): Uint8Array {
  return plain(digest('sha512', parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts), 'buffer'))
}

export function sha256(...parts: Uint8Array[]): Uint8Array {
  // As text: a Buffer from the other side of the binding costs twice the hash itself, and Merkle trees want many of them.
  const text = digest('sha256', parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts), 'binary')
  const out = new Uint8Array(text.length)
  for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i)
  return out
}

/** RFC 2104: H((K ^ opad) | H((K ^ ipad) | message)). */
export function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const short = key.length > BLOCK ? hash(key) : key
  let length = BLOCK
  for (const part of parts) length += part.length
  const inner = new Uint8Array(length).fill(0x36, 0, BLOCK)
  const outer = new Uint8Array(BLOCK + SIZE.hash).fill(0x5c, 0, BLOCK)
  for (let i = 0; i < short.length; i++) {
    const byte = short[i] as number
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  let at = BLOCK
  for (const part of parts) {
    inner.set(part, at)
    at += part.length
  }
  outer.set(digest('sha512', inner, 'buffer'), BLOCK)
  return plain(digest('sha512', outer, 'buffer'))
}

/** RFC 5869. An empty salt stands for a block of zeros, which HMAC's padding makes the same thing. */
export function hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > SIZE.hkdfOutput) throw new RangeError(`HKDF-SHA-512 gives at most ${SIZE.hkdfOutput} bytes`)
  const prk = hmac(salt, ikm)
  const out = new Uint8Array(length)
  let previous: Uint8Array = new Uint8Array(0)
  for (let counter = 1, at = 0; at < length; counter++, at += SIZE.hash) {
    previous = hmac(prk, previous, info, Uint8Array.of(counter))
    out.set(previous.subarray(0, length - at), at)
  }
  return out
}
