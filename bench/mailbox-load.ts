/**
 * Blocks handed in and fetched with durable commits, by relays in processes of their own: one on its encrypted file, one on PostgreSQL, and two
 * on one PostgreSQL, where each queue is filled at one and emptied at the other.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { type Ends } from '../test/support/mailbox-client.ts'
import { hasPostgres, startCluster } from '../test/support/postgres.ts'
import type { Figure } from './figure.ts'
import type { FromPeer, ToPeer } from './mailbox-peer.ts'

const QUEUES = 64
const BLOCKS = 64
const ALL = QUEUES * BLOCKS
/** The machine is never quite idle: of so many rounds, in turns, the median. */
const ROUNDS = 3

interface Rates {
  readonly taken: number
  readonly handedOut: number
}

/** @param homes one for each process; @param url they share it; undefined: a file in the home */
async function load(homes: readonly string[], url?: string): Promise<Rates> {
  const peers: ChildProcess[] = []
  try {
    for (const home of homes) {
      const peer = fork(path.join(import.meta.dirname, 'mailbox-peer.ts'), url === undefined ? [home] : [home, url], { serialization: 'advanced' })
      peers.push(peer)
      await done(peer)
    }
    const made: (readonly Ends[])[] = []
    for (const peer of peers) made.push((await tell(peer, { do: 'make', queues: QUEUES / peers.length })) ?? [])
    const each = async (say: (n: number) => ToPeer): Promise<number> => {
      const begun = performance.now()
      await Promise.all(peers.map((peer, n) => tell(peer, say(n))))
      return (ALL * 1_000) / (performance.now() - begun)
    }
    await each((n) => ({ do: 'prepare', ends: made[n] ?? [], blocks: BLOCKS }))
    const taken = await each(() => ({ do: 'hand in' }))
    const handedOut = await each((n) => ({ do: 'fetch', ends: made[(n + 1) % peers.length] ?? [], blocks: BLOCKS }))
    await each(() => ({ do: 'end' }))
    return { taken, handedOut }
  } finally {
    for (const peer of peers) peer.kill('SIGKILL')
  }
}

async function tell(peer: ChildProcess, what: ToPeer): Promise<readonly Ends[] | undefined> {
  peer.send(what)
  return done(peer)
}

async function done(peer: ChildProcess): Promise<readonly Ends[] | undefined> {
  const ended = once(peer, 'exit').then(() => {
    throw new Error('a process of the bench has ended')
  })
  ended.catch(() => undefined)
  const [{ ends }] = (await Promise.race([once(peer, 'message'), ended])) as [FromPeer]
  return ends
}

const middle = (rates: readonly number[]): number => rates.toSorted((a, b) => a - b)[rates.length >> 1] as number

/** @param home makes a fresh folder */
export async function loads(home: () => string): Promise<Figure[]> {
  const file: Rates[] = []
  const one: Rates[] = []
  const two: Rates[] = []
  const cluster = hasPostgres() ? await startCluster() : undefined
  try {
    for (let round = 0; round < ROUNDS; round++) {
      file.push(await load([home()]))
      if (!cluster) continue
      one.push(await load([home()], await cluster.database()))
      // What shares a database shares its store.key.
      const shared = home()
      two.push(await load([shared, shared], await cluster.database()))
    }
  } finally {
    await cluster?.stop()
  }
  const figures = (which: keyof Rates, name: string, note: string): Figure[] => {
    const rate = (all: readonly Rates[]): number => middle(all.map((each) => each[which]))
    const beside = (all: readonly Rates[]): string => `${(rate(all) / rate(file)).toFixed(2)} times the file`
    return [
      { name: `mailbox: ${name}, durable`, value: rate(file), unit: '/s', note },
      ...(cluster
        ? [
            { name: '  the same on PostgreSQL, one process', value: rate(one), unit: '/s', note: beside(one) },
            { name: '  two processes on one PostgreSQL', value: rate(two), unit: '/s', note: `${beside(two)}, ${(rate(two) / rate(one)).toFixed(2)} times one process; the database is on the same cores` },
          ]
        : []),
    ]
  }
  if (!cluster) console.log('  PostgreSQL is not installed: the load on it was not tried')
  return [
    ...figures('taken', 'blocks taken', `${QUEUES} senders, one block each on its way; 16 KiB of message a block`),
    ...figures('handedOut', 'blocks handed out, opened and deleted', `${QUEUES} recipients in the relay's process`),
  ]
}
