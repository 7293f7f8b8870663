/**
 * SHA-512, SHA-256, HMAC and HKDF on one-shot `crypto.hash`: two of those make an HMAC in a third of the time of `createHmac`,
 * whose cost is setting up the context. The digest is asked for as a string of one byte a character, which costs half of what a
 * Buffer made by OpenSSL's side does.
 */
import { hash as digest } from 'node:crypto'
import { concat, SIZE } from '../../protocols/suite/index.ts'

/** Input block of SHA-512 in bytes (RFC 2104's B). */
const BLOCK = 128

function digestInto(out: Uint8Array, at: number, algorithm: string, input: Uint8Array): Uint8Array {
  const text = digest(algorithm, input, 'binary')
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return out
}

/**
 * Where inputs of several parts are put together: a fresh array costs as much as the hash. Empty between calls. The plaintext of a first envelope
 * fits, which is a bucket of 16 KiB.
 */
const desk = new Uint8Array(17_408)

function ofParts(size: number, algorithm: string, parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(size)
  if (parts.length === 1) return digestInto(out, 0, algorithm, parts[0] as Uint8Array)
  let length = 0
  for (const part of parts) length += part.length
  if (length > desk.length) return digestInto(out, 0, algorithm, concat(...parts))
  let at = 0
  for (const part of parts) {
    desk.set(part, at)
    at += part.length
  }
  digestInto(out, 0, algorithm, desk.subarray(0, length))
  desk.fill(0, 0, length)
  return out
}

export const hash = (...parts: Uint8Array[]): Uint8Array => ofParts(SIZE.hash, 'sha512', parts)

export const sha256 = (...parts: Uint8Array[]): Uint8Array => ofParts(32, 'sha256', parts)

const workspace = (length: number): Uint8Array => (length > desk.length ? new Uint8Array(length) : desk.subarray(0, length))

const outer = new Uint8Array(BLOCK + SIZE.hash)

/** The two blocks HMAC puts before: the inner one where it is wanted, the outer one in its place. */
function setKey(key: Uint8Array, inner: Uint8Array, at: number): void {
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] as number
    inner[at + i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  inner.fill(0x36, at + key.length, at + BLOCK)
  outer.fill(0x5c, key.length, BLOCK)
}

/** RFC 2104: H((K ^ opad) | H((K ^ ipad) | message)), of a key that is set; `inner` is its block and the message. */
function finish(inner: Uint8Array): Uint8Array {
  digestInto(outer, BLOCK, 'sha512', inner)
  return digestInto(new Uint8Array(SIZE.hash), 0, 'sha512', outer)
}

export function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const short = key.length > BLOCK ? hash(key) : key
  let length = BLOCK
  for (const part of parts) length += part.length
  const inner = workspace(length)
  setKey(short, inner, 0)
  let at = BLOCK
  for (const part of parts) {
    inner.set(part, at)
    at += part.length
  }
  const out = finish(inner)
  inner.fill(0)
  outer.fill(0)
  return out
}

/** RFC 5869. An empty salt stands for a block of zeros, which HMAC's padding makes the same thing. */
export function hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > SIZE.hkdfOutput) throw new RangeError(`HKDF-SHA-512 gives at most ${SIZE.hkdfOutput} bytes`)
  const prk = hmac(salt, ikm)
  const out = new Uint8Array(length)
  const end = BLOCK + SIZE.hash + info.length
  const inner = workspace(end + 1) // key block | block before | info | counter: only the second changes
  inner.set(info, end - info.length)
  setKey(prk, inner, SIZE.hash) // the first has no block before it: its key block stands there
  for (let counter = 1, at = 0; at < length; counter++, at += SIZE.hash) {
    inner[end] = counter
    const block = finish(counter === 1 ? inner.subarray(SIZE.hash) : inner)
    out.set(length - at < SIZE.hash ? block.subarray(0, length - at) : block, at)
    if (counter === 1) setKey(prk, inner, 0)
    inner.set(block, BLOCK)
  }
  inner.fill(0)
  outer.fill(0)
  return out
}
