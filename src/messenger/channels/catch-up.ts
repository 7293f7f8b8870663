/**
 * Comparing heads with peers and fetching what is missing, from several of them at once and trusting none: whatever comes is
 * verified, then committed, and only then more is asked for. It goes on from what is stored, so a cut, a full disk or a restart
 * costs no more than the page that was on its way. Needs no gossip.
 */
import {
  adoptHead, adoptKept, decodeEntry, type Entry, EntryError, grow, headBefore, headOf, judgePage, KIND, limits, MAX_PAGE, MerkleError, treeRoot, verifyRange,
} from '../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep, type Step } from '../context.ts'
import type { Arrivals } from './arrivals.ts'
import type { ReplicaContext } from './context.ts'
import { type Keeping, storedEntry } from './keeping.ts'
import type { Network } from './network.ts'
import { askEvidence, askHeads, askPage, askPeers, PAGE_BYTES, type ShownHead, type ShownPage } from './pages.ts'
import { PeerFault, type Peers } from './peers.ts'
import type { ChannelId, LogId, PeerKey } from './ports.ts'
import { Pages } from './prefetch.ts'
import type { Shelf } from './shelf.ts'

/** Peers whose heads are compared in one round: one may trim, two may be of one hand. */
const HEADS_FROM = 3
/** Who follows a channel anew sees what one peer has; others, who may have hung up, are waited for no longer than this. */
const OTHERS_MS = 500
/** A private follower who looks learns what is new, but looking does not make a peer work all the time. */
const PULL_MS = 15_000
/** Without news heads are compared this often; gossip brings news before. A private follower hears no gossip. */
const POLL_MS = { open: 10 * 60_000, private: 15 * 60_000 } as const
/** When nobody was reached: until the search is tried again. */
const RETRY_MS = 60_000
/** Rounds of one channel follow each other no faster: a flood of news costs no more than this. */
const BETWEEN_ROUNDS_MS = 2_000
/** News that nobody has signed for us yet, as an entry of an author we know nothing of: anybody can make that up, and gets no more work of us. */
const HEARSAY_MS = 60_000
/** A peer is asked for its evidence this often; gossip tells of it before. */
const EVIDENCE_MS = 3600_000
/** Logs of a channel that are fetched at the same time; each has its own pages on their way. */
const LOGS_AT_ONCE = 4
/** Posts a new follower sees at once, over all logs. */
const FIRST_POSTS = 50
/** A peer may lack for so long what others signed to exist; later it is held to withhold it. */
const TRIM_GRACE_MS = 10 * 60_000
/** Hints kept of a channel, for the next start. */
const MAX_HINTS = 8
/** With fewer peers than this, the ones there are are asked for others. */
const ENOUGH_PEERS = 4

/** The head of a log as a peer shows it, checked: entry and root are signed. */
interface Source {
  readonly peer: PeerKey
  readonly log: LogId
  readonly size: number
  readonly root: Uint8Array
  readonly shown: ShownHead
}

interface Answer {
  readonly peer: PeerKey
  readonly heads: readonly ShownHead[]
}

interface Round {
  readonly done: Promise<boolean>
  /** something may have come since it began */
  again: boolean
}

export class CatchUp {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #peers: Peers
  readonly #network: Network
  readonly #keeping: Keeping
  readonly #arrivals: Arrivals
  readonly #keep: number
  readonly #rounds = new Map<ChannelId, Round>()
  readonly #lastRound = new Map<ChannelId, number>()
  readonly #timers = new Map<ChannelId, { at: number; cancel: () => void }>()
  readonly #searches = new Map<ChannelId, AbortController>()
  readonly #searchedAt = new Map<ChannelId, number>()
  readonly #waiting = new Map<ChannelId, Set<() => void>>()
  readonly #filling = new Map<ChannelId, Promise<void>>()
  /** when peers told us of the evidence they have; begun anew with every hour, so that it stays small */
  readonly #gaveEvidence = new Map<ChannelId, { since: number; peers: Set<PeerKey> }>()
  #running = false

