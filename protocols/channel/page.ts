/** Entries that come in pages, and the newest entry of a log without those before it. */
import { type Suite, toHex } from '../suite/index.ts'
import { authorize } from './author.ts'
import { decodeEntry, type Entry, type Head, same, type SignedEntry, type VerifiedEntry } from './entry.ts'
import { type Doubt, EntryError } from './errors.ts'
import { goesOn, judgeEntry, keepsCut } from './judge.ts'
import { MAX_AHEAD } from './limits.ts'
import { type Frontier, frontierLength, grow, type Grown, MerkleError, type RangeProof, verifyRange } from './merkle.ts'
import { place, type Placed } from './place.ts'
import { allows } from './rate.ts'
import { type Channel, emptyLog, logOf, type LogState, rateAt, type VouchedHead } from './state.ts'

export interface Adopted {
  readonly channel: Channel
  readonly entry: VerifiedEntry
  readonly grown: readonly Grown[]
}

export interface Page {
  readonly log: Uint8Array
  /** number of the first */
  readonly from: number
  readonly entries: readonly Uint8Array[]
  readonly proof: RangeProof
  /** the tree the proof is for: `headOf` our state when the page was asked for, or `headBefore` an entry that was judged */
  readonly head: VouchedHead
}

export interface JudgedPage {
  readonly entries: readonly VerifiedEntry[]
  /** frontier before the first of them */
  readonly before: Frontier
  readonly grown: readonly Grown[]
  /** with the entries, when they were the next of their log */
  readonly channel: Channel | undefined
  /** why the rest of the page is not among `entries`; nobody's fault */
  readonly stopped: Doubt | undefined
}

/** The newest entry of a log, with the frontier before it. */
export interface Newest {
  readonly entry: Uint8Array
  readonly frontier: readonly Uint8Array[]
}

/** What a signed entry says of its own log. */
export const headBefore = ({ log, seq, root }: SignedEntry): VouchedHead => ({ log, size: seq, root }) as Head as VouchedHead

/**
 * An author's log from its newest entry alone, or from a newer one than we have. Then it is up to the caller to fetch what is
 * between and compare `before` of the page that begins at our old size with our old frontier: who forked shows there.
 * @throws EntryError
 */
export function adoptHead(suite: Suite, channel: Channel, newest: Newest, now: number): Adopted {
  const entry = decodeEntry(suite, newest.entry)
  const name = toHex(entry.log)
  const state = channel.logs.get(name)
  if (!same(entry.channel, channel.id)) throw new EntryError('channel')
  if (!state) throw new EntryError('log')
  if (entry.seq < state.size) throw new EntryError('sequence')
  if (entry.time > now + MAX_AHEAD) throw new EntryError('early')
  if (channel.frozen !== undefined) throw new EntryError('frozen')
  const authorized = authorize(suite, channel, entry)
  if ('verdict' in authorized) throw EntryError.of(authorized)
  const rate = rateAt(channel, authorized.root.size)
  // Where the brand ended the log, its own signature says that so many came; the bucket here may be that of another branch.
  const isKept = channel.cuts.get(name)?.size === entry.seq + 1
  if (!isKept && !allows(state, entry.seq + 1, entry.time, rate)) throw new EntryError('rate')
  if (newest.frontier.length !== frontierLength(entry.seq)) throw new EntryError('malformed')
  const frontier = { size: entry.seq, nodes: newest.frontier }
  const placed = inPage(suite, { ...emptyLog(state.log), size: entry.seq, frontier }, entry, rate)
  if (!keepsCut(suite, channel, name, placed.state)) throw new EntryError('other-history')
  return { channel: { ...channel, logs: new Map(channel.logs).set(name, placed.state) }, entry: entry as VerifiedEntry, grown: placed.grown }
}

/**
 * Less is here of a log than the brand kept when it ended it, and perhaps of another branch: then the log begins again at the newest kept entry.
 * Only the tree that the brand signed says so, never who sent it.
 * @param page from the number of our newest entry on, one entry at least, proven in the tree that was kept
 * @returns undefined: what is here was kept, and more can be fetched
 * @throws EntryError
 */
export function adoptKept(suite: Suite, channel: Channel, newest: Newest, page: Pick<Page, 'entries' | 'proof'>, now: number): Adopted | undefined {
  const name = toHex(decodeEntry(suite, newest.entry).log)
  const state = channel.logs.get(name)
  const cut = channel.cuts.get(name)
  if (!state || !cut) throw new EntryError('log')
  if (state.size === 0 || state.size >= cut.size) throw new EntryError('sequence')
  const [theirs, ...rest] = page.entries.map((bytes) => decodeEntry(suite, bytes))
  if (!theirs) throw new EntryError('root')
  const before = range(suite, [theirs, ...rest], state.size - 1, cut, page.proof)
  const { nodes } = grow(suite, before, theirs.id).frontier
  if (nodes.every((hash, i) => same(hash, state.frontier.nodes[i] as Uint8Array))) return undefined
  const adopted = adoptHead(suite, channel, newest, now)
  if (adopted.entry.seq + 1 !== cut.size) throw new EntryError('sequence')
  return adopted
}

