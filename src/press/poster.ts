/** The code of a channel as a sheet for a shop window: SVG of the proportions of A4, black on white. */
import { type Markup, markup } from './markup.ts'

/** Millimetres. */
const [WIDTH, HEIGHT] = [210, 297]
const MARGIN = 20
const CODE = 150
const TITLE = 9
/** Rows a name may fill, and the size of its letters when it fills one, two, three of them. */
const NAME_SIZES = [20, 15, 12] as const
const LINE = 7
const LINK = 2.6
const LINK_LETTERS = 100
/** The line of words and the link are read apart. */
const LINK_GAP = 5
/** From one row of letters to the next. */
const ROW = 1.2
/** Between what belongs to different things. */
const GAP = 12
/** How wide a letter is beside its height; those of East Asia are as wide as high. */
const [NARROW, BROAD] = [0.56, 1]
/** Of the sign at its foot: four patches of cloth around an empty middle. */
const SIGN = 16
const PATCHES = [
  ['#d9774f', 6, 6, 33, 17], ['#e0a83f', 41, 6, 17, 33], ['#6e9a7f', 25, 41, 33, 17], ['#4f7390', 6, 25, 17, 33],
] as const

export interface PosterParts {
  readonly name: string
  readonly link: string
  /** of the code, rows of dark and light, without a border */
  readonly modules: readonly (readonly boolean[])[]
  /** above the name, and below the code */
  readonly title: string
  readonly line: string
  /** of title and line; one Han letter looks different in Japanese, Chinese and Korean */
  readonly language: string
}

export function poster({ name, link, modules, title, line, language }: PosterParts): string {
  const { rows, size } = set(name)
  const lines = broken(line, (WIDTH - 2 * MARGIN) / LINE)
  const links = pieces(link, LINK_LETTERS)
  const high = TITLE + rows.length * size * ROW + GAP + CODE + GAP + LINE * (1 + (lines.length - 1) * ROW) + LINK_GAP + links.length * LINK * ROW * ROW + GAP + SIGN
  let y = (HEIGHT - high) / 2
  /** One row of letters, and where the next begins. */
  const text = (content: string, height: number, look: { weight?: number; family?: string; row?: number } = {}): Markup => {
    y += height * (look.row ?? ROW)
    return markup`<text x="${WIDTH / 2}" y="${y}" font-size="${height}" font-weight="${look.weight ?? 400}" text-anchor="middle"${look.family && markup` font-family="${look.family}"`}>${content}</text>
`
  }
  const head = [text(title, TITLE, { row: 1 }), ...rows.map((row) => text(row, size, { weight: 700 }))]
  const code = y + GAP
  y = code + CODE + GAP - LINE / 2
  const words = lines.map((row) => text(row, LINE))
  y += LINK_GAP
  const foot = [...words, ...links.map((piece) => text(piece, LINK, { family: 'monospace', row: ROW * ROW }))]
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}mm" height="${HEIGHT}mm" viewBox="0 0 ${WIDTH} ${HEIGHT}" lang="${language}" font-family="Noto Sans, Noto Sans CJK KR, Noto Sans KR, sans-serif">
<title>${name}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${head}<path transform="translate(${(WIDTH - CODE) / 2} ${code}) scale(${CODE / modules.length})" d="${dark(modules)}" shape-rendering="crispEdges"/>
${foot}<g transform="translate(${(WIDTH - SIGN) / 2} ${y + GAP}) scale(${SIGN / 64})">${PATCHES.map(([fill, x, top, width, height]) => markup`<rect x="${x}" y="${top}" width="${width}" height="${height}" rx="6" fill="${fill}"/>`)}</g>
</svg>
`.text
}

const dark = (modules: PosterParts['modules']): string =>
  modules.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : []))).join('')

/** Breaks a name into rows as large as they fit; what does not fit in three rows is cut at a letter. */
function set(name: string): { rows: string[]; size: number } {
  const room = WIDTH - 2 * MARGIN
  for (const size of NAME_SIZES) {
    const rows = broken(name, room / size)
    if (rows.length <= NAME_SIZES.indexOf(size) + 1) return { rows, size }
  }
  const size = NAME_SIZES[NAME_SIZES.length - 1] ?? 11
  const [first = '', second = '', third = ''] = broken(name, room / size)
  return { rows: [first, second, `${third.slice(0, -1).toWellFormed()}\u2026`], size }
}

/** @param room in heights of a letter */
function broken(text: string, room: number): string[] {
  const rows: string[] = []
  let [row, used] = ['', 0]
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text.trim())) {
    for (const part of widthOf(segment) > room ? [...segment] : [segment]) {
      const width = widthOf(part)
      if (used + width > room && row !== '' && (used > room || !CLOSING.test(part))) {
        rows.push(row.trim())
        ;[row, used] = ['', 0]
      }
      row += part
      used += width
    }
  }
  return [...rows, row.trim()].filter((each) => each !== '')
}

/** Hangs over the edge rather than beginning a row. */
const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}]$/u

const BROAD_LETTER = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u

function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (BROAD_LETTER.test(letter) ? BROAD : NARROW), 0)
}

const pieces = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, index) => text.slice(index * length, (index + 1) * length))
