import type { MirrorView } from '../../../../relay/view.ts'
import { examples, type Register } from '../../../command.ts'
import { inertJson } from '../../../inert.ts'
import { relayClient } from '../home.ts'
import { mirrorText } from './text.ts'

export const list: Register = (mirror, run) => {
  mirror
    .command('list')
    .summary('the channels your relay keeps')
    .description('Lists the channels your relay mirrors: what of them is here, what is missing, and how many peers they have now. Links are in --json.')
    .addHelpText('after', examples('relay mirror list', 'relay mirror list --json'))
    .action(
      run(async (context) => {
        const all = await relayClient(context).get<MirrorView[]>('/v1/mirrors')
        if (context.json) for (const one of all) context.io.stdout.write(`${inertJson(one)}\n`)
        else if (all.length === 0) context.tell(`Your relay mirrors no channel. Add one: ${context.dure('relay mirror add LINK')}`)
        else for (const one of all) context.tell(mirrorText(one, context).join('\n'))
      }),
    )
}
