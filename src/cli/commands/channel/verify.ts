import type { ChannelProofView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { inertLine, inertName } from '../../inert.ts'

export const verify: Register = (channel, run) => {
  channel
    .command('verify')
    .summary('what is proven about a channel')
    .argument('<channel>')
    .description('Says in words what the signatures prove: how many entries there are, whether any is missing, who signed them, which domain it controls.')
    .option('--all', 'fetch the whole history first, and check every entry of it')
    .addHelpText('after', examples('channel verify "Seoul Bakery"', 'channel verify "Seoul Bakery" --all'))
    .action(
      run<[string], { all?: true }>(async ({ api, answer, style }, [name], options) => {
        const view = await api.get<ChannelProofView>(path`/v1/channels/${name}/proof`, { all: options.all === true ? 'true' : undefined })
        answer(view, () => [style('bold', inertName(view.name)), ...view.lines.map((line) => `  ${inertLine(line)}`)].join('\n'))
      }),
    )
}
