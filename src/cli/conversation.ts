/** A message as lines of a terminal. Everything from others passes inert.ts on its way here. */
import type { MessageView } from '../messenger/views.ts'
import { inertLine, inertName, ISOLATE_COLUMNS, isolated, isRightToLeft } from './inert.ts'
import { fit, padEnd, widthOf, wrap } from './text.ts'
import { bodyOf, deliveryMark, type Style, type Times } from './words.ts'

/** With fewer columns than this beside time and name, they get a line of their own. */
const MIN_BODY_COLUMNS = 24
const MAX_NAME_COLUMNS = 16
/** More columns than this are hard to read. */
const MAX_BODY_COLUMNS = 100

export interface Look {
  /** of the window; Infinity where lines need not be broken */
  readonly columns: number
  readonly style: Style
  readonly times: Times
  /** the message a reply quotes, when it is at hand */
  readonly quoted: (id: string) => MessageView | undefined
  /** columns of the widest name beside the messages */
  readonly nameColumns: number
  /** what to make visible in the text */
  readonly highlight?: RegExp
  readonly ids?: boolean
}

/** Columns names take when these messages are shown together. */
export const nameColumnsOf = (names: Iterable<string>): number =>
  Math.min(MAX_NAME_COLUMNS, Math.max(3, ...[...names].map((name) => widthOf(inertName(name)))))

export function dayLine(at: number, { columns, style, times }: Look): string {
  return style('dim', fit(`── ${times.day(at)} ──`, columns))
}

export function messageLines(message: MessageView, look: Look): string[] {
  const { columns, style, times } = look
  if (message.kind === 'notice') return wrap(`· ${bodyOf(message)}`, columns).map((line) => style('yellow', isolated(line)))

  const mine = message.direction === 'out'
  const time = times.time(message.at)
  const name = fit(mine ? 'you' : inertName(message.name), look.nameColumns)
  const indent = widthOf(time) + look.nameColumns + 3
  const beside = columns - indent >= MIN_BODY_COLUMNS
  const isolates = isRightToLeft(bodyOf(message)) ? ISOLATE_COLUMNS : 0
  const room = Math.min((beside ? columns - indent : columns - 1) - isolates, MAX_BODY_COLUMNS)
  const body = bodyLines(message, room, look)
  const named = (text: string): string => isolated(style(mine ? ['bold', 'green'] : ['bold', 'blue'], text))
  if (beside) {
    const head = `${style('dim', time)} ${named(padEnd(name, look.nameColumns))}  `
    return body.map((line, i) => (i === 0 ? head : ' '.repeat(indent)) + line)
  }
  const short = fit(name, Math.max(1, columns - widthOf(time) - 1))
  return [`${named(short)} ${style('dim', time)}`, ...body.map((line) => ` ${line}`)]
}

function bodyLines(message: MessageView, room: number, look: Look): string[] {
  const { style } = look
  const lines: string[] = []
  if (message.replyTo !== undefined) {
    const quoted = look.quoted(message.replyTo)
    const who = quoted === undefined ? '' : `${quoted.direction === 'out' ? 'you' : inertName(quoted.name)}: `
    const text = quoted === undefined ? 'an earlier message' : inertLine(bodyOf(quoted))
    lines.push(style('dim', isolated(fit(`↪ ${who}${text}`, room))))
  }
  const plain = message.kind === 'text' && !message.deleted
  const body = wrap(bodyOf(message), room)
  const shown = body.map((line) => (plain ? isolated(highlighted(line, look)) : style('dim', line)))
  lines.push(...shown)

  const tail = tailOf(message, look)
  const last = body.at(-1) ?? ''
  if (tail !== '' && widthOf(last) + 1 + widthOf(tail) <= room) lines[lines.length - 1] += ` ${tail}`
  else if (tail !== '') lines.push(tail)
  return lines
}

/** What stands behind a message: edits, reactions, when it disappears, how far it got. */
function tailOf(message: MessageView, { style, times, ids }: Look): string {
  return [
    message.editedAt !== undefined && !message.deleted ? style('dim', '(edited)') : '',
    message.reactions.map((reaction) => inertLine(reaction.emoji)).join(''),
    message.expiresAt === undefined ? '' : style('dim', `(until ${times.time(message.expiresAt)})`),
    message.direction === 'out' && message.delivery !== undefined && !message.deleted ? deliveryMark(message.delivery, style, false) : '',
    ids === true ? style('dim', message.id) : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}

const highlighted = (line: string, { highlight, style }: Look): string =>
  highlight === undefined ? line : line.replace(highlight, (found) => style(['bold', 'inverse'], found))

/** Finds a text the way search does: in any case, as one piece. */
export const finder = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'giu')
