/** The conversation where there is no terminal: lines in, lines out; with --json events out. */
import { createInterface } from 'node:readline'
import type { EventView, MessageView } from '../../messenger/views.ts'
import type { Context } from '../command.ts'
import { messageLines, nameColumnsOf } from '../conversation.ts'
import { inertJson } from '../inert.ts'
import { HELP, parseLine } from './line.ts'
import { Talk } from './talk.ts'

export async function linesChat(context: Context, name: string): Promise<void> {
  const { io, json } = context
  const opened: { account?: string } = {}
  let show = (_message: MessageView): void => {}
  const early: EventView[] = []
  const print = (event: EventView | undefined): void => {
    if (opened.account === undefined) {
      if (event !== undefined) early.push(event)
      return
    }
    if (event === undefined || contactOf(event) !== opened.account) return
    if (json) io.stdout.write(`${inertJson(event)}\n`)
    else if (event.type === 'message' && event.message.direction === 'in') show(event.message)
  }
  const talk = await Talk.open(context.api, name, { now: () => io.now(), times: context.times }, print)
  const { contact, messages } = talk.state
  show = (message) => {
    const quoted = (id: string) => talk.state.messages.find((one) => one.id === id)
    const look = { columns: Number.POSITIVE_INFINITY, style: context.style, times: context.times, quoted, nameColumns: nameColumnsOf([contact.name]) }
    io.stdout.write(`${messageLines(message, look).join('\n')}\n`)
  }
  opened.account = contact.account
  // what nobody had seen before the conversation was opened
  const unread = contact.unread === 0 ? [] : messages.filter((message) => message.direction === 'in').slice(-contact.unread)
  if (json) for (const message of unread) io.stdout.write(`${inertJson({ type: 'message', message })}\n`)
  else unread.forEach(show)
  for (const event of early) if (!(event.type === 'message' && unread.some((one) => one.id === event.message.id))) print(event)

  const input = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  const off = io.onInterrupt(() => input.close())
  try {
    for await (const text of input) {
      const line = parseLine(text)
      if (line.kind === 'quit') break
      if (line.kind === 'help') context.tell(HELP.join('\n'))
      const note = await talk.say(line)
      if (note !== '') context.warn(note)
    }
  } finally {
    off()
    input.close()
    talk.close()
  }
}

function contactOf(event: EventView): string | undefined {
  switch (event.type) {
    case 'message':
    case 'changed':
      return event.message.contact
    case 'contact':
      return event.contact.account
    case 'request':
      return event.request.account
    case 'removed':
    case 'typing':
    case 'online':
      return event.contact
    case 'warning':
    case 'post':
    case 'channel':
    case 'digest':
    case 'invitation':
      return undefined
  }
}
