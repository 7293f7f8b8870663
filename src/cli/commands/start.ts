import { Option } from 'commander'
import type { Door } from '../../api/index.ts'
import type { Unlock } from '../../config.ts'
import type { EventView } from '../../messenger/views.ts'
import type { App, AppModule } from '../app-port.ts'
import { type Context, examples, type Register } from '../command.ts'
import { askName, defaultName, keepPhrase, keptPhrase, phraseText } from '../first-run.ts'
import { inertLine, inertName, inertJson } from '../inert.ts'
import { openInBrowser } from '../browser.ts'
import { entryPoint } from '../entry-point.ts'
import { portNumber } from '../numbers.ts'
import { type Stopping, stopInTime, waitForStop } from '../stopping.ts'
import { keyFileWarning, needTerminal, newPassphrase, passphraseFile } from '../unlock.ts'
import { invitationText } from './channel/staff.ts'
import { requestText } from './requests.ts'

const PASSPHRASE_TRIES = 3

interface Options {
  listen?: string[]
  channelListen?: string[]
  mdns: boolean
  dht: boolean
  page: boolean
  apiPort?: string
  network?: 'public' | 'private'
  bootstrap?: string[]
  name?: string
  passphraseFile?: string
}

export const start: Register = (program, run) => {
  program
    .command('start')
    .summary('run your node')
    .description(
      'Runs your node in this terminal until Ctrl-C, with its page in the browser. The first time the page makes your identity and shows the recovery phrase, once; with --no-page or --name this terminal does.',
    )
    .option('--listen <multiaddr>', 'where to listen; may be given several times', (value: string, all: string[] = []) => [...all, value])
    .option('--channel-listen <multiaddr>', 'where to listen for followers of channels; may be given several times', (value: string, all: string[] = []) => [...all, value])
    .option('--no-mdns', 'do not look for contacts and followers on the local network')
    .option('--no-dht', 'do not look for followers of channels in the distributed hash table')
    .option('--api-port <port>', 'port of the page on 127.0.0.1 (default: as last time, else 3873 or a free one)')
    .option('--no-page', 'serve no page and open no port on 127.0.0.1; set up and unlock in this terminal')
    .addOption(new Option('--network <which>', 'private: look for relays only where --bootstrap says; for this run (default: as dure settings network says)').choices(['public', 'private']))
    .option('--bootstrap <multiaddr>', 'with /p2p/ID: begin there instead of at the well-known address; may be given several times', entryPoint)
    .option('--name <name>', 'your name, the first time')
    .option('--passphrase-file <file>', 'unlock with the first line of this file')
    .addHelpText('after', examples('start', 'start --name Ana', 'start --listen /ip4/0.0.0.0/tcp/4001 --no-mdns'))
    .action(
      run<[], Options>(async (context, _args, options) => {
        const stopping = waitForStop(context)
        const port = options.apiPort === undefined ? undefined : portNumber(options.apiPort)
        const module = await context.io.loadApp()
        const door = await module.openDoors({ home: context.home, page: options.page ? { port } : undefined, onStop: stopping.ask })
        let app: App | undefined
        try {
          app = await open(context, options, module, door, stopping)
          if (app) await runUntil(stopping.asked, context, options, app, door)
          context.tell('Stopping.')
        } finally {
          const running = app
          await stopInTime({ stop: () => Promise.all([running?.stop(), door.close()]) })
        }
        stopping.done()
      }),
    )
}

async function runUntil(asked: Promise<void>, context: Context, options: Options, app: App, door: Door): Promise<void> {
  door.serve(app.api)
  greet(context, app, door, options)
  const silence = app.messenger.on((event) => announce(event, context))
  await asked
  silence()
}

// ---------------------------------------------------------------- opening

