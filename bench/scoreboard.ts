/** What a run ends with: its figures, each beside what it was when a change last landed. Pure. */
import type { Figure } from './figure.ts'

export interface Machine {
  readonly node: string
  readonly cores: number
  readonly processor: string
}

export interface Board {
  readonly machine: Machine
  /** by part */
  readonly figures: Readonly<Record<string, readonly Figure[]>>
}

export interface Row {
  readonly part: string
  readonly figure: Figure
  /** How many times worse than what landed: 2 is twice as slow or as large. Undefined where nothing of that name landed. */
  readonly worse: number | undefined
}

/** Of all other units less is better. */
const MORE_IS_BETTER = /\/s$/

/** Parts that were not run again keep their figures. */
export const merged = (before: Board | undefined, now: Board): Board => ({ machine: now.machine, figures: { ...before?.figures, ...now.figures } })

export function besideLanded(board: Board, landed: Board | undefined): Row[] {
  return Object.entries(board.figures).flatMap(([part, figures]) => {
    const left = [...(landed?.figures[part] ?? [])]
    return figures.map((figure) => {
      // one by one: lines that stand under another have the same name under each
      const at = left.findIndex(({ name }) => name === figure.name)
      const [before] = at < 0 ? [] : left.splice(at, 1)
      return { part, figure, worse: before && timesWorse(figure, before) }
    })
  })
}

function timesWorse(now: Figure, before: Figure): number | undefined {
  if (now.unit !== before.unit || now.value <= 0 || before.value <= 0) return undefined
  return MORE_IS_BETTER.test(now.unit) ? before.value / now.value : now.value / before.value
}

export function lineOf({ figure: { name, value, unit, note }, worse }: Row): string {
  const ratio = worse === undefined ? '' : comparedWords(worse)
  return `  ${name.padEnd(64)} ${format(value).padStart(10)} ${unit.padEnd(12)} ${ratio.padEnd(12)} ${note ?? ''}`.trimEnd()
}

/** Closer to what landed than this is the noise of two runs. */
const NOISE = 1.1

function comparedWords(worse: number): string {
  if (worse > NOISE) return `${worse.toFixed(2)}x worse`
  return worse < 1 / NOISE ? `${(1 / worse).toFixed(2)}x better` : 'as landed'
}

function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}

const WIDTH = 980
const ROW = 18
const TOP = 48
const VALUES = 560
const MIDDLE = 800
/** Pixels for each doubling. */
const DOUBLING = 80
/** Doublings that have room on either side. */
const MOST = 2

/** A row for each figure: its value, and a bar to the right as far as it is worse than what landed, to the left as far as it is better. */
export function drawn(rows: readonly Row[], machine: Machine): string {
  const height = TOP + rows.length * ROW + 12
  const body = rows.map((row, n) => drawnRow(row, TOP + n * ROW)).join('\n')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" fill="#222">
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="22" font-size="15">Dure, ${escaped(`${machine.processor}, ${machine.cores} cores, Node ${machine.node}`)}</text>
<text x="${MIDDLE}" y="22" text-anchor="middle" fill="#666">better | as landed | worse</text>
<path d="M${MIDDLE} ${TOP - 14}V${height - 8}" stroke="#bbb"/>
${body}
</svg>
`
}

function drawnRow({ figure, worse }: Row, y: number): string {
  const words = `<text x="12" y="${y}">${escaped(figure.name.trim())}</text><text x="${VALUES}" y="${y}" text-anchor="end">${escaped(`${format(figure.value)} ${figure.unit}`)}</text>`
  if (worse === undefined) return `${words}<text x="${MIDDLE + 6}" y="${y}" fill="#888">new</text>`
  const length = Math.max(-MOST, Math.min(MOST, Math.log2(worse))) * DOUBLING
  const colour = worse > NOISE ? '#c0392b' : worse < 1 / NOISE ? '#2e8b57' : '#999'
  const bar = `<rect x="${(MIDDLE + Math.min(0, length)).toFixed(1)}" y="${y - 10}" width="${Math.max(1, Math.abs(length)).toFixed(1)}" height="11" fill="${colour}"><title>${worse.toFixed(2)}</title></rect>`
  return words + bar
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`)
