/** The byte table around what the ratchet sealed: two bytes that say what follows, and nothing about who or to whom. */
import { concat, Reader } from '../suite/index.ts'
import { isBucket } from './buckets.ts'
import { EnvelopeError } from './errors.ts'

const VERSION = 1
const KIND = { first: 1, ordinary: 2 } as const

/** A handshake message carries one device list (16 KiB at most) and keys of a few KiB; this leaves room for both. */
export const MAX_HANDSHAKE = 32_768

/** Bytes an ordinary envelope adds to a ratchet message. */
export const ORDINARY_OVERHEAD = 2

/** Bytes a first envelope adds to a ratchet message. */
export const firstOverhead = (handshake: Uint8Array): number => 4 + handshake.length

export interface FirstEnvelope {
  readonly kind: 'first'
  readonly handshake: Uint8Array
  readonly ratchet: Uint8Array
}

export interface OrdinaryEnvelope {
  readonly kind: 'ordinary'
  readonly ratchet: Uint8Array
}

export type Envelope = FirstEnvelope | OrdinaryEnvelope

/** @throws RangeError the parts do not fill a bucket: the plaintext was not padded for this overhead */
function whole(...parts: Uint8Array[]): Uint8Array {
  const envelope = concat(...parts)
  if (!isBucket(envelope.length)) throw new RangeError(`${envelope.length} bytes are not the size of an envelope`)
  return envelope
}

/** Until the peer has answered, each envelope carries the handshake message. @throws RangeError wrong sizes */
export function encodeFirst({ handshake, ratchet }: Omit<FirstEnvelope, 'kind'>): Uint8Array {
  const length = handshake.length
  if (length === 0 || length > MAX_HANDSHAKE) throw new RangeError(`not a handshake message: ${length} bytes`)
  return whole(new Uint8Array([VERSION, KIND.first, length >>> 8, length]), handshake, ratchet)
}

/** @throws RangeError wrong size */
export function encodeOrdinary({ ratchet }: Omit<OrdinaryEnvelope, 'kind'>): Uint8Array {
  return whole(new Uint8Array([VERSION, KIND.ordinary]), ratchet)
}

/**
 * The parts, as copies.
 * @throws EnvelopeError size | newer-version | kind | malformed
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  if (!isBucket(bytes.length)) throw new EnvelopeError('size')
  const reader = new Reader(bytes, () => new EnvelopeError('malformed'))
  const version = reader.u8()
  if (version !== VERSION) throw new EnvelopeError(version > VERSION ? 'newer-version' : 'malformed')
  switch (reader.u8()) {
    case KIND.ordinary:
      return { kind: 'ordinary', ratchet: reader.rest() }
    case KIND.first: {
      const length = reader.u16()
      if (length === 0 || length > MAX_HANDSHAKE) throw new EnvelopeError('malformed')
      const handshake = reader.take(length)
      const ratchet = reader.rest()
      if (ratchet.length === 0) throw new EnvelopeError('malformed')
      return { kind: 'first', handshake, ratchet }
    }
    default:
      throw new EnvelopeError('kind')
  }
}
