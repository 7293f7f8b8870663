/**
 * Streams to nodes that keep mailboxes. Every connection is made by a libp2p node of its own that only dials, under a key drawn for it: to a
 * relay, what we fetch, what we hand in, our device and our last visit have nothing in common but the IP address (attack 66).
 */
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type Mailboxes, MailboxNetError, type MailboxNode, type MailboxRole, type MailboxStream } from '../messenger/mailboxes/ports.ts'
import { dialable, type Surroundings } from './addresses.ts'
import { peerIdOf } from './device-key.ts'
import { drained } from './drained.ts'
import * as limit from './limits.ts'
import { frameReader, framed, MAILBOX_PROTOCOL } from './mailbox-frames.ts'
import { multiplexer, stopNode } from './node.ts'
import { ownAddresses, resolveTarget } from './surroundings.ts'
import { hardenedWebSockets } from './websockets.ts'

export interface MailboxClientOptions {
  /** whether nodes on this machine may be dialled at a contact's word: we are on nothing but loopback ourselves */
  readonly loopback: () => boolean
}

export function createMailboxes({ loopback }: MailboxClientOptions): Mailboxes {
  const lines = new Set<Line>()
  let stopping: AbortController | undefined

  async function connect(role: MailboxRole, node: MailboxNode, signal?: AbortSignal): Promise<MailboxStream> {
    signal?.throwIfAborted()
    const running = stopping
    if (!running) throw stopped()
    if (lines.size >= limit.MAX_MAILBOX_CONNECTIONS) throw new MailboxNetError('refused', 'too many connections to mailboxes')
    const late = AbortSignal.timeout(limit.MAILBOX_CONNECT_TIMEOUT)
    const over = AbortSignal.any([running.signal, late, ...(signal ? [signal] : [])])
    const line = createLine(() => lines.delete(line))
    lines.add(line)
    try {
      return await line.open(await addressesOf(role, node, { own: ownAddresses(), loopback: loopback() }), over)
    } catch (error) {
      void line.end()
      if (running.signal.aborted) throw stopped()
      signal?.throwIfAborted()
      if (error instanceof MailboxNetError) throw error
      if (late.aborted) throw new MailboxNetError('timeout', 'the node did not answer in time')
      throw new MailboxNetError('unreachable', 'no address answered')
    }
  }

  return {
    async start() {
      stopping ??= new AbortController()
    },
    async stop() {
      stopping?.abort(stopped())
      stopping = undefined
      await Promise.all([...lines].map((line) => line.end()))
    },
    connect,
  }
}

const stopped = (): MailboxNetError => new MailboxNetError('stopped', 'the network is stopped')

/** Multiaddrs to dial. Where we fetch, the person chose; where we hand in, a contact said (attack 88). */
async function addressesOf(role: MailboxRole, { peer, addresses }: MailboxNode, around: Surroundings): Promise<string[]> {
  const id = peerIdOf(peer)
  if (!id) throw new MailboxNetError('unreachable', 'not the key of a node')
  const found = role === 'fetch' ? addresses.slice(0, limit.MAX_ADDRESSES_TO_DIAL) : await resolved(addresses, id, around)
  if (found.length === 0) throw new MailboxNetError('unreachable', 'no address to try')
  return found.map((address) => `${address}/p2p/${id}`)
}

const resolved = async (addresses: readonly string[], id: PeerId, around: Surroundings): Promise<string[]> =>
  (await Promise.all(dialable(addresses, id.toString(), around).map((target) => resolveTarget(target, around)))).flat()

/** One libp2p node, one connection, one stream. */
interface Line {
  open(addresses: readonly string[], signal: AbortSignal): Promise<MailboxStream>
  end(): Promise<void>
}

function createLine(gone: () => void): Line {
  let libp2p: Libp2p | undefined
  let ended = false

  async function end(): Promise<void> {
    if (ended) return
    ended = true
    gone()
    if (libp2p) await stopNode(libp2p, new Error('done with it'))
  }

  return {
    async open(addresses, signal) {
      const made = await createNode()
      if (ended) throw stopped()
      libp2p = made
      await made.start()
      const connection = await made.dial(addresses.map((address) => multiaddr(address)), { signal })
      const stream = await connection.newStream(MAILBOX_PROTOCOL, { signal }).catch((error: Error) => {
        const hungUp = ['StreamResetError', 'UnsupportedProtocolError'].includes(error.name)
        throw hungUp ? new MailboxNetError('refused', 'it keeps no mailboxes, or hung up') : error
      })
      signal.throwIfAborted()
      stream.addEventListener('close', () => void end())
      if (stream.status !== 'open') throw new MailboxNetError('refused', 'the other side hung up')
      return streamOf(stream, end)
    },
    end,
  }
}

function streamOf(stream: Stream, end: () => Promise<void>): MailboxStream {
  const reader = frameReader(stream)
  let last: Promise<void> = Promise.resolve()

  async function write(frame: Uint8Array): Promise<void> {
    try {
      if (!stream.send(framed(frame))) await drained(stream, limit.MAILBOX_DRAIN_TIMEOUT)
    } catch (error) {
      if (error instanceof RangeError) throw error
      stream.abort(error as Error)
      throw new MailboxNetError('unreachable', 'the stream has ended')
    }
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const frame = await reader.next(() => false)
        if (!frame) return
        yield frame
      }
    } catch {
      // however it ended: there is nothing more to come
    } finally {
      stream.abort(new Error('not read any further'))
    }
  }

  return {
    send(frame) {
      const sent = last.then(() => write(frame))
      last = sent.catch(() => undefined)
      return sent
    },
    frames: read(),
    close() {
      // What was sent leaves first.
      void stream.close({ signal: AbortSignal.timeout(limit.CLOSE_TIMEOUT) }).catch(() => undefined).then(end)
    },
  }
}

async function createNode(): Promise<Libp2p> {
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPair('Ed25519'),
    nodeInfo: { userAgent: 'dure/1' },
    transports: [tcp({ outboundSocketInactivityTimeout: limit.SOCKET_INACTIVITY }), hardenedWebSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [multiplexer(0, limit.MAX_MAILBOX_STREAMS, 'silent')],
    // The relay asks whether we are there; more would cost an idle phone more than what it waits for.
    connectionMonitor: { pingInterval: limit.MAILBOX_PING_INTERVAL },
    connectionManager: {
      maxConnections: 1,
      outboundStreamProtocolNegotiationTimeout: limit.PROTOCOL_NEGOTIATION_TIMEOUT,
      dialTimeout: limit.DIAL_TIMEOUT,
      addressDialTimeout: limit.ADDRESS_DIAL_TIMEOUT,
      maxPeerAddrsToDial: limit.MAX_ADDRESSES_TO_DIAL,
      resolvers: {},
      reconnectRetries: 0,
    },
  })
}
