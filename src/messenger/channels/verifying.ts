/** The proof a person asks for: the rest of the past fetched when they want all of it, and everything held checked once more. */
import { EntryError, headOf, judge, judgePage, MAX_PAGE, openChannel, rangeProof } from '../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { MessengerError } from '../errors.ts'
import type { CatchUp } from './catch-up.ts'
import type { ChannelContext } from './context.ts'
import { domainView } from './domain-proof.ts'
import type { LogId } from './ports.ts'
import { proofView } from './proof.ts'
import type { Opened, Shelf } from './shelf.ts'
import { heldOf } from './standing.ts'
import { subtreesIn } from './tree.ts'
import type { ChannelProofView } from './views.ts'

export class Verifying {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #catchUp: CatchUp

  constructor(context: ChannelContext, parts: { shelf: Shelf; catchUp: CatchUp }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#catchUp = parts.catchUp
  }

  /** @throws MessengerError 'store-failed' when what is stored is not what was signed */
  async verify(name: string, { all }: { all: boolean }): Promise<ChannelProofView> {
    const { suite, clock } = this.#context
    const { row: { id } } = this.#shelf.findOpened(name)
    if (all) for (const log of [...(this.#shelf.get(id)?.floors.keys() ?? [])]) await this.#catchUp.whole(id, log)
    const known = this.#shelf.findOpened(id)
    this.#checkRoot(known)
    for (const log of known.state.logs.keys()) await this.#checkLog(known, log)
    const { row, state } = known
    const now = clock.now()
    return proofView(suite, state, { name: row.name, held: heldOf(known), domain: domainView(state.manifest.domain, row.domain, now), now })
  }

  /** From the first entry on, as if it had just come. */
  #checkRoot({ row, state }: Opened): void {
    const { suite, store, clock } = this.#context
    const entries = store.entries(row.id, row.id, 0, state.root.size)
    this.#judging(() => {
      const [genesis, ...rest] = entries
      let channel = openChannel(suite, genesis?.bytes ?? new Uint8Array(), clock.now()).channel
      for (const { bytes } of rest) {
        const verdict = judge(suite, channel, bytes, clock.now())
        if (verdict.verdict !== 'accept') throw new EntryError('root')
        channel = verdict.channel
      }
      if (toHex(headOf(suite, channel.root).root) !== toHex(headOf(suite, state.root).root)) throw new EntryError('root')
    })
  }

  async #checkLog({ row, state, floors }: Opened, log: LogId): Promise<void> {
    const { suite, store, clock } = this.#context
    const ours = state.logs.get(log)
    if (!ours) return
    const head = headOf(suite, ours)
    const subtree = subtreesIn(this.#context, row.id, log)
    for (let from = floors.get(log) ?? 0; from < ours.size; from += MAX_PAGE) {
      const to = Math.min(from + MAX_PAGE, ours.size)
      this.#judging(() => {
        const entries = store.entries(row.id, log, from, to - from).map(({ bytes }) => bytes)
        if (entries.length !== to - from) throw new EntryError('sequence')
        judgePage(suite, state, { log: fromHex(log), from, entries, proof: rangeProof(from, to, ours.size, subtree), head }, clock.now())
      })
      // A long channel does not hold up everything else.
      await new Promise<void>((resolve) => void clock.after(0, resolve))
    }
  }

  #judging(check: () => void): void {
    try {
      check()
    } catch (error) {
      if (!(error instanceof EntryError)) throw error
      throw new MessengerError('store-failed', `what is stored of this channel is not what was signed: ${error.rule}`, 'unfollow it, and follow it again')
    }
  }
}
