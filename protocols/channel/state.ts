/** What a follower or publisher keeps of a channel to judge the next entry of any of its logs. Every step makes a new one. */
import { type Suite, toHex } from '../suite/index.ts'
import type { Certificate } from './certificate.ts'
import { compare, type Head, same, ZEROS } from './entry.ts'
import type { Manifest } from './manifest.ts'
import { emptyFrontier, type Frontier, treeRoot } from './merkle.ts'
import type { Revocation } from './revocation.ts'

/** One log up to its newest entry. Made from that log's entries alone. */
export interface LogState {
  readonly log: Uint8Array
  readonly size: number
  readonly frontier: Frontier
  /** of its last entry, ms; 0 when it has none */
  readonly time: number
  /** what its last entry left in the bucket of the rate limit; see `rate.ts` */
  readonly tokens: number
  /** id of the certificate its last entry names; zeros when it has none */
  readonly certificate: Uint8Array
  /** the other logs as the author of its last entry knew them */
  readonly seen: readonly Head[]
}

/** A certificate in its place in the root log. */
export interface Certified extends Certificate {
  /** of its entry */
  readonly id: Uint8Array
  /** of its entry in the root log */
  readonly seq: number
  readonly log: Uint8Array
}

/** A root key from where it is in force. */
export interface RootKey {
  /** number of the genesis or rotation */
  readonly from: number
  readonly key: Uint8Array
  /** commitment to the next one */
  readonly next: Uint8Array
}

export interface Cut extends Revocation {
  /** of the revocation in the root log */
  readonly seq: number
}

/** Keys of the maps are ids in lowercase hex. */
export interface Channel {
  readonly id: Uint8Array
  /** bytes of the first entry */
  readonly genesis: Uint8Array
  /** one for each generation */
  readonly keys: readonly RootKey[]
  readonly manifest: Manifest
  /** entries a day, by the size of the root log from which it holds; ascending */
  readonly rates: readonly { readonly from: number; readonly rate: number }[]
  readonly root: LogState
  /** tree roots of the root log, for 0 .. `root.size` entries */
  readonly roots: readonly Uint8Array[]
  /** a state for every certified log, also when nothing of it is here */
  readonly logs: ReadonlyMap<string, LogState>
  /** by the id of their entries */
  readonly certificates: ReadonlyMap<string, Certified>
  /** revocations, by log */
  readonly cuts: ReadonlyMap<string, Cut>
  /** logs with two entries of one number: the lowest such number */
  readonly forks: ReadonlyMap<string, number>
  /** the root log itself has two entries of this number */
  readonly frozen: number | undefined
}

/** What a bucket has that nothing was taken from, whatever its size. */
export const FULL = Number.MAX_SAFE_INTEGER

export const emptyLog = (log: Uint8Array): LogState => ({ log, size: 0, frontier: emptyFrontier, time: 0, tokens: FULL, certificate: ZEROS, seen: [] })

export const logOf = (channel: Channel, log: Uint8Array): LogState | undefined =>
  same(log, channel.id) ? channel.root : channel.logs.get(toHex(log))

/** The root key in force. */
export const rootKeyOf = (channel: Channel): RootKey => channel.keys.at(-1) as RootKey

/** The root key that was in force at a number of the root log. */
export const rootKeyIn = (channel: Channel, seq: number): RootKey => channel.keys.findLast(({ from }) => from <= seq) as RootKey

/** Rotations so far: the generation of the root key in force. */
export const generationOf = (channel: Channel): number => channel.keys.length - 1

export const rateAt = (channel: Channel, rootSize: number): number => (channel.rates.findLast(({ from }) => from <= rootSize) ?? { rate: 1 }).rate

declare const vouched: unique symbol

/** A head that our own state or a signed entry stands for: what a page can be proven against. */
export interface VouchedHead extends Head {
  readonly [vouched]: true
}

export const headOf = (suite: Suite, { log, size, frontier }: LogState): VouchedHead =>
  ({ log, size, root: treeRoot(suite, frontier) }) as Head as VouchedHead

/** The root log's, then those of all author logs that have entries here, ascending. */
export function heads(suite: Suite, channel: Channel): VouchedHead[] {
  const authors = [...channel.logs.values()].filter(({ size }) => size > 0)
  return [channel.root, ...authors.sort((a, b) => compare(a.log, b.log))].map((state) => headOf(suite, state))
}

/** Entries here or passed over by a light start, over all logs. */
export function total(channel: Channel): number {
  let count = channel.root.size
  for (const { size } of channel.logs.values()) count += size
  return count
}

/** Entries `from` .. `to` - 1 that a signed entry of `saidBy` speaks of and that are not here. */
export interface Missing {
  readonly log: Uint8Array
  readonly from: number
  readonly to: number
  /** the log whose newest entry says so */
  readonly saidBy: Uint8Array
}

/**
 * Ascending by log. What nobody speaks of is not known to be missing. The same for all who have the same entries.
 * @param counts whose word is taken
 */
export function missing(channel: Channel, counts: (log: Uint8Array) => boolean = () => true): Missing[] {
  const found = new Map<string, Missing>()
  const claim = (head: Head, saidBy: Uint8Array): void => {
    const state = logOf(channel, head.log)
    if (!state) return // certified in no root log we follow
    const name = toHex(head.log)
    const to = Math.min(head.size, channel.cuts.get(name)?.size ?? Infinity)
    const known = found.get(name)
    if (to <= state.size || (known && (known.to > to || (known.to === to && compare(known.saidBy, saidBy) <= 0)))) return
    found.set(name, { log: state.log, from: state.size, to, saidBy })
  }
  for (const state of [channel.root, ...channel.logs.values()]) if (counts(state.log)) for (const head of state.seen) claim(head, state.log)
  for (const cut of channel.cuts.values()) claim(cut, channel.id)
  return [...found.values()].sort((a, b) => compare(a.log, b.log))
}

/**
 * Authors whose newest entry names another root log than ours: the brand, or a thief of its key, shows two of them. Their
 * entries lead to the proof. After a rotation that voided entries it is also what those say who had seen them.
 */
export const disputes = (channel: Channel): { readonly log: Uint8Array; readonly root: Head }[] =>
  [...channel.logs.values()].flatMap(({ log, seen }) => {
    const root = seen.find((head) => same(head.log, channel.id))
    return root && root.size <= channel.root.size && !hasRoot(channel, root) ? [{ log, root }] : []
  })

/** Is it our root log, as it was at that size? */
export function hasRoot(channel: Channel, head: Head): boolean {
  const root = channel.roots[head.size]
  return root !== undefined && same(root, head.root)
}
