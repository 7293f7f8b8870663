import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'

export const refuse: Register = (program, run) => {
  program
    .command('refuse')
    .summary('say no to a request')
    .argument('<id>', 'from `dure requests`')
    .description('Says no. They become no contact; a new device gets none of the messages that wait.')
    .addHelpText('after', examples('refuse abc234'))
    .action(
      run<[string]>(async ({ api, answer }, [id]) => {
        answer(await api.call('POST', path`/v1/requests/${id}/refuse`), () => 'Refused.')
      }),
    )
}
