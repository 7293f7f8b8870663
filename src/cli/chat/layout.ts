/** The picture of a conversation: exactly as many lines as the window has, none wider than it. Pure. */
import type { MessageView } from '../../messenger/views.ts'
import { dayLine, type Look, messageLines, nameColumnsOf } from '../conversation.ts'
import { inertLine, inertName, isolated } from '../inert.ts'
import { fit } from '../text.ts'
import { span, type Style, type Times } from '../words.ts'
import { type Editor, editorLines } from './editor.ts'
import { type ChatState, isTyping } from './state.ts'

export interface Window {
  readonly columns: number
  readonly rows: number
  readonly style: Style
  readonly times: Times
  readonly now: number
}

export interface Picture {
  readonly lines: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number }
  /** `state.scroll` brought into its bounds */
  readonly scroll: number
  /** the oldest message at hand is in view */
  readonly atTop: boolean
}

const PROMPT = '› '

export function layout(state: ChatState, editor: Editor, window: Window): Picture {
  const { columns, rows, style, now } = window
  const input = editorLines(editor, columns - 2)
  const inputRows = Math.min(input.lines.length, Math.max(1, Math.floor(rows / 3)))
  const firstInput = Math.min(Math.max(0, input.row - inputRows + 1), input.lines.length - inputRows)
  const talk = conversationLines(state, window)
  const foot = footer(state, now).slice(0, Math.max(1, rows - inputRows - 2))
  const area = Math.max(0, rows - inputRows - 1 - foot.length)
  const scroll = Math.min(Math.max(0, state.scroll), Math.max(0, talk.length - area))
  const shown = talk.slice(Math.max(0, talk.length - area - scroll), talk.length - scroll)

  const below = [
    ...foot.map((line) => style('dim', fit(line === '' && scroll > 0 ? '↓ newer messages below' : line, columns))),
    ...input.lines.slice(firstInput, firstInput + inputRows).map((line, i) => (i + firstInput === 0 ? style('bold', PROMPT) : '  ') + line),
  ]
  const lines = [header(state, window), ...Array<string>(area - shown.length).fill(''), ...shown, ...below]
  return {
    lines: lines.slice(0, rows),
    cursor: { row: Math.min(rows - 1, area + 1 + foot.length + input.row - firstInput), column: Math.min(columns - 1, input.column + 2) },
    scroll,
    atTop: scroll >= talk.length - area,
  }
}

function header({ contact, connected }: ChatState, { columns, style }: Window): string {
  const facts = [
    connected ? (contact.online ? '● online' : '○ offline') : '○ your node is not running',
    contact.verified ? 'verified' : '',
    contact.timer === 0 ? '' : `disappears after ${span(contact.timer)}`,
  ].filter((fact) => fact !== '')
  return style('inverse', isolated(fit(` ${inertName(contact.name)}  ${facts.join(' · ')} `, columns)))
}

/** One line, but for a note that has more to say. */
function footer(state: ChatState, now: number): string[] {
  if (state.note !== '') return state.note.split('\n').map(inertLine)
  return [isTyping(state, now) ? `${inertName(state.contact.name)} is typing…` : '']
}

const drawn = new WeakMap<MessageView, { columns: number; lines: string[] }>()

function conversationLines(state: ChatState, { columns, style, times }: Window): string[] {
  const byId = new Map(state.messages.map((message) => [message.id, message]))
  const look: Look = { columns, style, times, quoted: (id) => byId.get(id), nameColumns: nameColumnsOf([state.contact.name]) }
  const lines: string[] = []
  let day: number | undefined
  for (const message of state.messages) {
    if (day === undefined || !times.sameDay(day, message.at)) lines.push(dayLine(message.at, look))
    day = message.at
    let own = drawn.get(message)
    if (own?.columns !== columns) drawn.set(message, (own = { columns, lines: messageLines(message, look) }))
    lines.push(...own.lines)
  }
  return lines
}
