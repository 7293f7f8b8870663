import { writeFile } from 'node:fs/promises'
import type { PostView } from '../../../messenger/channels/views.ts'
import { calendar } from '../../../press/index.ts'
import { path } from '../../client.ts'
import { type Context, examples, type Register } from '../../command.ts'
import { CliError, usageError } from '../../io.ts'
import { bytesText } from '../../posts.ts'

const postOf = ({ api }: Context, name: string, id: string): Promise<PostView> => api.get(path`/v1/channels/${name}/posts/${id}`)

/** Never over a file that is there. */
async function write(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new CliError(`${file} is there already`, 'choose another name')
    throw new CliError(`${file} cannot be written: ${(error as Error).message}`)
  }
}

export const picture: Register = (channel, run) => {
  channel
    .command('picture')
    .summary('save a picture of a post')
    .argument('<channel>')
    .argument('<post>', 'its id: channel read CHANNEL --ids')
    .argument('<file>')
    .option('--number <n>', 'which of its pictures', '1')
    .description('Fetches the picture from other followers when it is not here; every piece is checked against what was signed.')
    .addHelpText('after', examples('channel picture "Seoul Bakery" 3f2a... loaf.jpg'))
    .action(
      run<[string, string, string], { number: string }>(async (context, [name, id, file], { number }) => {
        const { media } = await postOf(context, name, id)
        const wanted = media[Number(number) - 1]
        if (wanted === undefined) throw usageError(`this post has ${media.length === 0 ? 'no picture' : `no picture ${number}`}`)
        await write(file, await context.api.bytes(path`/v1/channels/${name}/media/${wanted.hash}`))
        context.answer({ file, ...wanted }, () => `${file}: ${wanted.type}, ${bytesText(wanted.size)}`)
      }),
    )
}

export const event: Register = (channel, run) => {
  channel
    .command('event')
    .summary('save the event of a post to a calendar file')
    .argument('<channel>')
    .argument('<post>', 'its id: channel read CHANNEL --ids')
    .argument('<file>', 'ends in .ics')
    .addHelpText('after', examples('channel event "Seoul Bakery" 3f2a... open-night.ics'))
    .action(
      run<[string, string, string]>(async (context, [name, id, file]) => {
        const post = await postOf(context, name, id)
        if (post.event === undefined) throw usageError('this post has no event')
        await write(file, calendar([post]))
        context.answer({ file }, () => `${file} can be opened with a calendar.`)
      }),
    )
}
