import type { MessageView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { messageFrom } from '../message.ts'

export const edit: Register = (program, run) => {
  program
    .command('edit')
    .summary('say a message of yours differently')
    .argument('<message>', 'its id, from `dure history NAME --ids`')
    .argument('[text...]', 'the new text; without it, standard input')
    .description('Changes a message you sent, on both sides. It is marked as edited.')
    .addHelpText('after', examples('edit 00000000000000000000000000000007 hello again'))
    .action(
      run<[string, string[]]>(async ({ api, answer, io }, [id, words]) => {
        answer(await api.call<MessageView>('PATCH', path`/v1/messages/${id}`, { text: await messageFrom(io, words) }), () => 'Edited.')
      }),
    )
}
