/** Vectors of the envelope room, made by its readable twin. */
import { noble, toHex } from '../../protocols/suite/index.ts'
import { first, ordinary, padded } from '../../test/reference/envelope.ts'

const bytes = (length: number): string => Array.from({ length }, (_, i) => (i % 251).toString(16).padStart(2, '0')).join('')
const hashOf = (hex: string): string => toHex(noble.hash(new Uint8Array(Buffer.from(hex, 'hex'))))

/** Lengths around the edge of each bucket; `content` of vectors is the bytes 0, 1, .. 250, 0, .. of that length. */
const PADDING = [
  { length: 0, overhead: 0 },
  { length: 1, overhead: 2 },
  { length: 4_095 - 2_450, overhead: 2_450 },
  { length: 4_096 - 2_450, overhead: 2_450 },
  { length: 16_383, overhead: 0 },
  { length: 16_384, overhead: 0 },
  { length: 65_535 - 20_000, overhead: 20_000 },
  { length: 196_608, overhead: 65_535 },
]

const ENVELOPES = [
  { kind: 'ordinary', size: 4_096 },
  { kind: 'ordinary', size: 262_144 },
  { kind: 'first', handshake: 1, size: 4_096 },
  { kind: 'first', handshake: 18_250, size: 65_536 },
  { kind: 'first', handshake: 32_768, size: 131_072 },
]

/** The first bytes of an envelope of `size` bytes, the others zero. */
const REFUSED = [
  { name: 'empty', size: 0, start: '', error: 'size' },
  { name: 'one byte short', size: 4_095, start: '0102', error: 'size' },
  { name: 'one byte long', size: 4_097, start: '0102', error: 'size' },
  { name: 'a multiple of 4 KiB that is no bucket', size: 8_192, start: '0102', error: 'size' },
  { name: 'one step beyond the largest', size: 327_680, start: '0102', error: 'size' },
  { name: 'version 0', size: 4_096, start: '0002', error: 'malformed' },
  { name: 'version 2', size: 4_096, start: '0202', error: 'newer-version' },
  { name: 'kind 0', size: 4_096, start: '0100', error: 'kind' },
  { name: 'kind 3', size: 4_096, start: '0103', error: 'kind' },
  { name: 'a first one without a handshake', size: 4_096, start: '01010000', error: 'malformed' },
  { name: 'a handshake beyond its limit', size: 65_536, start: '01018001', error: 'malformed' },
  { name: 'a handshake beyond the end', size: 4_096, start: '01011000', error: 'malformed' },
  { name: 'a handshake that leaves nothing for the ratchet', size: 4_096, start: '01010ffc', error: 'malformed' },
]

export function vectors(): unknown {
  return {
    padding: PADDING.map(({ length, overhead }) => {
      const text = padded(bytes(length), overhead)
      return { length, overhead, paddedLength: text.length / 2, sha512: hashOf(text) }
    }),
    envelopes: ENVELOPES.map(({ kind, handshake, size }) => {
      const rest = bytes(size - (handshake === undefined ? 2 : 4 + handshake))
      const whole = handshake === undefined ? ordinary(rest) : first(bytes(handshake), rest)
      return { kind, ...(handshake !== undefined && { handshake }), ratchet: rest.length / 2, start: whole.slice(0, 16), sha512: hashOf(whole) }
    }),
    refused: REFUSED,
  }
}
