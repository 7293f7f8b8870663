import type { MessageView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { messageFrom, sentText } from '../message.ts'

export const send: Register = (program, run) => {
  program
    .command('send')
    .summary('send a message')
    .argument('<name>')
    .argument('[text...]', 'what to say; without it, standard input')
    .description('Sends a message. When this returns, the message is stored and is not lost: it goes out as soon as they can be reached.')
    .addHelpText('after', examples('send Bob hello', 'send Bob -- --not an option', 'send Bob < letter.txt'))
    .action(
      run<[string, string[]]>(async (context, [name, words]) => {
        const text = await messageFrom(context.io, words)
        context.answer(await context.api.call<MessageView>('POST', path`/v1/contacts/${name}/messages`, { text }), (message) => sentText(message, context))
      }),
    )
}
