/**
 * Hole punching: libp2p's DCUtR says when, and this says how. The library calls from a fresh port, which no router has a hole for, and
 * loses on the way which of the two is to speak first; both sides of a TCP call that meets itself would then wait for each other.
 */
import { dcutr } from '@libp2p/dcutr'
import type { Connection, PeerId, Startable } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { guarded } from './guarded.ts'
import { MAX_PUNCHED, PUNCH_PAUSE, PUNCH_STREAMS, PUNCH_TIMEOUT, PUNCH_TRIES } from './limits.ts'

export type PunchComponents = Parameters<ReturnType<typeof dcutr>>[0] & { readonly peerId: PeerId }

export interface PunchQuestions {
  /** may this peer learn our addresses, and make us call its own */
  admits(peer: PeerId): boolean
  /** addresses at which relays see us */
  observed(): Multiaddr[]
  dialable(address: Multiaddr): boolean
}

interface How {
  readonly signal?: AbortSignal
  /** false: the other side speaks first */
  readonly initiator?: boolean
  /** given when both sides call at the same moment */
  readonly priority?: number
}

export function punch(components: PunchComponents, questions: PunchQuestions): Startable {
  const { peerStore, registrar, transportManager, logger, peerId } = components

  /** The first that answers; the others are given up. */
  async function call(addresses: readonly Multiaddr[], { signal, initiator, priority }: How): Promise<Connection> {
    const usable = addresses.filter(address => questions.dialable(address)).slice(0, MAX_PUNCHED)
    // Not the caller's own signal: a socket that was given one is closed by it whenever it fires.
    const over = new AbortController()
    const giveUp = (): void => over.abort(new Error('given up'))
    signal?.addEventListener('abort', giveUp)
    try {
      return await Promise.any(usable.map(async address => {
        for (;;) {
          const own = new AbortController()
          const end = (): void => own.abort(new Error('given up'))
          over.signal.addEventListener('abort', end)
          try {
            over.signal.throwIfAborted()
            return await transportManager.dial(address, { signal: own.signal, ...(initiator !== undefined && { initiator }) })
          } catch (error) {
            if (priority === undefined || over.signal.aborted) throw error
            await new Promise(resolve => setTimeout(resolve, PUNCH_PAUSE))
          } finally {
            over.signal.removeEventListener('abort', end)
          }
        }
      }))
    } finally {
      signal?.removeEventListener('abort', giveUp)
      giveUp()
    }
  }

  return dcutr({ timeout: PUNCH_TIMEOUT, retries: PUNCH_TRIES, maxInboundStreams: PUNCH_STREAMS, maxOutboundStreams: PUNCH_STREAMS })({
    peerStore,
    transportManager,
    logger,
    registrar: guarded(registrar, connection => questions.admits(connection.remotePeer)),
    addressManager: { getAddresses: () => questions.observed().map(address => address.encapsulate(`/p2p/${peerId}`)) } as Partial<PunchComponents['addressManager']> as PunchComponents['addressManager'],
    connectionManager: { openConnection: (addresses: Multiaddr[], how: How) => call(addresses, how) } as unknown as PunchComponents['connectionManager'],
  }) as Startable
}
