import { Argument, Option } from 'commander'
import type { StatusView } from '../../messenger/views.ts'
import { examples, type Register } from '../command.ts'
import { usageError } from '../io.ts'

const HIDING =
  'Contacts are told of you, and called, only through relays. Only your own relays see your address: to those of contacts you go through yours, and while none of yours answers, messages wait. Contacts who knew your address before keep it; a contact whose node listens to no relay cannot be called. Followers of channels still see the address of your channel node, under a key that is not yours.'

type Switch = 'receipts' | 'hide-address'
type Choice = 'on' | 'off'

export const settings: Register = (program, run) => {
  program
    .command('settings')
    .summary('how Dure behaves')
    .addArgument(new Argument('[setting]', 'receipts: tell contacts when you have read their messages; hide-address: keep your network address from contacts').choices(['receipts', 'hide-address']))
    .addArgument(new Argument('[value]').choices(['on', 'off']))
    .addOption(new Option('--hide-address <value>', 'the same as: settings hide-address <value>').choices(['on', 'off']))
    .description(`Shows or changes settings. hide-address: ${HIDING}`)
    .addHelpText('after', examples('settings', 'settings receipts off', 'settings hide-address on'))
    .action(
      run<[Switch | undefined, Choice | undefined], { hideAddress?: Choice }>(async ({ api, answer, tell }, [setting, value], options) => {
        if (setting !== undefined && options.hideAddress !== undefined) throw usageError('one setting at a time')
        const [what, wanted] = options.hideAddress === undefined ? [setting, value] : (['hide-address', options.hideAddress] as const)
        const body = what === 'receipts' ? { readReceipts: wanted === 'on' } : { hideAddress: wanted === 'on' }
        const view = wanted === undefined ? await api.get<StatusView>('/v1/status') : await api.call<StatusView>('PATCH', '/v1/settings', body)
        const shown = { receipts: view.readReceipts ? 'on' : 'off', hideAddress: view.hideAddress ? 'on' : 'off' }
        answer(shown, () => `receipts      ${shown.receipts}\nhide-address  ${shown.hideAddress}`)
        if (what === 'hide-address' && wanted === 'on') tell(HIDING)
      }),
    )
}
