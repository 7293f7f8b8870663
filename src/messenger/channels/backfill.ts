/** What is before the entries held of a log: fetched downwards, each page proven by the entry above it, from anybody who has it. */
import { decodeEntry, headBefore, judgePage, limits, MAX_PAGE, verifyRange } from '../../../protocols/channel/index.ts'
import { fromHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import type { ReplicaContext } from './context.ts'
import { type Keeping, storedEntry } from './keeping.ts'
import { askPage, PAGE_BYTES, type ShownPage } from './pages.ts'
import type { Peers } from './peers.ts'
import type { ChannelId, LogId, PeerKey } from './ports.ts'
import { Pages } from './prefetch.ts'
import type { Rounds } from './rounds.ts'
import type { Shelf } from './shelf.ts'

/** Posts a new follower sees at once, over all logs. */
const FIRST_POSTS = 50

export class Backfill {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #peers: Peers
  readonly #keeping: Keeping
  readonly #rounds: Pick<Rounds, 'isRunning'>
  readonly #keep: number
  readonly #filling = new Map<ChannelId, Promise<void>>()

  /** @param keep newest entries of a log that are kept whatever one reads */
  constructor(context: ReplicaContext, parts: { shelf: Shelf; peers: Peers; keeping: Keeping; rounds: Pick<Rounds, 'isRunning'> }, keep: number) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#peers = parts.peers
    this.#keeping = parts.keeping
    this.#rounds = parts.rounds
    this.#keep = keep
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#filling.values())
  }

  /** One page of what is before the entries held of a log; false when nobody gives it. */
  older(id: ChannelId, log: LogId): Promise<boolean> {
    const floor = this.#shelf.floor(id, log)
    return floor === 0 ? Promise.resolve(false) : this.#down(id, log, tileBelow(floor, MAX_PAGE))
  }

  /** All of a log; false when nobody gives the rest. */
  whole(id: ChannelId, log: LogId): Promise<boolean> {
    return this.#down(id, log, 0)
  }

  /** The newest posts of all logs, as many as a new follower sees at once, from those who just answered. */
  async firstPosts(id: ChannelId, logs: readonly LogId[], answering: readonly PeerKey[]): Promise<void> {
    const each = Math.ceil(FIRST_POSTS / Math.max(1, logs.length))
    await Promise.all(logs.map((log) => this.#down(id, log, Math.max(0, this.#shelf.size(id, log) - each), answering)))
    const known = this.#shelf.opened(id)
    if (!known || known.row.newestAt > 0) return
    const step = newStep()
    this.#shelf.update(step, id, { newestAt: Math.max(1, known.state.root.time) }) // nothing was posted yet: what comes now is news
    await commit(this.#context, step)
  }

  /** In the background: as much of the past as is kept of every log. */
  fill(id: ChannelId): void {
    if (this.#filling.has(id)) return
    const fill = async (): Promise<void> => {
      for (const [log] of this.#shelf.get(id)?.floors ?? []) await this.#down(id, log, Math.max(0, this.#shelf.size(id, log) - this.#keep))
    }
    const filling = fill()
      .catch((error: unknown) => this.#context.log.warn('older entries were not fetched; tried again later', { error: error instanceof Error ? error.name : 'unknown' }))
      .finally(() => this.#filling.delete(id))
    this.#filling.set(id, filling)
  }

  /** Down to number `until`, from all who can be asked or those; false when nobody gives it. */
  async #down(id: ChannelId, log: LogId, until: number, among?: readonly PeerKey[]): Promise<boolean> {
    const without = new Set<PeerKey>()
    let span: number = MAX_PAGE
    /** where the first of the pages on their way ends */
    let next = this.#shelf.floor(id, log)
    const pages = new Pages<{ readonly peer: PeerKey }, ShownPage>(({ peer }, from, to) =>
      // Proven under the tree of the entries before `to`: the root of that is known when its turn comes.
      askPage(this.#context, peer, { channel: id, log, from, count: to - from, size: to }),
    )
    while (this.#rounds.isRunning && this.#shelf.opened(id)) {
      const floor = this.#shelf.floor(id, log)
      if (floor <= until) return true
      const sources = this.#peers.of(id).filter((peer) => !without.has(peer) && (among?.includes(peer) ?? true)).map((peer) => ({ peer }))
      // A page did not come, or was fetched by another walk meanwhile: none on its way ends where one is needed.
      if (floor !== next) pages.drop(() => true)
      pages.fill((parts) => {
        const to = Math.min(floor, ...parts.map((part) => part.from))
        return to > until ? { from: Math.max(until, tileBelow(to, span)), to, sources } : undefined
      })
      const part = pages.take(({ to }) => to === floor)
      if (!part) return false
      next = part.from
      const came = await part.came
      try {
        if ('error' in came) throw came.error
        const short = came.page.entries.length < part.to - part.from
        if (short) {
          // The end of a page is what is needed first: where entries are large, fewer are asked for at a time.
          this.#prove(id, log, part.to, came.page)
          if (bytesOf(came.page) < PAGE_BYTES - limits.MAX_ENTRY) without.add(part.source.peer)
          else span = came.page.entries.length
          pages.drop(() => true)
        } else if (!(await this.#prepend(id, log, came.page))) without.add(part.source.peer)
      } catch (error) {
        without.add(part.source.peer)
        this.#peers.blame(part.source.peer, error)
      }
    }
    return false
  }

  /** @throws MerkleError these are not entries of the log before number `to` */
  #prove(id: ChannelId, log: LogId, to: number, page: ShownPage): void {
    const { suite, store } = this.#context
    const oldest = store.entry(id, log, to)
    if (!oldest) return
    const { size, root } = headBefore(storedEntry(suite, oldest))
    verifyRange(suite, page.entries.map((bytes) => decodeEntry(suite, bytes).id), page.from, size, root, page.proof)
  }

  /** False when it is not taken, and nobody is to blame. */
  async #prepend(id: ChannelId, log: LogId, page: ShownPage): Promise<boolean> {
    const { suite, store, clock } = this.#context
    const state = this.#shelf.opened(id)?.state
    const floor = this.#shelf.floor(id, log)
    const oldest = store.entry(id, log, floor)
    if (!state || !oldest || floor !== page.from + page.entries.length) return true // somebody was faster
    const judged = judgePage(suite, state, { log: fromHex(log), ...page, head: headBefore(storedEntry(suite, oldest)) }, clock.now())
    if (judged.stopped !== undefined) return false
    const step = newStep()
    this.#keeping.older(step, id, log, judged)
    await commit(this.#context, step)
    return true
  }
}

/** Where a page begins that ends before number `to`: at a multiple of its length, where hashes are kept. */
const tileBelow = (to: number, span: number): number => (Math.ceil(to / span) - 1) * span

const bytesOf = ({ entries }: ShownPage): number => entries.reduce((sum, { length }) => sum + length, 0)
