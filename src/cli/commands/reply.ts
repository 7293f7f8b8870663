import type { MessageView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { messageFrom, sentText } from '../message.ts'

export const reply: Register = (program, run) => {
  program
    .command('reply')
    .summary('answer one message')
    .argument('<message>', 'its id, from `dure history NAME --ids`')
    .argument('[text...]', 'what to say; without it, standard input')
    .description('Sends a message that quotes another one.')
    .addHelpText('after', examples('reply 00000000000000000000000000000007 yes, at eight'))
    .action(
      run<[string, string[]]>(async (context, [id, words]) => {
        const text = await messageFrom(context.io, words)
        const { contact } = await context.api.get<MessageView>(path`/v1/messages/${id}`)
        const sent = await context.api.call<MessageView>('POST', path`/v1/contacts/${contact}/messages`, { text, replyTo: id })
        context.answer(sent, (message) => sentText(message, context))
      }),
    )
}
