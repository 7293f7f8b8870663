import type { StatusView } from '../../messenger/views.ts'
import type { RelayView } from '../../relay/view.ts'
import { type Context, examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'
import { CliError } from '../io.ts'
import { count } from '../words.ts'

export const status: Register = (program, run) => {
  program
    .command('status')
    .summary('is it running, and how is it connected')
    .description('Shows whether your node runs, where it listens, who it is connected to and what waits.')
    .addHelpText('after', examples('status', 'status --json'))
    .action(
      run(async (context) => {
        const view = await context.api.get<StatusView>('/v1/status').catch((error: unknown) => relayInstead(context, error))
        context.answer(view, () => ('figures' in view ? relayText(view, context) : statusText(view, context)))
      }),
    )
}

/** A home without that route is a relay's. */
async function relayInstead({ api }: Context, error: unknown): Promise<RelayView> {
  if (!(error instanceof CliError) || error.code !== 'no-route') throw error
  return api.get<RelayView>('/v1/relay')
}

function relayText(view: RelayView, { style, times }: Context): string {
  const rows: [string, string][] = [
    ['since', times.moment(view.since)],
    ['peer id', view.peerId],
    ...view.addresses.map((address, i): [string, string] => [i === 0 ? 'found at' : '', address]),
    ...(view.metrics === undefined ? [] : [['metrics', view.metrics] as [string, string]]),
    ...Object.entries(view.figures).flatMap(([service, figures]) =>
      Object.entries(figures).map(([name, value], i): [string, string] => [i === 0 ? service : '', `${name.replaceAll('_', ' ')}: ${value}`]),
    ),
  ]
  return [style('bold', 'The relay is running'), ...rows.map(([label, value]) => `  ${style('dim', label.padEnd(11))}  ${value}`), '', view.link].join('\n')
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
    ['relays', view.relays.used === 0 ? 'none' : `${view.relays.reserved} of ${view.relays.used} ready${view.relays.found > 0 ? ', found in the public network' : ''} · ${dure('relay list')}`],
    ...(view.relays.used > 0 ? [['mailboxes', `for ${view.mailboxes} of ${count(view.contacts, 'contact')}`] as [string, string]] : []),
    ...(view.network === 'private' ? [['network', 'private: no stranger is asked for relays'] as [string, string]] : []),
    ...(view.hideAddress ? [['address', 'hidden from contacts'] as [string, string]] : []),
    ['receipts', view.readReceipts ? 'contacts see what you have read' : 'contacts do not see what you have read'],
    ['database', view.protection === 'passphrase' ? 'locked with your passphrase' : 'locked with a key file beside it only'],
  ]
  return [style('bold', `Dure is running for ${inertName(view.name)}`), ...rows.map(([label, value]) => `  ${style('dim', label.padEnd(11))}  ${value}`)].join('\n')
}
