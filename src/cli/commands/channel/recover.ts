import type { ChannelView } from '../../../messenger/channels/views.ts'
import { examples, type Register } from '../../command.ts'
import { inertName } from '../../inert.ts'
import { linkFrom } from '../../link.ts'
import { wordsFrom } from './rotate.ts'

export const recover: Register = (channel, run) => {
  channel
    .command('recover')
    .summary('take your channel back from its words')
    .argument('<link>', 'the link of the channel, or a picture of its code')
    .description('Brings the root key of a channel back from its 24 words, on this device. The log itself comes from whoever holds it.')
    .addHelpText('after', examples('channel recover DURE:...'))
    .action(
      run<[string]>(async ({ api, answer, io }, [given]) => {
        const { link } = await linkFrom(io, given, 'the link of a channel')
        const view = await api.call<ChannelView>('POST', '/v1/recoveries', { link, words: await wordsFrom(io) })
        answer(view, () => `${inertName(view.name)} is yours again, on this device.`)
      }),
    )
}
