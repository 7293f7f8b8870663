/** Whom to ask. No peer is trusted; one that lied or stalled waits on the bench while others are asked. */
import { EntryError, MerkleError } from '../../../protocols/channel/index.ts'
import type { ReplicaContext } from './context.ts'
import { type ChannelId, GossipError, type PeerKey } from './ports.ts'

/** An exchange that failed. `gone`: the peer left or is busy, `lacking`: it does not have what was asked for; nobody's fault. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault'
  readonly fault: 'invalid' | 'stalled' | 'flood' | 'gone' | 'lacking'

  constructor(fault: PeerFault['fault'], message: string) {
    super(message)
    this.fault = fault
  }
}

/** How long a peer is not asked again: who lied, longer than anybody waits for posts; who was slow, until a connection may be better. */
const BENCH_MS = { invalid: 60 * 60_000, flood: 60 * 60_000, stalled: 2 * 60_000, gone: 10_000, lacking: 0 } as const
const LONGEST_MS = Math.max(...Object.values(BENCH_MS))
/** Peers remembered as faulty; net keeps scores of its own beyond that. */
const MAX_BENCHED = 1_024

export class Peers {
  readonly #context: ReplicaContext
  /** when a peer may be asked again */
  readonly #benched = new Map<PeerKey, number>()

  constructor(context: ReplicaContext) {
    this.#context = context
  }

  /** Peers that have the channel and may be asked, the best first. */
  of(channel: ChannelId): PeerKey[] {
    return this.#context.gossip.peers(channel).filter((peer) => this.mayAsk(peer))
  }

  mayAsk(peer: PeerKey): boolean {
    const until = this.#benched.get(peer)
    if (until === undefined) return true
    const rest = until - this.#context.clock.now()
    // Longer than anybody is benched: the clock was set back since.
    if (rest > 0 && rest <= LONGEST_MS) return false
    this.#benched.delete(peer)
    return true
  }

  /** What a peer does not do right is held against it, and gives nothing. @throws what `blame` does */
  async trying<T>(peer: PeerKey, exchange: () => Promise<T>): Promise<T | undefined> {
    try {
      return await exchange()
    } catch (error) {
      this.blame(peer, error)
      return undefined
    }
  }

  /** What a failed exchange means for the peer. Anything but a fault of the peer's is thrown on: it is ours. */
  blame(peer: PeerKey, error: unknown): void {
    const fault = faultOf(error)
    if (fault === undefined) throw error
    if (fault === 'lacking') return
    if (fault !== 'gone') {
      this.#context.gossip.report(peer, fault)
      this.#context.log.info('a peer did not keep to the protocol', { fault, why: (error as Error).message })
    }
    this.#benched.delete(peer)
    this.#benched.set(peer, this.#context.clock.now() + BENCH_MS[fault])
    for (const [oldest] of this.#benched) {
      if (this.#benched.size <= MAX_BENCHED) break
      this.#benched.delete(oldest)
    }
  }

  /** It came back: what was nobody's fault is forgotten. */
  appeared(peer: PeerKey): void {
    const until = this.#benched.get(peer)
    if (until !== undefined && until - this.#context.clock.now() <= BENCH_MS.gone) this.#benched.delete(peer)
  }
}

function faultOf(error: unknown): PeerFault['fault'] | undefined {
  if (error instanceof PeerFault) return error.fault
  // Entries and proofs that are wrong are the fault of who sent them.
  if (error instanceof EntryError || error instanceof MerkleError) return 'invalid'
  if (!(error instanceof GossipError)) return undefined
  return { unreachable: 'gone', refused: 'gone', stopped: 'gone', timeout: 'stalled', oversized: 'flood' }[error.code] as PeerFault['fault']
}
