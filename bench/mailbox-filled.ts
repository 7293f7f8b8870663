/** A relay beside so many blocks: one more handed in, one fetched, and its start after it was killed at work. */
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newQueue } from '../protocols/mailbox/index.ts'
import { parseRelayLink } from '../protocols/pairing/index.ts'
import { toHex } from '../protocols/suite/index.ts'
import { openssl as suite, secureRandom as random } from '../src/crypto/index.ts'
import { createMailboxes } from '../src/net/index.ts'
import type { MailboxStore } from '../src/relay/mailbox/ports.ts'
import { openMailboxStore } from '../src/relay/store/open.ts'
import { blockId, Client, connect, tag } from '../test/support/mailbox-client.ts'
import { Home } from '../test/support/processes.ts'
import type { Figure } from './figure.ts'
import { sessionsOver } from './mailbox-sessions.ts'

const BODY = new Uint8Array(16_480).fill(1)
/** Blocks of one queue. */
const DEPTH = 64
/** Queues filled with one commit. */
const TOGETHER = 16
const TRIES = 100
const STARTS = 3
const SEED = new Uint8Array(32).fill(9)

const middle = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] as number

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}

/** @param home left with the blocks in it */
export async function filled(home: string, count: number): Promise<Figure[]> {
  const store = openMailboxStore(suite, home, SEED)
  for (let done = 0; done < count; done += TOGETHER * DEPTH) await Promise.all(Array.from({ length: TOGETHER }, () => fill(store)))
  const sessions = sessionsOver(store)
  const [bob, ann] = [connect(sessions), connect(sessions)]
  const sends: number[] = []
  const fetches: number[] = []
  for (let n = 0; n < TRIES; n++) {
    const { recipient, sender } = await bob.create()
    sends.push(await timed(() => ann.ask({ type: 'send', id: sender.id, block: blockId(), body: BODY }, sender.as)))
    fetches.push(await timed(async () => {
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      const { seq } = await bob.delivery(recipient.as)
      await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [seq] }, recipient.as)
    }))
  }
  const { blocks } = store.size()
  await store.close()
  const size = blocks.toLocaleString('en')
  const empty = new Home()
  const full = new Home({}, [], home)
  try {
    writeFileSync(join(home, 'relay.key'), `${toHex(SEED)}\n`, { mode: 0o600 })
    const [starting, beside] = [await startsAfterKill(full), await startsAfterKill(empty)]
    return [
      { name: `mailbox: one block handed in at ${size} blocks`, value: middle(sends), unit: 'ms', note: 'durable, median' },
      { name: `mailbox: one block fetched at ${size} blocks`, value: middle(fetches), unit: 'ms', note: 'subscribed, delivered, deleted; durable, median' },
      {
        name: `mailbox: start after a kill at ${size} blocks`, value: starting / 1_000, unit: 's',
        note: `dure relay to its ready line, ${(statSync(join(home, 'mailbox.db')).size / 1e9).toFixed(1)} GB; ${(starting / beside).toFixed(2)} times one with nothing in it (goal: 5 s)`,
      },
    ]
  } finally {
    await Promise.all([full.end('SIGKILL'), empty.remove()])
  }
}

async function fill(store: MailboxStore): Promise<void> {
  const queue = newQueue(suite, random, { kind: 'conversation', recipientKey: random(32), senderKey: random(32), now: Date.now() })
  const items = Array.from({ length: DEPTH }, (_, n) => ({ kind: 'block', seq: n + 1, at: Date.now(), block: random(16) }) as const)
  const whole = { ...queue, nextSeq: DEPTH + 1, items }
  await Promise.all(items.map(({ seq }) => store.step('recipient', queue.recipient, () => ({ change: { id: queue.recipient, queue: whole, kept: { seq, body: BODY }, dropped: [] }, result: undefined }))))
}

/** Each time it is killed while it takes blocks, which leaves a log to be read. Median, ms. */
async function startsAfterKill(home: Home): Promise<number> {
  const times: number[] = []
  for (let n = 0; n <= STARTS; n++) {
    let link = ''
    const starting = await timed(async () => {
      link = await home.startRelay('--listen', '/ip4/127.0.0.1/tcp/0', '--quota', '100T')
    })
    if (n > 0) times.push(starting)
    await handIn(link, () => home.end('SIGKILL'))
  }
  return middle(times)
}

async function handIn(link: string, kill: () => Promise<unknown>): Promise<void> {
  const mailboxes = createMailboxes({ loopback: () => true })
  await mailboxes.start()
  const { key, addresses } = parseRelayLink(link)
  const stream = await mailboxes.connect('hand-in', { peer: toHex(key), addresses })
  const frames = stream.frames[Symbol.asyncIterator]()
  const client = new Client({
    send: (frame) => void stream.send(frame),
    async next() {
      const { value, done } = await frames.next()
      if (done) throw new Error('the stream has ended')
      return value as Uint8Array
    },
  })
  const { sender } = await client.create()
  const sending = (async () => {
    for (let n = 0; n < DEPTH; n++) {
      if (n === DEPTH / 2) void kill()
      await client.ask({ type: 'send', id: sender.id, block: blockId(), body: BODY }, sender.as)
    }
  })()
  await sending.catch(() => undefined)
  await kill()
  await mailboxes.stop()
}
