import { Argument } from 'commander'
import type { StatusView } from '../../messenger/views.ts'
import { examples, type Register } from '../command.ts'

export const settings: Register = (program, run) => {
  program
    .command('settings')
    .summary('how Dure behaves')
    .addArgument(new Argument('[setting]', 'receipts: tell contacts when you have read their messages').choices(['receipts']))
    .addArgument(new Argument('[value]').choices(['on', 'off']))
    .description('Shows or changes settings.')
    .addHelpText('after', examples('settings', 'settings receipts off'))
    .action(
      run<[string | undefined, string | undefined]>(async ({ api, answer }, [, value]) => {
        const view = value === undefined ? await api.get<StatusView>('/v1/status') : await api.call<StatusView>('PATCH', '/v1/settings', { readReceipts: value === 'on' })
        answer({ receipts: view.readReceipts ? 'on' : 'off' }, ({ receipts }) => `receipts  ${receipts}`)
      }),
    )
}