/** @returns undefined when the person, asked to set up or unlock in the page, turned away */
async function open(context: Context, options: Options, module: AppModule, door: Door, stopping: Stopping): Promise<App | undefined> {
  const start = (unlock: Unlock): Promise<App> =>
    module.startApp({
      home: context.home, listen: options.listen ?? [], channelListen: options.channelListen ?? [], mdns: options.mdns, dht: options.dht,
      network: options.network, bootstrap: options.bootstrap ?? [], unlock, logLevel: 'warn', onStop: stopping.ask,
    })
  const fromFile = options.passphraseFile === undefined ? undefined : { passphrase: passphraseFile(options.passphraseFile) }
  const inPage = door.origin !== undefined
  try {
    return await start(fromFile ?? 'key-file')
  } catch (error) {
    const code = codeOf(error)
    // 'not-found': the making of the identity was interrupted before it was stored
    if (code === 'no-profile' || code === 'not-found') {
      if (inPage && options.name === undefined && fromFile === undefined) {
        const made = await orTurnedAway(firstRunInPage(context, module, door), stopping)
        return made && start(made)
      }
      return start(await firstRun(context, options, module, fromFile))
    }
    if (code !== 'other-protection' || fromFile !== undefined) throw error
    if (!inPage) return askAndStart(context, start)
    sendToPage(context, door, 'A passphrase locks this profile. Unlock it in the page:')
    return orTurnedAway(door.unlock((passphrase) => start({ passphrase })), stopping)
  }
}

const orTurnedAway = <T>(answered: Promise<T>, { asked }: Stopping): Promise<T | undefined> => Promise.race([answered, asked.then(() => undefined)])

async function firstRunInPage(context: Context, module: AppModule, door: Door): Promise<Unlock> {
  sendToPage(context, door, 'Welcome to Dure. Make your identity in the page, or restore the one you have:')
  return door.firstRun(async ({ name, passphrase, words }) => {
    const unlock: Unlock = passphrase === undefined ? 'key-file' : { passphrase }
    const { phrase } = await module.createProfile({ home: context.home, name, unlock, ...(words === undefined ? { keepWords: true } : { phrase: words }) })
    return { made: unlock, ...(words === undefined && { words: phrase }) }
  })
}

/** The person goes on in the browser; it is opened for them where there is one. */
function sendToPage(context: Context, door: Door, why: string): void {
  if (context.json) return context.answer({ ready: false, page: door.origin }, String)
  const opened = context.io.stdout.isTTY === true && openInBrowser(context.io, door.link() ?? '')
  context.tell([why, '', `  ${context.style('bold', pageAddress(context, door))}`, '', ...(opened ? ['It opens in your browser. '] : []), pageHint(context), 'Ctrl-C stops it.'].join('\n'))
}

/** With its ticket only where a person reads it: what is not a terminal may be kept (attack 92). */
const pageAddress = ({ io }: Context, door: Door): string => (io.stdout.isTTY === true ? door.link() : door.origin) ?? ''

const pageHint = ({ io, style, dure }: Context): string =>
  io.stdout.isTTY === true
    ? `That address works once, within ten minutes; ${style('bold', dure('open'))} gives another.`
    : `${style('bold', dure('open'))} gives the address that lets a browser in.`

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

function greet(context: Context, app: App, door: Door, options: Options): void {
  const { style, home, dure } = context
  const status = app.messenger.status()
  const page = door.origin
  context.answer({ ready: true, home, ...(page !== undefined && { page }), ...status }, () => {
    const [first = 'nowhere; give --listen', ...more] = status.addresses
    const rows: [string, string][] = [
      ['listening on', first],
      ...more.map((address): [string, string] => ['', address]),
      ...(options.mdns ? [['', 'and contacts on this network find you by themselves'] as [string, string]] : []),
      ['profile', home],
      ...(page === undefined ? [] : [['page', style('bold', pageAddress(context, door))] as [string, string]]),
    ]
    return [
      `${style('bold', inertName(status.name))}, you are online. ${style('dim', `fingerprint ${status.fingerprint}`)}`,
      ...rows.map(([label, value]) => `  ${style('dim', label.padEnd(12))}  ${value}`),
      '',
      ...(page === undefined ? [] : [pageHint(context)]),
      `Pair with a friend: run ${style('bold', dure('invite'))} in another terminal and let them scan the code${page === undefined ? '' : ', or use the page'}.`,
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
