/** Entries of the root log, and what each changes in the channel. */
import { type Suite, toHex } from '../suite/index.ts'
import { decodeCertificate } from './certificate.ts'
import { type Entry, FIRST_AUTHOR_KIND, isSignedBy, KIND, same, type SignedEntry, type VerifiedEntry, ZEROS } from './entry.ts'
import { ignore, type Refusal, reject, type Rule } from './errors.ts'
import { FieldError } from './fields.ts'
import type { Verdict } from './judge.ts'
import { commitmentOf, logIdOf } from './keys.ts'
import { MAX_OPEN_LOGS, MAX_ROOT_ENTRIES, MAX_ROTATIONS, ROOT_RATE } from './limits.ts'
import { decodeManifest } from './manifest.ts'
import { emptyFrontier, treeRoot } from './merkle.ts'
import { place, type Placed } from './place.ts'
import { decodeRevocation } from './revocation.ts'
import { decodeRotation, type Rotation } from './rotation.ts'
import { type Channel, emptyLog, hasRoot, rootKeyIn, rootKeyOf } from './state.ts'

/** What an entry makes of the channel that has it in its root log already. */
type Effect = (channel: Channel) => Channel | Rule

export function judgeRoot(suite: Suite, channel: Channel, entry: Entry): Verdict {
  if (entry.kind >= FIRST_AUTHOR_KIND || entry.kind === KIND.genesis) return reject('kind')
  if (!same(entry.certificate, ZEROS)) return reject('certificate')
  if (entry.seen.some(({ log }) => same(log, channel.id))) return reject('seen')
  if (entry.seq === 0) return reject('sequence')
  if (entry.seq >= MAX_ROOT_ENTRIES) return reject('limit')
  try {
    if (entry.kind === KIND.rotation) return judgeRotation(suite, channel, entry, decodeRotation(entry.body))
    const refusal = refuseSignature(suite, channel, entry)
    if (refusal) return refusal
    const effect = effectOf(suite, entry)
    if (!effect) return ignore('newer-version')
    if (entry.seq < channel.root.size) return { verdict: 'known', entry: entry as SignedEntry }
    if (entry.seq > channel.root.size) return { verdict: 'ahead', entry: entry as SignedEntry }
    return append(suite, channel, entry, place(suite, channel.root, entry, ROOT_RATE), effect)
  } catch (error) {
    if (error instanceof FieldError) return reject(error.code)
    throw error
  }
}

/** Of anything but a rotation. Tells an old root key from a forgery: those who have not heard of the rotation pass its entries on. */
function refuseSignature(suite: Suite, channel: Channel, entry: Entry): Refusal | undefined {
  const { from, key } = rootKeyIn(channel, entry.seq)
  if (isSignedBy(suite, key, entry)) return undefined
  const older = from > 0 ? rootKeyIn(channel, from - 1) : undefined
  return older && isSignedBy(suite, older.key, entry) ? ignore('root-key') : reject('signature')
}

function judgeRotation(suite: Suite, channel: Channel, entry: Entry, rotation: Rotation): Verdict {
  const last = rootKeyOf(channel)
  const { seq } = entry
  const announced = same(commitmentOf(suite, rotation.rootKey), last.next)
  if (!announced) {
    const known = channel.keys.find(({ key }) => same(key, rotation.rootKey))
    if (!known) return strange(channel, entry)
    if (!isSignedBy(suite, known.key, entry)) return reject('signature')
    return known.from === seq && seq > 0 ? { verdict: 'known', entry: entry as SignedEntry } : reject('rotation')
  }
  if (!isSignedBy(suite, rotation.rootKey, entry)) return reject('signature')
  // Whoever held the keys up to the last rotation has no more say: an old key, stolen, undoes nothing (attack 58).
  if (seq <= last.from) return reject('rotation')
  if (channel.keys.length > MAX_ROTATIONS) return reject('limit')
  if (channel.frozen !== undefined && seq > channel.frozen) return ignore('frozen')
  if (seq > channel.root.size) return { verdict: 'ahead', entry: entry as SignedEntry }
  if (!hasRoot(channel, { log: channel.id, size: seq, root: entry.root })) return ignore('other-history')
  if (seq < channel.root.size) return { verdict: 'supersede', entry: entry as SignedEntry, from: seq }
  // Not limited: a thief who used up the bucket would keep the owner out.
  return append(suite, channel, entry, place(suite, channel.root, entry, undefined), (next) => ({
    ...next,
    keys: [...next.keys, { from: seq, key: rotation.rootKey, next: rotation.nextRoot }],
    frozen: undefined,
  }))
}

