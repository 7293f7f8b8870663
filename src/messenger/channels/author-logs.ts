/**
 * The logs of authors, from what is here up to the newest that anybody shows: page by page from all who have them, or from the head itself when
 * that is far. Whatever comes is verified, then committed, and only then more is asked for.
 */
import { adoptHead, adoptKept, decodeEntry, EntryError, headOf, judgePage, MAX_PAGE, treeRoot, verifyRange } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep, type Step } from '../context.ts'
import type { Arrivals } from './arrivals.ts'
import type { ReplicaContext } from './context.ts'
import type { Answer } from './heads.ts'
import type { Keeping } from './keeping.ts'
import { askPage, type ShownHead, type ShownPage } from './pages.ts'
import { PeerFault, type Peers } from './peers.ts'
import type { ChannelId, LogId, PeerKey } from './ports.ts'
import { Pages } from './prefetch.ts'
import type { Rounds } from './rounds.ts'
import type { Shelf } from './shelf.ts'

/** Logs of a channel that are fetched at the same time; each has its own pages on their way. */
const LOGS_AT_ONCE = 4

/** The head of a log as a peer shows it, checked: entry and root are signed. */
interface Source {
  readonly peer: PeerKey
  readonly log: LogId
  readonly size: number
  readonly root: Uint8Array
  readonly shown: ShownHead
}

export class AuthorLogs {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #peers: Peers
  readonly #keeping: Keeping
  readonly #arrivals: Arrivals
  readonly #rounds: Pick<Rounds, 'isRunning'>
  readonly #keep: number

