import type { VerifyView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { type Context, examples, type Register, shellWord } from '../command.ts'
import { inertName } from '../inert.ts'

export const verify: Register = (program, run) => {
  program
    .command('verify')
    .summary('compare the safety number')
    .argument('<name>')
    .description('Shows the safety number you share with a contact. When both of you see the same one, nobody stands between you.')
    .option('--yes', 'we compared it, and it is the same')
    .addHelpText('after', examples('verify Bob', 'verify Bob --yes'))
    .action(
      run<[string], { yes?: true }>(async (context, [name], options) => {
        const { api, io, json } = context
        const mark = () => api.call<VerifyView>('PUT', path`/v1/contacts/${name}/verified`, { verified: true })
        if (options.yes) return context.answer(await mark(), (view) => verified(view))
        const view = await api.get<VerifyView>(path`/v1/contacts/${name}/safety-number`)
        context.answer(view, () => numberText(view, context))
        if (json || view.verified) return
        if (!io.stdin.isTTY || !io.stdout.isTTY) return context.tell(`The same on both sides? ${context.dure(`verify ${shellWord(inertName(view.name))} --yes`)}`)
        if (await io.ask.yes('Do both of you see the same number?')) context.tell(verified(await mark()))
        else context.tell('Then do not trust this conversation yet: someone may stand between you. Pair again in person.')
      }),
    )
}

const verified = (view: VerifyView): string => `${inertName(view.name)} is verified.`

function numberText(view: VerifyView, { style }: Context): string {
  const groups = view.safetyNumber.split(' ')
  const rows = [0, 4, 8].map((at) => `  ${style('bold', groups.slice(at, at + 4).join(' '))}`)
  const state = view.verified ? 'It was compared: verified.' : 'Read it to each other, over a call or side by side.'
  return [`Safety number with ${inertName(view.name)}:`, ...rows, state].join('\n')
}
