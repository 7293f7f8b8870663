/**
 * Streams to nodes that keep mailboxes. Every connection is made by a libp2p node of its own that only dials, under a key drawn for it: to a
 * relay, what we fetch, what we hand in, our device and our last visit have nothing in common but the IP address (attack 66). Who hides does not
 * show that either: relays of others are reached through one of their own, which learns neither the key nor what is said.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, PeerId, Stream, Upgrader } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type Mailboxes, MailboxNetError, type MailboxNode, type MailboxRole, type MailboxStream } from '../messenger/mailboxes/ports.ts'
import { endUnlessAlive } from './alive.ts'
import { dialable, type Surroundings } from './addresses.ts'
import { peerIdOf } from './device-key.ts'
import { drained } from './drained.ts'
import * as limit from './limits.ts'
import { frameReader, framed, MAILBOX_PROTOCOL } from './mailbox-frames.ts'
import { multiplexer, stopNode } from './node.ts'
import { callOnward } from './onward.ts'
import { ownAddresses, resolveTarget } from './surroundings.ts'
import { hardenedWebSockets } from './websockets.ts'

export interface MailboxClientOptions {
  /** whether nodes on this machine may be dialled at a contact's word: we are on nothing but loopback ourselves */
  readonly loopback: () => boolean
}

export function createMailboxes({ loopback }: MailboxClientOptions): Mailboxes {
  const lines = new Set<Line>()
  let stopping: AbortController | undefined
  let behind: (() => readonly MailboxNode[]) | undefined

  async function connect(role: MailboxRole, node: MailboxNode, signal?: AbortSignal): Promise<MailboxStream> {
    signal?.throwIfAborted()
    const running = stopping
    if (!running) throw stopped()
    if (lines.size >= limit.MAX_MAILBOX_CONNECTIONS) throw new MailboxNetError('refused', 'too many connections to mailboxes')
    const late = AbortSignal.timeout(limit.MAILBOX_CONNECT_TIMEOUT)
    const over = AbortSignal.any([running.signal, late, ...(signal ? [signal] : [])])
    const line = createLine(role, () => lines.delete(line))
    lines.add(line)
    try {
      return await line.open(await wayTo(role, node), over)
    } catch (error) {
      void line.end()
      if (running.signal.aborted) throw stopped()
      signal?.throwIfAborted()
      if (error instanceof MailboxNetError) throw error
      if (late.aborted) throw new MailboxNetError('timeout', 'the node did not answer in time')
      throw new MailboxNetError('unreachable', 'no address answered')
    }
  }

  async function wayTo(role: MailboxRole, node: MailboxNode): Promise<Way> {
    const hidden = behind?.()
    if (role === 'fetch' || !hidden) return { addresses: await addressesOf(role, node, { own: ownAddresses(), loopback: loopback() }) }
    // A contact may say that a relay of ours is elsewhere, to see who comes: where it is, the person said.
    const own = hidden.find(({ peer }) => peer === node.peer)
    if (own) return { addresses: chosen(own) }
    // What is near us is not near the relay that goes there for us.
    return { addresses: named(node, { own: [], loopback: loopback() }), through: hidden.map(chosen) }
  }

  return {
    hideBehind(own) {
      behind = own
      for (const line of lines) if (line.role === 'hand-in') void line.end()
    },
    check() {
      for (const line of lines) line.check()
    },
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

/** Multiaddrs to dial, each with the peer id. */
interface Way {
  readonly addresses: readonly string[]
  /** those of each relay that may lead there; absent: we go there ourselves */
  readonly through?: readonly (readonly string[])[]
}

/** Where we fetch, the person chose; where we hand in, a contact said (attack 88). */
async function addressesOf(role: MailboxRole, node: MailboxNode, around: Surroundings): Promise<string[]> {
  if (role === 'fetch') return chosen(node)
  const id = idOf(node)
  const found = await Promise.all(dialable(node.addresses, id.toString(), around).map((target) => resolveTarget(target, around)))
  return complete(found.flat(), id)
}

const chosen = (node: MailboxNode): string[] => complete(node.addresses.slice(0, limit.MAX_ADDRESSES_TO_DIAL), idOf(node))

/** Names are for the relay to look up that goes there: a name server that a contact runs would see who asks. */
const named = (node: MailboxNode, around: Surroundings): string[] => {
  const id = idOf(node)
  return complete(dialable(node.addresses, id.toString(), around).map(({ address }) => address.toString()), id)
}

function idOf({ peer }: MailboxNode): PeerId {
  const id = peerIdOf(peer)
  if (!id) throw new MailboxNetError('unreachable', 'not the key of a node')
  return id
}

function complete(addresses: readonly string[], id: PeerId): string[] {
  if (addresses.length === 0) throw new MailboxNetError('unreachable', 'no address to try')
  return addresses.map((address) => `${address}/p2p/${id}`)
}

/** One connection and one stream, from a libp2p node of its own; and where it goes through a relay of ours, another node for the way to that. */
interface Line {
  readonly role: MailboxRole
  open(way: Way, signal: AbortSignal): Promise<MailboxStream>
  /** Ends it when its node does not answer. */
  check(): void
  end(): Promise<void>
}

function createLine(role: MailboxRole, gone: () => void): Line {
  const nodes: Libp2p[] = []
  let connection: Connection | undefined
  let ended = false

  async function end(): Promise<void> {
    if (ended) return
    ended = true
    gone()
    await Promise.all(nodes.map((node) => stopNode(node, new Error('done with it'))))
  }

  async function begin(): Promise<Dialler> {
    const made = await createNode()
    if (ended) throw stopped()
    nodes.push(made.libp2p)
    await made.libp2p.start()
    return made
  }

  const dial = ({ libp2p }: Dialler, addresses: readonly string[], signal: AbortSignal): Promise<Connection> =>
    libp2p.dial(addresses.map((address) => multiaddr(address)), { signal })

  async function through(relays: readonly (readonly string[])[], addresses: readonly string[], signal: AbortSignal): Promise<Connection> {
    const { upgrader } = await begin()
    for (const relay of relays) {
      const near = await begin()
      try {
        return await callOnward(upgrader, await dial(near, relay, signal), addresses, signal)
      } catch {
        signal.throwIfAborted()
        void stopNode(near.libp2p, new Error('it does not lead there'))
      }
    }
    throw new MailboxNetError('unreachable', 'no relay of ours leads there, and our address is hidden')
  }

  return {
    role,
    async open({ addresses, through: relays }, signal) {
      connection = await (relays ? through(relays, addresses, signal) : dial(await begin(), addresses, signal))
      const stream = await connection.newStream(MAILBOX_PROTOCOL, { signal }).catch((error: Error) => {
        const hungUp = ['StreamResetError', 'UnsupportedProtocolError'].includes(error.name)
        throw hungUp ? new MailboxNetError('refused', 'it keeps no mailboxes, or hung up') : error
      })
      signal.throwIfAborted()
      stream.addEventListener('close', () => void end())
      if (stream.status !== 'open') throw new MailboxNetError('refused', 'the other side hung up')
      return streamOf(stream, end)
    },
    check() {
      if (connection) void endUnlessAlive(connection)
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

interface Dialler {
  readonly libp2p: Libp2p
  readonly upgrader: Upgrader
}

async function createNode(): Promise<Dialler> {
  let upgrader: Upgrader | undefined
  const libp2p = await createLibp2p({
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
    services: {
      inside: (components: { upgrader: Upgrader }) => {
        upgrader = components.upgrader
        return {}
      },
    },
  })
  return { libp2p, upgrader: upgrader as unknown as Upgrader }
}
