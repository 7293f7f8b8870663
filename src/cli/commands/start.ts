import type { Unlock } from '../../config.ts'
import type { EventView } from '../../messenger/views.ts'
import type { App, AppModule } from '../app-port.ts'
import { type Context, examples, type Register } from '../command.ts'
import { askName, defaultName, keepPhrase, keptPhrase, phraseText } from '../first-run.ts'
import { inertLine, inertName, inertJson } from '../inert.ts'
import { stopInTime, waitForStop } from '../stopping.ts'
import { keyFileWarning, needTerminal, newPassphrase, passphraseFile } from '../unlock.ts'
import { invitationText } from './channel/staff.ts'
import { requestText } from './requests.ts'

const PASSPHRASE_TRIES = 3

interface Options {
  listen?: string[]
  channelListen?: string[]
  mdns: boolean
  dht: boolean
  name?: string
  passphraseFile?: string
}

export const start: Register = (program, run) => {
  program
    .command('start')
    .summary('run your node')
    .description('Runs your node in this terminal until Ctrl-C. The first time it makes your identity and shows the recovery phrase, once.')
    .option('--listen <multiaddr>', 'where to listen; may be given several times', (value: string, all: string[] = []) => [...all, value])
    .option('--channel-listen <multiaddr>', 'where to listen for followers of channels; may be given several times', (value: string, all: string[] = []) => [...all, value])
    .option('--no-mdns', 'do not look for contacts and followers on the local network')
    .option('--no-dht', 'do not look for followers of channels in the distributed hash table')
    .option('--name <name>', 'your name, the first time')
    .option('--passphrase-file <file>', 'unlock with the first line of this file')
    .addHelpText('after', examples('start', 'start --name Ana', 'start --listen /ip4/0.0.0.0/tcp/4001 --no-mdns'))
    .action(
      run<[], Options>(async (context, _args, options) => {
        const stopping = waitForStop(context)
        const app = await open(context, options, stopping.ask)
        greet(context, app, options)
        const silence = app.messenger.on((event) => announce(event, context))
        await stopping.asked
        silence()
        context.tell('Stopping.')
        await stopInTime(app)
        stopping.done()
      }),
    )
}

// ---------------------------------------------------------------- opening

async function open(context: Context, options: Options, onStop: () => void): Promise<App> {
  const module = await context.io.loadApp()
  const start = (unlock: Unlock): Promise<App> =>
    module.startApp({ home: context.home, listen: options.listen ?? [], channelListen: options.channelListen ?? [], mdns: options.mdns, dht: options.dht, unlock, logLevel: 'warn', onStop })
  const fromFile = options.passphraseFile === undefined ? undefined : { passphrase: passphraseFile(options.passphraseFile) }
  try {
    return await start(fromFile ?? 'key-file')
  } catch (error) {
    const code = codeOf(error)
    // 'not-found': the making of the identity was interrupted before it was stored
    if (code === 'no-profile' || code === 'not-found') return start(await firstRun(context, options, module, fromFile))
    if (code === 'other-protection' && fromFile === undefined) return askAndStart(context, start)
    throw error
  }
}

async function askAndStart({ io }: Context, start: (unlock: Unlock) => Promise<App>): Promise<App> {
  needTerminal(io)
  for (let left = PASSPHRASE_TRIES; ; left--) {
    try {
      return await start({ passphrase: await io.ask.secret('Passphrase') })
    } catch (error) {
      if (codeOf(error) !== 'wrong-passphrase' || left === 1) throw error
      io.stderr.write('That is not it.\n')
    }
  }
}

async function firstRun(context: Context, options: Options, module: AppModule, fromFile: Unlock | undefined): Promise<Unlock> {
  const { io, home, style } = context
  const terminal = io.stdin.isTTY === true && io.stdout.isTTY === true && !context.json
  const name = options.name ?? (terminal ? await askName(io) : defaultName())
  const asked = fromFile === undefined && terminal && options.name === undefined
  const passphrase = asked ? await newPassphrase(io, 'A passphrase that locks your messages (Enter for none)') : ''
  const unlock = fromFile ?? (passphrase === '' ? 'key-file' : { passphrase })
  const { phrase } = await module.createProfile({ home, name, unlock })
  if (terminal) context.tell(phraseText(phrase, style))
  else keepPhrase(home, phrase)
  return unlock
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code

// ---------------------------------------------------------------- saying

function greet(context: Context, app: App, options: Options): void {
  const { style, home, dure } = context
  const status = app.messenger.status()
  context.answer({ ready: true, home, ...status }, () => {
    const [first = 'nowhere; give --listen', ...more] = status.addresses
    const rows: [string, string][] = [
      ['listening on', first],
      ...more.map((address): [string, string] => ['', address]),
      ...(options.mdns ? [['', 'and contacts on this network find you by themselves'] as [string, string]] : []),
      ['profile', home],
    ]
    return [
      `${style('bold', inertName(status.name))}, you are online. ${style('dim', `fingerprint ${status.fingerprint}`)}`,
      ...rows.map(([label, value]) => `  ${style('dim', label.padEnd(12))}  ${value}`),
      '',
      `Pair with a friend: run ${style('bold', dure('invite'))} in another terminal and let them scan the code.`,
      `More: ${style('bold', dure('--help'))}. Ctrl-C stops it.`,
    ].join('\n')
  })
  if (status.protection === 'key file') context.warn(keyFileWarning(context))
  const kept = keptPhrase(home)
  if (kept !== undefined) context.warn(`Your recovery phrase is in ${kept}: write it on paper, then delete the file.`)
}

/** Only what needs the person; what people say to each other stays out of this terminal. */
function announce(event: EventView, context: Context): void {
  if (event.type !== 'request' && event.type !== 'warning' && event.type !== 'invitation') return
  if (context.json) context.io.stdout.write(`${inertJson(event)}\n`)
  else if (event.type === 'request') context.tell(`\n${requestText(event.request, context)}`)
  else if (event.type === 'invitation') context.tell(`\n${invitationText(event.invitation, context)}`)
  else context.tell(context.style('yellow', `! ${inertLine(event.text)}`))
}
