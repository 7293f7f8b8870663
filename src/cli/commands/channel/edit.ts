import type { PublishedView } from '../../../messenger/channels/views.ts'
import { type PostOptions, postFrom, withPostOptions } from '../../channel-input.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { publishedText } from './post.ts'

export const edit: Register = (channel, run) => {
  withPostOptions(
    channel
      .command('edit')
      .summary('say a post differently')
      .argument('<channel>')
      .argument('<post>', 'its id: channel read CHANNEL --ids')
      .argument('[text...]')
      .description('Publishes the whole new wording as a new entry that points back. Who holds the log can see both.'),
  )
    .addHelpText('after', examples('channel edit "Seoul Bakery" 3f2a... Fresh bread from 9'))
    .action(
      run<[string, string, string[]], PostOptions>(async (context, [name, id, text], options) => {
        const body = await postFrom(context.io, text, options)
        context.answer(await context.api.call<PublishedView>('PUT', path`/v1/channels/${name}/posts/${id}`, body), (view) => publishedText(view, context, 'edited:'))
      }),
    )
}
