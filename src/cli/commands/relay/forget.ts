import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'

export const forget: Register = (relay, run) => {
  relay
    .command('forget')
    .summary('use a relay no longer')
    .argument('<id>', 'as `dure relay list` shows it')
    .description('Gives up the place at a relay. Contacts are told the ways that are left.')
    .addHelpText('after', examples('relay forget 5e0a91c2'))
    .action(run<[string]>(async ({ api, answer }, [id]) => answer(await api.call('DELETE', path`/v1/relays/${id}`), () => 'Forgotten.')))
}
