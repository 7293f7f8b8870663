import type { MirrorView } from '../../../../relay/view.ts'
import { examples, type Register } from '../../../command.ts'
import { linkFrom } from '../../../link.ts'
import { relayClient } from '../home.ts'
import { mirrorText } from './text.ts'

export const add: Register = (mirror, run) => {
  mirror
    .command('add')
    .summary('keep a channel and serve it')
    .argument('<link>', 'the link of a channel; or a picture of its code; or - to read it from standard input')
    .description("Keeps a channel with all its entries and pictures, and serves it. Answers with a link of the channel that leads to your relay first: for the brand to print. Everybody can see that your relay has this channel.")
    .addHelpText('after', examples('relay mirror add DURE:...', 'relay mirror add poster.jpg'))
    .action(
      run<[string]>(async (context, [given]) => {
        const { link } = await linkFrom(context.io, given, 'the link of a channel')
        const view = await relayClient(context).call<MirrorView>('POST', '/v1/mirrors', { link })
        context.answer(view, () => [
          ...mirrorText(view, context),
          ...(view.entries === 0 ? ['  Nobody who has it was reached yet; it is tried again. A brand behind a router reaches your relay: dure channel follow, with the link below.'] : []),
          '',
          'Its link, which leads to your relay first:',
          view.link,
        ].join('\n'))
      }),
    )
}
