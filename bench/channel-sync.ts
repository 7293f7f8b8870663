/**
 * Following a channel: what a new follower waits for, and how fast entries are fetched, verified and committed. Two whole nodes in two
 * processes with their encrypted databases, over TCP on loopback, one peer to fetch from. `--full` adds a channel of a million entries.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeChannel, encodeLog, type LogState } from '../protocols/channel/index.ts'
import { parseChannelLink } from '../protocols/pairing/index.ts'
import { type Suite, toHex } from '../protocols/suite/index.ts'
import { createProfile } from '../src/app.ts'
import { openssl } from '../src/crypto/index.ts'
import type { ChannelRow, EntryRow, NodeRow } from '../src/messenger/channels/ports.ts'
import type { Change } from '../src/messenger/ports.ts'
import { type OpenedStore, openStore } from '../src/store/index.ts'
import { Brand } from './channel-brand.ts'
import type { FromNode, ToNode } from './channel-node.ts'
import type { Figure } from './figure.ts'

const FULL = process.argv.includes('--full')
/** Channels a newcomer meets. */
const LENGTHS = [1_000, 100_000]
/** The one that is then fetched whole, for the memory it takes. */
const WHOLE = FULL ? 1_000_000 : 20_000
/** A follower that was away fetches these from where it was; of more it takes the newest first (`KEEP`). */
const AWAY = 10_000
const COMMIT = 256
const GOAL = 5_000
const NAME = 'Seoul Bakery'

/** The brand does not check what it has just signed, or building the channel would take thrice as long. */
const trusting: Suite = { ...openssl, verify: () => true }

export async function run(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const length of LENGTHS) figures.push(...(await newcomer(length)))
  figures.push(await returning(), ...(await whole()))
  return figures
}

// ---------------------------------------------------------------- figures

async function newcomer(length: number): Promise<Figure[]> {
  return inHomes(async (brandHome, home) => {
    await fill([brandHome], new Brand(trusting, { authors: 1, entries: length }), length)
    const [server, follower] = [await node(brandHome), await node(home)]
    const figures = await meet(server, follower, length)
    await end(server, follower)
    return figures
  })
}

/** What somebody waits for who has just read a link. */
async function meet(server: ChildProcess, follower: ChildProcess, length: number): Promise<Figure[]> {
  const { link } = await ask(server, { do: 'link', channel: NAME }, 'link')
  const { posts, ms, bytes } = await ask(follower, { do: 'follow', link }, 'followed')
  if (posts === 0) throw new Error('nothing was there to read')
  const at = `channel of ${length.toLocaleString('en')} entries`
  return [
    { name: `follow to posts readable, ${at}`, value: ms, unit: 'ms', note: `${posts} posts (goal: 2,000)` },
    { name: `received until then, ${at}`, value: bytes / 1000, unit: 'kB', note: 'with connecting and encryption, and what of older pages has come by then' },
  ]
}

/** The follower was away while the brand posted: it goes on from where it was. */
async function returning(): Promise<Figure> {
  return inHomes(async (brandHome, home) => {
    const brand = new Brand(trusting, { authors: 1, entries: 2 * AWAY })
    await fill([brandHome, home], brand, AWAY)
    await fill([brandHome], brand, AWAY)
    const server = await node(brandHome)
    await hint(home, (await ask(server, { do: 'link', channel: NAME }, 'link')).link)
    const follower = await node(home)
    const came = await ask(follower, { do: 'await', what: 'entries', to: 2 * AWAY + ROOT_ENTRIES }, 'came')
    await end(server, follower)
    return { name: 'catch-up: entries verified and committed', value: rate(came), unit: '/s', note: `${limitOf(came)} (goal: ${GOAL.toLocaleString('en')})` }
  })
}

async function whole(): Promise<Figure[]> {
  return inHomes(async (brandHome, home) => {
    await fill([brandHome], new Brand(trusting, { authors: 1, entries: WHOLE }), WHOLE)
    const [server, follower] = [await node(brandHome), await node(home)]
    const figures = await meet(server, follower, WHOLE)
    const came = await ask(follower, { do: 'await', what: 'held', to: WHOLE + ROOT_ENTRIES, wholeOf: NAME }, 'came')
    await end(server, follower)
    const [start = 0] = came.rss
    const flat = came.rss.slice(1)
    const size = WHOLE.toLocaleString('en')
    console.log(`  memory at every tenth of ${size} entries: ${came.rss.map((rss) => rss.toFixed(0)).join(', ')} MB`)
    return [
      ...figures,
      { name: `whole history of ${size}: entries verified and committed`, value: rate(came), unit: '/s', note: `${limitOf(came)} (goal: ${GOAL.toLocaleString('en')})` },
      { name: `memory of the follower meanwhile, most`, value: Math.max(...came.rss), unit: 'MB', note: `${start.toFixed(0)} at the start, ${(Math.max(...flat) - Math.min(...flat)).toFixed(0)} between the least and the most later` },
    ]
  })
}

