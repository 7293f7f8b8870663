/** What XML and HTML have in common: nothing a stranger wrote may become markup, and only harmless addresses become links. */

/** A string that is markup already; everything else is escaped where it is put in. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | Markup | undefined | readonly Piece[]

/** Template tag: values are escaped, unless they are Markup themselves; lists are joined, `undefined` is nothing. */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(strings.map((string, index) => string + rendered(pieces[index])).join(''))
}

function rendered(piece: Piece): string {
  if (piece === undefined) return ''
  if (piece instanceof Markup) return piece.text
  if (typeof piece === 'object') return piece.map(rendered).join('')
  return escaped(String(piece))
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
/** What XML 1.0 (section 2.2) has no way to say. */
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const escaped = (text: string): string =>
  text.toWellFormed().replace(UNSAYABLE, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character] as string)

const SCHEMES = ['https:', 'http:', 'dure:']

/** The address when it may be clicked, else undefined: `javascript:`, `data:` and `file:` stay text. */
export function href(link: string): string | undefined {
  try {
    return SCHEMES.includes(new URL(link).protocol) ? link : undefined
  } catch {
    return undefined
  }
}

/** The last second RFC 3339 can tell. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59)

/** RFC 3339 in UTC, to the second; later than it can tell is its end. */
export const timestamp = (ms: number): string => `${new Date(Math.min(Math.max(ms, 0), LAST)).toISOString().slice(0, 19)}Z`
