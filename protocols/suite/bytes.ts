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

/** Names and the like: shorter than this they are read here when they are ASCII, in a fraction of what a decoder takes to start. */
const SHORT = 64

/** @throws TypeError when the bytes are not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  if (bytes.length > SHORT) return decoder.decode(bytes)
  let text = ''
  for (const byte of bytes) {
    if (byte > 0x7f) return decoder.decode(bytes)
    text += String.fromCharCode(byte)
  }
  return text
}

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

/** The label with its length, made once for each: they are few and fixed. */
const names = new Map<Label, Uint8Array>()

function nameOf(label: Label): Uint8Array {
  let name = names.get(label)
  if (name === undefined) {
    const text = utf8(label)
    name = concat(u32(text.length), text)
    names.set(label, name)
  }
  return name
}

/**
 * The input of every hash, KDF and signature: the label, then each field, all prefixed with their length as u32.
 */
export const labelled = (label: Label, ...fields: Uint8Array[]): Uint8Array => concat(...labelledParts(label, ...fields))

/** The same in parts, for a hash, which puts them together itself: a large field is not copied twice. */
export function labelledParts(label: Label, ...fields: Uint8Array[]): Uint8Array[] {
  const parts = [nameOf(label)]
  for (const field of fields) parts.push(u32(field.length), field)
  return parts
}
