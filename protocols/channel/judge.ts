/** The judgement of one entry: pure, and the same at every peer that has the same entries. */
import { type Suite, toHex } from '../suite/index.ts'
import { authorize, type Authorized } from './author.ts'
import { decodeEntry, type Entry, KIND, same, type SignedEntry, type VerifiedEntry } from './entry.ts'
import { EntryError, ignore, type Refusal, reject, type Rule } from './errors.ts'
import { channelIdOf } from './keys.ts'
import { MAX_AHEAD } from './limits.ts'
import { type Grown, treeRoot } from './merkle.ts'
import { place } from './place.ts'
import { allows } from './rate.ts'
import { judgeRoot } from './root.ts'
import { type Channel, type LogState, rateAt } from './state.ts'

export type Verdict =
  /** the next of its log; `grown`: subtrees it finished, to be kept for those who ask for proofs */
  | { readonly verdict: 'accept'; readonly channel: Channel; readonly entry: VerifiedEntry; readonly grown: readonly Grown[] }
  /** authentic, but entries before it are not here: pass it on, then fetch them */
  | { readonly verdict: 'ahead'; readonly entry: SignedEntry }
  /** authentic, and we have an entry of that number. Another id than the stored one is a fork: `forkProof` */
  | { readonly verdict: 'known'; readonly entry: SignedEntry }
  /** a rotation that takes the place of root entries `from` .. on; `supersede` makes the channel as it is then */
  | { readonly verdict: 'supersede'; readonly entry: SignedEntry; readonly from: number }
  | Refusal

/** @param now ms */
export function judge(suite: Suite, channel: Channel, bytes: Uint8Array, now: number): Verdict {
  let entry: Entry
  try {
    entry = decodeEntry(suite, bytes)
  } catch (error) {
    if (error instanceof EntryError) return reject(error.rule as Rule) // a form is right or wrong, never in doubt
    throw error
  }
  return judgeEntry(suite, channel, entry, now)
}

export function judgeEntry(suite: Suite, channel: Channel, entry: Entry, now: number): Verdict {
  if (!same(entry.channel, channel.id)) return isGenesisOf(suite, channel, entry) ? { verdict: 'known', entry: entry as SignedEntry } : reject('channel')
  if (entry.time > now + MAX_AHEAD) return ignore('early')
  const ofRoot = same(entry.log, channel.id)
  if (channel.frozen !== undefined && !(ofRoot && entry.kind === KIND.rotation)) return ignore('frozen')
  return ofRoot ? judgeRoot(suite, channel, entry) : judgeAuthor(suite, channel, entry)
}

const isGenesisOf = (suite: Suite, channel: Channel, entry: Entry): boolean => same(channelIdOf(suite, entry.bytes), channel.id)

function judgeAuthor(suite: Suite, channel: Channel, entry: Entry): Verdict {
  const authorized = authorize(suite, channel, entry)
  if ('verdict' in authorized) return authorized
  const name = toHex(entry.log)
  const state = channel.logs.get(name) as LogState // there is one for every certificate
  const rate = rateAt(channel, authorized.root.size)
  if (entry.seq < state.size) return { verdict: 'known', entry: entry as SignedEntry }
  if (entry.seq > state.size) {
    // With more between than the rate lets through, it will never be next: not to be passed on for nothing.
    return allows(state, entry.seq + 1, entry.time, rate) ? { verdict: 'ahead', entry: entry as SignedEntry } : reject('rate')
  }
  const placed = place(suite, state, entry, rate)
  if ('verdict' in placed) return placed
  // Only of an entry that stands on ours: before one of another branch there is another.
  if (!goesOn(channel, state, authorized)) return reject('certificate')
  if (!keepsCut(suite, channel, name, placed.state)) return ignore('other-history')
  const logs = new Map(channel.logs).set(name, placed.state)
  return { verdict: 'accept', channel: { ...channel, logs }, entry: entry as VerifiedEntry, grown: placed.grown }
}

/** Who was certified anew does not go back to an older certificate: then a rotation that voids the newer one voids an end of the log, and nothing amid it. */
export function goesOn(channel: Channel, { size, certificate }: LogState, next: Authorized): boolean {
  if (size === 0) return true
  const before = channel.certificates.get(toHex(certificate))
  return before !== undefined && before.seq <= next.certificate.seq
}

/** A log that reaches the size at which it was ended has there what was kept. */
export function keepsCut(suite: Suite, channel: Channel, name: string, { size, frontier }: LogState): boolean {
  const cut = channel.cuts.get(name)
  return cut?.size !== size || same(treeRoot(suite, frontier), cut.root)
}
