import type { StatusView } from '../../messenger/views.ts'
import { type Context, examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'
import { count } from '../words.ts'

export const status: Register = (program, run) => {
  program
    .command('status')
    .summary('is it running, and how is it connected')
    .description('Shows whether your node runs, where it listens, who it is connected to and what waits.')
    .addHelpText('after', examples('status', 'status --json'))
    .action(
      run(async (context) => {
        context.answer(await context.api.get<StatusView>('/v1/status'), (view) => statusText(view, context))
      }),
    )
}

function statusText(view: StatusView, { style, dure }: Context): string {
  const [first = 'nowhere', ...more] = view.addresses
  const rows: [string, string][] = [
    ['fingerprint', view.fingerprint],
    ['peer id', view.peerId],
    ['listens on', first],
    ...more.map((address): [string, string] => ['', address]),
    ['connected', count(view.peers, 'device')],
    ['contacts', `${view.contacts}`],
    ['requests', view.requests === 0 ? 'none' : `${view.requests} · ${dure('requests')}`],
    ['waiting', view.waiting === 0 ? 'nothing' : `${count(view.waiting, 'item')} to be delivered`],
    ['receipts', view.readReceipts ? 'contacts see what you have read' : 'contacts do not see what you have read'],
    ['database', view.protection === 'passphrase' ? 'locked with your passphrase' : 'locked with a key file beside it only'],
  ]
  return [style('bold', `Dure is running for ${inertName(view.name)}`), ...rows.map(([label, value]) => `  ${style('dim', label.padEnd(11))}  ${value}`)].join('\n')
}