/** To a key nobody announced to us: a forgery if it stands on our root log; else perhaps one rotation further than we know. */
function strange(channel: Channel, { seq, root }: Entry): Refusal {
  if (seq > channel.root.size) return ignore('root-behind')
  const forged = seq <= rootKeyOf(channel).from || hasRoot(channel, { log: channel.id, size: seq, root })
  return forged ? reject('rotation') : ignore('other-history')
}

function append(suite: Suite, channel: Channel, entry: Entry, placed: Placed | Refusal, effect: Effect): Verdict {
  if ('verdict' in placed) return placed
  const { state, grown } = placed
  const next = effect({ ...channel, root: state, roots: [...channel.roots, treeRoot(suite, state.frontier)] })
  return typeof next === 'string' ? reject(next) : { verdict: 'accept', channel: next, entry: entry as VerifiedEntry, grown }
}

/** @throws FieldError. undefined: a kind of a newer version */
function effectOf(suite: Suite, entry: Entry): Effect | undefined {
  switch (entry.kind) {
    case KIND.manifest: {
      const manifest = decodeManifest(entry.body)
      return (channel) => ({ ...channel, manifest, rates: [...channel.rates, { from: entry.seq + 1, rate: manifest.rate }] })
    }
    case KIND.certificate: {
      const certificate = decodeCertificate(entry.body)
      return (channel) => {
        const log = logIdOf(suite, channel.id, certificate.key)
        const name = toHex(log)
        if (channel.cuts.has(name)) return 'revoked'
        const certificates = new Map(channel.certificates).set(toHex(entry.id), { ...certificate, id: entry.id, seq: entry.seq, log })
        if (channel.logs.has(name)) return { ...channel, certificates }
        if (channel.logs.size - channel.cuts.size >= MAX_OPEN_LOGS) return 'limit'
        return { ...channel, certificates, logs: new Map(channel.logs).set(name, emptyLog(log)) }
      }
    }
    case KIND.revocation: {
      const revocation = decodeRevocation(entry.body)
      return (channel) => {
        const name = toHex(revocation.log)
        const state = channel.logs.get(name)
        if (!state) return 'log'
        // A second one may take more away, never give back.
        if (revocation.size > (channel.cuts.get(name)?.size ?? Infinity)) return 'revoked'
        if (revocation.size === 0 && !same(revocation.root, treeRoot(suite, emptyFrontier))) return 'body'
        const cuts = new Map(channel.cuts).set(name, { ...revocation, seq: entry.seq })
        const forks = new Map(channel.forks)
        forks.delete(name)
        return { ...channel, cuts, forks, logs: keepTo(suite, channel.logs, name, revocation) }
      }
    }
    default:
      return undefined
  }
}

/** A log that has more than is kept, or something else, starts again: its head at the cut is adopted anew. */
export function keepTo(suite: Suite, logs: Channel['logs'], name: string, cut: { readonly size: number; readonly root: Uint8Array }): Channel['logs'] {
  const state = logs.get(name)
  if (!state || state.size < cut.size || (state.size === cut.size && same(treeRoot(suite, state.frontier), cut.root))) return logs
  return new Map(logs).set(name, emptyLog(state.log))
}
