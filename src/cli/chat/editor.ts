/** The line being written. Pure; the cursor moves over whole graphemes, so no emoji or syllable is ever cut. */
import { inert } from '../inert.ts'
import { graphemesOf, widthOf } from '../text.ts'

export interface Editor {
  readonly text: string
  /** in UTF-16 units, on a grapheme boundary */
  readonly cursor: number
}

export const EMPTY: Editor = { text: '', cursor: 0 }

/** 64 KiB of UTF-8 are what a message may have; more is not taken in. */
const MAX_TEXT = 65_536

export function insert({ text, cursor }: Editor, typed: string): Editor {
  const clean = inert(typed)
  if (Buffer.byteLength(text) + Buffer.byteLength(clean) > MAX_TEXT) return { text, cursor }
  const next = text.slice(0, cursor) + clean + text.slice(cursor)
  return { text: next, cursor: boundaryAtOrAfter(next, cursor + clean.length) }
}

export function backspace(editor: Editor): Editor {
  return remove(editor, left(editor).cursor, editor.cursor)
}
export function deleteForward(editor: Editor): Editor {
  return remove(editor, editor.cursor, right(editor).cursor)
}
export function deleteWord(editor: Editor): Editor {
  return remove(editor, wordLeft(editor).cursor, editor.cursor)
}
export function deleteToStart(editor: Editor): Editor {
  return remove(editor, 0, editor.cursor)
}
export function deleteToEnd(editor: Editor): Editor {
  return remove(editor, editor.cursor, editor.text.length)
}

export function left({ text, cursor }: Editor): Editor {
  const last = graphemesOf(text.slice(0, cursor)).at(-1) ?? ''
  return { text, cursor: cursor - last.length }
}
export function right({ text, cursor }: Editor): Editor {
  const next = graphemesOf(text.slice(cursor))[0] ?? ''
  return { text, cursor: cursor + next.length }
}
export const start = ({ text }: Editor): Editor => ({ text, cursor: 0 })
export const end = ({ text }: Editor): Editor => ({ text, cursor: text.length })

export function wordLeft({ text, cursor }: Editor): Editor {
  const before = text.slice(0, cursor).replace(/\s+$/, '').replace(/\S+$/, '')
  return { text, cursor: boundaryAtOrAfter(text, before.length) }
}
export function wordRight({ text, cursor }: Editor): Editor {
  const skipped = /^\s*\S*/.exec(text.slice(cursor))?.[0] ?? ''
  return { text, cursor: boundaryAtOrAfter(text, cursor + skipped.length) }
}

function remove({ text, cursor }: Editor, from: number, to: number): Editor {
  if (from === to) return { text, cursor }
  const next = text.slice(0, from) + text.slice(to)
  return { text: next, cursor: boundaryAtOrAfter(next, from) }
}

/** What was joined may have become one grapheme with its neighbour. */
function boundaryAtOrAfter(text: string, offset: number): number {
  let at = 0
  for (const grapheme of graphemesOf(text)) {
    if (at >= offset) return at
    at += grapheme.length
  }
  return at
}

/** The text broken into lines of a window, and where in them the cursor stands. */
export function editorLines({ text, cursor }: Editor, columns: number): { lines: string[]; row: number; column: number } {
  const room = Math.max(2, columns)
  const lines = ['']
  let width = 0
  let offset = 0
  let place: { row: number; column: number } | undefined
  for (const grapheme of graphemesOf(text)) {
    const wide = widthOf(grapheme)
    if (grapheme !== '\n' && width + wide > room) {
      lines.push('')
      width = 0
    }
    if (offset === cursor) place = { row: lines.length - 1, column: width }
    offset += grapheme.length
    if (grapheme === '\n') {
      lines.push('')
      width = 0
    } else {
      lines[lines.length - 1] += grapheme
      width += wide
    }
  }
  if (place === undefined && width >= room) {
    lines.push('')
    width = 0
  }
  return { lines, ...(place ?? { row: lines.length - 1, column: width }) }
}
