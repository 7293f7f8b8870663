/** The root log as a peer has it: the whole of it, before anything of an author is judged. */
import { decodeEntry, KIND, limits, MAX_PAGE } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import type { Arrivals } from './arrivals.ts'
import type { ReplicaContext } from './context.ts'
import type { Answer } from './heads.ts'
import { askPage, type ShownHead } from './pages.ts'
import { PeerFault, type Peers } from './peers.ts'
import type { ChannelId, PeerKey } from './ports.ts'
import type { Shelf } from './shelf.ts'

export class RootLog {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #peers: Peers
  readonly #arrivals: Arrivals

  constructor(context: ReplicaContext, parts: { shelf: Shelf; peers: Peers; arrivals: Arrivals }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#peers = parts.peers
    this.#arrivals = parts.arrivals
  }

  async fetch(id: ChannelId, { peer, heads: [shown] }: Answer): Promise<void> {
    await this.#peers.trying(peer, async () => {
      const head = decodeEntry(this.#context.suite, (shown as ShownHead).entry)
      if (head.seq >= limits.MAX_ROOT_ENTRIES) throw new PeerFault('invalid', 'a root log longer than there can be')
      const size = this.#shelf.size(id, id)
      if (head.seq < size && this.#context.store.entry(id, id, head.seq)?.id === toHex(head.id)) return
      // Where it goes another way than ours, it is read from the start: only a rotation, or a proof of a fork, can come of it.
      if (head.seq >= size && (await this.#from(id, peer, size, head.seq + 1))) return
      await this.#from(id, peer, 0, head.seq + 1)
    })
  }

  /** False when what comes does not follow what is here. */
  async #from(id: ChannelId, peer: PeerKey, start: number, size: number): Promise<boolean> {
    for (let from = start; from < size; ) {
      const page = await askPage(this.#context, peer, { channel: id, log: id, from, count: Math.min(MAX_PAGE, size - from), size })
      const step = newStep()
      let went = true
      for (const [i, bytes] of page.entries.entries()) {
        const { log, seq, kind } = decodeEntry(this.#context.suite, bytes)
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
}
