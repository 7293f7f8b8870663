import type { ContactView, MessageView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'
import { bodyOf, ledgerLines } from '../words.ts'

export const message: Register = (program, run) => {
  program
    .command('message')
    .summary('one message, and how far it came')
    .argument('<message>', 'its id, from `dure history NAME --ids`')
    .description('Shows one message. Of one of yours also the way it went: queued here, with which mailbox, on which device, read. No step is said before it is known.')
    .addHelpText('after', examples('message 00000000000000000000000000000007', 'message 00000000000000000000000000000007 --json'))
    .action(
      run<[string]>(async ({ api, answer, io, style, times }, [id]) => {
        const view = await api.get<MessageView>(path`/v1/messages/${id}`)
        const { devices } = await api.get<ContactView>(path`/v1/contacts/${view.contact}`)
        const mine = view.direction === 'out'
        answer(view, () =>
          [
            `${style('bold', mine ? `to ${inertName(view.name)}` : inertName(view.name))}  ${style('dim', times.moment(view.at))}`,
            bodyOf(view),
            ...(mine ? ledgerLines(view, times, io.now(), devices.length).map((line) => style('dim', line)) : []),
          ].join('\n'),
        )
      }),
    )
}
