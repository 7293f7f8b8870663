import type { MessageView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { type Context, examples, type Register } from '../command.ts'
import { dayLine, messageLines, nameColumnsOf } from '../conversation.ts'
import { inertJson } from '../inert.ts'
import { usageError } from '../io.ts'

export const history: Register = (program, run) => {
  program
    .command('history')
    .summary('what was said')
    .argument('<name>')
    .description('Shows a conversation, oldest message first.')
    .option('--before <message>', 'the page before this message')
    .option('--limit <n>', 'how many messages, up to 9999', '50')
    .option('--ids', 'show the ids of messages, for reply, edit, delete and react')
    .addHelpText('after', examples('history Bob', 'history Bob --limit 200 --ids', 'history Bob --json'))
    .action(
      run<[string], { before?: string; limit: string; ids?: true }>(async (context, [name], { before, limit, ids }) => {
        const page = await context.api.get<MessageView[]>(path`/v1/contacts/${name}/messages`, { before, limit: pageSize(limit) })
        if (context.json) for (const message of page) context.io.stdout.write(`${inertJson(message)}\n`)
        else context.tell(page.length === 0 ? 'Nothing was said yet.' : conversation(page, context, ids === true))
      }),
    )
}

export function pageSize(limit: string): string {
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw usageError(`--limit ${limit} is not a number from 1 to 9999`, 'for example --limit 200')
  return limit
}

function conversation(page: readonly MessageView[], { io, style, times }: Context, ids: boolean): string {
  const byId = new Map(page.map((message) => [message.id, message]))
  const look = {
    columns: io.stdout.columns ?? Number.POSITIVE_INFINITY,
    style,
    times,
    quoted: (id: string) => byId.get(id),
    nameColumns: nameColumnsOf(page.map((message) => message.name)),
    ids,
  }
  const lines: string[] = []
  let day: number | undefined
  for (const message of page) {
    if (day === undefined || !times.sameDay(day, message.at)) lines.push(dayLine(message.at, look))
    day = message.at
    lines.push(...messageLines(message, look))
  }
  return lines.join('\n')
}
