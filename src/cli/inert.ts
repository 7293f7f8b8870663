/**
 * What others wrote, made harmless for a terminal: it can no longer move the cursor, change colours or titles, answer
 * queries, reorder what stands around it, or pile up marks over other lines (attack 95). Letters of every script,
 * emoji sequences and the joiners they need stay as they are.
 */

/** Marks a letter may carry. Living scripts need about five; "zalgo" text uses hundreds. */
const MAX_MARKS = 8
/** Names longer than this are cut, at a grapheme boundary. */
const MAX_NAME_GRAPHEMES = 48

const graphemes = new Intl.Segmenter()

/** C0 but for the line feed, DEL, C1. Shown as their picture, so that the reader sees something was there. */
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g
/** Bidi embeddings, overrides, isolates and the old shaping controls; interlinear annotation; invisible operators; BOM. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u180e\u{1d173}-\u{1d17a}]/gu
/** Tags mean something only after the black flag (England, Scotland, Wales); elsewhere they hide text. */
const TAGS = /(\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f})|[\u{e0000}-\u{e007f}]/gu
const MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu')
/** Letters that show nothing: a name made of them would look empty. */
const BLANKS = /[\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u200b-\u200d\u2800\u3164\uffa0\ufe00-\ufe0f]/g

/** Text of several lines. */
export function inert(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/\t/g, '    ')
    .replace(CONTROLS, picture)
    .replace(REORDERING, '')
    .replace(TAGS, '$1')
    .replace(MARKS, '$1')
}

/** Text that must stay on one line. */
export const inertLine = (text: string): string => inert(text).replace(/\n/g, ' ')

/** A name: one line, not endless, never empty. */
export function inertName(name: string): string {
  const line = inertLine(name.slice(0, MAX_NAME_GRAPHEMES * 32)).trim().replace(/\s+/g, ' ')
  if (line.replace(BLANKS, '') === '') return '(no name)'
  const cut = [...graphemes.segment(line)].map((one) => one.segment)
  return cut.length <= MAX_NAME_GRAPHEMES ? line : `${cut.slice(0, MAX_NAME_GRAPHEMES - 1).join('')}…`
}

/** JSON that a terminal may show: what could act on it is written as \u escapes, which parse to the same value. */
export function inertJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u

export const isRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text)

/** What `isolated` adds, in columns of terminals that give format characters one. */
export const ISOLATE_COLUMNS = 2

/** Keeps right-to-left text from reordering what stands beside it on the line: FIRST STRONG ISOLATE ... POP. */
export const isolated = (line: string): string => (isRightToLeft(line) ? `\u2068${line}\u2069` : line)

function picture(control: string): string {
  const code = control.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\ufffd'
}
