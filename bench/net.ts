/** What the courier adds to libp2p: round trips and a sustained stream of 4 KiB envelopes between two nodes in one process, on loopback. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { toHex } from '../protocols/suite/index.ts'
import type { Courier } from '../src/messenger/ports.ts'
import { createCourier } from '../src/net/index.ts'
import { bareDial, bareListen } from './bare.ts'
import type { Figure } from './figure.ts'

const ENVELOPE = 4096
const ROUND_TRIPS = 2000
const SUSTAINED = 20_000
const LISTEN = '/ip4/127.0.0.1/tcp/0'

export async function run(): Promise<Figure[]> {
  const bare = await bareRoundTrip()
  const [a, b, device] = await couriers()
  const payload = new Uint8Array(ENVELOPE)
  const send = () => a.send(device, b.addresses(), payload)
  const kept = await medianOf(ROUND_TRIPS, send)
  const begun = performance.now()
  // Enough in hand to keep the window full, as an outbox does.
  let sent = 0
  await Promise.all(Array.from({ length: 256 }, async () => {
    while (sent++ < SUSTAINED) await send()
  }))
  const rate = SUSTAINED / ((performance.now() - begun) / 1000)
  await Promise.all([a.stop(), b.stop()])
  return [
    { name: 'bare libp2p round trip', value: bare, unit: 'us', note: '4 KiB there, 10 bytes back, kept stream, one process, median' },
    { name: 'courier: send to verdict', value: kept, unit: 'us', note: `${(kept / bare).toFixed(2)} times the bare one` },
    { name: 'courier: sustained one way', value: rate, unit: 'envelopes/s', note: '4 KiB one way, every one answered, both ends in one process' },
  ]
}

async function medianOf(times: number, once: () => Promise<unknown>): Promise<number> {
  const durations: number[] = []
  for (let i = 0; i < times; i++) {
    const begun = performance.now()
    await once()
    durations.push((performance.now() - begun) * 1000)
  }
  return durations.sort((x, y) => x - y)[times >> 1] as number
}

async function bareRoundTrip(): Promise<number> {
  const listening = await bareListen()
  const bare = await bareDial(listening.address)
  const median = await medianOf(ROUND_TRIPS, () => bare.request())
  await bare.close()
  await listening.close()
  return median
}

async function couriers(): Promise<[Courier, Courier, string]> {
  const log = { info: () => {}, warn: () => {} }
  const made = [1, 2].map(i => createCourier({ seed: new Uint8Array(32).fill(i), listen: [LISTEN], mdns: false, log }))
  for (const courier of made) {
    courier.serve({
      admits: () => true,
      envelope: async () => 'stored',
      pairing: async (_, request) => request,
      appeared: () => {},
      vanished: () => {},
      networkChanged: () => {},
      addressesChanged: () => {},
    })
    await courier.start()
  }
  const [a, b] = made as [Courier, Courier]
  return [a, b, toHex((await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(2))).publicKey.raw)]
}
