import type { MessageView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'

export const remove: Register = (program, run) => {
  program
    .command('delete')
    .summary('take a message back, for everyone')
    .argument('<message>', 'its id, from `dure history NAME --ids`')
    .description('Deletes a message you sent, on both sides. Someone may have read or copied it before.')
    .addHelpText('after', examples('delete 00000000000000000000000000000007'))
    .action(
      run<[string]>(async ({ api, answer }, [id]) => {
        answer(await api.call<MessageView>('DELETE', path`/v1/messages/${id}`), () => 'Deleted for everyone.')
      }),
    )
}
