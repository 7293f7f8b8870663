import type { PairView } from '../../messenger/views.ts'
import { examples, type Register, shellWord } from '../command.ts'
import { inertName } from '../inert.ts'
import { linkFrom } from '../link.ts'
import { likenessLines, SAY_THE_CODE } from '../words.ts'

export const pair: Register = (program, run) => {
  program
    .command('pair')
    .summary('answer an invite')
    .argument('<invite>', 'the link; or a picture of the code; or - to read the link from standard input')
    .description('Answers the invite of a friend. Both of you then see the same short code: compare it before they accept.')
    .addHelpText('after', examples('pair DURE:...', 'pair code.png', 'pair - < link.txt'))
    .action(
      run<[string]>(async ({ api, answer, io, style, dure }, [given]) => {
        const invite = await linkFrom(io, given, 'an invite link')
        answer(await api.call<PairView>('POST', '/v1/pair', invite), (view) => {
          const name = inertName(view.name)
          const accepted = view.state === 'accepted'
          const warnings = likenessLines(view, style, accepted ? dure(`verify ${shellWord(name)}`) : SAY_THE_CODE)
          if (accepted) return [`${name} is your contact now${view.verified ? ', verified' : ''}. Say hello: ${style('bold', dure(`chat ${shellWord(name)}`))}`, ...warnings].join('\n')
          if (view.left === true) {
            return [`${name} is away. Your answer waits for them in a mailbox.`, `Run the same again in a while: when they have it, it shows the code to compare.`, ...warnings].join('\n')
          }
          const compare = view.code === undefined ? [] : [`Compare this code with them: ${style('bold', view.code)}`]
          return [`You asked ${name}.`, ...compare, 'When they accept, you can write to each other.', ...warnings].join('\n')
        })
      }),
    )
}
