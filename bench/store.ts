/** The store: durable commits, opening, history and search at growing sizes. `--full` adds a million messages. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenedStore, openStore } from '../src/store/index.ts'
import type { Change, MessageRow } from '../src/messenger/ports.ts'

interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const CONTACTS = Array.from({ length: 20 }, (_, n) => (n + 1).toString(16).padStart(64, '0'))
const DEVICE = 'd'.repeat(64)
/** A session with two ML-KEM keys and some skipped keys. */
const SESSION_BYTES = 5_000
const BULK_ROWS = 5_000

const id = (n: number): string => n.toString(16).padStart(32, '0')

/** Repeatable and cheap: the figures are of the store, not of the generator. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    yield x >>> 0
  }
}

function vocabulary(count: number, letters: (n: number) => string): string[] {
  const source = numbers(count)
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + (source.next().value % 5) }, () => letters(source.next().value)).join(''))
}

const LATIN = vocabulary(20_000, (n) => String.fromCharCode(97 + (n % 26)))
const KOREAN = vocabulary(10_000, (n) => String.fromCharCode(0xac00 + (n % 2_350)))
const draw = numbers(7)

/** Words by a law where few are common and most are rare, as in speech. */
function sentence(): string {
  const words = draw.next().value % 2 === 0 ? LATIN : KOREAN
  const length = 3 + (draw.next().value % 10)
  return Array.from({ length }, () => words[Math.floor(words.length * (draw.next().value / 2 ** 32) ** 3)]).join(' ')
}

const message = (n: number, text: string): MessageRow => ({
  id: id(n * 7_919), contact: CONTACTS[n % CONTACTS.length] ?? '', direction: n % 2 ? 'in' : 'out', kind: 'text', text, raw: undefined,
  at: n, storedAt: n, replyTo: undefined, editedAt: undefined, deletedAt: undefined, reactions: {}, expireAfter: 0, expiresAt: undefined,
  readAt: n, receipt: 'read', delivery: n % 2 ? undefined : 'read',
})

/** What one send writes. */
const send = (n: number): Change[] => [
  { put: 'session', device: DEVICE, record: new Uint8Array(SESSION_BYTES).fill(n & 255) },
  { add: 'message', row: message(n, sentence()) },
  {
    put: 'outbox',
    row: { id: id(n * 7_919), device: DEVICE, contact: CONTACTS[0] ?? '', content: new Uint8Array(200), envelope: new Uint8Array(4_096), held: false, queuedAt: n },
  },
  { put: 'ledger', row: { message: id(n * 7_919), device: DEVICE, state: 'queued', at: n } },
]

async function commits(store: OpenedStore): Promise<Figure[]> {
  const singles = 1_000
  const times: number[] = []
  for (let n = 1; n <= singles; n++) {
    const started = performance.now()
    await store.commit(send(n))
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const total = times.reduce((sum, time) => sum + time, 0)
  const groups = 30
  const each = 100
  const started = performance.now()
  for (let group = 0; group < groups; group++) {
    await Promise.all(Array.from({ length: each }, (_, n) => store.commit(send(singles + group * each + n + 1))))
  }
  const grouped = performance.now() - started
  const note = 'message, 5 KB session, 4 KB outbox item, ledger'
  return [
    { name: 'store: durable sends, one at a time', value: (singles / total) * 1_000, unit: '/s', note },
    { name: 'store: one durable send, median', value: times[singles / 2] ?? 0, unit: 'ms' },
    { name: 'store: one durable send, 99 of 100', value: times[Math.floor(singles * 0.99)] ?? 0, unit: 'ms' },
    { name: 'store: durable sends, 100 a turn', value: ((groups * each) / grouped) * 1_000, unit: '/s', note: 'one session, written once a group' },
  ]
}

function median(run: () => unknown): number {
  const times = Array.from({ length: 21 }, () => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return times.sort((a, b) => a - b)[10] ?? 0
}

async function sized(home: string, count: number): Promise<Figure[]> {
  let store = await openStore({ home, unlock: 'key-file', create: true })
  const started = performance.now()
  for (let n = 1; n <= count; n += BULK_ROWS) {
    await store.commit(Array.from({ length: Math.min(BULK_ROWS, count - n + 1) }, (_, k) => ({ add: 'message', row: message(n + k, sentence()) })))
  }
  const filled = performance.now() - started
  while (store.indexing()) await new Promise((resolve) => setTimeout(resolve, 50))
  const indexed = performance.now() - started
  store.close()
  const opening = performance.now()
  store = await openStore({ home, unlock: 'key-file' })
  const opened = performance.now() - opening
  const size = count.toLocaleString('en')
  const at = (what: string, run: () => unknown): Figure => ({ name: `store: ${what} at ${size} messages`, value: median(run), unit: 'ms' })
  const contact = CONTACTS[3] ?? ''
  const find = (text: string) => () => store.search(text, { limit: 50 })
  const figures: Figure[] = [
    { name: `store: filled with ${size} messages`, value: filled / 1_000, unit: 's', note: `${(indexed / 1_000).toFixed(1)} s with the index` },
    { name: `store: file size at ${size} messages`, value: statSync(join(home, 'dure.db')).size / 1e6, unit: 'MB' },
    { name: `store: open at ${size} messages`, value: opened, unit: 'ms' },
    at('latest 50', () => store.history(contact, { limit: 50 })),
    at('search a common word', find(LATIN[1] ?? '')),
    at('search a rare word of 4 to 6 letters', find(LATIN.findLast((word) => word.length > 4) ?? '')),
    at('search a word nobody said', find('qqzzqq')),
    at('search two Korean syllables, common', find((KOREAN[1] ?? '').slice(0, 2))),
    at('search two Korean syllables, rare', find((KOREAN[9_990] ?? '').slice(0, 2))),
    at('search two Latin letters nobody wrote together', find('q9')),
    at('search one letter', find('a')),
  ]
  store.close()
  return figures
}

/** @returns one figure a line of the table */
export async function run(): Promise<Figure[]> {
  const sizes = process.argv.includes('--full') ? [10_000, 100_000, 1_000_000] : [10_000, 100_000]
  const base = mkdtempSync(join(tmpdir(), 'dure-bench-'))
  try {
    const store = await openStore({ home: join(base, 'commits'), unlock: 'key-file', create: true })
    const figures = await commits(store)
    store.close()
    for (const size of sizes) figures.push(...(await sized(join(base, String(size)), size)))
    return figures
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
