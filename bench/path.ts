/**
 * The whole path: `send` at one node to the event at the other, through two real processes with their encrypted databases, beside a bare
 * libp2p request and response of the same size on a kept stream between the same two processes, in turns.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createProfile, startApp } from '../src/app.ts'
import { bareDial } from './bare.ts'
import type { Figure } from './figure.ts'
import type { ToPeer, FromPeer } from './path-peer.ts'

const SINGLE = 400
const SUSTAINED = 10_000
/** Sends in hand at once, as several doors or a bridge would have: enough to fill the outbox's window. */
const IN_HAND = 256
const LISTEN = ['/ip4/127.0.0.1/tcp/0']

export async function run(): Promise<Figure[]> {
  const homes = [mkdtempSync(path.join(tmpdir(), 'dure-bench-')), mkdtempSync(path.join(tmpdir(), 'dure-bench-'))] as const
  const peer = fork(path.join(import.meta.dirname, 'path-peer.ts'), [homes[1]])
  try {
    const { link, bare } = await hear(peer, 'ready')
    await createProfile({ home: homes[0], name: 'Ann', unlock: 'key-file' })
    const app = await startApp({ home: homes[0], unlock: 'key-file', listen: LISTEN, channelListen: [], mdns: false, dht: false, network: 'private', bootstrap: [], logLevel: 'silent', onStop: () => undefined })
    const { messenger } = app
    const accepted = new Promise<void>((resolve) => messenger.on((event) => {
      if (event.type === 'contact' && event.contact.state === 'accepted') resolve()
    }))
    await messenger.pair(link, { scanned: false })
    tell(peer, { do: 'accept' })
    await accepted
    const echo = await bareDial(bare)

    const [single, trip]: [number[], number[]] = [[], []]
    for (let i = 0; i < SINGLE; i++) {
      const arrived = hear(peer, 'arrived')
      const begin = now()
      await messenger.send('Bob', `single ${i}`)
      single.push((await arrived).at - begin)
      const begun = performance.now()
      await echo.request()
      trip.push(performance.now() - begun)
    }

    tell(peer, { do: 'count', messages: SUSTAINED })
    const counted = hear(peer, 'counted')
    const begin = now()
    let next = 0
    await Promise.all(Array.from({ length: IN_HAND }, async () => {
      while (next < SUSTAINED) await messenger.send('Bob', `sustained message number ${next++}, about as long as what people write`)
    }))
    const queued = now() - begin
    const rate = SUSTAINED / (((await counted).at - begin) / 1000)
    await echo.close()
    await app.stop()
    const ratio = median(single) / median(trip)
    return [
      { name: 'bare libp2p request and response, 4 KiB, kept stream', value: median(trip), unit: 'ms' },
      { name: 'send to event at the other side', value: median(single), unit: 'ms', note: `${ratio.toFixed(1)} times the bare round trip (goal: 5)` },
      { name: 'sustained one way, durable at both ends', value: rate, unit: 'messages/s', note: `all queued durably after ${(queued / 1000).toFixed(1)} s (goal: 2,000/s)` },
    ]
  } finally {
    peer.disconnect()
    await once(peer, 'exit')
    for (const home of homes) rmSync(home, { recursive: true, force: true })
  }
}

const now = (): number => performance.timeOrigin + performance.now()
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const tell = (peer: ChildProcess, message: ToPeer): boolean => peer.send(message)

async function hear<K extends FromPeer['is']>(peer: ChildProcess, is: K): Promise<Extract<FromPeer, { is: K }>> {
  for (;;) {
    const [message] = (await once(peer, 'message')) as [FromPeer]
    if (message.is === is) return message as Extract<FromPeer, { is: K }>
  }
}
