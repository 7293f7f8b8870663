import { Argument, Option } from 'commander'
import type { StatusView } from '../../messenger/views.ts'
import { examples, type Register } from '../command.ts'
import { usageError } from '../io.ts'

const HIDING =
  'Contacts are told of you, and called, only through relays. Only your own relays see your address: to those of contacts you go through yours, and while none of yours answers, messages wait. Contacts who knew your address before keep it; a contact whose node listens to no relay cannot be called. Followers of channels still see the address of your channel node, under a key that is not yours.'

/** What each setting may be. */
const VALUES = { receipts: ['on', 'off'], 'hide-address': ['on', 'off'], network: ['public', 'private'] } as const
type Setting = keyof typeof VALUES

export const settings: Register = (program, run) => {
  program
    .command('settings')
    .summary('how Dure behaves')
    .addArgument(new Argument('[setting]', 'receipts: tell contacts when you have read their messages; hide-address: keep your network address from contacts; network: private looks for relays among no strangers').choices(Object.keys(VALUES)))
    .argument('[value]', 'on or off; for network: public or private')
    .addOption(new Option('--hide-address <value>', 'the same as: settings hide-address <value>').choices(['on', 'off']))
    .description(`Shows or changes settings. hide-address: ${HIDING}`)
    .addHelpText('after', examples('settings', 'settings receipts off', 'settings hide-address on', 'settings network private'))
    .action(
      run<[Setting | undefined, string | undefined], { hideAddress?: string }>(async ({ api, answer, tell }, [setting, value], options) => {
        if (setting !== undefined && options.hideAddress !== undefined) throw usageError('one setting at a time')
        const [what, wanted] = options.hideAddress === undefined ? [setting, value] : (['hide-address', options.hideAddress] as const)
        if (what !== undefined && wanted !== undefined && !VALUES[what].some((each) => each === wanted)) throw usageError(`${what} is ${VALUES[what].join(' or ')}`, 'dure settings --help shows them')
        const body = what === 'network' ? { network: wanted } : what === 'receipts' ? { readReceipts: wanted === 'on' } : { hideAddress: wanted === 'on' }
        const view = wanted === undefined ? await api.get<StatusView>('/v1/status') : await api.call<StatusView>('PATCH', '/v1/settings', body)
        const shown = { receipts: view.readReceipts ? 'on' : 'off', hideAddress: view.hideAddress ? 'on' : 'off', network: view.network }
        answer(shown, () => `receipts      ${shown.receipts}\nhide-address  ${shown.hideAddress}\nnetwork       ${shown.network}`)
        if (what === 'hide-address' && wanted === 'on') tell(HIDING)
        if (what === 'network' && wanted !== undefined && wanted !== view.network) tell(`This run was started with --network ${view.network}; ${wanted} is for the next that is started without.`)
      }),
    )
}
