/** Real couriers on loopback, and raw libp2p peers that attack them. Everything made here is stopped by `stopAll`. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { PING_PROTOCOL } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { toHex } from '../../../protocols/suite/index.ts'
import { type Courier, CourierError, type CourierHandlers, type DeviceKey, type Verdict } from '../../../src/messenger/ports.ts'
import { type CourierOptions, createCourier } from '../../../src/net/index.ts'

export const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
export const silent = { info: () => {}, warn: () => {} }

const cleanups: (() => Promise<void> | void)[] = []
export const cleanup = (run: () => Promise<void> | void): void => void cleanups.push(run)
export async function stopAll(): Promise<void> {
  await Promise.all(cleanups.splice(0).map(async run => run()))
}

let seeds = 0
export const nextSeed = (): Uint8Array => new Uint8Array(32).fill(++seeds)
export const keyOf = async (seed: Uint8Array): Promise<DeviceKey> => toHex((await generateKeyPairFromSeed('Ed25519', seed)).publicKey.raw)

export interface Party {
  readonly courier: Courier
  readonly device: DeviceKey
  readonly seed: Uint8Array
  readonly got: Uint8Array[]
  readonly seen: string[]
  readonly announcements: (readonly string[])[]
}

export async function party(over: Partial<CourierHandlers> & { options?: Partial<CourierOptions> } = {}): Promise<Party> {
  const { options, ...handlers } = over
  const seed = options?.seed ?? nextSeed()
  const courier = createCourier({ listen: [LOOPBACK], mdns: false, log: silent, ...options, seed })
  const made: Party = { courier, device: await keyOf(seed), seed, got: [], seen: [], announcements: [] }
  courier.serve({
    admits: () => true,
    envelope: async (_, envelope): Promise<Verdict> => {
      made.got.push(envelope)
      return 'stored'
    },
    pairing: async (_, request) => request,
    appeared: device => void made.seen.push(`+${device.slice(0, 8)}`),
    vanished: device => void made.seen.push(`-${device.slice(0, 8)}`),
    networkChanged: () => undefined,
    addressesChanged: addresses => void made.announcements.push(addresses),
    ...handlers,
  })
  await courier.start()
  cleanup(() => courier.stop())
  return made
}

export const code = (...expected: CourierError['code'][]) => (error: unknown): boolean =>
  error instanceof CourierError && expected.includes(error.code)

/** Resolves when the condition holds; checked every few milliseconds, never a fixed sleep. */
export async function until(condition: () => boolean, what: string, limit = 10_000): Promise<void> {
  const end = performance.now() + limit
  while (!condition()) {
    if (performance.now() > end) throw new Error(`did not happen in ${limit} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that are held, not what was thrown away and not collected yet. */
export const heap = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

/** A libp2p peer without any of our limits. */
export async function rawPeer(privateKey?: PrivateKey, listen: string[] = []): Promise<Libp2p> {
  const peer = await createLibp2p({
    privateKey: privateKey ?? (await generateKeyPair('Ed25519')),
    addresses: { listen },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
  cleanup(async () => {
    peer.getConnections().forEach(connection => connection.abort(new Error('the test is over')))
    await peer.stop()
  })
  return peer
}

/** @returns `asked` resolves when somebody only asks whether the peer is still there: the pings that measure a connection bring bytes, that says nothing */
export async function listening(peer: Libp2p): Promise<{ asked: Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await peer.handle(PING_PROTOCOL, async stream => {
    let length = 0
    for await (const bytes of stream) {
      length += bytes.byteLength
      stream.send(bytes)
    }
    if (length === 0) resolve()
    await stream.close()
  })
  return { asked: promise }
}

/** A wire to a port of this machine on which nothing moves any more once it is cut; both ends stay open. */
export async function wireTo(port: number): Promise<{ port: number; cut(): void }> {
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    sockets.push(near, far)
    for (const [one, other] of [[near, far], [far, near]] as const) one.on('data', (data) => other.write(data)).on('error', () => undefined).on('close', () => other.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup(() => void server.close())
  return { port: (server.address() as AddressInfo).port, cut: () => sockets.forEach((socket) => socket.pause()) }
}

export const dialled = (victim: Party) => {
  const [address = ''] = victim.courier.addresses()
  return multiaddr(address)
}

/** Resolves with how the stream ended: 'reset' by the other side, 'closed', 'aborted'. */
export const ended = async (stream: Stream): Promise<string> => {
  if (stream.status === 'open') await new Promise(resolve => stream.addEventListener('close', resolve))
  return stream.status
}

/** Tries again while the limit on new connections a second refuses. */
export async function retry<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === 10) throw error
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }
}
