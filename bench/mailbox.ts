/**
 * A relay's mailboxes: blocks taken and handed out with durable commits, what an idle listener holds, and the way through a mailbox beside the
 * direct one. `--full` adds a million blocks in store.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { newQueue } from '../protocols/mailbox/index.ts'
import { toHex } from '../protocols/suite/index.ts'
import { openssl as suite, secureRandom as random } from '../src/crypto/index.ts'
import { createCourier, createMailboxes, createMailboxServer, createRelayNode, type MailboxSessions } from '../src/net/index.ts'
import type { MailboxStore, QueueChange } from '../src/relay/mailbox/ports.ts'
import { createSessions } from '../src/relay/mailbox/sessions.ts'
import { openMailboxStore } from '../src/relay/store/open.ts'
import { blockId, body, Client, connect, type Ends, tag } from '../test/support/mailbox-client.ts'
import type { Figure } from './figure.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const BODY = new Uint8Array(16_480).fill(1)
const IDLE = 10_000
const QUEUES = 64
const BLOCKS = 64
const ROUND_TRIPS = 300
/** Blocks of one queue of a filled store. */
const DEPTH = 64

const sessionsOver = (store: MailboxStore): MailboxSessions =>
  createSessions({
    suite, random, store, now: Date.now, quota: 2 ** 50, queuesPerHost: 1e9, commandsPerQueue: 1e9, commandsPerHost: { burst: 1e9, perSecond: 1e9 },
    failed(error) {
      throw error
    },
  })

const put = (store: MailboxStore, change: QueueChange): Promise<void> => store.step('recipient', change.id, () => ({ change, result: undefined }))

const collect = (): void => {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

const middle = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] as number

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}

/** All senders at once, each with a block on its way; then all recipients. The frames are made before: the figure is the relay's. */
async function throughput(home: string): Promise<Figure[]> {
  const store = openMailboxStore(suite, home, new Uint8Array(32))
  const sessions = sessionsOver(store)
  const maker = connect(sessions)
  const ends: Ends[] = []
  for (let n = 0; n < QUEUES; n++) ends.push(await maker.create())
  const senders = ends.map(() => connect(sessions))
  const frames: Uint8Array[][] = []
  for (const [n, { sender }] of ends.entries()) {
    frames.push([])
    for (let block = 0; block < BLOCKS; block++) frames[n]?.push(await (senders[n] as Client).ready({ type: 'send', id: sender.id, block: blockId(), body: body(block) }, sender.as))
  }
  const taking = await timed(() =>
    Promise.all(senders.map(async (sender, n) => {
      for (const frame of frames[n] ?? []) {
        sender.send(frame)
        await sender.reply()
      }
    })),
  )
  const recipients = ends.map(() => connect(sessions))
  const giving = await timed(() =>
    Promise.all(recipients.map(async (recipient, n) => {
      const { id, as } = (ends[n] as Ends).recipient
      await recipient.ask({ type: 'subscribe', id, tag: tag(1) }, as)
      for (let left = BLOCKS; left > 0; left -= 16) {
        const seqs: number[] = []
        for (let block = 0; block < 16; block++) seqs.push((await recipient.delivery(as)).seq)
        await recipient.ask({ type: 'acknowledge', id, seqs }, as)
      }
    })),
  )
  await store.close()
  const all = QUEUES * BLOCKS
  return [
    { name: 'mailbox: blocks taken, durable', value: (all / taking) * 1_000, unit: '/s', note: `${QUEUES} senders, one block each on its way; 16 KiB of message a block` },
    { name: 'mailbox: blocks handed out, opened and deleted, durable', value: (all / giving) * 1_000, unit: '/s', note: `${QUEUES} recipients in the same process` },
  ]
}

