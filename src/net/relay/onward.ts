/**
 * `/dure/onward/1` on a relay's node: who hides behind it reaches relays of others from here. What passes is secured between the two ends and
 * cannot be read here, so what is judged is where it goes to, how it begins, and how much of it there is (attacks 81, 83, 88).
 */
import type { Connection, MultiaddrConnection, Stream, Transport } from '@libp2p/interface'
import { byteStream, RateLimiter } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { hostOf, judgeAddress, type Surroundings } from '../addresses.ts'
import { ipOf } from '../gater.ts'
import { CLOSE_TIMEOUT, MAX_ADDRESS_LENGTH } from '../limits.ts'
import { encodeAnswer, HEAD, lengthIn, ONWARD_PROTOCOL, type OnwardAnswer } from '../onward-frames.ts'
import { askNameServers, resolveTarget } from '../surroundings.ts'
import { within } from '../within.ts'
import { join } from './joined.ts'
import * as limit from './limits.ts'
import type { RelayPart } from './part.ts'

export interface OnwardQuestions {
  /** what may be called from here at a stranger's word */
  surroundings(): Surroundings
  /** whether this is the relay itself: it would call itself for ever */
  isSelf(address: string): boolean
  transportFor(address: Multiaddr): Transport | undefined
}

/** One stream, from its opening to its end. */
interface Passage {
  readonly host: string
  /** hosts it was sent to */
  target: string | undefined
}

export function createOnward({ surroundings, isSelf, transportFor }: OnwardQuestions): RelayPart {
  const passages = new Map<Stream, Passage>()
  const asked = new RateLimiter({ points: limit.ONWARD_PER_HOST_PER_MINUTE, duration: 60 })
  const called = new RateLimiter({ points: limit.ONWARD_PER_TARGET_PER_MINUTE, duration: 60 })
  const lookUp = askNameServers(limit.ONWARD_LOOK_UP)
  const figures = { opened: 0, refused: 0, unreachable: 0, bytes: 0 }
  let stopped: () => Promise<void> = async () => undefined

  const countOf = (what: keyof Passage, host: string): number => [...passages.values()].filter((passage) => passage[what] === host).length

  function enter(stream: Stream, host: string): Passage | undefined {
    if (passages.size >= limit.MAX_ONWARD || countOf('host', host) >= limit.ONWARD_PER_HOST || !consumes(asked, host)) return undefined
    const passage: Passage = { host, target: undefined }
    passages.set(stream, passage)
    stream.addEventListener('close', () => passages.delete(stream))
    return passage
  }

  async function serve(stream: Stream, connection: Connection): Promise<void> {
    const passage = enter(stream, hostOf(ipOf(connection)))
    try {
      if (!passage) return answer(stream, 'refused')
      const far = await within(limit.HOP_TIMEOUT, async (signal) => reach(passage, await addressIn(stream, signal), signal))
      if (typeof far === 'string') return answer(stream, far)
      if (stream.status !== 'open') return far.abort(new Error('nobody waits any longer'))
      figures.opened++
      stream.send(encodeAnswer('through'))
      join(stream, far, (bytes) => {
        figures.bytes += bytes
      })
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  function answer(stream: Stream, said: Exclude<OnwardAnswer, 'through'>): void {
    figures[said]++
    passages.delete(stream)
    stream.send(encodeAnswer(said))
    stream.close().catch((error: Error) => stream.abort(error))
    setTimeout(() => stream.abort(new Error('answered')), CLOSE_TIMEOUT).unref()
  }

  async function reach(passage: Passage, text: string, signal: AbortSignal): Promise<MultiaddrConnection | 'refused' | 'unreachable'> {
    const around = surroundings()
    const target = judgeAddress(text, undefined, around)
    if (typeof target === 'string') return 'refused'
    for (const address of await resolveTarget(target, around, lookUp)) {
      signal.throwIfAborted()
      const host = hostOf(multiaddr(address).getComponents()[0]?.value ?? '')
      if (isSelf(address) || countOf('target', host) >= limit.ONWARD_PER_TARGET || !consumes(called, host)) return 'refused'
      passage.target = host
      const far = await dial(multiaddr(address), signal).catch(() => undefined)
      if (far) return far
      signal.throwIfAborted()
    }
    return 'unreachable'
  }

  /** The socket itself: what libp2p would do with it next is for the two ends. */
  async function dial(address: Multiaddr, signal: AbortSignal): Promise<MultiaddrConnection> {
    const bare = { upgradeOutbound: async (socket: MultiaddrConnection) => socket }
    const transport = transportFor(address)
    if (!transport) throw new Error('no transport for it')
    return (await transport.dial(address, { signal, upgrader: bare as never })) as unknown as MultiaddrConnection
  }

  return {
    name: 'onward',
    async start(libp2p) {
      await libp2p.handle(ONWARD_PROTOCOL, serve, { maxInboundStreams: limit.ONWARD_PER_HOST, maxOutboundStreams: 0 })
      stopped = async () => {
        await libp2p.unhandle(ONWARD_PROTOCOL)
        for (const stream of passages.keys()) stream.abort(new Error('the relay stops'))
      }
    },
    stop: () => stopped(),
    status: () => ({
      streams: passages.size,
      streams_limit: limit.MAX_ONWARD,
      opened_total: figures.opened,
      refused_total: figures.refused,
      unreachable_total: figures.unreachable,
      bytes_total: figures.bytes,
    }),
  }
}

function consumes(limiter: RateLimiter, host: string): boolean {
  try {
    limiter.consume(host)
    return true
  } catch {
    return false
  }
}

async function addressIn(stream: Stream, signal: AbortSignal): Promise<string> {
  const bytes = byteStream(stream, { maxBufferSize: HEAD + MAX_ADDRESS_LENGTH })
  const length = lengthIn((await bytes.read({ bytes: HEAD, signal })).subarray())
  const address = Buffer.from((await bytes.read({ bytes: length, signal })).subarray()).toString()
  bytes.unwrap()
  return address
}
