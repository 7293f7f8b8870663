import type { ChannelView } from '../../../messenger/channels/views.ts'
import { type ManifestOptions, manifestFrom, withManifestOptions } from '../../channel-input.ts'
import { path } from '../../client.ts'
import { examples, type Register, shellWord } from '../../command.ts'
import { inertName } from '../../inert.ts'
import { wordsText } from './words.ts'

export const create: Register = (channel, run) => {
  withManifestOptions(
    channel
      .command('create')
      .summary('make a channel of your own')
      .argument('<name>')
      .description('Makes a channel with a root key of its own and shows the 24 words behind it: on paper they bring the channel back, and only they can move it to a new key.'),
  )
    .addHelpText('after', examples('channel create "Seoul Bakery" --language ko --region KR --hours "Mo-Sa 08:00-20:00"'))
    .action(
      run<[string], ManifestOptions>(async (context, [name], options) => {
        const { api, io, style, dure } = context
        const view = await api.call<ChannelView>('POST', '/v1/channels', { name, ...(await manifestFrom(options)) })
        const called = shellWord(inertName(view.name))
        context.answer(view, () => `${inertName(view.name)} is made. Publish: ${style('bold', dure(`channel post ${called} TEXT`))}`)
        context.tell(`Show others how to follow it: ${style('bold', dure(`channel invite ${called}`))}`)
        // Words on a screen that is recorded, piped or logged would be on paper nobody meant.
        if (context.json || !io.stdout.isTTY) return context.warn(`Write its recovery words on paper: ${dure(`channel words ${called}`)}`)
        const { words } = await api.call<{ words: string }>('POST', path`/v1/channels/${view.id}/words`, { forget: false })
        context.tell(wordsText(words, style))
        context.tell(`Once they are on paper, take them off this device: ${style('bold', dure(`channel words ${called} --forget`))}`)
      }),
    )
}
