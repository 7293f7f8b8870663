import type { RelayFound } from '../../../messenger/views.ts'
import { examples, type Register } from '../../command.ts'
import { inertJson, inertLine } from '../../inert.ts'

export const find: Register = (relay, run) => {
  relay
    .command('find')
    .summary('look for relays of strangers')
    .description(
      'Asks the public libp2p DHT for relays, under a key drawn for this search, and lists those that answered, with the links to use them. It takes up to 45 seconds. Those it asks see your network address and that it looks for relays.',
    )
    .addHelpText('after', examples('relay find'))
    .action(
      run(async (context) => {
        const found = await context.api.call<RelayFound[]>('POST', '/v1/relays/search')
        if (context.json) for (const one of found) context.io.stdout.write(`${inertJson(one)}\n`)
        else if (found.length === 0) context.tell('No relay was found.')
        else for (const { id, link, addresses } of found) context.tell(`${id}  ${context.style('dim', inertLine(addresses[0] ?? ''))}\n  ${context.dure(`relay use ${link}`)}`)
      }),
    )
}
