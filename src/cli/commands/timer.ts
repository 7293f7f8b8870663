import type { ContactView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'
import { seconds, span } from '../words.ts'

export const timer: Register = (program, run) => {
  program
    .command('timer')
    .summary('let messages disappear')
    .argument('<name>')
    .argument('<time>', '30s, 5m, 1h, 1d, 1w, or off')
    .description('Lets new messages with a contact disappear, on both sides, this long after they were read. It is a courtesy, not a lock: the other side can keep a copy.')
    .addHelpText('after', examples('timer Bob 1d', 'timer Bob off'))
    .action(
      run<[string, string]>(async ({ api, answer }, [name, time]) => {
        const view = await api.call<ContactView>('PUT', path`/v1/contacts/${name}/timer`, { seconds: time === 'off' ? 0 : seconds(time) })
        answer(view, (contact) =>
          contact.timer === 0
            ? `Messages with ${inertName(contact.name)} stay.`
            : `New messages with ${inertName(contact.name)} disappear after ${span(contact.timer)}.`,
        )
      }),
    )
}
