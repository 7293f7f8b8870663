/** A process to be killed: commits as a send does and says a number once it is durable. */
import { writeSync } from 'node:fs'
import { openStore } from '../../../src/store/index.ts'

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
} else setInterval(() => undefined, 1_000)
