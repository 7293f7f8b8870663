/** What the byte tables of this room have in common. */
import { type Reader, u32 } from '../suite/index.ts'
import { HandshakeError, malformed } from './errors.ts'

export const VERSION = 1

/**
 * The second byte of every table: what it is and which prekeys it is about. The tables share no value, so one can never
 * be read as another (attack 24).
 */
export const FORM = {
  bundle: { 'one-time': 0x11, 'last-resort': 0x12 },
  message: { 'one-time': 0x21, 'last-resort': 0x22 },
  secrets: { 'one-time': 0x31, 'last-resort': 0x32 },
} as const

/**
 * `one-time`: a one-time X25519 prekey is present and the KEM prekey is used once. `last-resort`: no X25519 one-time
 * prekey, and the KEM prekey may serve several initiators. One value for both: there is nothing in between.
 */
export type PrekeyKind = 'one-time' | 'last-resort'

export const head = (table: keyof typeof FORM, kind: PrekeyKind): Uint8Array => new Uint8Array([VERSION, FORM[table][kind]])

/** @throws HandshakeError newer-version | malformed */
export function readHead(reader: Reader, table: keyof typeof FORM): PrekeyKind {
  const version = reader.u8()
  if (version > VERSION) throw new HandshakeError('newer-version')
  const form = reader.u8()
  if (version !== VERSION) throw malformed()
  if (form === FORM[table]['one-time']) return 'one-time'
  if (form === FORM[table]['last-resort']) return 'last-resort'
  throw malformed()
}

/** Prekey ids are 1 .. 2^32-1; 0 stands for no key. @throws RangeError */
export function prekeyId(id: number): Uint8Array {
  if (id === 0) throw new RangeError('a prekey id is not 0')
  return u32(id)
}

/** @throws HandshakeError malformed */
export function readPrekeyId(reader: Reader): number {
  const id = reader.u32()
  if (id === 0) throw malformed()
  return id
}

/** A device list or bundle with its length as u16. @throws RangeError */
export function sized(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length === 0 || bytes.length > limit) throw new RangeError(`${bytes.length} bytes; between 1 and ${limit} fit`)
  const out = new Uint8Array(2 + bytes.length)
  out.set([bytes.length >>> 8, bytes.length])
  out.set(bytes, 2)
  return out
}

/** @throws HandshakeError malformed */
export function readSized(reader: Reader, limit: number): Uint8Array {
  const length = reader.u16()
  if (length === 0 || length > limit) throw malformed()
  return reader.take(length)
}
