/**
 * What every invite and link of ours has in common: `DURE:` and a byte table in upper-case base32 without padding, which
 * begins with its version and its kind. Alphanumeric in a QR code, and no character in it means anything to a shell, a
 * URL or a mail program.
 */
import { base32nopad } from '@scure/base'
import type { Reader } from '../suite/index.ts'
import { InviteError } from './errors.ts'

const SCHEME = 'DURE:'
export const VERSION = 1
export const KINDS = { contact: 1, device: 2, channel: 3, group: 4, relay: 5 } as const
/** Longest text: alphanumeric characters of the largest QR code (version 40, correction L). Parsing never looks at more. */
export const MAX_TEXT = 4_296
/** Longest table: above what an invite can be. */
export const MAX_TABLE = Math.floor(((MAX_TEXT - SCHEME.length) * 5) / 8)
/** White space around a text that was copied somewhere. */
const BLANKS = 64

export const malformed = (): InviteError => new InviteError('malformed')

export const encodeText = (table: Uint8Array): string => SCHEME + base32nopad.encode(table)

/**
 * The table. Strict: one table has one text, but for white space around it and all of it being in lower case.
 * @throws InviteError too-long | not-dure | malformed
 */
export function decodeText(text: string): Uint8Array {
  if (text.length > MAX_TEXT + BLANKS) throw new InviteError('too-long')
  const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  if (!/^dure:/i.test(trimmed)) throw new InviteError('not-dure')
  const payload = trimmed.slice(SCHEME.length)
  // Case is folded only after the alphabet was checked: Unicode has letters whose upper case is ASCII.
  if (!/^(?:[A-Z2-7]+|[a-z2-7]+)$/.test(payload)) throw malformed()
  try {
    return base32nopad.decode(payload.toUpperCase())
  } catch {
    throw malformed()
  }
}

/** Version and kind: the table must be of this kind. @throws InviteError newer-version | malformed | unknown-kind | other-kind */
export function readHead(reader: Reader, wanted: keyof typeof KINDS): void {
  const version = reader.u8()
  if (version > VERSION) throw new InviteError('newer-version')
  if (version !== VERSION) throw malformed()
  const code = reader.u8()
  const kind = Object.entries(KINDS).find(([, value]) => value === code)?.[0]
  if (kind === undefined) throw new InviteError('unknown-kind')
  if (kind !== wanted) throw new InviteError('other-kind', kind)
}
