/**
 * What every invite and link of ours has in common: `DURE:` and a byte table in upper-case base32 without padding, which
 * begins with its version and its kind. Alphanumeric in a QR code, and no character in it means anything to a shell, a
 * URL or a mail program.
 */
import { base32nopad } from '@scure/base'
import type { Reader } from '../suite/index.ts'
import { InviteError } from './errors.ts'

export const SCHEME = 'DURE:'
export const VERSION = 1
export const KINDS = { contact: 1, device: 2, channel: 3, group: 4 } as const
/** White space around a text that was copied somewhere. */
const BLANKS = 64

/** Characters of a table of so many bytes. */
export const textLength = (bytes: number): number => SCHEME.length + Math.ceil((bytes * 8) / 5)

export const malformed = (): InviteError => new InviteError('malformed')

export const encodeText = (table: Uint8Array): string => SCHEME + base32nopad.encode(table)

/**
 * The table. Strict: one table has one text, but for white space around it and all of it being in lower case.
 * @param longest characters of the longest text of its kind: more are not looked at
 * @throws InviteError too-long | not-dure | malformed
 */
export function decodeText(text: string, longest: number): Uint8Array {
  if (text.length > longest + BLANKS) throw new InviteError('too-long')
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
