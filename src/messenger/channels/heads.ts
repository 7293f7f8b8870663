/** Whom a channel is compared with: found, asked for the newest entry of every log, and remembered for the next start. */
import { commit, newStep } from '../context.ts'
import type { ReplicaContext } from './context.ts'
import type { Network } from './network.ts'
import { askHeads, askPeers, type ShownHead } from './pages.ts'
import type { Peers } from './peers.ts'
import type { ChannelId, PeerKey } from './ports.ts'
import type { Shelf } from './shelf.ts'

/** Peers whose heads are compared in one round: one may trim, two may be of one hand. */
const HEADS_FROM = 3
/** Who follows a channel anew sees what one peer has; others, who may have hung up, are waited for no longer than this. */
const OTHERS_MS = 500
/** With a peer or two there are, others are searched for on the side, this often. */
const SEARCH_MS = 10 * 60_000
/** Hints kept of a channel, for the next start. */
const MAX_HINTS = 8
/** With fewer peers than this, the ones there are are asked for others. */
const ENOUGH_PEERS = 4

export interface Answer {
  readonly peer: PeerKey
  /** of the root log first; nothing of them is checked yet */
  readonly heads: readonly ShownHead[]
}

export class Heads {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #peers: Peers
  readonly #network: Network
  readonly #searches = new Map<ChannelId, AbortController>()
  readonly #searchedAt = new Map<ChannelId, number>()

  constructor(context: ReplicaContext, parts: { shelf: Shelf; peers: Peers; network: Network }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#peers = parts.peers
    this.#network = parts.network
  }

  /** Nobody needs to be searched for any more. */
  stop(): void {
    for (const search of this.#searches.values()) search.abort()
  }

  /** Somebody who has it can be asked: who waits for a search waits no longer. */
  found(id: ChannelId): void {
    this.#searches.get(id)?.abort()
  }

  forget(id: ChannelId): void {
    this.found(id)
    this.#searchedAt.delete(id)
  }

  /**
   * Heads of a few peers: of the best, and of others by chance. More are asked while none answered.
   * @returns `missed`: somebody who may be asked did not answer yet
   */
  async hear(id: ChannelId): Promise<{ readonly answers: readonly Answer[]; readonly missed: boolean }> {
    await this.#findPeers(id)
    const asked = new Set<PeerKey>()
    let missed = false
    for (;;) {
      const [best, ...rest] = this.#peers.of(id).filter((peer) => !asked.has(peer))
      if (best === undefined) return { answers: [], missed }
      const chosen = [best, ...this.#some(rest, HEADS_FROM - 1)]
      for (const peer of chosen) asked.add(peer)
      const answers = await this.#answers(id, chosen)
      missed ||= chosen.some((peer) => this.#peers.mayAsk(peer) && !answers.some((answer) => answer.peer === peer))
      if (answers.length > 0) return { answers, missed }
    }
  }

  /** Where peers were found, for the next start; and from few peers, where others are. */
  async remember(id: ChannelId, [first]: readonly Answer[]): Promise<void> {
    const { gossip } = this.#context
    if (first && gossip.peers(id).length < ENOUGH_PEERS) {
      const hints = await this.#peers.trying(first.peer, () => askPeers(this.#context, first.peer, id))
      if (hints && hints.length > 0) this.#network.hint(id, hints)
    }
    const known = this.#shelf.get(id)
    const connected = new Set(gossip.peers(id))
    const hints = gossip.hints(id).filter(({ peer, addresses }) => connected.has(peer) && addresses.length > 0)
    if (!known || hints.length === 0) return
    const merged = [...hints, ...known.row.hints.filter(({ peer }) => !connected.has(peer))].slice(0, MAX_HINTS)
    if (JSON.stringify(merged) === JSON.stringify(known.row.hints)) return
    const step = newStep()
    this.#shelf.update(step, id, { hints: merged })
    await commit(this.#context, step)
  }

  /** With nobody to ask there is nothing to do but search; with few, others are searched for on the side. */
  async #findPeers(id: ChannelId): Promise<void> {
    const count = this.#peers.of(id).length
    if (count === 0) return this.#search(id)
    const now = this.#context.clock.now()
    if (count >= HEADS_FROM || now - (this.#searchedAt.get(id) ?? -Infinity) < SEARCH_MS) return
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

  /** Of all of them; of a channel nothing is here of, of those who answer as soon as somebody can, and the others are compared with soon. */
  async #answers(id: ChannelId, peers: readonly PeerKey[]): Promise<Answer[]> {
    const heard: Answer[] = []
    const { promise: enough, resolve } = Promise.withResolvers<void>()
    let cancel = (): void => undefined
    const all = Promise.all(peers.map((peer) => this.#peers.trying(peer, async () => {
      heard.push({ peer, heads: await askHeads(this.#context, peer, id) })
      if (heard.length === 1) cancel = this.#context.clock.after(OTHERS_MS, resolve)
    })))
    all.catch(() => this.#context.log.info('heads of a peer were not compared')) // also when nobody waits any more
    await (this.#shelf.opened(id) ? all : Promise.race([all, enough]))
    cancel()
    return [...heard]
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
}
