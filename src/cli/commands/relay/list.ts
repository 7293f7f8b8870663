import type { RelayView, StatusView } from '../../../messenger/views.ts'
import { examples, type Register } from '../../command.ts'
import { inertJson, inertLine } from '../../inert.ts'

const STATES: Record<RelayView['state'], string> = {
  reserved: 'you can be called through it',
  trying: 'being called',
  away: 'does not answer, or has no place; it is called again',
}

const MAILBOXES: Record<RelayView['mailboxes'], string> = { keeps: 'keeps your mailboxes', spare: 'spare', none: 'keeps no mailboxes' }

/** Fewer cannot stand in for each other. */
const ENOUGH = 2

export const list: Register = (relay, run) => {
  relay
    .command('list')
    .summary('the relays you use')
    .description('Lists the relays you use: can contacts call you through them now, and which keep mailboxes, for how many of your contacts. Two keep them; a spare one steps in for one that has not for a day.')
    .addHelpText('after', examples('relay list'))
    .action(
      run(async (context) => {
        const all = await context.api.get<RelayView[]>('/v1/relays')
        if (context.json) for (const one of all) context.io.stdout.write(`${inertJson(one)}\n`)
        else if (all.length === 0) context.tell(`You use no relay. Use one: ${context.dure('relay use LINK')}`)
        else {
          const { contacts } = await context.api.get<StatusView>('/v1/status')
          for (const one of all) context.tell(`${one.id}  ${STATES[one.state]}  ${mailboxes(one, contacts)}  ${context.style('dim', inertLine(one.addresses[0] ?? ''))}`)
          if (all.some(({ found }) => found)) context.tell(`These were found in the public network by themselves, and go when you choose your own: ${context.dure('relay use LINK')}`)
          if (all.filter(({ mailboxes }) => mailboxes !== 'none').length < ENOUGH) context.tell(context.style('dim', 'Two of different operators are better: then neither can cut you off.'))
        }
      }),
    )
}

function mailboxes({ mailboxes, contacts }: RelayView, all: number): string {
  return mailboxes === 'keeps' && contacts < all ? `${MAILBOXES.keeps} for ${contacts} of ${all} contacts` : MAILBOXES[mailboxes]
}
