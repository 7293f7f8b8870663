import type { ContactView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { examples, type Register, shellWord } from '../command.ts'
import { inertName } from '../inert.ts'
import { likenessLines } from '../words.ts'

export const accept: Register = (program, run) => {
  program
    .command('accept')
    .summary('say yes to a request')
    .argument('<id>', 'from `dure requests`')
    .description('Says yes. Compare the short code with the other side first: it must be the same on both screens.')
    .addHelpText('after', examples('accept abc234'))
    .action(
      run<[string]>(async ({ api, answer, style, dure }, [id]) => {
        answer(await api.call<ContactView>('POST', path`/v1/requests/${id}/accept`), (contact) => {
          const name = inertName(contact.name)
          const hello = `${style('bold', name)} is your contact. Say hello: ${style('bold', dure(`chat ${shellWord(name)}`))}`
          return [hello, ...likenessLines(contact, style, dure(`verify ${shellWord(name)}`))].join('\n')
        })
      }),
    )
}
