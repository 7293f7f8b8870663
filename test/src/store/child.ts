/** A process to be killed: commits as a send does and says a number once it is durable. */
import { writeSync } from 'node:fs'
import type { Change } from '../../../src/messenger/ports.ts'
import { openStore } from '../../../src/store/index.ts'

const BAKERY = 'ba'.repeat(32)
const LOG = '11'.repeat(32)
const PAGE = 256
const ALICE = 'a1'.repeat(32)
const store = await openStore({ home: process.argv[2] ?? '', unlock: 'key-file' })
const done = Number(store.setting('count') ?? 0)
writeSync(1, 'open\n')
if (process.argv[3] === 'commit') {
  for (let n = done + 1; ; n++) {
    const id = n.toString(16).padStart(32, '0')
    const content = new Uint8Array(200)
    await store.commit([
      { put: 'setting', key: 'count', value: String(n) },
      { put: 'session', device: ALICE, record: new Uint8Array(5_000).fill(n & 255) },
      {
        add: 'message',
        row: {
          id, contact: ALICE, direction: 'out', kind: 'text', text: `message ${n}`, raw: undefined, at: n, storedAt: n, replyTo: undefined,
          editedAt: undefined, deletedAt: undefined, reactions: {}, expireAfter: 0, expiresAt: undefined, readAt: undefined, receipt: 'none', delivery: 'queued',
        },
      },
      { put: 'outbox', row: { id, device: ALICE, contact: ALICE, content, envelope: new Uint8Array(4_096), held: false, queuedAt: n } },
    ])
    writeSync(1, `${n}\n`)
  }
} else if (process.argv[3] === 'sync') {
  await store.commit([{
    put: 'channel',
    row: {
      id: BAKERY, name: 'Bakery', following: 'open', muted: false, dailyLimit: 3, state: new Uint8Array(), hints: [], domain: undefined, newestAt: 0, addedAt: 0,
    },
  }])
  const [known] = store.channelLogs(BAKERY)
  for (let size = Number(Buffer.from(known?.state ?? []).toString() || 0); ; ) {
    const page = Array.from({ length: PAGE }, (_, n): Change => ({
      add: 'entry',
      row: {
        channel: BAKERY, log: LOG, seq: size + n, id: (size + n).toString(16).padStart(64, '0'), kind: 16, time: size + n, bytes: new Uint8Array(300),
        about: undefined, unread: false,
      },
    }))
    const node = { channel: BAKERY, log: LOG, level: 8, index: size / PAGE, hash: new Uint8Array(32) }
    size += PAGE
    const state = new Uint8Array(Buffer.from(String(size)))
    await store.commit([...page, { put: 'node', row: node }, { put: 'channel-log', row: { channel: BAKERY, log: LOG, state, floor: 0 } }])
    writeSync(1, `${size}\n`)
  }
} else setInterval(() => undefined, 1_000)
