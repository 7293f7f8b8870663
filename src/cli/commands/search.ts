import type { MessageView } from '../../messenger/views.ts'
import { type Context, examples, type Register } from '../command.ts'
import { finder } from '../conversation.ts'
import { inertJson, inertLine, inertName, isolated } from '../inert.ts'
import { fit, fitEnd, widthOf } from '../text.ts'
import { bodyOf, count } from '../words.ts'
import { pageSize } from './history.ts'

/** How much of a message stands before what was found. */
const LEAD_COLUMNS = 24

export const search: Register = (program, run) => {
  program
    .command('search')
    .summary('find messages')
    .argument('<text...>')
    .description('Finds messages that contain a text, in any script and case, newest first.')
    .option('--in <name>', 'only in the conversation with this contact')
    .option('--limit <n>', 'how many messages, up to 9999', '50')
    .addHelpText('after', examples('search 안녕', 'search see you --in Bob'))
    .action(
      run<[string[]], { in?: string; limit: string }>(async (context, [words], options) => {
        const text = words.join(' ')
        const found = await context.api.get<MessageView[]>('/v1/search', { text, contact: options.in, limit: pageSize(options.limit) })
        if (context.json) for (const message of found) context.io.stdout.write(`${inertJson(message)}\n`)
        else context.tell(found.length === 0 ? `Nothing contains "${inertLine(text)}".` : results(found, text, context))
      }),
    )
}

function results(found: readonly MessageView[], text: string, context: Context): string {
  const lines = found.flatMap((message) => resultLines(message, text, context))
  return [...lines, context.style('dim', count(found.length, 'message'))].join('\n')
}

/** A line of who and when, a line of what, so that the found words are always in view. */
function resultLines(message: MessageView, text: string, { io, style, times }: Context): string[] {
  const columns = io.stdout.columns ?? Number.POSITIVE_INFINITY
  const name = inertName(message.name)
  const who = message.direction === 'out' ? `you to ${name}` : name
  const when = times.moment(message.at)
  const head = fit(`${who}, ${when}`, columns)
  const body = bodyOf(message).replace(/\s+/g, ' ')
  const match = finder(text).exec(body)
  const at = match?.index ?? 0
  const before = body.slice(0, at)
  const lead = Number.isFinite(columns) && widthOf(before) > LEAD_COLUMNS ? `…${fitEnd(before, Math.min(LEAD_COLUMNS, Math.floor(columns / 3)))}` : before
  const line = fit(lead + body.slice(at), columns - 2)
  const shown = line.replace(finder(text), (words) => style(['bold', 'inverse'], words))
  return [style('dim', isolated(head)), `  ${isolated(shown)}`]
}