type Came = Extract<FromNode, { is: 'came' }>

const rate = ({ entries, ms }: Came): number => entries / (ms / 1000)

/** Is it the processor of the follower that sets the pace, and how much of that are the signatures alone? */
function limitOf({ entries, ms, cpuMs }: Came): string {
  return `the follower computes ${((100 * cpuMs) / ms).toFixed(0)}% of the time, ${((1000 * cpuMs) / entries).toFixed(0)} us an entry`
}

// ---------------------------------------------------------------- a channel in a store

/** Genesis and one certificate. */
const ROOT_ENTRIES = 2

/** The next entries of the brand, into each of the stores. */
async function fill(homes: readonly string[], brand: Brand, count: number): Promise<void> {
  const stores = await Promise.all(homes.map((home) => openStore({ home, unlock: 'key-file' })))
  const commit = (changes: Change[]): Promise<unknown> => Promise.all(stores.map((store) => store.commit(changes)))
  if (stores.every((store) => store.channels().length === 0)) await commit(begin(brand))
  const id = toHex(brand.channel.id)
  const log = brand.logOf(0)
  for (let left = count; left > 0; left -= COMMIT) {
    const changes: Change[] = []
    for (let n = 0; n < Math.min(COMMIT, left); n++) {
      const { entry, grown } = brand.post(0)
      changes.push({ add: 'entry', row: rowOf(id, log, entry) })
      for (const node of grown) changes.push({ put: 'node', row: { channel: id, log, ...node } satisfies NodeRow })
    }
    changes.push({ put: 'channel-log', row: { channel: id, log, state: encodeLog(brand.channel.logs.get(log) as LogState), floor: 0 } })
    await commit(changes)
  }
  for (const store of stores) store.close()
}

function begin({ channel, root, now }: Brand): Change[] {
  const id = toHex(channel.id)
  const row: ChannelRow = {
    id, name: NAME, following: 'open', muted: true, dailyLimit: 0, state: encodeChannel(channel), hints: [], domain: undefined, newestAt: now, addedAt: now,
  }
  return [{ put: 'channel', row }, ...root.map(({ entry }): Change => ({ add: 'entry', row: rowOf(id, id, entry) }))]
}

const rowOf = (channel: string, log: string, { seq, id, kind, time, bytes }: Brand['root'][number]['entry']): EntryRow => ({
  channel, log, seq, id: toHex(id), kind, time, bytes, about: undefined, unread: false,
})

/** Where the server is found. */
async function hint(home: string, link: string): Promise<void> {
  const store: OpenedStore = await openStore({ home, unlock: 'key-file' })
  const [row] = store.channels()
  const hints = parseChannelLink(link).peers.map(({ key, addresses }) => ({ peer: toHex(key), addresses }))
  await store.commit([{ put: 'channel', row: { ...(row as ChannelRow), hints } }])
  store.close()
}

// ---------------------------------------------------------------- processes

async function inHomes<T>(work: (brand: string, follower: string) => Promise<T>): Promise<T> {
  const homes = [mkdtempSync(path.join(tmpdir(), 'dure-bench-')), mkdtempSync(path.join(tmpdir(), 'dure-bench-'))] as const
  try {
    for (const home of homes) await createProfile({ home, name: 'Ann', unlock: 'key-file' })
    return await work(...homes)
  } finally {
    for (const home of homes) rmSync(home, { recursive: true, force: true })
  }
}

async function node(home: string): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, 'channel-node.ts'), [home])
  await hear(child, 'ready')
  return child
}

async function end(...children: ChildProcess[]): Promise<void> {
  for (const child of children) {
    const exit = once(child, 'exit')
    child.disconnect()
    await exit
  }
}

function ask<K extends FromNode['is']>(child: ChildProcess, question: ToNode, is: K): Promise<Extract<FromNode, { is: K }>> {
  const answer = hear(child, is)
  child.send(question)
  return answer
}

async function hear<K extends FromNode['is']>(child: ChildProcess, is: K): Promise<Extract<FromNode, { is: K }>> {
  for (;;) {
    const [message] = (await Promise.race([once(child, 'message'), died(child)])) as [FromNode]
    if (message.is === is) return message as Extract<FromNode, { is: K }>
  }
}

async function died(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number]
  throw new Error(`a node ended with ${code}`)
}