  /** @param keep newest entries of a log that are kept whatever one reads */
  constructor(context: ReplicaContext, parts: { shelf: Shelf; peers: Peers; network: Network; keeping: Keeping; arrivals: Arrivals }, keep: number) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#peers = parts.peers
    this.#network = parts.network
    this.#keeping = parts.keeping
    this.#arrivals = parts.arrivals
    this.#keep = keep
  }

  start(): void {
    this.#running = true
    for (const { row } of this.#shelf.all()) this.wake(row.id)
  }

  stop(): void {
    this.#running = false
    for (const { cancel } of this.#timers.values()) cancel()
    for (const search of this.#searches.values()) search.abort()
    this.#timers.clear()
    for (const id of [...this.#waiting.keys()]) this.#arrived(id)
  }

  /** What is on its way comes to its end; the network is stopped before. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#rounds.values()].map(({ done }) => done))
    await Promise.allSettled(this.#filling.values())
  }

  /** A peer that has it can be asked now. */
  appeared(id: ChannelId, peer: PeerKey): void {
    this.#peers.appeared(peer)
    this.#searches.get(id)?.abort()
    this.wake(id)
  }

  /** There may be news: heads are compared soon. On `hearsay` not as soon. */
  wake(id: ChannelId, why: 'news' | 'hearsay' = 'news'): void {
    if (!this.#running || !this.#shelf.get(id)) return
    const round = this.#rounds.get(id)
    if (round) {
      round.again ||= why === 'news'
      return
    }
    const since = this.#context.clock.now() - (this.#lastRound.get(id) ?? -Infinity)
    const pause = why === 'news' ? BETWEEN_ROUNDS_MS : HEARSAY_MS
    if (since >= 0 && since < pause) this.#schedule(id, pause - since)
    else void this.round(id)
  }

  /** Compares heads and fetches what is missing; true when a peer answered. A round that is on its way is joined. */
  round(id: ChannelId): Promise<boolean> {
    const running = this.#rounds.get(id)
    if (running) return running.done
    const round: Round = { again: false, done: Promise.resolve().then(() => this.#run(id)) }
    this.#rounds.set(id, round)
    return round.done
  }

  /** Until a peer gave us what it has, or for so long. */
  reached(id: ChannelId, ms: number): Promise<void> {
    if (!this.#running) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, waiting.add(resolve))
    const cancel = this.#context.clock.after(ms, resolve)
    this.wake(id)
    return promise.finally(() => {
      cancel()
      waiting.delete(resolve)
    })
  }

  /** For who looks and hears no gossip: asks now, and waits for the answer so long. Who looks again and again asks no more often than this. */
  async pull(id: ChannelId, ms: number): Promise<void> {
    const since = this.#context.clock.now() - (this.#lastRound.get(id) ?? -Infinity)
    if (!this.#running || (since >= 0 && since < PULL_MS)) return
    const { promise: patience, resolve } = Promise.withResolvers<void>()
    const cancel = this.#context.clock.after(ms, resolve)
    await Promise.race([this.round(id), patience])
    cancel()
  }

  /** The channel is no longer on the shelf. */
  forget(id: ChannelId): void {
    this.#timers.get(id)?.cancel()
    this.#timers.delete(id)
    this.#searches.get(id)?.abort()
    this.#lastRound.delete(id)
    this.#searchedAt.delete(id)
    this.#gaveEvidence.delete(id)
    this.#arrived(id)
  }

  /** One page of what is before the entries held of a log; false when nobody gives it. */
  older(id: ChannelId, log: LogId): Promise<boolean> {
    const floor = this.#floor(id, log)
    return floor === 0 ? Promise.resolve(false) : this.#down(id, log, tileBelow(floor, MAX_PAGE))
  }

  /** All of a log; false when nobody gives the rest. */
  whole(id: ChannelId, log: LogId): Promise<boolean> {
    return this.#down(id, log, 0)
  }

  // ---------------------------------------------------------------- rounds

  async #run(id: ChannelId): Promise<boolean> {
    let reached = false
    try {
      reached = this.#running && (await this.#round(id))
    } catch (error) {
      this.#context.log.warn('a channel was not brought up to date; tried again later', { error: error instanceof Error ? error.name : 'unknown' })
    } finally {
      const again = this.#rounds.get(id)?.again ?? false
      this.#rounds.delete(id)
      this.#lastRound.set(id, this.#context.clock.now())
      const poll = POLL_MS[this.#shelf.get(id)?.row.following ?? 'open']
      this.#schedule(id, again ? BETWEEN_ROUNDS_MS : this.#jittered(reached ? poll : RETRY_MS))
    }
    return reached
  }

  async #round(id: ChannelId): Promise<boolean> {
    await this.#findPeers(id)
    const answers = await this.#hear(id)
    for (const answer of answers) await this.#roots(id, answer)
    const known = this.#shelf.opened(id)
    if (!known) return false
    for (const { peer } of answers) await this.#evidence(id, peer)
    const fresh = known.row.newestAt === 0
    const sources = await this.#check(id, answers)
    const logs = [...Map.groupBy(sources, ({ log }) => log)]
    for (let at = 0; at < logs.length; at += LOGS_AT_ONCE) {
      await Promise.all(logs.slice(at, at + LOGS_AT_ONCE).map(([log, ofLog]) => this.#log(id, log, ofLog, fresh)))
    }
    if (fresh && answers.length > 0) await this.#firstPosts(id, logs.map(([log]) => log), answers.map(({ peer }) => peer))
    this.#judgeTrimming(id, answers)
    if (answers.length > 0) this.#arrived(id)
    await this.#remember(id, answers)
    this.#fill(id)
    return answers.length > 0
  }

  /** With nobody to ask there is nothing to do but search; with few, others are searched for on the side. */
  async #findPeers(id: ChannelId): Promise<void> {
    const count = this.#peers.of(id).length
    if (count === 0) return this.#search(id)
    const now = this.#context.clock.now()
    if (count >= HEADS_FROM || now - (this.#searchedAt.get(id) ?? -Infinity) < POLL_MS.open) return
    this.#search(id).catch(() => this.#context.log.info('a search for peers of a channel failed'))
  }

  async #search(id: ChannelId): Promise<void> {
    if (this.#searches.has(id)) return
    this.#searchedAt.set(id, this.#context.clock.now())
    const search = new AbortController()
    this.#searches.set(id, search)
    try {
      await this.#context.gossip.find(id, search.signal)
    } catch (error) {
      if (!search.signal.aborted) throw error
    } finally {
      this.#searches.delete(id)
    }
  }

  /** Heads of a few peers: of the best, and of others by chance. More are asked while none answered. */
  async #hear(id: ChannelId): Promise<Answer[]> {
    const asked = new Set<PeerKey>()
    for (;;) {
      const [best, ...rest] = this.#peers.of(id).filter((peer) => !asked.has(peer))
      if (best === undefined) return []
      const chosen = [best, ...this.#some(rest, HEADS_FROM - 1)]
      for (const peer of chosen) asked.add(peer)
      const heard = await this.#answers(id, chosen)
      if (heard.length > 0) return heard
    }
  }

  /** Of all of them; of a channel nothing is here of, of those who answer as soon as somebody can, and the others are compared with soon. */
  async #answers(id: ChannelId, peers: readonly PeerKey[]): Promise<Answer[]> {
    const heard: Answer[] = []
    const { promise: enough, resolve } = Promise.withResolvers<void>()
    let cancel = (): void => undefined
    const all = Promise.all(peers.map((peer) => this.#trying(peer, async () => {
      heard.push({ peer, heads: await askHeads(this.#context, peer, id) })
      if (heard.length === 1) cancel = this.#context.clock.after(OTHERS_MS, resolve) as () => undefined
    })))
    all.catch(() => this.#context.log.info('heads of a peer were not compared')) // also when nobody waits any more
    await (this.#shelf.opened(id) ? all : Promise.race([all, enough]))
    cancel()
    const round = this.#rounds.get(id)
    if (round && heard.length < peers.length && peers.some((peer) => this.#peers.mayAsk(peer) && !heard.some((answer) => answer.peer === peer))) round.again = true
    return [...heard]
  }

  /** What a peer does not do right is held against it, and gives nothing. */
  async #trying<T>(peer: PeerKey, exchange: () => Promise<T>): Promise<T | undefined> {
    try {
      return await exchange()
    } catch (error) {
      this.#peers.blame(peer, asFault(error))
      return undefined
    }
  }

  // ---------------------------------------------------------------- the root log

  /** The whole of it, before anything of an author is judged. */
  async #roots(id: ChannelId, { peer, heads: [shown] }: Answer): Promise<void> {
    await this.#trying(peer, async () => {
      const head = this.#decoded((shown as ShownHead).entry)
      if (head.seq >= limits.MAX_ROOT_ENTRIES) throw new PeerFault('invalid', 'a root log longer than there can be')
      const size = this.#shelf.opened(id)?.state.root.size ?? 0
      if (head.seq < size && this.#context.store.entry(id, id, head.seq)?.id === toHex(head.id)) return
      // Where it goes another way than ours, it is read from the start: only a rotation, or a proof of a fork, can come of it.
      if (head.seq >= size && (await this.#rootFrom(id, peer, size, head.seq + 1))) return
      await this.#rootFrom(id, peer, 0, head.seq + 1)
    })
  }

  /** False when what comes does not follow what is here. */
  async #rootFrom(id: ChannelId, peer: PeerKey, start: number, size: number): Promise<boolean> {
    for (let from = start; from < size; ) {
      const page = await askPage(this.#context, peer, { channel: id, log: id, from, count: Math.min(MAX_PAGE, size - from), size })
      const step = newStep()
      let went = true
      for (const [i, bytes] of page.entries.entries()) {
        const { log, seq, kind } = this.#decoded(bytes)
        // What is here already is no news, however often it comes: with it a page would never end.
        if (seq !== from + i || (kind !== KIND.genesis && toHex(log) !== id)) throw new PeerFault('invalid', 'another entry than was asked for')
        const { outcome } = this.#arrivals.judged(step, id, bytes, 'past')
        went = outcome === 'new' || outcome === 'known'
        if (outcome === 'wrong' && start === 0) throw new PeerFault('invalid', 'a root entry that is none')
        if (!went) break
      }
      await commit(this.#context, step)
      if (!went) return false
      from += page.entries.length
    }
    return true
  }

  async #evidence(id: ChannelId, peer: PeerKey): Promise<void> {
    const now = this.#context.clock.now()
    const before = this.#gaveEvidence.get(id)
    const gave = before && now - before.since < EVIDENCE_MS ? before : { since: now, peers: new Set<PeerKey>() }
    this.#gaveEvidence.set(id, gave)
    if (gave.peers.has(peer)) return
    gave.peers.add(peer)
    await this.#trying(peer, async () => {
      for (const bytes of await askEvidence(this.#context, peer, id)) {
        const step = newStep()
        if (this.#arrivals.evidence(step, id, bytes) === 'wrong') throw new PeerFault('invalid', 'evidence of nothing')
        await commit(this.#context, step)
      }
    })
  }

  // ---------------------------------------------------------------- heads of authors

  /** What peers show beyond what is here. A head that differs from what is here is a fork, and proves it. */
  async #check(id: ChannelId, answers: readonly Answer[]): Promise<Source[]> {
    const found: Source[] = []
    for (const { peer, heads } of answers) {
      const step = newStep()
      const sources = await this.#trying(peer, async () => heads.slice(1).flatMap((shown) => this.#source(step, id, peer, shown) ?? []))
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
    const entry = this.#decoded(shown.entry)
    if (toHex(entry.log) !== shown.log) throw new PeerFault('invalid', 'the head of another log')
    if (entry.seq < ours.size) {
      const here = store.entry(id, shown.log, entry.seq)
      if (here && here.id !== toHex(entry.id) && this.#arrivals.judged(step, id, shown.entry, 'past').outcome === 'wrong') throw new PeerFault('invalid', 'a forged head')
      return undefined
    }
    try {
      adoptHead(suite, state, { entry: shown.entry, frontier: shown.frontier }, clock.now())
    } catch (error) {
      if (error instanceof EntryError && isDoubt(error)) return undefined
      throw error
    }
    const { frontier } = grow(suite, { size: entry.seq, nodes: shown.frontier }, entry.id)
    return { peer, log: shown.log, size: frontier.size, root: treeRoot(suite, frontier), shown }
  }

  async #log(id: ChannelId, log: LogId, sources: readonly Source[], fresh: boolean): Promise<void> {
    const known = this.#shelf.opened(id)
    if (!known) return
    // What an ended log still has is from the past, also for who sees it now.
    const as = fresh || known.state.cuts.has(log) ? 'past' : 'fresh'
    const byName = [...sources].sort((a, b) => b.size - a.size)
    for (const source of byName) {
      const size = this.#size(id, log)
      const far = source.size - size > this.#keep
      if (size === 0 ? fresh || far : far) await this.#trying(source.peer, () => this.#adopt(id, source, as))
    }
    await this.#climb(id, log, sources, as)
  }

  /** Begins, or goes on, at the head: with proof that it goes on from what is here. */
  async #adopt(id: ChannelId, source: Source, as: 'fresh' | 'past'): Promise<void> {
    const { peer, log, size, shown } = source
    const { suite, clock } = this.#context
    const from = this.#size(id, log)
    const page = from > 0 ? await askPage(this.#context, peer, { channel: id, log, from, count: 1, size }) : undefined
    const state = this.#shelf.opened(id)?.state
    const ours = state?.logs.get(log)
    if (!state || ours?.size !== from) return
    if (page) {
      const { nodes } = verifyRange(suite, page.entries.map((bytes) => this.#decoded(bytes).id), from, size, source.root, page.proof)
      const goesOn = nodes.every((hash, i) => toHex(hash) === toHex(ours.frontier.nodes[i] as Uint8Array))
      if (!goesOn) return this.#seekFork(id, source)
    }
    const adopted = adoptHead(suite, state, { entry: shown.entry, frontier: shown.frontier }, clock.now())
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
    while (this.#running && this.#shelf.opened(id)) {
      const size = this.#size(id, log)
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
        if (differs && size > 0) await this.#trying(part.source.peer, () => this.#seekFork(id, part.source))
        else this.#peers.blame(part.source.peer, asFault(error))
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
    const from = this.#size(id, log) - 1
    const page = await askPage(this.#context, peer, { channel: id, log, from, count: 1, size })
    const entry = this.#decoded(page.entries[0] as Uint8Array)
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
    const adopted = adoptKept(suite, state, shown, page, clock.now())
    if (!adopted) return
    this.#arrivals.settled(step, id, this.#decoded(page.entries[0] as Uint8Array))
    this.#keeping.adopted(step, id, adopted, { size: adopted.entry.seq, nodes: shown.frontier }, 'past')
    step.afterwards.push(() => this.#context.log.warn('the brand ended a log, and kept other entries of it than were here'))
  }

  /**
   * Who shows an author that speaks of more of a sister log than it shows of that log itself, though others have it, keeps it back.
   */
  #judgeTrimming(id: ChannelId, answers: readonly Answer[]): void {
    const now = this.#context.clock.now()
    for (const { peer, heads } of answers) {
      if (!this.#peers.mayAsk(peer)) continue
      const shown = new Map(heads.map(({ log, entry }) => [log, this.#decoded(entry)]))
      const trims = [...shown.values()].some(({ time, seen }) =>
        seen.some(({ log, size }) => {
          const name = toHex(log)
          const cut = this.#shelf.opened(id)?.state.cuts.get(name)?.size ?? Infinity
          const there = Math.min(size, cut, this.#size(id, name))
          return now - time > TRIM_GRACE_MS && (shown.get(name)?.seq ?? -1) + 1 < there
        }),
      )
      if (trims) this.#peers.blame(peer, new PeerFault('stalled', 'it shows less of a log than its own entries speak of'))
    }
  }

  // ---------------------------------------------------------------- the past

  /** The newest posts of all logs, as many as a new follower sees at once, from those who just answered. */
  async #firstPosts(id: ChannelId, logs: readonly LogId[], answering: readonly PeerKey[]): Promise<void> {
    const each = Math.ceil(FIRST_POSTS / Math.max(1, logs.length))
    await Promise.all(logs.map((log) => this.#down(id, log, Math.max(0, this.#size(id, log) - each), answering)))
    const known = this.#shelf.opened(id)
    if (!known || known.row.newestAt > 0) return
    const step = newStep()
    this.#shelf.update(step, id, { newestAt: Math.max(1, known.state.root.time) }) // nothing was posted yet: what comes now is news
    await commit(this.#context, step)
  }

  /** In the background: as much of the past as is kept of every log. */
  #fill(id: ChannelId): void {
    if (this.#filling.has(id)) return
    const fill = async (): Promise<void> => {
      for (const [log] of this.#shelf.get(id)?.floors ?? []) await this.#down(id, log, Math.max(0, this.#size(id, log) - this.#keep))
    }
    const filling = fill()
      .catch((error: unknown) => this.#context.log.warn('older entries were not fetched; tried again later', { error: error instanceof Error ? error.name : 'unknown' }))
      .finally(() => this.#filling.delete(id))
    this.#filling.set(id, filling)
  }

  /** Fetches what is before the entries held, down to number `until`, from all who can be asked or those; false when nobody gives it. */
  async #down(id: ChannelId, log: LogId, until: number, among?: readonly PeerKey[]): Promise<boolean> {
    const without = new Set<PeerKey>()
    let span: number = MAX_PAGE
    /** where the first of the pages on their way ends */
    let next = this.#floor(id, log)
    const pages = new Pages<{ readonly peer: PeerKey }, ShownPage>(({ peer }, from, to) =>
      // Proven under the tree of the entries before `to`: the root of that is known when its turn comes.
      askPage(this.#context, peer, { channel: id, log, from, count: to - from, size: to }),
    )
    while (this.#running && this.#shelf.opened(id)) {
      const floor = this.#floor(id, log)
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
          this.#proveOlder(id, log, part.to, came.page)
          if (bytesOf(came.page) < PAGE_BYTES - limits.MAX_ENTRY) without.add(part.source.peer)
          else span = came.page.entries.length
          pages.drop(() => true)
        } else if (!(await this.#prepend(id, log, came.page))) without.add(part.source.peer)
      } catch (error) {
        without.add(part.source.peer)
        this.#peers.blame(part.source.peer, asFault(error))
      }
    }
    return false
  }

  /** @throws MerkleError these are not entries of the log before number `to` */
  #proveOlder(id: ChannelId, log: LogId, to: number, page: ShownPage): void {
    const { suite, store } = this.#context
    const oldest = store.entry(id, log, to)
    if (!oldest) return
    const { size, root } = headBefore(storedEntry(suite, oldest))
    verifyRange(suite, page.entries.map((bytes) => this.#decoded(bytes).id), page.from, size, root, page.proof)
  }

  /** False when it is not taken, and nobody is to blame. */
  async #prepend(id: ChannelId, log: LogId, page: ShownPage): Promise<boolean> {
    const { suite, store, clock } = this.#context
    const state = this.#shelf.opened(id)?.state
    const floor = this.#floor(id, log)
    const oldest = store.entry(id, log, floor)
    if (!state || !oldest || floor !== page.from + page.entries.length) return true // somebody was faster
    const judged = judgePage(suite, state, { log: fromHex(log), ...page, head: headBefore(storedEntry(suite, oldest)) }, clock.now())
    if (judged.stopped !== undefined) return false
    const step = newStep()
    this.#keeping.older(step, id, log, judged)
    await commit(this.#context, step)
    return true
  }

  // ---------------------------------------------------------------- shared

  /** Where peers were found, for the next start; and from few peers, where others are. */
  async #remember(id: ChannelId, answers: readonly Answer[]): Promise<void> {
    const [first] = answers
    if (first && this.#context.gossip.peers(id).length < ENOUGH_PEERS) {
      const hints = await this.#trying(first.peer, () => askPeers(this.#context, first.peer, id))
      if (hints && hints.length > 0) this.#network.hint(id, hints)
    }
    const known = this.#shelf.get(id)
    const connected = new Set(this.#context.gossip.peers(id))
    const hints = this.#context.gossip.hints(id).filter(({ peer, addresses }) => connected.has(peer) && addresses.length > 0)
    if (!known || hints.length === 0) return
    const merged = [...hints, ...known.row.hints.filter(({ peer }) => !connected.has(peer))].slice(0, MAX_HINTS)
    if (JSON.stringify(merged) === JSON.stringify(known.row.hints)) return
    const step = newStep()
    this.#shelf.update(step, id, { hints: merged })
    await commit(this.#context, step)
  }

  #arrived(id: ChannelId): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve()
    this.#waiting.delete(id)
  }

  #schedule(id: ChannelId, ms: number): void {
    if (!this.#running || !this.#shelf.get(id)) return
    const at = this.#context.clock.now() + ms
    const before = this.#timers.get(id)
    if (before && before.at <= at) return
    before?.cancel()
    const cancel = this.#context.clock.after(ms, () => {
      this.#timers.delete(id)
      this.wake(id)
    })
    this.#timers.set(id, { at, cancel })
  }

  #jittered(ms: number): number {
    return ms * (0.75 + (this.#context.random(1)[0] as number) / 512)
  }

  #some<T>(all: readonly T[], count: number): T[] {
    const left = [...all]
    const chosen: T[] = []
    while (left.length > 0 && chosen.length < count) {
      const [a = 0, b = 0] = this.#context.random(2)
      chosen.push(...left.splice((a * 256 + b) % left.length, 1))
    }
    return chosen
  }

  #size(id: ChannelId, log: LogId): number {
    return this.#shelf.opened(id)?.state.logs.get(log)?.size ?? 0
  }

  #floor(id: ChannelId, log: LogId): number {
    return this.#shelf.get(id)?.floors.get(log) ?? 0
  }

  /** @throws PeerFault */
  #decoded(bytes: Uint8Array): Entry {
    try {
      return decodeEntry(this.#context.suite, bytes)
    } catch (error) {
      throw asFault(error)
    }
  }
}

/** Where a page begins that ends before number `to`: at a multiple of its length, where hashes are kept. */
const tileBelow = (to: number, span: number): number => (Math.ceil(to / span) - 1) * span

const bytesOf = ({ entries }: ShownPage): number => entries.reduce((sum, { length }) => sum + length, 0)

/** What only our view decides: nobody is to blame. */
const DOUBTS: ReadonlySet<string> = new Set(['early', 'root-behind', 'newer-version', 'frozen', 'revoked', 'root-key', 'other-history', 'rate'])
const isDoubt = ({ rule }: EntryError): boolean => DOUBTS.has(rule)

/** Entries and proofs that are wrong are the fault of who sent them. */
function asFault(error: unknown): unknown {
  if (error instanceof EntryError || error instanceof MerkleError) return new PeerFault('invalid', error.message)
  return error
}
