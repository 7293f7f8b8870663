import type { ContactView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'

export const rename: Register = (program, run) => {
  program
    .command('rename')
    .summary('call a contact something else')
    .argument('<name>')
    .argument('<new>', 'the name you want to use; they do not see it')
    .description('Changes your own name for a contact.')
    .addHelpText('after', examples('rename Bob "Bob from work"'))
    .action(
      run<[string, string]>(async ({ api, answer }, [name, next]) => {
        answer(await api.call<ContactView>('PATCH', path`/v1/contacts/${name}`, { name: next }), (contact) => `You call them ${inertName(contact.name)} now.`)
      }),
    )
}
