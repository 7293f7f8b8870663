/** What the courier adds to libp2p: round trips and a sustained stream of 4 KiB envelopes between two nodes in one process, on loopback. */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { createLibp2p, type Libp2p } from 'libp2p'
import { toHex } from '../protocols/suite/index.ts'
import type { Courier } from '../src/messenger/ports.ts'
import { createCourier } from '../src/net/index.ts'

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const ENVELOPE = 4096
/** what answers an envelope: the bare exchange carries as much */
const VERDICT_FRAME = 10
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
    { name: 'net.bare.roundtrip', value: bare, unit: 'us', note: 'libp2p lpStream: 4 KiB there, 10 bytes back, on a kept stream, median' },
    { name: 'net.courier.roundtrip', value: kept, unit: 'us', note: 'courier.send of 4 KiB to its verdict, median' },
    { name: 'net.courier.overhead', value: kept / bare, unit: 'x', note: 'courier round trip over the bare one' },
    { name: 'net.courier.sustained', value: rate, unit: 'envelopes/s', note: '4 KiB one way, every one answered, both ends in one process' },
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
  const [client, server] = await Promise.all([bareNode(), bareNode()])
  await server.handle('/bench/1', async (stream: Stream) => {
    const frames = lpStream(stream, { maxDataLength: ENVELOPE })
    const answer = new Uint8Array(VERDICT_FRAME)
    for (;;) {
      await frames.read()
      await frames.write(answer)
    }
  })
  const stream = await client.dialProtocol(server.getMultiaddrs(), '/bench/1')
  const frames = lpStream(stream, { maxDataLength: ENVELOPE })
  const payload = new Uint8Array(ENVELOPE)
  const median = await medianOf(ROUND_TRIPS, async () => {
    await frames.write(payload)
    await frames.read()
  })
  stream.abort(new Error('done'))
  await Promise.all([client.stop(), server.stop()])
  return median
}

const bareNode = (): Promise<Libp2p> =>
  createLibp2p({ addresses: { listen: [LISTEN] }, transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] })

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
      addressesChanged: () => {},
    })
    await courier.start()
  }
  const [a, b] = made as [Courier, Courier]
  return [a, b, toHex((await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(2))).publicKey.raw)]
}
