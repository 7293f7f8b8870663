/** The code of a channel as a sheet for a shop window: SVG of the proportions of A4, black on white. */
import { type Markup, markup } from './markup.ts'

/** Millimetres. */
const [WIDTH, HEIGHT] = [210, 297]
const MARGIN = 20
const CODE = 130
/** Rows a name may fill, and the size of its letters when it fills one, two, three of them. */
const NAME_SIZES = [17, 14, 11] as const
/** How wide a letter is beside its height; those of East Asia are as wide as high. */
const [NARROW, BROAD] = [0.56, 1]
const LINK_SIZE = 2.6
const LINK_LETTERS = 100

export interface PosterParts {
  readonly name: string
  readonly link: string
  /** of the code, rows of dark and light, without a border */
  readonly modules: readonly (readonly boolean[])[]
  /** above the name, and below the code */
  readonly title: string
  readonly line: string
}

export function poster({ name, link, modules, title, line }: PosterParts): string {
  const { rows, size } = set(name)
  const middle = WIDTH / 2
  const top = 46 + rows.length * size * 1.2
  const text = (y: number, height: number, content: string, weight = 400): Markup =>
    markup`<text x="${middle}" y="${y}" font-size="${height}" font-weight="${weight}" text-anchor="middle">${content}</text>`
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}mm" height="${HEIGHT}mm" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="'Noto Sans', 'Noto Sans CJK KR', 'Noto Sans KR', sans-serif">
<title>${name}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text(34, 8, title)}
${rows.map((row, index) => text(34 + (index + 1) * size * 1.2, size, row, 700))}
<path transform="translate(${(WIDTH - CODE) / 2} ${top}) scale(${CODE / modules.length})" d="${dark(modules)}" shape-rendering="crispEdges"/>
${text(top + CODE + 14, 6, line)}
${pieces(link, LINK_LETTERS).map((piece, index) => markup`<text x="${middle}" y="${top + CODE + 24 + index * LINK_SIZE * 1.5}" font-size="${LINK_SIZE}" font-family="monospace" text-anchor="middle">${piece}</text>`)}
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
      if (used + width > room && row !== '') {
        rows.push(row.trim())
        ;[row, used] = ['', 0]
      }
      row += part
      used += width
    }
  }
  return [...rows, row.trim()].filter((each) => each !== '')
}

const BROAD_LETTER = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u

function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (BROAD_LETTER.test(letter) ? BROAD : NARROW), 0)
}

const pieces = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, index) => text.slice(index * length, (index + 1) * length))
