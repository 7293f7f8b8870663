import { path } from '../../../client.ts'
import { examples, type Register } from '../../../command.ts'
import { relayClient } from '../home.ts'

export const remove: Register = (mirror, run) => {
  mirror
    .command('remove')
    .summary('keep a channel no longer')
    .argument('<channel>', 'its name or id, as `dure relay mirror list` shows it')
    .description('Forgets a channel and all that was kept of it. Links that led to your relay lead nowhere then.')
    .addHelpText('after', examples('relay mirror remove "Seoul Bakery"'))
    .action(
      run<[string]>(async (context, [name]) => context.answer(await relayClient(context).call('DELETE', path`/v1/mirrors/${name}`), () => 'Removed.')),
    )
}
