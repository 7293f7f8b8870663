/**
 * Comparing heads with peers and fetching what is missing, from several of them at once and trusting none: whatever comes is
 * verified, then committed, and only then more is asked for. It goes on from what is stored, so a cut, a full disk or a restart
 * costs no more than the page that was on its way. Needs no gossip.
 */
import { decodeEntry } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import type { Arrivals } from './arrivals.ts'
import { AuthorLogs } from './author-logs.ts'
import { Backfill } from './backfill.ts'
import type { ReplicaContext } from './context.ts'
import { type Answer, Heads } from './heads.ts'
import type { Keeping } from './keeping.ts'
import type { Network } from './network.ts'
import { askEvidence } from './pages.ts'
import { PeerFault, type Peers } from './peers.ts'
import type { ChannelId, LogId, PeerKey } from './ports.ts'
import { RootLog } from './root-log.ts'
import { Rounds } from './rounds.ts'
import type { Shelf } from './shelf.ts'

/** A peer is asked for its evidence this often; gossip tells of it before. */
const EVIDENCE_MS = 3600_000
/** A peer may lack for so long what others signed to exist; later it is held to withhold it. */
const TRIM_GRACE_MS = 10 * 60_000

export class CatchUp {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #peers: Peers
  readonly #arrivals: Arrivals
  readonly #rounds: Rounds
  readonly #heads: Heads
  readonly #rootLog: RootLog
  readonly #authorLogs: AuthorLogs
  readonly #backfill: Backfill
  /** when peers told us of the evidence they have; begun anew with every hour, so that it stays small */
  readonly #gaveEvidence = new Map<ChannelId, { since: number; peers: Set<PeerKey> }>()

  /** @param keep newest entries of a log that are kept whatever one reads */
  constructor(context: ReplicaContext, parts: { shelf: Shelf; peers: Peers; network: Network; keeping: Keeping; arrivals: Arrivals }, keep: number) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#peers = parts.peers
    this.#arrivals = parts.arrivals
    this.#rounds = new Rounds(context, parts.shelf, (id) => this.#compare(id))
    this.#heads = new Heads(context, parts)
    this.#rootLog = new RootLog(context, parts)
    this.#authorLogs = new AuthorLogs(context, { ...parts, rounds: this.#rounds }, keep)
    this.#backfill = new Backfill(context, { ...parts, rounds: this.#rounds }, keep)
  }

  start(): void {
    this.#rounds.start()
  }

  stop(): void {
    this.#rounds.stop()
    this.#heads.stop()
  }

  /** What is on its way comes to its end; the network is stopped before. */
  async settled(): Promise<void> {
    await this.#rounds.settled()
    await this.#backfill.settled()
  }

  /** A peer that has it can be asked now. */
  appeared(id: ChannelId, peer: PeerKey): void {
    this.#peers.appeared(peer)
    this.#heads.found(id)
    this.wake(id)
  }

  /** There may be news: heads are compared soon. On `hearsay` not as soon. */
  wake(id: ChannelId, why: 'news' | 'hearsay' = 'news'): void {
    this.#rounds.wake(id, why)
  }

  /** Compares heads and fetches what is missing; true when a peer answered. A round that is on its way is joined. */
  round(id: ChannelId): Promise<boolean> {
    return this.#rounds.round(id)
  }

  /** Until a peer gave us what it has, or for so long. */
  reached(id: ChannelId, ms: number): Promise<void> {
    return this.#rounds.reached(id, ms)
  }

  /** For who looks and hears no gossip: asks now, and waits for the answer so long. */
  pull(id: ChannelId, ms: number): Promise<void> {
    return this.#rounds.pull(id, ms)
  }

  /** The channel is no longer on the shelf. */
  forget(id: ChannelId): void {
    this.#rounds.forget(id)
    this.#heads.forget(id)
    this.#gaveEvidence.delete(id)
  }

  /** One page of what is before the entries held of a log; false when nobody gives it. */
  older(id: ChannelId, log: LogId): Promise<boolean> {
    return this.#backfill.older(id, log)
  }

  /** All of a log; false when nobody gives the rest. */
  whole(id: ChannelId, log: LogId): Promise<boolean> {
    return this.#backfill.whole(id, log)
  }

  async #compare(id: ChannelId): Promise<boolean> {
    const { answers, missed } = await this.#heads.hear(id)
    if (missed) this.#rounds.wake(id) // once more after this one
    for (const answer of answers) await this.#rootLog.fetch(id, answer)
    const known = this.#shelf.opened(id)
    if (!known) return false
    for (const { peer } of answers) await this.#evidence(id, peer)
    const fresh = known.row.newestAt === 0
    const logs = await this.#authorLogs.fetch(id, answers, fresh)
    if (fresh && answers.length > 0) await this.#backfill.firstPosts(id, logs, answers.map(({ peer }) => peer))
    this.#judgeTrimming(id, answers)
    if (answers.length > 0) this.#rounds.arrived(id)
    await this.#heads.remember(id, answers)
    this.#backfill.fill(id)
    return answers.length > 0
  }

  async #evidence(id: ChannelId, peer: PeerKey): Promise<void> {
    const now = this.#context.clock.now()
    const before = this.#gaveEvidence.get(id)
    const gave = before && now - before.since < EVIDENCE_MS ? before : { since: now, peers: new Set<PeerKey>() }
    this.#gaveEvidence.set(id, gave)
    if (gave.peers.has(peer)) return
    gave.peers.add(peer)
    await this.#peers.trying(peer, async () => {
      for (const bytes of await askEvidence(this.#context, peer, id)) {
        const step = newStep()
        if (this.#arrivals.evidence(step, id, bytes) === 'wrong') throw new PeerFault('invalid', 'evidence of nothing')
        await commit(this.#context, step)
      }
    })
  }

  /** Who shows an author that speaks of more of a sister log than it shows of that log itself, though others have it, keeps it back. */
  #judgeTrimming(id: ChannelId, answers: readonly Answer[]): void {
    const now = this.#context.clock.now()
    const state = this.#shelf.opened(id)?.state
    for (const { peer, heads } of answers) {
      if (!this.#peers.mayAsk(peer)) continue
      const shown = new Map(heads.map(({ log, entry }) => [log, decodeEntry(this.#context.suite, entry)]))
      const trims = [...shown.values()].some(({ time, seen }) =>
        seen.some(({ log, size }) => {
          const name = toHex(log)
          const there = Math.min(size, state?.cuts.get(name)?.size ?? Infinity, state?.logs.get(name)?.size ?? 0)
          return now - time > TRIM_GRACE_MS && (shown.get(name)?.seq ?? -1) + 1 < there
        }),
      )
      if (trims) this.#peers.blame(peer, new PeerFault('stalled', 'it shows less of a log than its own entries speak of'))
    }
  }
}
