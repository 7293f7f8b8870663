import type { RequestView } from '../../messenger/views.ts'
import { type Context, examples, type Register } from '../command.ts'
import { inertJson, inertName } from '../inert.ts'
import { count, likenessLines, SAY_THE_CODE } from '../words.ts'

export const requests: Register = (program, run) => {
  program
    .command('requests')
    .summary('who waits for your yes')
    .description('Lists who answered your invites, with the short code to compare, and contacts who have a new device.')
    .addHelpText('after', examples('requests', 'accept abc234'))
    .action(
      run(async (context) => {
        const waiting = await context.api.get<RequestView[]>('/v1/requests')
        if (context.json) for (const request of waiting) context.io.stdout.write(`${inertJson(request)}\n`)
        else context.tell(waiting.length === 0 ? 'Nobody waits for your answer.' : waiting.map((request) => requestText(request, context)).join('\n'))
      }),
    )
}

export function requestText(request: RequestView, { style, dure }: Pick<Context, 'style' | 'dure'>): string {
  const name = style('bold', inertName(request.name))
  const how = `${style('bold', dure(`accept ${request.id}`))}  or  ${dure(`refuse ${request.id}`)}`
  if (request.kind === 'new-device') {
    const held = request.waiting === 0 ? '' : ` ${count(request.waiting, 'message')} of yours ${request.waiting === 1 ? 'waits' : 'wait'} for your answer.`
    return `${name} has a new device.${held} Ask them whether it is theirs.\n  ${how}`
  }
  const code = request.code === undefined ? '' : ` Both of you must see the code ${style('bold', request.code)}.`
  const warnings = likenessLines(request, style, SAY_THE_CODE).map((line) => `\n  ${line}`)
  return `${name} answered your invite.${code}${warnings.join('')}\n  ${how}`
}
