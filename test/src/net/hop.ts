/** The relay protocol by hand, for peers that do not keep to it. */
import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { retry } from './support.ts'

const HOP = '/libp2p/circuit/relay/0.2.0/hop'
const STOP = '/libp2p/circuit/relay/0.2.0/stop'

export const OK = 100
export const PERMISSION_DENIED = 202
export const NO_RESERVATION = 204
/** instead of an answer */
export const RESET = -1

const RESERVE = Uint8Array.of(2, 0x08, 0)
const ACCEPTED = Uint8Array.of(4, 0x08, 1, 0x20, OK)

function connectTo(peer: PeerId): Uint8Array {
  const id = peer.toMultihash().bytes
  return Uint8Array.of(id.length + 6, 0x08, 1, 0x12, id.length + 2, 0x0a, id.length, ...id)
}

export async function connect(peer: Libp2p, relay: string): Promise<void> {
  await retry(async () => peer.dial(multiaddr(relay)))
}

export async function hop(peer: Libp2p, relay: PeerId): Promise<Stream> {
  const [connection] = peer.getConnections(relay)
  if (!connection) throw new Error('not connected')
  return connection.newStream(HOP, { negotiateFully: false })
}

/** The status a relay answers, or RESET. */
async function ask(stream: Stream, request: Uint8Array): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const bytes: number[] = []
  stream.addEventListener('message', ({ data }) => {
    bytes.push(...data.subarray())
    const status = statusIn(bytes)
    if (status !== undefined) resolve(status)
  })
  stream.addEventListener('close', () => resolve(RESET))
  stream.send(request)
  return promise
}

export async function reserve(peer: Libp2p, relay: PeerId): Promise<number> {
  const stream = await hop(peer, relay)
  const status = await ask(stream, RESERVE)
  if (stream.status === 'open') await stream.close()
  return status
}

export async function circuit(peer: Libp2p, relay: PeerId, target: PeerId): Promise<{ status: number; stream: Stream }> {
  const stream = await hop(peer, relay)
  return { status: await ask(stream, connectTo(target)), stream }
}

/** Takes every call a relay brings, and counts the bytes of all; or reads nothing of them. */
export async function takeCalls(peer: Libp2p, { reads } = { reads: true }): Promise<{ bytes: number }> {
  const got = { bytes: 0 }
  await peer.handle(STOP, (stream) => {
    let asked = true
    stream.addEventListener('message', ({ data }) => {
      if (!asked) got.bytes += data.byteLength
      else {
        stream.send(ACCEPTED)
        if (!reads) stream.pause()
      }
      asked = false
    })
  }, { runOnLimitedConnection: true, maxInboundStreams: 1000 })
  return got
}

/** Field 5 of the first whole message; undefined before it is there. */
function statusIn(bytes: readonly number[]): number | undefined {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  const end = varint() + at
  if (bytes.length < end) return undefined
  while (at < end) {
    const tag = varint()
    if ((tag & 7) === 2) {
      const length = varint()
      at += length
    } else if (tag === 0x28) return varint()
    else varint()
  }
  return undefined
}
