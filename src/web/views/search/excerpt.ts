/** The part of a text around what was searched for. */

/** Characters shown before and after it. */
const BEFORE = 40
const AFTER = 140

export interface Excerpt {
  readonly before: string
  readonly hit: string
  readonly after: string
}

/** The node finds more than this does (it folds accents and widths): then the text is shown from its beginning. */
export function excerpt(text: string, wanted: string): Excerpt {
  const at = text.toLowerCase().indexOf(wanted.toLowerCase())
  if (at < 0) return { before: cut(text, 0, AFTER), hit: '', after: text.length > AFTER ? '…' : '' }
  const end = at + wanted.length
  return {
    before: (at > BEFORE ? '…' : '') + cut(text, Math.max(0, at - BEFORE), at),
    hit: text.slice(at, end),
    after: cut(text, end, end + AFTER) + (text.length > end + AFTER ? '…' : ''),
  }
}

/** Never half of a surrogate pair. */
function cut(text: string, from: number, to: number): string {
  const low = (index: number): boolean => /[\udc00-\udfff]/.test(text.charAt(index))
  return text.slice(low(from) ? from + 1 : from, low(to) ? to + 1 : to)
}
