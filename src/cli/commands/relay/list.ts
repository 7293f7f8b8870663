import type { RelayView } from '../../../messenger/views.ts'
import { examples, type Register } from '../../command.ts'
import { inertJson, inertLine } from '../../inert.ts'

const STATES: Record<RelayView['state'], string> = {
  reserved: 'you can be called through it',
  trying: 'being called',
  away: 'does not answer, or has no place; it is called again',
}

export const list: Register = (relay, run) => {
  relay
    .command('list')
    .summary('the relays you use')
    .description('Lists the relays you use and whether contacts can call you through them now.')
    .addHelpText('after', examples('relay list'))
    .action(
      run(async (context) => {
        const all = await context.api.get<RelayView[]>('/v1/relays')
        if (context.json) for (const one of all) context.io.stdout.write(`${inertJson(one)}\n`)
        else if (all.length === 0) context.tell(`You use no relay. Use one: ${context.dure('relay use LINK')}`)
        else {
          for (const { id, addresses, state } of all) context.tell(`${id}  ${STATES[state]}  ${context.style('dim', inertLine(addresses[0] ?? ''))}`)
          if (all.length === 1) context.tell(context.style('dim', 'Two of different operators are better: then neither can cut you off.'))
        }
      }),
    )
}
