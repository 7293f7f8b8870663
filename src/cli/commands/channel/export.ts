import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChannelView, PostView } from '../../../messenger/channels/views.ts'
import { atomFeed, calendar, webPage } from '../../../press/index.ts'
import { writeArchive } from '../../archive-file.ts'
import { type Client, path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { count } from '../../words.ts'

export const CHANNEL_FILE = 'channel.jsonl'
/** Posts of a feed and of a page; the log holds them all. */
const PUBLISHED_POSTS = 200
const PAGE = 100

export const exportChannel: Register = (channel, run) => {
  channel
    .command('export')
    .summary('write a channel to files')
    .argument('<channel>')
    .argument('<dir>', 'a folder')
    .description(`Writes the signed log as JSON lines (${CHANNEL_FILE}), which anyone can check without a network, and the newest posts as an Atom feed, a web page and a calendar.`)
    .addHelpText('after', examples('channel export "Seoul Bakery" bakery', 'channel import bakery'))
    .action(
      run<[string, string]>(async ({ api, io, answer }, [name, dir]) => {
        const view = await api.get<ChannelView>(path`/v1/channels/${name}`)
        const lines = await writeArchive(join(dir, CHANNEL_FILE), api.exported(path`/v1/channels/${view.id}/export`))
        const posts = await newest(api, view)
        const { link } = await api.get<{ link: string }>(path`/v1/channels/${view.id}/link`)
        const pictures = await picturesOf(api, view, posts)
        const files: Record<string, string> = {
          'feed.atom': atomFeed(view, posts, io.now()),
          'index.html': webPage(view, posts, { at: io.now(), link, picture: ({ hash }) => pictures.get(hash) }),
          'events.ics': calendar(posts),
        }
        await mkdir(dir, { recursive: true })
        for (const [file, text] of Object.entries(files)) await writeFile(join(dir, file), text)
        answer({ dir, lines, posts: posts.length }, () => `${count(lines, 'line')} in ${join(dir, CHANNEL_FILE)}; ${count(posts.length, 'post')} in feed.atom, index.html and events.ics.`)
      }),
    )
}

async function newest(api: Client, view: ChannelView): Promise<PostView[]> {
  const posts: PostView[] = []
  for (let more = true; more && posts.length < PUBLISHED_POSTS; ) {
    const page = await api.get<{ posts: PostView[]; more: boolean }>(path`/v1/channels/${view.id}/posts`, { limit: PAGE, before: posts.at(-1)?.id })
    posts.push(...page.posts)
    more = page.more && page.posts.length > 0
  }
  return posts
}

/** Those that are here, or that a peer still has; a page without a picture is better than none. */
async function picturesOf(api: Client, view: ChannelView, posts: readonly PostView[]): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  const wanted = [...posts.flatMap((post) => (post.withdrawn ? [] : post.media)), ...(view.logo ? [view.logo] : [])]
  for (const { hash, held } of wanted) {
    if (!held || found.has(hash)) continue
    found.set(hash, await api.bytes(path`/v1/channels/${view.id}/media/${hash}`))
  }
  return found
}