async function idle(home: string): Promise<Figure[]> {
  const store = openMailboxStore(suite, home, new Uint8Array(32))
  const sessions = sessionsOver(store)
  const maker = connect(sessions)
  const ends: Ends[] = []
  for (let n = 0; n < IDLE; n++) ends.push(await maker.create())
  maker.frames.length = 0
  maker.end()
  // A stream for ten queues, as a person has; what the stream itself holds is the network's.
  const frames: { frame: Uint8Array; hear(frame: Uint8Array): Promise<void> }[] = []
  for (let n = 0; n < IDLE; n += 10) {
    const client = connect(sessions)
    for (const { recipient } of ends.slice(n, n + 10)) frames.push({ frame: await client.ready({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as), hear: (frame) => client.stream.hear(frame) })
  }
  ends.length = 0
  collect()
  const before = process.memoryUsage()
  const subscribing = await timed(() => Promise.all(frames.map(({ frame, hear }) => hear(frame))))
  collect()
  const after = process.memoryUsage()
  const listening = sessions.status()['subscriptions'] ?? 0
  await store.close()
  return [
    { name: 'mailbox: memory of an idle listener', value: (after.heapUsed + after.external - before.heapUsed - before.external) / listening, unit: 'bytes', note: `${listening.toLocaleString('en')} listen, ten on a stream` },
    { name: 'mailbox: 10,000 come back at once', value: subscribing / 1_000, unit: 's', note: 'each subscription is durable' },
  ]
}

/** There and back, in other hands: by a relay that stores both ways, and directly. All in one process. */
async function roundTrips(home: string): Promise<Figure[]> {
  const store = openMailboxStore(suite, home, new Uint8Array(32))
  const relay = await createRelayNode({ seed: random(32), listen: [LOOPBACK], announce: [], perHost: 10, parts: [createMailboxServer(sessionsOver(store))] })
  await relay.start()
  const mailboxes = createMailboxes({ loopback: () => true })
  await mailboxes.start()
  const open = async (role: 'fetch' | 'hand-in'): Promise<Client> => {
    const stream = await mailboxes.connect(role, { peer: relay.key, addresses: relay.addresses() })
    const frames = stream.frames[Symbol.asyncIterator]()
    return new Client({ send: (frame) => void stream.send(frame), next: async () => (await frames.next()).value as Uint8Array })
  }
  const [annIn, annOut, bobIn, bobOut] = [await open('fetch'), await open('hand-in'), await open('fetch'), await open('hand-in')]
  const [toAnn, toBob] = [await annIn.create(), await bobIn.create()]
  await annIn.ask({ type: 'subscribe', id: toAnn.recipient.id, tag: tag(1) }, toAnn.recipient.as)
  await bobIn.ask({ type: 'subscribe', id: toBob.recipient.id, tag: tag(1) }, toBob.recipient.as)
  const carry = async (from: Client, { sender, recipient }: Ends, to: Client): Promise<void> => {
    const stored = from.ask({ type: 'send', id: sender.id, block: blockId(), body: BODY }, sender.as)
    const { seq } = await to.delivery(recipient.as)
    to.send(await to.ready({ type: 'acknowledge', id: recipient.id, seqs: [seq] }, recipient.as))
    await stored
  }
  const times: number[] = []
  for (let n = 0; n < ROUND_TRIPS; n++) {
    times.push(await timed(async () => {
      await carry(annOut, toBob, bobIn)
      await carry(bobOut, toAnn, annIn)
    }))
  }
  await mailboxes.stop()
  await relay.stop()
  await store.close()
  const direct = await directRoundTrip()
  const through = middle(times)
  return [
    { name: 'mailbox: there and back through a relay', value: through, unit: 'ms', note: `${(through / direct).toFixed(1)} times the direct way; median, both blocks durable` },
    { name: 'courier: there and back directly', value: direct, unit: 'ms', note: '4 KiB each way, two nodes in one process, median; no commit' },
  ]
}

async function directRoundTrip(): Promise<number> {
  const log = { info: () => {}, warn: () => {} }
  const keys = await Promise.all([1, 2].map(async (n) => toHex((await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(n))).publicKey.raw)))
  const [a, b] = [1, 2].map((n) => createCourier({ seed: new Uint8Array(32).fill(n), listen: [LOOPBACK], mdns: false, log })) as [ReturnType<typeof createCourier>, ReturnType<typeof createCourier>]
  const payload = new Uint8Array(4_096)
  let back: () => void = () => undefined
  let answered: Promise<unknown> = Promise.resolve()
  const serve = (courier: typeof a, heard: () => void): void =>
    courier.serve({
      admits: () => true,
      async envelope() {
        heard()
        return 'stored'
      },
      pairing: async (_, request) => request, appeared: () => {}, vanished: () => {}, addressesChanged: () => {},
    })
  serve(b, () => {
    answered = b.send(keys[0] ?? '', a.addresses(), payload)
  })
  serve(a, () => back())
  await Promise.all([a.start(), b.start()])
  const times: number[] = []
  for (let n = 0; n < ROUND_TRIPS; n++) {
    times.push(await timed(async () => {
      const returned = new Promise<void>((resolve) => {
        back = resolve
      })
      await a.send(keys[1] ?? '', b.addresses(), payload)
      await returned
    }))
    await answered
  }
  await Promise.all([a.stop(), b.stop()])
  return middle(times)
}

