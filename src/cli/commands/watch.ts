import type { EventView } from '../../messenger/views.ts'
import { type Context, examples, type Register } from '../command.ts'
import { messageLines, nameColumnsOf } from '../conversation.ts'
import { inertJson, inertLine, inertName, isolated } from '../inert.ts'
import { CliError } from '../io.ts'
import { postSummary } from '../posts.ts'
import { fit } from '../text.ts'
import { bodyOf, count } from '../words.ts'
import { invitationText } from './channel/staff.ts'
import { requestText } from './requests.ts'

export const watch: Register = (program, run) => {
  program
    .command('watch')
    .summary('see what happens as it happens')
    .description('Shows messages, requests and deliveries as they happen, until Ctrl-C. With --json every event is one line.')
    .addHelpText('after', examples('watch', 'watch --json'))
    .action(
      run(async (context) => {
        const { api, io, json } = context
        const stop = new AbortController()
        const off = io.onInterrupt(() => stop.abort())
        try {
          const events = await api.events(stop.signal)
          context.tell(context.style('dim', 'Watching. Ctrl-C ends it.'))
          for await (const { event } of events) {
            if (event === undefined) continue
            if (json) io.stdout.write(`${inertJson(event)}\n`)
            else for (const line of eventLines(event, context)) io.stdout.write(`${line}\n`)
          }
        } catch (error) {
          if (!stop.signal.aborted) throw error
        } finally {
          off()
        }
        if (!stop.signal.aborted) throw new CliError('the node stopped', 'start it again: dure start', { code: 'not-running' })
      }),
    )
}

function eventLines(event: EventView, context: Context): string[] {
  const { io, style, times } = context
  const look = { columns: io.stdout.columns ?? Number.POSITIVE_INFINITY, style, times, quoted: () => undefined }
  const at = style('dim', times.time(event.at))
  const about = (name: string, what: string): string[] => [`${at} ${isolated(inertName(name))} ${style('dim', what)}`]
  switch (event.type) {
    case 'message': {
      const { message } = event
      const to = message.direction === 'out' ? [style('dim', isolated(`to ${inertName(message.name)}:`))] : []
      return [...to, ...messageLines(message, { ...look, nameColumns: nameColumnsOf([message.name]) })]
    }
    case 'changed': {
      const { message } = event
      if (message.deleted) return about(message.name, 'a message was deleted')
      const what = message.direction === 'out' ? (message.delivery ?? 'changed') : 'changed'
      const text = inertLine(bodyOf(message)).slice(0, 40)
      return about(message.name, `${what}: ${isolated(text)}`)
    }
    case 'removed':
      return [`${at} ${style('dim', 'a message disappeared')}`]
    case 'request':
      return requestText(event.request, context).split('\n')
    case 'contact':
      return about(event.contact.name, event.contact.state)
    case 'typing':
      return event.active ? about(event.name, 'is typing') : []
    case 'online':
      return about(event.name, event.online ? 'is online' : 'went offline')
    case 'post':
      return [`${at} ${style('magenta', '#')} ${isolated(inertName(event.post.channelName))} ${isolated(fit(postSummary(event.post), 200))}`]
    case 'channel':
      return about(event.channel.name, event.channel.frozen === undefined ? 'changed' : 'is frozen: it signed two entries with one number')
    case 'digest':
      return about(event.name, `${count(event.posts, 'more post')} since yesterday`)
    case 'invitation':
      return invitationText(event.invitation, context).split('\n')
    case 'warning':
      return [style('yellow', `! ${inertLine(event.text)}`)]
  }
}
