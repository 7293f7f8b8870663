/** The composition: config -> store -> net -> messenger -> api. Only the command line imports this. */
import pino from 'pino'
import { decodeDeviceSecrets, entropyOf } from '../protocols/identity/index.ts'
import { fromHex, toHex } from '../protocols/suite/index.ts'
import { systemClock } from './clock.ts'
import { ConfigError, pageDirectory, privateDirectory, socketIn, type Unlock } from './config.ts'
import { openssl, secureRandom } from './crypto/index.ts'
import { createWeb } from './domains/index.ts'
import { type Api, createApi, createTokens, type Door, openDoor } from './api/index.ts'
import { refuseUnlistenable, rememberPorts, whereChannelsListen, whereWeListened } from './listening.ts'
import { createMessenger } from './messenger/create.ts'
import { MessengerError } from './messenger/errors.ts'
import { createIdentity } from './messenger/identity.ts'
import type { Log } from './messenger/context.ts'
import { ListenError } from './messenger/channels/ports.ts'
import type { Messenger } from './messenger/messenger.ts'
import type { Store } from './messenger/ports.ts'
import { createCourier, createGossip, createMailboxes, findRelays, isEntryPoint, peerIdOf, reachOf, WELL_KNOWN } from './net/index.ts'
import { readQr } from './qr/index.ts'
import { changeProtection, openStore, salvage, type Salvaged } from './store/index.ts'

/** A setting that is a secret: the archive leaves it out. */
const CHANNEL_PEER_KEY = 'channelPeerKey'
const API_TOKENS = 'apiTokens'
const CHANNEL_SEED_BYTES = 32

export interface AppOptions {
  readonly home: string
  readonly unlock: Unlock
  /** multiaddrs to listen on; none means every interface, on the ports of the last run when they are free */
  readonly listen: readonly string[]
  /** the same for the channel network; none means the hosts of `listen`, on ports of its own */
  readonly channelListen: readonly string[]
  readonly mdns: boolean
  /** find followers of channels through the distributed hash table */
  readonly dht: boolean
  /** private: nobody is asked whom the person did not name; undefined: as the profile says */
  readonly network: 'public' | 'private' | undefined
  /** multiaddrs with a peer id to begin searches at, instead of the well-known one */
  readonly bootstrap: readonly string[]
  readonly logLevel: 'silent' | 'warn' | 'info' | 'debug'
  /** somebody asked through a door that the node stops */
  readonly onStop: () => void
}

export interface App {
  readonly messenger: Messenger
  /** for a door to hand requests to */
  readonly api: Api
  stop(): Promise<void>
}

/** Opens the doors of a profile, before anything else of it. @throws ConfigError when a node runs on it, or the port is taken */
export function openDoors({ home, page, onStop }: { home: string; page: { port: number | undefined } | undefined; onStop: () => void }): Promise<Door> {
  privateDirectory(home)
  return openDoor({ socketPath: socketIn(home), page: page && { home, port: page.port, root: pageDirectory() }, onStop })
}

/**
 * Makes the identity of an empty profile.
 * @param options `phrase`: the 24 words of an account to restore
 * @returns the recovery phrase: to be shown once and kept nowhere
 * @throws StoreError, PhraseError, MessengerError 'conflict' when there is an identity already
 */
export async function createProfile(options: {
  home: string
  name: string
  unlock: Unlock
  phrase?: string
  /** the person may ask for the words until they say that they are on paper */
  keepWords?: boolean
}): Promise<{ phrase: string }> {
  if (options.phrase !== undefined) entropyOf(options.phrase) // a slip of the pen leaves nothing behind
  privateDirectory(options.home)
  const store = await openStore({ home: options.home, unlock: options.unlock, create: true })
  try {
    return await createIdentity({ suite: openssl, store, random: secureRandom, now: Date.now() }, options)
  } finally {
    store.close()
  }
}

/** Saves what a damaged profile still holds into a new one. @throws StoreError */
export async function salvageProfile(options: { home: string; unlock: Unlock; out: string }): Promise<{ identity: boolean } & Pick<Salvaged, 'message' | 'contact' | 'channel' | 'entry' | 'stranded'>> {
  const { self, message, contact, channel, entry, stranded } = await salvage(options)
  return { identity: self > 0, message, contact, channel, entry, stranded }
}

