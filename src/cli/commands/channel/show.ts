import type { ChannelView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { type Context, examples, type Register } from '../../command.ts'
import { inert, inertLine, inertName, isolated } from '../../inert.ts'
import { domainText, mediaText } from '../../posts.ts'
import { wrap } from '../../text.ts'
import { count } from '../../words.ts'

const LABEL_COLUMNS = 12

export const show: Register = (channel, run) => {
  channel
    .command('show')
    .summary('what a channel says of itself')
    .argument('<channel>')
    .description('Shows description, opening hours, links and domain of a channel, and how you follow it.')
    .addHelpText('after', examples('channel show "Seoul Bakery"'))
    .action(
      run<[string]>(async (context, [name]) => {
        context.answer(await context.api.get<ChannelView>(path`/v1/channels/${name}`), (view) => detail(view, context))
      }),
    )
}

function detail(view: ChannelView, { io, style }: Context): string {
  const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' })
  const rows: [string, string][] = [
    ...(view.description === '' ? [] : [['about', inert(view.description)] as [string, string]]),
    ...(view.hours === undefined ? [] : [['open', inertLine(view.hours)] as [string, string]]),
    ...(view.region === undefined ? [] : [['region', inertLine(view.region)] as [string, string]]),
    ...(view.languages.length === 0 ? [] : [['languages', view.languages.map((tag) => languageName(languages, tag)).join(', ')] as [string, string]]),
    ...view.links.map((link, i): [string, string] => [i === 0 ? 'links' : '', inertLine(link)]),
    ...(view.domain === undefined ? [] : [['domain', domainText(view.domain, io.now())] as [string, string]]),
    ...(view.logo === undefined ? [] : [['logo', mediaText(view.logo)] as [string, string]]),
    ['entries', `${view.entries}, ${view.held} of them here`],
    ['you', ROLES[view.role](view)],
    ['peers', count(view.peers, 'peer')],
    ['id', view.id],
    ...(view.lookalike === undefined ? [] : [['careful', `its name looks like ${inertLine(view.lookalike)}`] as [string, string]]),
    ...(view.frozen === undefined ? [] : [['frozen', inertLine(view.frozen)] as [string, string]]),
  ]
  const room = Math.min(io.stdout.columns ?? 100, 100) - LABEL_COLUMNS - 4
  const lines = rows.flatMap(([label, value]) =>
    wrap(value, room).map((line, i) => `  ${style('dim', (i === 0 ? label : '').padEnd(LABEL_COLUMNS))}  ${isolated(line)}`),
  )
  return [style('bold', isolated(inertName(view.name))), ...lines].join('\n')
}

const ROLES: Record<ChannelView['role'], (view: ChannelView) => string> = {
  owner: () => 'own it',
  staff: () => 'post in it',
  follower: (view) => `follow it${view.following === 'private' ? ' privately' : ''}${view.muted ? ', muted' : `, told of ${count(view.dailyLimit, 'post')} a day`}`,
}

/** A stranger wrote the tag: what is none stays as it is. */
function languageName(names: Intl.DisplayNames, tag: string): string {
  try {
    return names.of(tag) ?? inertLine(tag)
  } catch {
    return inertLine(tag)
  }
}