/** One block handed in, and one fetched, beside so many that lie there. */
async function filled(home: string, count: number): Promise<Figure[]> {
  const store = openMailboxStore(suite, home, new Uint8Array(32))
  for (let done = 0; done < count; done += DEPTH) {
    const queue = newQueue(suite, random, { kind: 'conversation', recipientKey: random(32), senderKey: random(32), now: Date.now() })
    const items = Array.from({ length: DEPTH }, (_, n) => ({ kind: 'block', seq: n + 1, at: Date.now(), block: random(16) }) as const)
    const commits = items.map(({ seq }) => put(store, { id: queue.recipient, queue: { ...queue, nextSeq: DEPTH + 1, items }, kept: { seq, body: BODY }, dropped: [] }))
    await Promise.all(commits)
  }
  await store.close()
  let again = openMailboxStore(suite, home, new Uint8Array(32))
  await again.close()
  const opening = await timed(async () => {
    again = openMailboxStore(suite, home, new Uint8Array(32))
  })
  const sessions = sessionsOver(again)
  const [bob, ann] = [connect(sessions), connect(sessions)]
  const sends: number[] = []
  const fetches: number[] = []
  for (let n = 0; n < 100; n++) {
    const { recipient, sender } = await bob.create()
    sends.push(await timed(() => ann.ask({ type: 'send', id: sender.id, block: blockId(), body: BODY }, sender.as)))
    fetches.push(await timed(async () => {
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      const { seq } = await bob.delivery(recipient.as)
      await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [seq] }, recipient.as)
    }))
  }
  await again.close()
  const size = count.toLocaleString('en')
  return [
    { name: `mailbox: one block handed in at ${size} blocks`, value: middle(sends), unit: 'ms', note: 'durable, median' },
    { name: `mailbox: one block fetched at ${size} blocks`, value: middle(fetches), unit: 'ms', note: 'subscribed, delivered, deleted; durable, median' },
    { name: `mailbox: open at ${size} blocks`, value: opening, unit: 'ms', note: `${(statSync(join(home, 'mailbox.db')).size / 1e6).toFixed(0)} MB` },
  ]
}

export async function run(): Promise<Figure[]> {
  const sizes = process.argv.includes('--full') ? [10_000, 100_000, 1_000_000] : [10_000, 100_000]
  const homes: string[] = []
  const home = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'dure-bench-'))
    homes.push(made)
    return made
  }
  try {
    const figures = [...(await throughput(home())), ...(await idle(home())), ...(await roundTrips(home()))]
    for (const size of sizes) figures.push(...(await filled(home(), size)))
    return figures
  } finally {
    for (const made of homes) rmSync(made, { recursive: true, force: true })
  }
}
