import type { PublishedView } from '../../../messenger/channels/views.ts'
import { type PostOptions, postFrom, withPostOptions } from '../../channel-input.ts'
import { path } from '../../client.ts'
import { type Context, examples, type Register } from '../../command.ts'
import { inertName } from '../../inert.ts'

export const post: Register = (channel, run) => {
  withPostOptions(
    channel
      .command('post')
      .summary('publish')
      .argument('<channel>')
      .argument('[text...]', 'what to say; standard input without it')
      .description('Signs a post and spreads it to the followers.'),
  )
    .addHelpText(
      'after',
      examples(
        'channel post "Seoul Bakery" Fresh bread from 8',
        'channel post "Seoul Bakery" --title "Open night" --event "2026-12-24 18:00..2026-12-24 22:00" --place "Mapo 12" Come by',
        'channel post "Seoul Bakery" --offer 2026-12-01..2026-12-24 --terms "one each" "Two for one" --picture bread.jpg --alt "a loaf"',
      ),
    )
    .action(
      run<[string, string[]], PostOptions>(async (context, [name, text], options) => {
        const body = await postFrom(context.io, text, options)
        context.answer(await context.api.call<PublishedView>('POST', path`/v1/channels/${name}/posts`, body), (view) => publishedText(view, context, 'published as'))
      }),
    )
}

/** @param done what happened to the post */
export function publishedText({ post, waiting }: PublishedView, { style }: Context, done: string): string {
  if (post === undefined) return `It is kept and goes out later: ${waiting ?? 'waiting'}`
  return `${done} no. ${post.seq + 1} of ${inertName(post.author)}  ${style('dim', post.id)}`
}
