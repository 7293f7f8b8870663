import type { RelayView } from '../../../messenger/views.ts'
import { type Context, examples, type Register } from '../../command.ts'
import { inertLine } from '../../inert.ts'
import { linkFrom } from '../../link.ts'

export const use: Register = (relay, run) => {
  relay
    .command('use')
    .summary('be reachable through a relay')
    .argument('<link>', "the relay's link; or a picture of its code; or - to read it from standard input")
    .description(
      'Keeps a place at a relay, so that contacts reach you there when they cannot call you directly. The relay passes sealed bytes on. It learns your network address and which device keys talk through it, not who they belong to.',
    )
    .addHelpText('after', examples('relay use DURE:...', 'relay use relay.png'))
    .action(
      run<[string]>(async (context, [given]) => {
        const { link } = await linkFrom(context.io, given, 'the link of a relay')
        const view = await context.api.call<RelayView>('POST', '/v1/relays', { link })
        const all = await context.api.get<RelayView[]>('/v1/relays')
        context.answer(view, () => usedText(view, all.length, context))
      }),
    )
}

function usedText(view: RelayView, count: number, { dure }: Context): string {
  return [
    `You use the relay ${view.id} at ${inertLine(view.addresses[0] ?? '')}.`,
    `Your contacts are told once it has a place for you: ${dure('relay list')}`,
    ...(count === 1 ? ['Use a second one of another operator: then neither can cut you off.'] : []),
  ].join('\n')
}
