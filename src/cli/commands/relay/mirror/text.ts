/** A mirrored channel in the terminal. */
import type { MirrorView } from '../../../../relay/view.ts'
import type { Context } from '../../../command.ts'
import { inertLine, inertName, isolated } from '../../../inert.ts'
import { count } from '../../../words.ts'

const KIB = 1024
const STATES: Readonly<Record<MirrorView['state'], string>> = {
  'catching up': 'catching up',
  whole: 'whole',
  full: 'no room for more pictures: see --mirror-quota',
  frozen: 'FROZEN',
}

export function mirrorText(view: MirrorView, { style, times }: Context): string[] {
  const { missing, held, entries, picturesMissing } = view
  const absent = missing.reduce((sum, { from, to }) => sum + to - from, 0)
  return [
    `${style('magenta', '#')} ${style('bold', isolated(inertName(view.name)))}  ${style('cyan', STATES[view.state])}`,
    `  ${held} of ${entries} ${entries === 1 ? 'entry' : 'entries'}, ${absent === 0 ? 'none missing' : `${absent} missing`}${picturesMissing === 0 ? '' : `, ${count(picturesMissing, 'picture')} to come`}`,
    ...missing.map(({ author, from, to }) => `  missing: ${to - from === 1 ? `number ${from + 1}` : `numbers ${from + 1} to ${to}`} of ${inertLine(author)}`),
    ...(view.frozen === undefined ? [] : [`  ${inertLine(view.frozen)}`]),
    `  ${count(view.peers, 'peer')}, ${sizeText(view.bytes)}${view.newestAt === undefined ? '' : `, newest entry ${times.moment(view.newestAt)}`}`,
    `  ${style('dim', view.id)}`,
  ]
}

function sizeText(bytes: number): string {
  if (bytes < KIB) return `${bytes} bytes`
  const [size, unit] = bytes < KIB ** 2 ? [bytes / KIB, 'KiB'] : bytes < KIB ** 3 ? [bytes / KIB ** 2, 'MiB'] : [bytes / KIB ** 3, 'GiB']
  return `${size.toFixed(1)} ${unit}`
}
