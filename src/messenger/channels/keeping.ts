/**
 * What was judged good becomes rows, in one step with the state after it. Only entries that carry their judgement in their type
 * come in here (attack 54); the store keeps the first of a number, so that the same entry twice changes nothing.
 */
import {
  adoptHead, type Adopted, type Channel, channelText, decodeEdit, decodeEntry, decodeWithdrawal, EntryError, type Frontier, frontierAt, type Grown, type JudgedPage, KIND, type VerifiedEntry,
} from '../../../protocols/channel/index.ts'
import { fromHex, type Suite, toHex } from '../../../protocols/suite/index.ts'
import type { Step } from '../context.ts'
import { MessengerError } from '../errors.ts'
import { checkedName } from '../profile.ts'
import type { ReplicaContext } from './context.ts'
import type { ChannelId, EntryRow, LogId } from './ports.ts'
import { type Shelf, UNNAMED } from './shelf.ts'
import { frontierRows, NotHeldError, subtreesIn } from './tree.ts'

/**
 * Told in the step that keeps them, so that what they mean for others is durable with them. Without entries it is the channel itself that
 * became another.
 */
export type Kept = (step: Step, channel: ChannelId, entries: readonly EntryRow[]) => void

export class Keeping {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #listeners: Kept[] = []

  constructor(context: ReplicaContext, shelf: Shelf) {
    this.#context = context
    this.#shelf = shelf
  }

  onKept(listener: Kept): void {
    this.#listeners.push(listener)
  }

  /** The first entry of a channel that stands on the shelf without a state. */
  opened(step: Step, id: ChannelId, state: Channel, genesis: VerifiedEntry): void {
    const known = this.#shelf.get(id)
    // Whoever follows calls it what it calls itself, until they choose a name of their own.
    const unnamed = known !== undefined && known.row.name.startsWith(channelText(fromHex(id)).slice(0, UNNAMED))
    this.#shelf.advance(step, id, state, { logs: [], row: unnamed ? { name: this.#shelf.freeName(called(state), id) } : {} })
    this.#entries(step, id, id, [genesis], [], 'past')
  }

  /**
   * Entries that come next in their log, and the channel with them.
   * @param as `fresh`: the person has not seen them; `past`: told to nobody
   */
  next(step: Step, id: ChannelId, state: Channel, entries: readonly VerifiedEntry[], grown: readonly Grown[], as: 'fresh' | 'past'): void {
    const [first] = entries
    if (!first) return
    const log = first.kind < KIND.post ? id : toHex(first.log)
    const before = this.#shelf.opened(id)
    const newestAt = Math.max(before?.row.newestAt ?? 0, ...(log === id ? [] : entries.map(({ time }) => time)))
    this.#shelf.advance(step, id, state, { logs: log === id ? [] : [log], row: { newestAt } })
    this.#entries(step, id, log, entries, grown, as)
    if (log === id) this.#rootMoved(step, id, before?.state)
  }

