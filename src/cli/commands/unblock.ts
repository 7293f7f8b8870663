import type { ContactView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'

export const unblock: Register = (program, run) => {
  program
    .command('unblock')
    .summary('hear from a blocked contact again')
    .argument('<name>')
    .description('Lets a blocked contact write to you again.')
    .addHelpText('after', examples('unblock Bob'))
    .action(
      run<[string]>(async ({ api, answer }, [name]) => {
        answer(await api.call<ContactView>('POST', path`/v1/contacts/${name}/unblock`), (contact) => `${inertName(contact.name)} is not blocked any more.`)
      }),
    )
}
