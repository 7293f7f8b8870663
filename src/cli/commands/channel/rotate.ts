import type { ChannelView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { inertName } from '../../inert.ts'
import { readInput } from '../../input.ts'
import type { Io } from '../../io.ts'

export const rotate: Register = (channel, run) => {
  channel
    .command('rotate')
    .summary('move to the next root key')
    .argument('<channel>')
    .description('Moves the channel to the root key announced before. Who stole the old one can do nothing more. Asks for the 24 words when they are no longer on this device.')
    .option('--words', 'type the 24 words, though they may still be here')
    .addHelpText('after', examples('channel rotate "Seoul Bakery"', 'channel rotate "Seoul Bakery" --words'))
    .action(
      run<[string], { words?: true }>(async ({ api, answer, io }, [name], options) => {
        const words = options.words === true ? { words: await wordsFrom(io) } : {}
        answer(await api.call<ChannelView>('POST', path`/v1/channels/${name}/rotate`, words), (view) => `${inertName(view.name)} has a new root key.`)
      }),
    )
}

/** The words are a secret: typed unseen or piped, never an argument that a process list shows. */
export async function wordsFrom(io: Io): Promise<string> {
  return io.stdin.isTTY ? io.ask.secret('The 24 words of the channel') : (await readInput(io)).trim()
}
