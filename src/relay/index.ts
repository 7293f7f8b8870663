/** The operator's process: key -> node -> door and metrics. Only the command line imports this. */
import pino from 'pino'
import { encodeRelayLink, InviteError } from '../../protocols/pairing/index.ts'
import { fromHex } from '../../protocols/suite/index.ts'
import { ConfigError, privateDirectory, socketIn } from '../config.ts'
import { openssl, secureRandom } from '../crypto/index.ts'
import { systemClock } from '../clock.ts'
import { refuseUnlistenable } from '../listening.ts'
import { ListenError } from '../messenger/channels/ports.ts'
import type { Log } from '../messenger/context.ts'
import { announceRelay, type Announcing, createGossip, createMailboxServer, createRelayNode, findRelays, peerIdOf, reachOf, type RelayNode, withoutNames, WELL_KNOWN } from '../net/index.ts'
import { serveDoor } from './door.ts'
import { keepSettings, keptSettings, mirrorSeed, refusePersonsHome, relaySeed, sharesMailboxes } from './home.ts'
import { StoreError } from '../store/errors.ts'
import { createSessions } from './mailbox/sessions.ts'
import { serveMetrics } from './metrics.ts'
import { createMirror, type Mirror } from './mirror/mirror.ts'
import { openMirrorStore } from './mirror/open.ts'
import { meetNeighbours } from './neighbours.ts'
import { portsBeside, sameHosts, withPorts } from './ports.ts'
import { DatabaseAway } from './store/errors.ts'
import { mailboxesIn, openMailboxStore } from './store/open.ts'
import { openPostgresStore } from './store/postgres-open.ts'
import type { RelayView } from './view.ts'

export { RESERVATIONS_PER_HOST } from '../net/index.ts'
export { QUEUES_PER_HOST_PER_DAY, QUOTA } from './mailbox/limits.ts'
export { MIRROR_QUOTA } from './mirror/limits.ts'

/** What libp2p nodes usually listen on: the least surprise for firewalls and hosters. */
const DEFAULT_LISTEN = ['/ip4/0.0.0.0/tcp/4001', '/ip4/0.0.0.0/tcp/4002/ws', '/ip6/::/tcp/4001', '/ip6/::/tcp/4002/ws']

export interface RelayOptions {
  readonly home: string
  /** none: as in the last run, else the ports 4001 and 4002 of every interface */
  readonly listen: readonly string[]
  /** what others are told, where that is not what we listen on; none: as in the last run */
  readonly announce: readonly string[]
  /** where the channel mirror listens; none: as in the last run, else two ports above each of `listen` */
  readonly channelListen: readonly string[]
  /** what followers are told; none: as in the last run, else the hosts of `announce` with the mirror's ports */
  readonly channelAnnounce: readonly string[]
  /** public: strangers are told of it, once it has an address of the internet; undefined: as in the last run, else public */
  readonly network: 'public' | 'private' | undefined
  /** multiaddrs with a peer id where telling begins; none: the well-known one */
  readonly bootstrap: readonly string[]
  /** reservations one IP address may hold */
  readonly perHost: number
  /** bytes that mailboxes may fill */
  readonly quota: number
  /** bytes of the disk up to which mirrors fetch pictures */
  readonly mirrorQuota: number
  /** mailboxes one IP address may open in a day */
  readonly queuesPerHost: number
  /** address of a PostgreSQL database that keeps the mailboxes; undefined: a file in the relay's folder does */
  readonly database: string | undefined
  readonly metricsPort: number | undefined
  readonly logLevel: 'silent' | 'warn' | 'info'
  /** somebody asked through the socket that the relay stops */
  readonly onStop: () => void
}

export interface Relay {
  status(): RelayView
  stop(): Promise<void>
}

