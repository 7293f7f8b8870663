/** When a channel is compared with what others have: soon after news, now and then without, and at once for who looks. One round at a time. */
import type { ReplicaContext } from './context.ts'
import type { ChannelId } from './ports.ts'
import type { Shelf } from './shelf.ts'

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

interface Round {
  readonly done: Promise<boolean>
  /** something may have come since it began */
  again: boolean
}

export class Rounds {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #compare: (id: ChannelId) => Promise<boolean>
  readonly #rounds = new Map<ChannelId, Round>()
  readonly #lastRound = new Map<ChannelId, number>()
  readonly #timers = new Map<ChannelId, { at: number; cancel: () => void }>()
  readonly #waiting = new Map<ChannelId, Set<() => void>>()
  #running = false

  /** @param compare one round of a channel; true when a peer answered */
  constructor(context: ReplicaContext, shelf: Shelf, compare: (id: ChannelId) => Promise<boolean>) {
    this.#context = context
    this.#shelf = shelf
    this.#compare = compare
  }

  get isRunning(): boolean {
    return this.#running
  }

  start(): void {
    this.#running = true
    for (const { row } of this.#shelf.all()) this.wake(row.id)
  }

  stop(): void {
    this.#running = false
    for (const { cancel } of this.#timers.values()) cancel()
    this.#timers.clear()
    for (const id of [...this.#waiting.keys()]) this.arrived(id)
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#rounds.values()].map(({ done }) => done))
  }

  /** There may be news: heads are compared soon. On `hearsay` not as soon. */
  wake(id: ChannelId, why: 'news' | 'hearsay' = 'news'): void {
    if (!this.#running || !this.#shelf.get(id)) return
    const round = this.#rounds.get(id)
    if (round) {
      round.again ||= why === 'news'
      return
    }
    const since = this.#since(id)
    const pause = why === 'news' ? BETWEEN_ROUNDS_MS : HEARSAY_MS
    if (since >= 0 && since < pause) this.#schedule(id, pause - since)
    else void this.round(id)
  }

  /** True when a peer answered. A round that is on its way is joined. */
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

  /** A peer gave us what it has, or nobody waits any more. */
  arrived(id: ChannelId): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve()
    this.#waiting.delete(id)
  }

  /** For who looks and hears no gossip: asks now, and waits for the answer so long. Who looks again and again asks no more often than this. */
  async pull(id: ChannelId, ms: number): Promise<void> {
    const since = this.#since(id)
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
    this.#lastRound.delete(id)
    this.arrived(id)
  }

  async #run(id: ChannelId): Promise<boolean> {
    let reached = false
    try {
      reached = this.#running && (await this.#compare(id))
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

  #since(id: ChannelId): number {
    return this.#context.clock.now() - (this.#lastRound.get(id) ?? -Infinity)
  }

  #jittered(ms: number): number {
    return ms * (0.75 + (this.#context.random(1)[0] as number) / 512)
  }
}
