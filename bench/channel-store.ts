/** The store under channels: pages of entries as catch-up commits them, and the newest page, at growing sizes. `--full` adds a million entries. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenedStore, openStore } from '../src/store/index.ts'
import type { ChannelRow, EntryRow } from '../src/messenger/channels/ports.ts'
import type { Change } from '../src/messenger/ports.ts'
import type { Figure } from './figure.ts'

/** What a sync page brings at most. */
const PAGE = 256
const ENTRY_BYTES = 500
/** A channel's author logs: pages of them are committed in turns. */
const LOGS = 4
const POST = 16
const EDIT = 17
/** One entry in so many is an edit of an earlier one. */
const EDITS = 50
const CHANNEL = 'c'.repeat(64)
const log = (n: number): string => (n + 1).toString(16).padStart(64, '0')

const row: ChannelRow = {
  id: CHANNEL, name: 'Seoul Bakery', following: 'open', muted: false, dailyLimit: 3, state: new Uint8Array(4_000), hints: [], domain: undefined,
  newestAt: 0, addedAt: 0,
}

/** Ids are hashes in life: spread over the whole index, so that the store cannot profit from their order. */
const entryId = (logNumber: number, seq: number): string => createHash('sha256').update(`${logNumber}/${seq}`).digest('hex')

function entry(logNumber: number, seq: number): EntryRow {
  const edit = seq % EDITS === EDITS - 1
  return {
    channel: CHANNEL, log: log(logNumber), seq, id: entryId(logNumber, seq), kind: edit ? EDIT : POST, time: seq * 1_000 + logNumber,
    bytes: new Uint8Array(ENTRY_BYTES).fill(seq & 255), about: edit ? entryId(logNumber, seq - 1) : undefined, unread: false,
  }
}

/** One page: entries, the node they complete, the log as it is after them. */
function page(logNumber: number, from: number): Change[] {
  const place = { channel: CHANNEL, log: log(logNumber) }
  return [
    ...Array.from({ length: PAGE }, (_, n): Change => ({ add: 'entry', row: entry(logNumber, from + n) })),
    { put: 'node', row: { ...place, level: 8, index: from / PAGE, hash: new Uint8Array(32) } },
    { put: 'channel-log', row: { ...place, state: new Uint8Array(800), floor: 0 } },
  ]
}

/** @returns ms in commits; making the rows is not the store's work */
async function fill(store: OpenedStore, from: number, to: number): Promise<number> {
  let spent = 0
  for (let n = from; n < to; n += PAGE) {
    const turn = n / PAGE
    const changes = page(turn % LOGS, Math.floor(turn / LOGS) * PAGE)
    const started = performance.now()
    await store.commit(changes)
    spent += performance.now() - started
  }
  return spent
}

function median(run: () => unknown): number {
  const times = Array.from({ length: 21 }, () => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return times.sort((a, b) => a - b)[10] ?? 0
}

const megabytes = (): number => process.memoryUsage().rss / 1e6

function reads(store: OpenedStore, size: string, entries: number): Figure[] {
  const at = (what: string, run: () => unknown): Figure => ({ name: `channel: ${what} at ${size} entries`, value: median(run), unit: 'ms' })
  const middle = Math.floor(entries / LOGS / 2)
  return [
    at('newest 50 posts', () => store.newestEntries(CHANNEL, { kinds: [POST], limit: 50 })),
    at('50 posts from the middle', () =>
      store.newestEntries(CHANNEL, { kinds: [POST], before: { time: middle * 1_000, id: '' }, limit: 50 })),
    at('one of the newest 50 by its id', () => store.entryById(CHANNEL, entryId(1, entries / LOGS - 10))),
    at('a post from the middle by its id', () => store.entryById(CHANNEL, entryId(1, middle))),
    at('a page of 256 to serve', () => store.entries(CHANNEL, log(2), middle, PAGE)),
    at('ids of 256 for a proof', () => store.entryIds(CHANNEL, log(2), middle, middle + PAGE)),
  ]
}

/** What a revocation costs at once: the newest tenth of one log. */
async function cut(store: OpenedStore, entries: number): Promise<Figure> {
  const end = entries / LOGS
  const from = Math.floor(end * 0.9)
  const started = performance.now()
  await store.commit([{ cut: 'entries', channel: CHANNEL, log: log(0), from }])
  return { name: `channel: ${(end - from).toLocaleString('en')} entries cut`, value: performance.now() - started, unit: 'ms' }
}

/** The longest time the event loop was held while a channel was swept away. */
async function removal(store: OpenedStore, size: string): Promise<Figure[]> {
  const removing = performance.now()
  await store.commit([{ remove: 'channel', id: CHANNEL }])
  const removed = performance.now() - removing
  let longest = 0
  while (store.sweeping()) {
    const turn = performance.now()
    await new Promise((resolve) => setImmediate(resolve))
    longest = Math.max(longest, performance.now() - turn)
  }
  return [
    { name: `channel: removed at ${size} entries`, value: removed, unit: 'ms', note: `swept in ${((performance.now() - removing) / 1_000).toFixed(1)} s` },
    { name: `channel: longest pause while sweeping ${size} entries`, value: longest, unit: 'ms' },
  ]
}

/** @returns one figure a line of the table */
export async function run(): Promise<Figure[]> {
  const sizes = process.argv.includes('--full') ? [1_000, 100_000, 1_000_000] : [1_000, 100_000]
  const base = mkdtempSync(join(tmpdir(), 'dure-bench-'))
  try {
    const store = await openStore({ home: base, unlock: 'key-file', create: true })
    await store.commit([{ put: 'channel', row }])
    const figures: Figure[] = []
    let filled = 0
    for (const size of sizes) {
      // Whole rounds of the logs.
      const target = Math.ceil(size / PAGE / LOGS) * PAGE * LOGS
      const rss = megabytes()
      const spent = await fill(store, filled, target)
      const name = size.toLocaleString('en')
      figures.push(
        { name: `channel: entries committed up to ${name}`, value: ((target - filled) / spent) * 1_000, unit: '/s', note: '256 a commit, 500 B, 4 logs' },
        { name: `channel: memory grew on the way to ${name} entries`, value: megabytes() - rss, unit: 'MB' },
        ...reads(store, name, target),
      )
      filled = target
    }
    figures.push({ name: 'channel: database, each entry of 500 B', value: statSync(join(base, 'dure.db')).size / filled, unit: 'B' })
    figures.push(await cut(store, filled))
    figures.push(...(await removal(store, (sizes.at(-1) ?? 0).toLocaleString('en'))))
    store.close()
    return figures
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
