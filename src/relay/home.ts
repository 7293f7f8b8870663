/** What a relay keeps between its runs: its key, and where it listens. Nothing of the people who use it. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../config.ts'

const SEED = 32

export interface RelaySettings {
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly channelListen: readonly string[]
  readonly channelAnnounce: readonly string[]
  readonly network: 'public' | 'private'
}

const keyFile = (home: string): string => join(home, 'relay.key')
const mirrorKeyFile = (home: string): string => join(home, 'mirror.key')
const sharedKeyFile = (home: string): string => join(home, 'store.key')
const settingsFile = (home: string): string => join(home, 'relay.json')

/** A relay has a home of its own. @throws ConfigError when a person lives here */
export function refusePersonsHome(home: string): void {
  if (existsSync(join(home, 'dure.db')) || existsSync(join(home, 'key.json'))) {
    throw new ConfigError(`${home} is the profile of a person`, 'give the relay a folder of its own with --home')
  }
}

/** The relay's seed, made at the first start. Its link holds for as long as this file does. */
export const relaySeed = (home: string): Uint8Array => seedIn(keyFile(home), 'put it back from a copy, or delete it: the relay then gets a new key and a new link')

/** Of its node in the channel network. Relays on one database have one `relay.key`; as mirrors they are as many nodes as there are folders. */
export const mirrorSeed = (home: string): Uint8Array => seedIn(mirrorKeyFile(home), 'put it back from a copy, or delete it: the mirrors then get new links')

/** @throws ConfigError */
function seedIn(file: string, ifDamaged: string): Uint8Array {
  if (!existsSync(file)) writeDurably(file, `${randomBytes(SEED).toString('hex')}\n`)
  chmodSync(file, 0o600)
  const seed = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(seed)) throw new ConfigError(`${file} is damaged`, ifDamaged)
  return Buffer.from(seed, 'hex')
}

/** Is there a key for mailboxes that lie in a database of several processes? */
export const sharesMailboxes = (home: string): boolean => existsSync(sharedKeyFile(home))

/**
 * The seed of what several relays keep in one database.
 * @param isFirst nobody has used the database yet, so that one may be made
 * @throws ConfigError
 */
export function sharedSeed(home: string, isFirst: boolean): Uint8Array {
  const file = sharedKeyFile(home)
  if (!existsSync(file) && !isFirst) {
    throw new ConfigError('the mailboxes in this database were sealed with a store.key that is not here', `copy store.key from the folder of the relay that has used it into ${home}`)
  }
  return seedIn(file, 'put it back from a copy, or from the folder of another relay on the same database')
}

/** What the last run used, so that a restart keeps the link. */
export function keptSettings(home: string): RelaySettings {
  try {
    const { listen, announce, channelListen, channelAnnounce, network } = JSON.parse(readFileSync(settingsFile(home), 'utf8')) as Partial<RelaySettings>
    const texts = (list: unknown): string[] => (Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [])
    return { listen: texts(listen), announce: texts(announce), channelListen: texts(channelListen), channelAnnounce: texts(channelAnnounce), network: network === 'private' ? 'private' : 'public' }
  } catch {
    return { listen: [], announce: [], channelListen: [], channelAnnounce: [], network: 'public' }
  }
}

export function keepSettings(home: string, settings: RelaySettings): void {
  writeDurably(settingsFile(home), `${JSON.stringify(settings, null, 2)}\n`)
}

/** Whole or not at all, also when the power goes. */
function writeDurably(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}
