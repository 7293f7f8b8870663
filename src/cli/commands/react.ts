import type { MessageView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'

export const react: Register = (program, run) => {
  program
    .command('react')
    .summary('react to a message with an emoji')
    .argument('<message>', 'its id, from `dure history NAME --ids`')
    .argument('[emoji]', 'without it, your reaction is taken back')
    .description('Puts an emoji under a message, or takes it away again.')
    .addHelpText('after', examples('react 00000000000000000000000000000007 👍', 'react 00000000000000000000000000000007'))
    .action(
      run<[string, string | undefined]>(async ({ api, answer }, [id, emoji = '']) => {
        answer(await api.call<MessageView>('PUT', path`/v1/messages/${id}/reaction`, { emoji }), () => (emoji === '' ? 'Taken back.' : 'Done.'))
      }),
    )
}
