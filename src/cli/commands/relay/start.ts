import { Option } from 'commander'
import type { RelayView } from '../../../relay/view.ts'
import { codeFor, pictureFormat, writeCode } from '../../code.ts'
import { type Context, examples, type Register, shellWord } from '../../command.ts'
import { entryPoint } from '../../entry-point.ts'
import { usageError } from '../../io.ts'
import { portNumber, wholeNumber } from '../../numbers.ts'
import { stopInTime, waitForStop } from '../../stopping.ts'
import { relayHome } from './home.ts'

interface Options {
  listen?: string[]
  announce?: string[]
  metricsPort?: string
  perIp?: string
  quota?: string
  mailboxesPerIp?: string
  channelListen?: string[]
  channelAnnounce?: string[]
  mirrorQuota?: string
  store?: string
  network?: 'public' | 'private'
  bootstrap?: string[]
  qr?: string
}

const several = (value: string, all: string[] = []): string[] => [...all, value]

export const start: Register = (relay, run) => {
  relay
    .command('start', { isDefault: true })
    .summary('run a relay, for people behind routers')
    .description(
      'Runs a relay in this terminal until Ctrl-C: people who cannot reach each other directly meet through it, and it keeps what is sent to those who use it while they are away. It passes on and keeps sealed bytes, and learns no account, no contact and no word. It wants an address of the internet and two open ports, two more once it mirrors a channel, and has a folder of its own.',
    )
    .option('--listen <multiaddr>', 'where to listen; may be given several times (default: as last time, else ports 4001 and 4002)', several)
    .option('--announce <multiaddr>', 'where others find it, when that is another address or name; may be given several times', several)
    .option('--metrics-port <port>', 'figures for Prometheus and a health check, on 127.0.0.1')
    .option('--per-ip <number>', 'people behind one IP address it keeps a place for (default: 2)')
    .option('--quota <size>', 'what mailboxes may fill of the disk, such as 500M or 20G (default: 1G)')
    .option('--mailboxes-per-ip <number>', 'mailboxes one IP address may open in a day (default: 20)')
    .option('--channel-listen <multiaddr>', 'where the channel mirror listens; may be given several times (default: as last time, else two ports above those of --listen: 4003 and 4004)', several)
    .option('--channel-announce <multiaddr>', 'where followers find the mirror (default: the hosts of --announce, with its ports)', several)
    .option('--mirror-quota <size>', 'how full mirrored channels may make the disk before no more pictures are fetched (default: 4G)')
    .option('--store <url>', 'a PostgreSQL database for the mailboxes, postgres://USER@HOST/NAME; with a password only in the environment, as DURE_RELAY_STORE (default: a file)')
    .addOption(new Option('--network <which>', 'public: strangers may find this relay; private: only who has its link (default: as last time, else public)').choices(['public', 'private']))
    .option('--bootstrap <multiaddr>', 'with /p2p/ID: begin there instead of at the well-known address; may be given several times', entryPoint)
    .option('--qr <file>', 'write the code of its link to a picture, .png or .svg')
    .addHelpText('after', examples('relay', 'relay start --announce /dns4/relay.example.org/tcp/4001 --metrics-port 9400', 'relay --qr relay.png'))
    .action(
      run<[], Options>(async (context, _args, options) => {
        const format = options.qr === undefined ? undefined : pictureFormat(options.qr)
        const metricsPort = options.metricsPort === undefined ? undefined : portNumber(options.metricsPort)
        const database = databaseFrom(options.store, context.io.env.DURE_RELAY_STORE)
        const quota = options.quota === undefined ? undefined : sizeOf(options.quota)
        const mirrorQuota = options.mirrorQuota === undefined ? undefined : sizeOf(options.mirrorQuota)
        const { MIRROR_QUOTA, QUEUES_PER_HOST_PER_DAY, QUOTA, RESERVATIONS_PER_HOST, startRelay } = await import('../../../relay/index.ts')
        const stopping = waitForStop(context)
        const home = relayHome(context)
        const running = await startRelay({
          home,
          listen: options.listen ?? [],
          announce: options.announce ?? [],
          channelListen: options.channelListen ?? [],
          channelAnnounce: options.channelAnnounce ?? [],
          mirrorQuota: mirrorQuota ?? MIRROR_QUOTA,
          network: options.network,
          bootstrap: options.bootstrap ?? [],
          perHost: options.perIp === undefined ? RESERVATIONS_PER_HOST : wholeNumber(options.perIp, 'a number of people', 1, 1_000),
          quota: quota ?? QUOTA,
          queuesPerHost: options.mailboxesPerIp === undefined ? QUEUES_PER_HOST_PER_DAY : wholeNumber(options.mailboxesPerIp, 'a number of mailboxes', 1, 1_000_000),
          database,
          metricsPort,
          logLevel: 'warn',
          onStop: stopping.ask,
        })
        const view = running.status()
        if (options.qr !== undefined && format !== undefined) await writeCode(options.qr, format, view.link, 0o644)
        const code = context.json || format !== undefined ? '' : await codeFor(context, view.link)
        context.answer({ ready: true, home, ...view, ...(format !== undefined && { file: options.qr }) }, () => greeting(context, view, code, home))
        if (view.reach === 'network') context.warn('It has no address of the internet: only people on this network reach it. Behind a router, forward its ports and give --announce.')
        if (view.listed) context.tell('Strangers will find this relay through the public libp2p DHT and may use it. With --network private only those who have its link do.')
        await stopping.asked
        context.tell('Stopping.')
        await stopInTime(running)
        stopping.done()
      }),
    )
}