/** Opens a profile and brings everything up; what came up is taken down again when a later part fails. */
export async function startApp(options: AppOptions): Promise<App> {
  privateDirectory(options.home)
  const log = pino({ level: options.logLevel, base: null }, pino.destination({ dest: 2, sync: true }))
  const wrong = options.bootstrap.find((address) => !isEntryPoint(address))
  if (wrong !== undefined) throw new ConfigError(`nobody can be reached at ${wrong}`, 'an address of the internet or of this machine, with /p2p/ and an Ed25519 peer id')
  refuseUnlistenable([...options.listen, ...options.channelListen])
  const store = await openStore({ home: options.home, unlock: options.unlock })
  const undo: (() => void | Promise<void>)[] = [() => store.close()]
  let messenger: Messenger
  let api: Api
  const stopping = new AbortController()
  undo.push(() => stopping.abort())
  let { unlock } = options
  try {
    const self = store.self()
    if (!self) throw new MessengerError('not-found', 'there is no identity here', 'dure init makes one')
    const courier = createCourier({
      seed: openssl.exportSecret(decodeDeviceSecrets(openssl, self.device).signing.secretKey),
      listen: await whereWeListened(store, options.listen),
      mdns: options.mdns,
      log: facts(log),
    })
    const gossip = createGossip({
      seed: await channelSeed(store),
      suite: openssl,
      random: secureRandom,
      listen: () => whereChannelsListen(store, options.listen, options.channelListen),
      mdns: options.mdns,
      dht: options.dht ? 'auto' : 'off',
      entryPoints: () => [...options.bootstrap, ...messenger.relays().flatMap(({ peerId, addresses }) => addresses.map((address) => `${address}/p2p/${peerId}`))],
      log: facts(log),
    })
    messenger = createMessenger({
      suite: openssl,
      store,
      courier,
      gossip,
      mailboxes: createMailboxes({ loopback: () => courier.addresses().some((address) => reachOf(address) === 'machine') }),
      relaySearch(network) {
        const entryPoints = options.bootstrap.length > 0 ? options.bootstrap : network === 'public' ? WELL_KNOWN : []
        return entryPoints.length === 0 ? undefined : () => findRelays(entryPoints, stopping.signal)
      },
      network: options.network,
      web: createWeb(),
      clock: systemClock,
      random: secureRandom,
      log: facts(log),
      peerIdOf: (device) => peerIdOf(toHex(device))?.toString() ?? '',
      protection: store.protection,
    })
    undo.push(() => messenger.stop())
    await messenger.start()
    await rememberPorts(store, courier.addresses())
    const running = await createApi({
      messenger,
      readCode: readQr,
      tokens: createTokens({ read: () => store.setting(API_TOKENS) ?? '', write: (text) => store.commit([{ put: 'setting', key: API_TOKENS, value: text }]) }, Date.now),
      protection: {
        async change(passphrase) {
          const to = passphrase === undefined ? 'key-file' : { passphrase }
          await changeProtection({ home: options.home, from: unlock, to })
          unlock = to
        },
      },
      onStop: options.onStop,
      log: facts(log),
    })
    undo.push(() => running.close())
    api = running
  } catch (error) {
    await takeDown(undo)
    throw error instanceof ListenError ? new ConfigError(error.message, 'choose another address or port with --listen') : error
  }
  return { messenger, api, stop: () => takeDown(undo) }
}

/** The key of our node in the channel network: made once, and no relation of the device's. */
async function channelSeed(store: Store): Promise<Uint8Array> {
  const kept = store.setting(CHANNEL_PEER_KEY)
  if (kept !== undefined) return fromHex(kept)
  const seed = secureRandom(CHANNEL_SEED_BYTES)
  await store.commit([{ put: 'setting', key: CHANNEL_PEER_KEY, value: toHex(seed) }])
  return seed
}

async function takeDown(undo: (() => void | Promise<void>)[]): Promise<void> {
  for (const part of undo.reverse()) await part()
}

/** pino behind the messenger's small interface: facts and numbers, never what people say. */
function facts(log: pino.Logger): Log {
  return {
    info: (fact, data = {}) => log.info(data, fact),
    warn: (fact, data = {}) => log.warn(data, fact),
  }
}
