import type { ChannelView } from '../../../messenger/channels/views.ts'
import { type Context, examples, type Register, shellWord } from '../../command.ts'
import { inertLine, inertName } from '../../inert.ts'
import { linkFrom } from '../../link.ts'
import { domainText } from '../../posts.ts'
import { count } from '../../words.ts'
import { latest } from './read.ts'

export const follow: Register = (channel, run) => {
  channel
    .command('follow')
    .summary('follow a channel')
    .argument('<link>', 'the link; or a picture of its code; or - to read it from standard input')
    .description('Follows a channel and shows its newest posts. Whom you follow stays on this device; other followers of the channel see that this node takes part in it, unless you follow privately.')
    .option('--private', 'only read: never serve, never announce, never join the gossip')
    .option('--name <name>', 'what you call it')
    .addHelpText('after', examples('channel follow DURE:...', 'channel follow poster.jpg --private'))
    .action(
      run<[string], { private?: true; name?: string }>(async (context, [given], options) => {
        const { link } = await linkFrom(context.io, given, 'the link of a channel')
        const view = await context.api.call<ChannelView>('POST', '/v1/follows', {
          link,
          private: options.private === true,
          ...(options.name !== undefined && { name: options.name }),
        })
        context.answer(view, () => followedText(view, context))
        if (!context.json) await latest(context, view.id, { limit: '5', ids: false })
      }),
    )
}

function followedText(view: ChannelView, { io, style, dure }: Context): string {
  const name = inertName(view.name)
  return [
    `You follow ${style('bold', name)}${view.following === 'private' ? ', privately' : ''}: ${count(view.entries, 'entry').replace('entrys', 'entries')}.`,
    ...(view.description === '' ? [] : [inertLine(view.description)]),
    ...(view.domain === undefined ? [] : [domainText(view.domain, io.now())]),
    ...(view.lookalike === undefined ? [] : [style('yellow', `! Careful: its name looks like ${inertLine(view.lookalike)}.`)]),
    ...(view.entries === 0 ? ['No peer could be reached yet; its posts come when one is.'] : []),
    style('dim', `More: ${dure(`channel read ${shellWord(name)}`)}`),
    '',
  ].join('\n')
}