/**
 * A page that goes on from our newest entry (of any log), or an older one of an author's log. Everything of every entry is checked.
 * @throws EntryError: who sent the page is at fault, or shows a log that was forked
 */
export function judgePage(suite: Suite, channel: Channel, page: Page, now: number): JudgedPage {
  const state = logOf(channel, page.log)
  if (!state) throw new EntryError('log')
  const entries = page.entries.map((bytes, i) => inOrder(decodeEntry(suite, bytes), channel, page.log, page.from + i))
  return page.from === state.size ? nextPage(suite, channel, state, entries, page.proof, now) : olderPage(suite, channel, entries, page)
}

function inOrder(entry: Entry, channel: Channel, log: Uint8Array, seq: number): Entry {
  if (!same(entry.channel, channel.id)) throw new EntryError('channel')
  if (!same(entry.log, log)) throw new EntryError('log')
  if (entry.seq !== seq) throw new EntryError('sequence')
  return entry
}

/** Nothing needs to be proven of the tree: each entry is judged on our own. */
function nextPage(suite: Suite, channel: Channel, { frontier }: LogState, entries: readonly Entry[], { left }: RangeProof, now: number): JudgedPage {
  if (left.length !== frontier.nodes.length || !left.every((hash, i) => same(hash, frontier.nodes[i] as Uint8Array))) throw new EntryError('root')
  const taken: VerifiedEntry[] = []
  const grown: Grown[] = []
  let next = channel
  for (const entry of entries) {
    const verdict = judgeEntry(suite, next, entry, now)
    if (verdict.verdict === 'reject') throw EntryError.of(verdict)
    if (verdict.verdict === 'ignore') {
      if (verdict.reason === 'other-history') throw new EntryError('root')
      if (verdict.reason === 'early') refuseForgery(suite, next, entry)
      return { entries: taken, before: frontier, grown, channel: next, stopped: verdict.reason }
    }
    if (verdict.verdict !== 'accept') throw new EntryError('sequence')
    taken.push(verdict.entry)
    grown.push(...verdict.grown)
    next = verdict.channel
  }
  return { entries: taken, before: frontier, grown, channel: next, stopped: undefined }
}

/** A time in the future is looked at before the signature; in a page an altered time must not pass for a clock that is ahead. */
function refuseForgery(suite: Suite, channel: Channel, entry: Entry): void {
  const verdict = judgeEntry(suite, channel, entry, entry.time)
  if (verdict.verdict === 'reject') throw EntryError.of(verdict)
}

function olderPage(suite: Suite, channel: Channel, entries: readonly Entry[], { log, from, proof, head }: Page): JudgedPage {
  if (!same(head.log, log)) throw new EntryError('log')
  if (same(log, channel.id)) throw new EntryError('sequence') // the root log is never without its beginning
  const before = range(suite, entries, from, head, proof)
  const taken: VerifiedEntry[] = []
  const grown: Grown[] = []
  // What was before the page is not known: its bucket may have been full, its certificate any.
  let state: LogState = { ...emptyLog(log), size: from, frontier: before }
  for (const entry of entries) {
    const authorized = authorize(suite, channel, entry)
    if ('verdict' in authorized) {
      if (authorized.verdict === 'reject') throw EntryError.of(authorized)
      return { entries: taken, before, grown, channel: undefined, stopped: authorized.reason }
    }
    const placed = inPage(suite, state, entry, rateAt(channel, authorized.root.size))
    if (taken.length > 0 && !goesOn(channel, state, authorized)) throw new EntryError('certificate')
    taken.push(entry as VerifiedEntry)
    grown.push(...placed.grown)
    state = placed.state
  }
  return { entries: taken, before, grown, channel: undefined, stopped: undefined }
}

function range(suite: Suite, entries: readonly Entry[], from: number, head: Head, proof: RangeProof): Frontier {
  try {
    return verifyRange(suite, entries.map(({ id }) => id), from, head.size, head.root, proof)
  } catch (error) {
    if (error instanceof MerkleError) throw new EntryError('root')
    throw error
  }
}

function inPage(suite: Suite, state: LogState, entry: Entry, rate: number): Placed {
  const placed = place(suite, state, entry, rate)
  if (!('verdict' in placed)) return placed
  throw placed.verdict === 'ignore' ? new EntryError('root') : EntryError.of(placed)
}
