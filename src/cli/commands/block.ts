import type { ContactView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'

export const block: Register = (program, run) => {
  program
    .command('block')
    .summary('hear nothing from a contact any more')
    .argument('<name>')
    .description('Blocks a contact. Their devices are not answered, and they are not told.')
    .addHelpText('after', examples('block Bob', 'unblock Bob'))
    .action(
      run<[string]>(async ({ api, answer }, [name]) => {
        answer(await api.call<ContactView>('POST', path`/v1/contacts/${name}/block`), (contact) => `${inertName(contact.name)} is blocked.`)
      }),
    )
}