/** @throws ConfigError */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { home } = options
  if (process.env.DUMP_SESSION_KEYS !== undefined) {
    throw new ConfigError('DUMP_SESSION_KEYS is set: every session key of the network would be written out', 'unset it')
  }
  privateDirectory(home)
  refusePersonsHome(home)
  const log = pino({ level: options.logLevel, base: null }, pino.destination({ dest: 2, sync: true }))
  const kept = keptSettings(home)
  const listen = [options.listen, kept.listen, DEFAULT_LISTEN].find((list) => list.length > 0) ?? []
  refuseUnlistenable([...listen, ...options.channelListen])
  const announce = options.announce.length > 0 ? options.announce : kept.announce
  const network = options.network ?? kept.network
  const since = Date.now()
  const undo: (() => unknown)[] = []
  let metrics: string | undefined
  let node: RelayNode
  let mirror: Mirror

  /** A full disk gets room again. After anything else this handle takes nothing more; whoever starts the relay again opens another. */
  const notStored = (fact: string, error: unknown): void => {
    log.warn({ error: error instanceof Error ? error.message : 'unknown' }, fact)
    if (!(error instanceof StoreError) || error.code === 'store-broken' || error.code === 'corrupt') options.onStop()
  }
  let announcing: Announcing | undefined

  const status = (): RelayView => {
    const addresses = node.addresses()
    return {
      peerId: node.peerId,
      link: encodeRelayLink({ key: fromHex(node.key), addresses }),
      addresses,
      reach: reachOf(addresses[0] ?? '') ?? 'machine',
      listed: announcing !== undefined,
      since,
      metrics,
      figures: {
        ...node.status(),
        mirror: mirror.status(),
        announcement: { announced: announcing?.announced ? 1 : 0 },
        process: { uptime_seconds: Math.floor((Date.now() - since) / 1000), resident_bytes: process.memoryUsage.rss() },
      },
    }
  }

  try {
    const seed = relaySeed(home)
    const { quota, queuesPerHost, database } = options
    if (database === undefined && sharesMailboxes(home)) {
      throw new ConfigError(`the mailboxes of ${home} are in a database, as store.key in it says, and its address was not given`, 'give it with DURE_RELAY_STORE or --store; or delete store.key to begin with an empty file')
    }
    const left = database === undefined ? 0 : await mailboxesIn(openssl, home, seed)
    if (left > 0) log.warn({ mailboxes: left }, 'mailbox.db holds mailboxes that are not moved into the database: their owners make new ones, and senders leave again what was not fetched')
    const reachable = (code: string | undefined): void => (code === undefined ? log.warn('the database is back') : log.warn({ code }, 'the database went away; mailboxes are busy'))
    const store = database === undefined ? openMailboxStore(openssl, home, seed) : await openPostgresStore({ suite: openssl, random: secureRandom, url: database, home, quota, reachable })
    undo.push(() => store.close())
    const sessions = createSessions({
      suite: openssl,
      random: secureRandom,
      store,
      now: Date.now,
      quota,
      queuesPerHost,
      // A database that is away was told of once, by the store, and comes back by itself.
      failed: (error) => !(error instanceof DatabaseAway) && notStored('mailboxes could not be stored', error),
    })
    const channelListen = [options.channelListen, kept.channelListen].find((list) => list.length > 0) ?? (await portsBeside(listen))
    const channelAnnounce = [options.channelAnnounce, kept.channelAnnounce].find((list) => list.length > 0) ?? []
    const channelsTold = channelAnnounce.length > 0 ? channelAnnounce : sameHosts(announce, channelListen)
    const channels = openMirrorStore(openssl, home, seed)
    undo.push(() => channels.close())
    const facts: Log = { info: (fact, data = {}) => log.info(data, fact), warn: (fact, data = {}) => log.warn(data, fact) }
    const gossip = createGossip({
      seed: mirrorSeed(home),
      suite: openssl,
      random: secureRandom,
      listen: async () => channelListen,
      announce: channelsTold,
      mdns: false, // a server's network is no home
      // Who says where it can be found can be asked.
      dht: channelsTold.length > 0 ? 'server' : 'auto',
      // Who uses this relay and looks for a channel begins there.
      entryPoints: () => [...node.addresses().map((address) => `${address}/p2p/${node.peerId}`), ...options.bootstrap],
      log: facts,
    })
    mirror = createMirror(
      { suite: openssl, store: channels, gossip, clock: systemClock, random: secureRandom, log: facts },
      { quota: options.mirrorQuota, failed: (error) => notStored('mirrors could not be stored', error) },
    )
    node = await createRelayNode({ seed, listen, announce, announceWithoutNames: await withoutNames(announce), perHost: options.perHost, parts: [createMailboxServer(sessions)] })
    // First the door: it is what tells that another relay runs here.
    const door = await serveDoor({ socketPath: socketIn(home), status, mirror, onStop: options.onStop })
    undo.push(() => door.close())
    await node.start().catch((error: unknown) => {
      throw error instanceof ListenError ? new ConfigError(`the relay ${error.message}`, 'choose another address or port with --listen') : error
    })
    undo.push(async () => {
      const outcome = await node.stop()
      if (outcome !== 'stopped') log.warn({ outcome }, 'the network did not stop cleanly')
    })
    checkLink(status)
    keepSettings(home, { listen: withPorts(listen, node.listening()), announce, channelListen, channelAnnounce, network })
    undo.push(() => mirror.stop())
    await mirror.start()
    const { reach, addresses } = status()
    const entryPoints = options.bootstrap.length > 0 ? options.bootstrap : WELL_KNOWN
    const isPublic = network === 'public' && (reach === 'internet' || reach === 'name')
    if (isPublic) {
      announcing = announceRelay({ seed, entryPoints, addresses })
      undo.push(() => announcing?.stop())
    }
    const find = async (signal: AbortSignal): Promise<string[]> =>
      ((await findRelays(entryPoints, signal)) ?? []).flatMap(({ peer, addresses }) => addresses.map((address) => `${address}/p2p/${peerIdOf(peer)}`))
    undo.push(meetNeighbours({ given: options.bootstrap, find: isPublic ? find : undefined, meet: node.meet }))
    if (options.metricsPort !== undefined) {
      const served = await serveMetrics(options.metricsPort, () => status().figures)
      metrics = served.url
      undo.push(() => served.close())
    }
  } catch (error) {
    await takeDown(undo)
    throw error
  }
  log.info({ addresses: node.addresses().length }, 'relay started')
  return { status, stop: () => takeDown(undo) }
}

/** @throws ConfigError when an address that others are told cannot stand in a link */
function checkLink(status: () => RelayView): void {
  try {
    status()
  } catch (error) {
    if (!(error instanceof InviteError)) throw error
    throw new ConfigError('an address of the relay cannot be put into its link', 'give 1 to 8 plain multiaddrs with --announce: /dns4/relay.example.org/tcp/4001')
  }
}

async function takeDown(undo: readonly (() => unknown)[]): Promise<void> {
  for (const part of undo.toReversed()) await part()
}