/** Arguments can be read by everybody on the machine; a password is refused there. */
function databaseFrom(asked: string | undefined, environment: string | undefined): string | undefined {
  const address = asked ?? (environment || undefined)
  if (address === undefined) return undefined
  if (!/^postgres(ql)?:\/\//.test(address) || !URL.canParse(address)) throw usageError('the store is not an address of a PostgreSQL database', 'postgres://USER@HOST/NAME')
  if (asked !== undefined && (new URL(asked).password !== '' || new URL(asked).searchParams.has('password'))) {
    throw usageError('a password among the arguments can be read by everybody on this machine', 'put the address into the environment instead: DURE_RELAY_STORE')
  }
  return address
}

const UNIT = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const
/** Less holds no mailbox worth the name. */
const LEAST_QUOTA = 1024 ** 2

function sizeOf(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})([KMGT]?)$/.exec(text.toUpperCase()) ?? []
  const bytes = Number(digits) * UNIT[unit as keyof typeof UNIT]
  if (!(bytes >= LEAST_QUOTA)) throw usageError(`${text} is not a size`, 'a number with K, M, G or T, at least 1M')
  return bytes
}

function greeting({ style, dure, home: personsHome }: Context, view: RelayView, code: string, home: string): string {
  const [first = 'nowhere', ...more] = view.addresses
  const command = (words: string): string => (home === personsHome ? dure(words) : `${dure(words)} --home ${shellWord(home)}`)
  const rows: [string, string][] = [
    ['found at', first],
    ...more.map((address): [string, string] => ['', address]),
    ...(view.metrics === undefined ? [] : [['metrics', view.metrics] as [string, string]]),
    ['folder', `${home}; relay.key in it is the relay: keep a copy`],
  ]
  return [
    ...(code === '' ? [] : [code]),
    view.link,
    '',
    style('bold', 'The relay is running.'),
    ...rows.map(([label, value]) => `  ${style('dim', label.padEnd(8))}  ${value}`),
    '',
    `People use it with ${style('bold', 'dure relay use LINK')}. Figures: ${style('bold', command('status'))}. Ctrl-C stops it.`,
  ].join('\n')
}
