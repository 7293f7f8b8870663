/** Text measured in columns of a terminal. */
import stringWidth from 'string-width'

const segmenter = new Intl.Segmenter()
const PLAIN = /^[ -~]*$/

export const graphemesOf = (text: string): string[] =>
  PLAIN.test(text) ? [...text] : Array.from(segmenter.segment(text), (one) => one.segment)

export const widthOf = (text: string): number => stringWidth(text)

/** The start of a text that fits, with an ellipsis where something is missing. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns < 1) return ''
  let line = ''
  let width = 0
  for (const grapheme of graphemesOf(text)) {
    width += widthOf(grapheme)
    if (width > columns - 1) break
    line += grapheme
  }
  return `${line}…`
}

/** The end of a text that fits. */
export function fitEnd(text: string, columns: number): string {
  let line = ''
  let width = 0
  for (const grapheme of graphemesOf(text).reverse()) {
    width += widthOf(grapheme)
    if (width > columns) break
    line = grapheme + line
  }
  return line
}

export const padEnd = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - widthOf(text)))

/**
 * Lines of at most `columns` (at least 2): broken after a space where there is one, else between graphemes, which is
 * also how Korean, Chinese and Japanese are broken.
 */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, columns)))
}

function wrapLine(text: string, columns: number): string[] {
  if (widthOf(text) <= columns) return [text]
  const lines: string[] = []
  let line = ''
  let width = 0
  /** where the last space of the line ends */
  let space = 0
  for (const grapheme of graphemesOf(text)) {
    const wide = widthOf(grapheme)
    if (width + wide > columns && grapheme === ' ') {
      lines.push(line)
      ;[line, width, space] = ['', 0, 0]
      continue
    }
    // twice where what followed the last space leaves no room for a wide grapheme either
    while (line !== '' && width + wide > columns) {
      const cut = space > 0 ? space : line.length
      lines.push(line.slice(0, cut).trimEnd())
      line = line.slice(cut)
      width = widthOf(line)
      space = 0
    }
    line += grapheme
    width += wide
    if (grapheme === ' ') space = line.length
  }
  if (line !== '') lines.push(line)
  return lines
}
