/** Who takes part in one channel, as far as we know: hints, who knows it, who has it and is connected, who brought what was said last. */
import type { Meeting, PeerHint, PeerKey } from '../../messenger/channels/ports.ts'
import { BRINGERS_REMEMBERED, FIRST_RETRY, LAST_RETRY, MAX_HINTS, MAX_KNOWING } from './limits.ts'

export interface Roster {
  meeting: Meeting
  /** in the order they were learnt, the last the newest */
  hints(): IterableIterator<[PeerKey, readonly string[]]>
  hinted(peer: PeerKey): readonly string[] | undefined
  hint(hint: PeerHint): void
  /** The peer has shown that it knows the channel. */
  knows(peer: PeerKey): boolean
  know(peer: PeerKey): void
  /** Connected peers that have it. */
  readonly holders: ReadonlySet<PeerKey>
  /** True when it was not one before. */
  hold(peer: PeerKey): boolean
  lose(peer: PeerKey): void
  /** It said that it has left: no reason to call it again for this channel. */
  strike(peer: PeerKey): void
  /** Hints that may be dialled now, the ones dialled least first. */
  due(): PeerKey[]
  /**
   * Every dial counts, also one that connects: a full peer takes the connection and closes it, and would be called every few seconds for ever. When the
   * last one is long ago, counting starts again.
   */
  dialled(peer: PeerKey): void
  /** The peer was the first to bring a message that is passed on. */
  bring(peer: PeerKey): void
  /** How many of the last messages it was the first to bring. Survives reconnects. */
  brought(peer: PeerKey): number
  /** when our provider record was last written */
  providedAt: number | undefined
}

export function createRoster(meeting: Meeting, now: () => number): Roster {
  const hints = new Map<PeerKey, readonly string[]>()
  const knowing = new Set<PeerKey>()
  const holders = new Set<PeerKey>()
  const retries = new Map<PeerKey, { dials: number; at: number }>()
  const bringers: PeerKey[] = []

  return {
    meeting,
    providedAt: undefined,
    hints: () => hints.entries(),
    hinted: peer => hints.get(peer),
    hint({ peer, addresses }) {
      hints.delete(peer)
      hints.set(peer, addresses)
      for (const oldest of hints.keys()) {
        if (hints.size <= MAX_HINTS) break
        hints.delete(oldest)
        retries.delete(oldest)
      }
    },
    knows: peer => knowing.has(peer) || hints.has(peer) || holders.has(peer),
    know(peer) {
      knowing.delete(peer)
      knowing.add(peer)
      for (const oldest of knowing) {
        if (knowing.size <= MAX_KNOWING) break
        knowing.delete(oldest)
      }
    },
    holders,
    hold(peer) {
      if (holders.has(peer)) return false
      holders.add(peer)
      return true
    },
    lose: peer => void holders.delete(peer),
    strike(peer) {
      holders.delete(peer)
      hints.delete(peer)
      retries.delete(peer)
    },
    bring(peer) {
      bringers.push(peer)
      if (bringers.length > BRINGERS_REMEMBERED) bringers.shift()
    },
    brought: peer => bringers.filter(bringer => bringer === peer).length,
    due() {
      const dials = (peer: PeerKey): number => retries.get(peer)?.dials ?? 0
      return [...hints.keys()]
        .filter(peer => !holders.has(peer) && (retries.get(peer)?.at ?? 0) <= now())
        .toSorted((a, b) => dials(a) - dials(b))
    },
    dialled(peer) {
      const before = retries.get(peer)
      const dials = before && now() - before.at < LAST_RETRY ? before.dials + 1 : 1
      retries.set(peer, { dials, at: now() + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (dials - 1)) })
    },
  }
}
