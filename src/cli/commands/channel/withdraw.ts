import type { PublishedView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { publishedText } from './post.ts'

export const withdraw: Register = (channel, run) => {
  channel
    .command('withdraw')
    .summary('take a post back')
    .argument('<channel>')
    .argument('<post>', 'its id: channel read CHANNEL --ids')
    .description('Followers no longer show the post. The log keeps its place, so nobody can say nothing was ever there.')
    .option('--reason <text>', 'why, for all to see', '')
    .addHelpText('after', examples('channel withdraw "Seoul Bakery" 3f2a... --reason "sold out"'))
    .action(
      run<[string, string], { reason: string }>(async (context, [name, id], { reason }) => {
        const view = await context.api.call<PublishedView>('POST', path`/v1/channels/${name}/posts/${id}/withdraw`, { reason })
        context.answer(view, () => publishedText(view, context, 'withdrawn:'))
      }),
    )
}
