/** Relays with mailboxes on loopback, and clients on real streams. */
import type { Libp2p } from '@libp2p/interface'
import type { Mailboxes, MailboxNode, MailboxRole, MailboxStream } from '../../../src/messenger/mailboxes/ports.ts'
import { createMailboxes, createMailboxServer, createRelayNode, type MailboxSessions, type RelayPart } from '../../../src/net/index.ts'
import type { MailboxStore } from '../../../src/relay/mailbox/ports.ts'
import type { SessionsOptions } from '../../../src/relay/mailbox/sessions.ts'
import { createMemoryMailboxStore } from '../../support/memory-mailbox-store.ts'
import { Client, openSessions } from '../relay/support.ts'
import { cleanup, LOOPBACK, nextSeed } from './support.ts'

export interface RunningRelay extends MailboxNode {
  readonly sessions: MailboxSessions
  /** peer ids of the connections it has seen, in their order */
  readonly seen: string[]
  connections(): number
  /** Makes its DHT know those of others. */
  meet(...others: readonly RunningRelay[]): Promise<void>
  /** with its peer id */
  entryPoints(): string[]
  figures(): Readonly<Record<string, Readonly<Record<string, number>>>>
  stop(): Promise<unknown>
}

export async function startRelay(over: Partial<SessionsOptions> = {}, { store = createMemoryMailboxStore(), listen = [LOOPBACK], announce = [], announceWithoutNames = [], seed = nextSeed() }: { store?: MailboxStore; listen?: string[]; announce?: readonly string[]; announceWithoutNames?: readonly string[]; seed?: Uint8Array } = {}): Promise<RunningRelay> {
  const sessions = openSessions(store, { get now() { return Date.now() } } as { now: number }, over)
  const seen: string[] = []
  let inside: Libp2p | undefined
  const witness: RelayPart = {
    name: 'witness',
    async start(libp2p) {
      inside = libp2p
      libp2p.addEventListener('connection:open', ({ detail }) => void seen.push(detail.remotePeer.toString()))
    },
    stop: async () => undefined,
    status: () => ({}),
  }
  const node = await createRelayNode({ seed, listen, announce, announceWithoutNames, perHost: 100, parts: [createMailboxServer(sessions), witness] })
  await node.start()
  cleanup(async () => void (await node.stop()))
  const entryPoints = (): string[] => node.listening().map((address) => `${address}/p2p/${node.peerId}`)
  const meet = (...others: readonly RunningRelay[]): Promise<void> => node.meet(others.flatMap((other) => other.entryPoints()))
  return { peer: node.key, addresses: node.addresses(), sessions, seen, connections: () => inside?.getConnections().length ?? 0, entryPoints, meet, figures: node.status, stop: node.stop }
}

export async function network(): Promise<Mailboxes> {
  const mailboxes = createMailboxes({ loopback: () => true })
  await mailboxes.start()
  cleanup(() => mailboxes.stop())
  return mailboxes
}

/** A client that speaks over this stream, and what it said. */
export function speak(stream: MailboxStream): Client & { readonly stream: MailboxStream; readonly sent: Uint8Array[] } {
  const frames = stream.frames[Symbol.asyncIterator]()
  const sent: Uint8Array[] = []
  const client = new Client({
    send(frame) {
      sent.push(frame)
      void stream.send(frame)
    },
    async next() {
      const { done, value } = await frames.next()
      if (done) throw new Error('the stream has ended')
      return value
    },
  })
  return Object.assign(client, { stream, sent })
}

export const connect = async (mailboxes: Mailboxes, role: MailboxRole, node: MailboxNode): Promise<ReturnType<typeof speak>> => speak(await mailboxes.connect(role, node))
