/** Byte handling shared by every room. Knows no cryptography. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Label } from './labels.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function concat(...parts: Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes)

/** @throws Error when the text is not hex */
export const fromHex = (text: string): Uint8Array => hexToBytes(text)

/** Big-endian unsigned 32 bits. @throws RangeError outside 0 .. 2^32-1 */
export function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`not an unsigned 32-bit integer: ${value}`)
  const out = new Uint8Array(4) // a third of the time of a list
  out[0] = value >>> 24
  out[1] = value >>> 16
  out[2] = value >>> 8
  out[3] = value
  return out
}

/** Big-endian unsigned 64 bits, for values JavaScript counts exactly. @throws RangeError outside 0 .. 2^53-1 */
export function u64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an unsigned integer below 2^53: ${value}`)
  return concat(u32(Math.floor(value / 0x100000000)), u32(value >>> 0))
}

/**
 * The input of every hash, KDF and signature: the label, then each field, all prefixed with their length as u32.
 */
export function labelled(label: Label, ...fields: Uint8Array[]): Uint8Array {
  const name = utf8(label)
  const parts = [u32(name.length), name]
  for (const field of fields) parts.push(u32(field.length), field)
  return concat(...parts)
}
