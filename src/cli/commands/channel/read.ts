import type { PostView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { type Context, examples, type Register, shellWord } from '../../command.ts'
import { inertJson } from '../../inert.ts'
import { postLines } from '../../posts.ts'
import { pageSize } from '../history.ts'

interface Options {
  before?: string
  limit: string
  ids: boolean
}

interface PostsPage {
  readonly posts: readonly PostView[]
  readonly more: boolean
}

export const read: Register = (channel, run) => {
  channel
    .command('read')
    .summary('read a channel')
    .argument('<channel>')
    .description('Shows the newest posts, oldest first, and marks them as read. Older pages are fetched from other followers when they are not here.')
    .option('--before <post>', 'the page before this post')
    .option('--limit <n>', 'how many posts, up to 9999', '20')
    .option('--ids', 'show the ids of posts', false)
    .addHelpText('after', examples('channel read "Seoul Bakery"', 'channel read "Seoul Bakery" --limit 100 --ids', 'channel read "Seoul Bakery" --json'))
    .action(
      run<[string], Options>(async (context, [name], options) => {
        const more = await latest(context, name, options)
        await context.api.call('POST', path`/v1/channels/${name}/read`)
        if (more !== undefined) context.tell(context.style('dim', `Older: ${context.dure(`channel read ${shellWord(name)} --before ${more}`)}`))
      }),
    )
}

/** Shows a page; returns what to ask for the one before it. */
export async function latest(context: Context, name: string, { before, limit, ids }: Options): Promise<string | undefined> {
  const { io, json, style, times } = context
  const page = await context.api.get<PostsPage>(path`/v1/channels/${name}/posts`, { before, limit: pageSize(limit) })
  const look = { columns: io.stdout.columns ?? Number.POSITIVE_INFINITY, style, times, now: io.now(), ids }
  if (json) for (const post of page.posts.toReversed()) io.stdout.write(`${inertJson(post)}\n`)
  else if (page.posts.length === 0) context.tell('Nothing was posted yet.')
  else for (const post of page.posts.toReversed()) for (const line of postLines(post, look)) context.tell(line)
  return page.more ? page.posts.at(-1)?.id : undefined
}
