/**
 * A relay's mailboxes: blocks taken and handed out with durable commits by one relay and by two, what a queue and an idle subscription hold, the
 * way through a mailbox beside the direct one, and full stores. `--full` adds a million blocks in store.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { toHex } from '../protocols/suite/index.ts'
import { openssl as suite, secureRandom as random } from '../src/crypto/index.ts'
import { createCourier, createMailboxes, createMailboxServer, createRelayNode } from '../src/net/index.ts'
import { QUEUE_BYTES } from '../src/relay/mailbox/limits.ts'
import { openMailboxStore } from '../src/relay/store/open.ts'
import { blockId, Client, connect, type Ends, tag } from '../test/support/mailbox-client.ts'
import type { Figure } from './figure.ts'
import { filled } from './mailbox-filled.ts'
import { loads } from './mailbox-load.ts'
import { sessionsOver } from './mailbox-sessions.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const BODY = new Uint8Array(16_480).fill(1)
const IDLE = 10_000
const ROUND_TRIPS = 300

/** What is held, once all that is not was let go: what native objects hold is freed a turn later. */
async function held(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) {
    collect()
    await new Promise(setImmediate)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const middle = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] as number

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}

async function idle(home: string): Promise<Figure[]> {
  const store = openMailboxStore(suite, home, new Uint8Array(32))
  const sessions = sessionsOver(store)
  const empty = await held()
  // No list of them here: what was held would be ours.
  let maker = connect(sessions)
  for (let n = 0; n < IDLE; n++) await maker.create()
  maker.end()
  maker = connect(sessions)
  const queues = (await held()) - empty
  const ends: Ends[] = []
  for (let n = 0; n < IDLE; n++) ends.push(await maker.create())
  maker.end()
  // A stream for ten queues, as a person has; what the stream itself holds is the network's.
  const frames: Uint8Array[] = []
  const clients: ReturnType<typeof connect>[] = []
  for (let n = 0; n < IDLE; n += 10) {
    const client = connect(sessions)
    clients.push(client)
    for (const { recipient } of ends.slice(n, n + 10)) frames.push(await client.ready({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as))
  }
  const before = await held()
  const subscribing = await timed(() => Promise.all(frames.map(async (frame, n) => clients[Math.floor(n / 10)]?.stream.hear(frame))))
  const after = await held()
  const listening = sessions.status()['subscriptions'] ?? 0
  await store.close()
  const disk = statSync(join(home, 'mailbox.db')).size / (2 * IDLE)
  for (const client of clients) client.end()
  return [
    { name: 'mailbox: memory of a queue nobody listens to', value: queues / IDLE, unit: 'bytes', note: `${IDLE.toLocaleString('en')} of them; its budget of commands, remembered for 65,536 at most` },
    { name: 'mailbox: disk of an empty queue', value: disk, unit: 'bytes', note: `half of them listened to; the quota counts ${QUEUE_BYTES.toLocaleString('en')}` },
    { name: 'mailbox: memory of an idle subscription', value: (after - before) / listening, unit: 'bytes', note: `${listening.toLocaleString('en')} listen, ten on a stream; each with its answer of 256 bytes not read yet` },
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
      pairing: async (_, request) => request, appeared: () => {}, vanished: () => {}, networkChanged: () => {}, addressesChanged: () => {},
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

export async function run(): Promise<Figure[]> {
  const sizes = process.argv.includes('--full') ? [10_000, 100_000, 1_000_000] : [10_000, 100_000]
  const homes: string[] = []
  const home = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'dure-bench-'))
    homes.push(made)
    return made
  }
  try {
    const figures = [...(await loads(home)), ...(await idle(home())), ...(await roundTrips(home()))]
    for (const size of sizes) {
      const made = home()
      figures.push(...(await filled(made, size)))
      rmSync(made, { recursive: true, force: true })
    }
    return figures
  } finally {
    for (const made of homes) rmSync(made, { recursive: true, force: true })
  }
}