  /** A log begins here with its newest entry; what is before it can be fetched. */
  adopted(step: Step, id: ChannelId, { channel, entry, grown }: Adopted, before: Frontier, as: 'fresh' | 'past'): void {
    const log = toHex(entry.log)
    const newestAt = Math.max(this.#shelf.get(id)?.row.newestAt ?? 0, entry.time)
    step.changes.push({ cut: 'entries', channel: id, log, from: 0 })
    this.#shelf.advance(step, id, channel, { logs: [log], floors: new Map([[log, entry.seq]]), row: { newestAt } })
    this.#entries(step, id, log, [entry], grown, as)
    for (const row of frontierRows(id, log, before)) step.changes.push({ put: 'node', row })
  }

  /** Entries that end where the log was held from. */
  older(step: Step, id: ChannelId, log: LogId, { entries, before, grown }: JudgedPage): void {
    const known = this.#shelf.opened(id)
    if (!known) return
    this.#shelf.advance(step, id, known.state, { logs: [log], floors: new Map([[log, before.size]]) })
    this.#entries(step, id, log, entries, grown, 'past')
    for (const row of frontierRows(id, log, before)) step.changes.push({ put: 'node', row })
  }

  /** The root log from number `from` on was something else before: a rotation took its place. */
  superseded(step: Step, id: ChannelId, state: Channel, rotation: VerifiedEntry, grown: readonly Grown[]): void {
    const before = this.#shelf.opened(id)?.state
    step.changes.push({ cut: 'entries', channel: id, log: id, from: rotation.seq })
    this.#shelf.advance(step, id, state, { logs: [...(before?.logs.keys() ?? [])] })
    this.#entries(step, id, id, [rotation], grown, 'past')
    this.#rootMoved(step, id, before)
  }

  /** Settings, evidence, forks: the channel is another, and no entry came. */
  changed(step: Step, id: ChannelId, state: Channel): void {
    this.#shelf.advance(step, id, state, { logs: [] })
    this.#tell(step, id, [])
  }

  #entries(step: Step, id: ChannelId, log: LogId, entries: readonly VerifiedEntry[], grown: readonly Grown[], as: 'fresh' | 'past'): void {
    const { following } = this.#shelf.get(id)?.row ?? {}
    const rows = entries.map((entry): EntryRow => ({
      channel: id,
      log,
      seq: entry.seq,
      id: toHex(entry.id),
      kind: entry.kind,
      time: entry.time,
      bytes: entry.bytes,
      about: aboutOf(entry),
      unread: as === 'fresh' && entry.kind === KIND.post && following !== undefined,
    }))
    for (const row of rows) step.changes.push({ add: 'entry', row })
    for (const node of grown) step.changes.push({ put: 'node', row: { channel: id, log, ...node } })
    this.#tell(step, id, rows)
  }

  #tell(step: Step, id: ChannelId, entries: readonly EntryRow[]): void {
    for (const listener of this.#listeners) listener(step, id, entries)
  }

  /** A revocation or a rotation may have ended logs before entries we hold: these are cut, and the log goes on from what is left. */
  #rootMoved(step: Step, id: ChannelId, before: Channel | undefined): void {
    for (const [log, { size }] of before?.logs ?? []) {
      const now = this.#shelf.opened(id)?.state
      if (now && size > 0 && (now.logs.get(log)?.size ?? 0) < size) this.#beginAgain(step, id, log, size)
    }
  }

  /** From the newest entry held that may still stand; from nothing when there is none. */
  #beginAgain(step: Step, id: ChannelId, log: LogId, size: number): void {
    const { store, suite, clock } = this.#context
    const known = this.#shelf.opened(id)
    if (!known) return
    const floor = known.floors.get(log) ?? 0
    const cut = known.state.cuts.get(log)?.size ?? Infinity
    for (let seq = Math.min(size, cut) - 1; seq >= floor; seq--) {
      const row = store.entry(id, log, seq)
      if (!row) break
      try {
        const frontier = frontierAt(seq, subtreesIn(this.#context, id, log))
        const { channel } = adoptHead(suite, known.state, { entry: row.bytes, frontier: frontier.nodes }, clock.now())
        step.changes.push({ cut: 'entries', channel: id, log, from: seq + 1 })
        this.#shelf.advance(step, id, channel, { logs: [log] })
        return
      } catch (error) {
        if (!(error instanceof EntryError || error instanceof NotHeldError)) throw error
        if (Number.isFinite(cut)) break // another past than the one the brand keeps
      }
    }
    step.changes.push({ cut: 'entries', channel: id, log, from: 0 })
    this.#shelf.advance(step, id, known.state, { logs: [log], floors: new Map([[log, 0]]) })
  }
}

/** Rows of entries are made here alone: what is stored was judged. */
export const storedEntry = (suite: Suite, row: EntryRow): VerifiedEntry => decodeEntry(suite, row.bytes) as VerifiedEntry

/** What a channel calls itself, as a name for a person to type. */
function called({ manifest }: Channel): string {
  try {
    return checkedName(manifest.name)
  } catch (error) {
    if (error instanceof MessengerError) return ''
    throw error
  }
}

function aboutOf({ kind, body }: VerifiedEntry): EntryRow['about'] {
  if (kind === KIND.edit) return toHex(decodeEdit(body).target.id)
  if (kind === KIND.withdrawal) return toHex(decodeWithdrawal(body).target.id)
  return undefined
}