  /** @param keep a log that goes on further than this is gone on with at its head */
  constructor(context: ReplicaContext, parts: { shelf: Shelf; peers: Peers; keeping: Keeping; arrivals: Arrivals; rounds: Pick<Rounds, 'isRunning'> }, keep: number) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#peers = parts.peers
    this.#keeping = parts.keeping
    this.#arrivals = parts.arrivals
    this.#rounds = parts.rounds
    this.#keep = keep
  }

  /** @param fresh nothing of the channel was here. @returns the logs that there is more of */
  async fetch(id: ChannelId, answers: readonly Answer[], fresh: boolean): Promise<LogId[]> {
    const logs = [...Map.groupBy(await this.#check(id, answers), ({ log }) => log)]
    for (let at = 0; at < logs.length; at += LOGS_AT_ONCE) {
      await Promise.all(logs.slice(at, at + LOGS_AT_ONCE).map(([log, sources]) => this.#log(id, log, sources, fresh)))
    }
    return logs.map(([log]) => log)
  }

  /** What peers show beyond what is here. A head that differs from what is here is a fork, and proves it. */
  async #check(id: ChannelId, answers: readonly Answer[]): Promise<Source[]> {
    const found: Source[] = []
    for (const { peer, heads } of answers) {
      const step = newStep()
      const sources = await this.#peers.trying(peer, async () => heads.slice(1).flatMap((shown) => this.#source(step, id, peer, shown) ?? []))
      await commit(this.#context, step)
      found.push(...(sources ?? []))
    }
    return found
  }

  #source(step: Step, id: ChannelId, peer: PeerKey, shown: ShownHead): Source | undefined {
    const { suite, store, clock } = this.#context
    const state = this.#shelf.opened(id)?.state
    const ours = state?.logs.get(shown.log)
    if (!state || !ours) return undefined // certified in root entries that we do not have
    const entry = decodeEntry(suite, shown.entry)
    if (toHex(entry.log) !== shown.log) throw new PeerFault('invalid', 'the head of another log')
    if (entry.seq < ours.size) {
      const here = store.entry(id, shown.log, entry.seq)
      if (here && here.id !== toHex(entry.id) && this.#arrivals.judged(step, id, shown.entry, 'past').outcome === 'wrong') throw new PeerFault('invalid', 'a forged head')
      return undefined
    }
    const head = unlessInDoubt(() => adoptHead(suite, state, shown, clock.now()))?.channel.logs.get(shown.log)
    return head && { peer, log: shown.log, size: head.size, root: treeRoot(suite, head.frontier), shown }
  }

  async #log(id: ChannelId, log: LogId, sources: readonly Source[], fresh: boolean): Promise<void> {
    const known = this.#shelf.opened(id)
    if (!known) return
    // What an ended log still has is from the past, also for who sees it now.
    const as = fresh || known.state.cuts.has(log) ? 'past' : 'fresh'
    const byName = [...sources].sort((a, b) => b.size - a.size)
    for (const source of byName) {
      const size = this.#shelf.size(id, log)
      const far = source.size - size > this.#keep
      if (size === 0 ? fresh || far : far) await this.#peers.trying(source.peer, () => this.#adopt(id, source, as))
    }
    await this.#climb(id, log, sources, as)
  }

  /** Begins, or goes on, at the head: with proof that it goes on from what is here. */
  async #adopt(id: ChannelId, source: Source, as: 'fresh' | 'past'): Promise<void> {
    const { peer, log, size, shown } = source
    const { suite, clock } = this.#context
    const from = this.#shelf.size(id, log)
    const page = from > 0 ? await askPage(this.#context, peer, { channel: id, log, from, count: 1, size }) : undefined
    const state = this.#shelf.opened(id)?.state
    const ours = state?.logs.get(log)
    if (!state || ours?.size !== from) return
    if (page) {
      const { nodes } = verifyRange(suite, page.entries.map((bytes) => decodeEntry(suite, bytes).id), from, size, source.root, page.proof)
      const goesOn = nodes.every((hash, i) => toHex(hash) === toHex(ours.frontier.nodes[i] as Uint8Array))
      if (!goesOn) return this.#seekFork(id, source)
    }
    const adopted = unlessInDoubt(() => adoptHead(suite, state, shown, clock.now()))
    if (!adopted) return
    const step = newStep()
    this.#keeping.adopted(step, id, adopted, { size: size - 1, nodes: shown.frontier }, as)
    await commit(this.#context, step)
  }

  /** From what is here up to the highest head shown, page by page, from all who have them. */
  async #climb(id: ChannelId, log: LogId, sources: readonly Source[], as: 'fresh' | 'past'): Promise<void> {
    const without = new Set<PeerKey>()
    const pages = new Pages<Source, ShownPage>((source, from, to) =>
      askPage(this.#context, source.peer, { channel: id, log, from, count: to - from, size: source.size }),
    )
    while (this.#rounds.isRunning && this.#shelf.opened(id)) {
      const size = this.#shelf.size(id, log)
      const live = sources.filter((source) => source.size > size && !without.has(source.peer) && this.#peers.mayAsk(source.peer))
      pages.drop((part) => part.from < size)
      pages.fill((parts) => {
        let from = size
        for (let there = parts.find((part) => part.from === from); there; there = parts.find((part) => part.from === from)) from = there.to
        const next = Math.min(from + MAX_PAGE, ...parts.filter((part) => part.from > from).map((part) => part.from))
        const able = live.filter((source) => source.size > from)
        const to = Math.min(next, ...able.map((source) => source.size))
        return to > from ? { from, to, sources: able } : undefined
      })
      const part = pages.take(({ from }) => from === size)
      if (!part) return
      const came = await part.came
      try {
        if ('error' in came) throw came.error
        const whole = await this.#append(id, part.source, came.page, as)
        if (!whole) without.add(part.source.peer)
      } catch (error) {
        without.add(part.source.peer)
        const differs = error instanceof EntryError && error.rule === 'root'
        if (differs && size > 0) await this.#peers.trying(part.source.peer, () => this.#seekFork(id, part.source))
        else this.#peers.blame(part.source.peer, error)
      }
    }
  }

  /** False when not all of it was taken, and nobody is to blame. */
  async #append(id: ChannelId, { log }: Source, page: ShownPage, as: 'fresh' | 'past'): Promise<boolean> {
    const { suite, clock } = this.#context
    const state = this.#shelf.opened(id)?.state
    const ours = state?.logs.get(log)
    if (!state || ours?.size !== page.from) return true // gossip was faster
    const step = newStep()
    let whole = true
    try {
      const judged = judgePage(suite, state, { log: ours.log, ...page, head: headOf(suite, ours) }, clock.now())
      if (judged.channel && judged.entries.length > 0) this.#keeping.next(step, id, judged.channel, judged.entries, judged.grown, as)
      whole = judged.stopped === undefined
    } catch (error) {
      // Up to what the rate lets through it is taken, for a log that began here earlier than with who has more of it.
      if (!(error instanceof EntryError && error.rule === 'rate')) throw error
      whole = page.entries.every((bytes) => this.#arrivals.judged(step, id, bytes, as).outcome === 'new')
    }
    await commit(this.#context, step)
    return whole
  }

  /** Its log goes on from others than ours: the entry of the number of our newest shows that there are two, and of an ended log which of them was kept. */
  async #seekFork(id: ChannelId, source: Source): Promise<void> {
    const { peer, log, size } = source
    const from = this.#shelf.size(id, log) - 1
    const page = await askPage(this.#context, peer, { channel: id, log, from, count: 1, size })
    const entry = decodeEntry(this.#context.suite, page.entries[0] as Uint8Array)
    if (toHex(entry.log) !== log || entry.seq !== from) throw new PeerFault('invalid', 'another entry than was asked for')
    const here = this.#context.store.entry(id, log, from)
    const cut = this.#shelf.opened(id)?.state.cuts.get(log)
    const step = newStep()
    const { outcome } = this.#arrivals.judged(step, id, entry.bytes, 'past')
    const isSettled = cut !== undefined && outcome === 'known' && here?.id !== toHex(entry.id)
    if (isSettled && cut.size === size) this.#beginAgain(step, id, source, page)
    await commit(this.#context, step)
    if (outcome !== 'forked' && !isSettled) throw new PeerFault('invalid', 'a page that does not go on from its own past')
  }

  /** The newest kept entry of an ended log takes the place of what is here of another branch. */
  #beginAgain(step: Step, id: ChannelId, { log, shown }: Source, page: ShownPage): void {
    const { suite, clock } = this.#context
    const state = this.#shelf.opened(id)?.state
    if (!state || state.logs.get(log)?.size !== page.from + 1) return // gossip was faster
    const adopted = unlessInDoubt(() => adoptKept(suite, state, shown, page, clock.now()))
    if (!adopted) return
    this.#arrivals.settled(step, id, decodeEntry(suite, page.entries[0] as Uint8Array))
    this.#keeping.adopted(step, id, adopted, { size: adopted.entry.seq, nodes: shown.frontier }, 'past')
    step.afterwards.push(() => this.#context.log.warn('the brand ended a log, and kept other entries of it than were here'))
  }
}

/** What only our view decides. It may have become another since the head was shown: nobody is to blame. */
const DOUBTS: ReadonlySet<string> = new Set(['early', 'root-behind', 'newer-version', 'frozen', 'revoked', 'root-key', 'other-history', 'rate'])

/** @throws EntryError wrong whoever looks at it */
function unlessInDoubt<T>(adopt: () => T): T | undefined {
  try {
    return adopt()
  } catch (error) {
    if (error instanceof EntryError && DOUBTS.has(error.rule)) return undefined
    throw error
  }
}
