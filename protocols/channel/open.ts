/** A channel from its first entry, and from its root log when a rotation takes the place of a part of it. */
import { type Suite, toHex } from '../suite/index.ts'
import { decodeEntry, type Entry, isSignedBy, KIND, same, type VerifiedEntry, ZEROS } from './entry.ts'
import { EntryError } from './errors.ts'
import { FieldError } from './fields.ts'
import { decodeGenesis, type Genesis } from './genesis.ts'
import { judge } from './judge.ts'
import { channelIdOf } from './keys.ts'
import { MAX_AHEAD, ROOT_RATE } from './limits.ts'
import { emptyFrontier, treeRoot } from './merkle.ts'
import { place, type Placed } from './place.ts'
import { keepTo } from './root.ts'
import { type Channel, emptyLog } from './state.ts'

export interface Opened {
  readonly channel: Channel
  readonly entry: VerifiedEntry
}

/** Whoever has the id of the channel compares it with `channel.id`. @throws EntryError */
export function openChannel(suite: Suite, genesis: Uint8Array, now: number): Opened {
  const entry = decodeEntry(suite, genesis)
  if (entry.kind !== KIND.genesis) throw new EntryError('kind')
  if (!same(entry.channel, ZEROS)) throw new EntryError('channel')
  if (!same(entry.log, ZEROS)) throw new EntryError('log')
  if (entry.seq !== 0) throw new EntryError('sequence')
  if (!same(entry.certificate, ZEROS)) throw new EntryError('certificate')
  if (entry.seen.length > 0) throw new EntryError('seen')
  if (entry.time > now + MAX_AHEAD) throw new EntryError('early')
  const { rootKey, nextRoot, manifest } = read(entry)
  if (!isSignedBy(suite, rootKey, entry)) throw new EntryError('signature')
  const id = channelIdOf(suite, entry.bytes)
  const placed = place(suite, emptyLog(id), { ...entry, log: id }, ROOT_RATE)
  if ('verdict' in placed) throw EntryError.of(placed)
  const channel: Channel = {
    id,
    genesis: entry.bytes,
    keys: [{ from: 0, key: rootKey, next: nextRoot }],
    manifest,
    rates: [{ from: 0, rate: manifest.rate }],
    root: placed.state,
    roots: [treeRoot(suite, emptyFrontier), treeRoot(suite, placed.state.frontier)],
    logs: new Map(),
    certificates: new Map(),
    cuts: new Map(),
    forks: new Map(),
    frozen: undefined,
  }
  return { channel, entry: entry as VerifiedEntry }
}

function read(entry: Entry): Genesis {
  try {
    return decodeGenesis(entry.body)
  } catch (error) {
    if (error instanceof FieldError) throw new EntryError(error.code)
    throw error
  }
}

/**
 * The channel after a verdict `supersede`: its root log is `before` and the rotation. Author logs go on where the
 * certificates of their last entries still stand; the others start again, from the last entry whose certificate does.
 * @param before root entries 0 .. from - 1
 * @throws EntryError
 */
export function supersede(suite: Suite, channel: Channel, before: readonly Uint8Array[], rotation: Uint8Array, now: number): Opened & Pick<Placed, 'grown'> {
  const verdict = judge(suite, channel, rotation, now)
  if (verdict.verdict !== 'supersede' || verdict.from !== before.length) throw new EntryError('rotation')
  const [genesis, ...rest] = before as [Uint8Array, ...Uint8Array[]]
  let fresh = openChannel(suite, genesis, now).channel
  for (const bytes of rest) fresh = accepted(suite, fresh, bytes, now).channel
  const { channel: rotated, entry, grown } = accepted(suite, fresh, rotation, now)
  return { channel: carryOver(suite, channel, rotated), entry, grown }
}

function accepted(suite: Suite, channel: Channel, bytes: Uint8Array, now: number): Opened & Pick<Placed, 'grown'> {
  const verdict = judge(suite, channel, bytes, now)
  if (verdict.verdict === 'accept') return verdict
  throw 'entry' in verdict ? new EntryError('sequence') : EntryError.of(verdict)
}

function carryOver(suite: Suite, from: Channel, to: Channel): Channel {
  let logs: Channel['logs'] = new Map([...to.logs].map(([name, empty]) => {
    const state = from.logs.get(name)
    return [name, state && to.certificates.has(toHex(state.certificate)) ? state : empty]
  }))
  for (const [name, cut] of to.cuts) logs = keepTo(suite, logs, name, cut)
  const forks = new Map([...from.forks].filter(([name]) => logs.has(name) && !to.cuts.has(name)))
  return { ...to, logs, forks }
}
