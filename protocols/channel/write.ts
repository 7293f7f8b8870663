/** The next entry of one's own log. */
import { type KeyPair, type Suite, toHex } from '../suite/index.ts'
import { compare, type Draft, KIND, same, signEntry, type VerifiedEntry, ZEROS } from './entry.ts'
import { EntryError, WriteError } from './errors.ts'
import { encodeGenesis } from './genesis.ts'
import { judge } from './judge.ts'
import { commitmentOf, rootKeyAt } from './keys.ts'
import type { Manifest } from './manifest.ts'
import { emptyFrontier, treeRoot } from './merkle.ts'
import { openChannel } from './open.ts'
import type { Placed } from './place.ts'
import { type Channel, headOf, heads, type LogState, type Missing, missing } from './state.ts'

/** Whose log it goes to: that of a posting key, or the root log. A rotation is written by the new root key. */
export type Author =
  | { readonly key: KeyPair<'ed25519'>; /** id of its entry */ readonly certificate: Uint8Array }
  | { readonly root: KeyPair<'ed25519'> }

export interface Written {
  readonly channel: Channel
  readonly entry: VerifiedEntry
  readonly grown: Placed['grown']
}

/** @throws FieldError the manifest breaks a rule; RangeError entropy of another length than 32 */
export function createChannel(suite: Suite, entropy: Uint8Array, manifest: Manifest, now: number): { channel: Channel; genesis: VerifiedEntry } {
  const root = rootKeyAt(suite, entropy, 0)
  const nextRoot = commitmentOf(suite, rootKeyAt(suite, entropy, 1).publicKey)
  const body = encodeGenesis({ rootKey: root.publicKey, nextRoot, manifest })
  const draft = { kind: KIND.genesis, channel: ZEROS, log: ZEROS, seq: 0, time: now, root: treeRoot(suite, emptyFrontier), certificate: ZEROS, seen: [], body }
  const { channel, entry } = openChannel(suite, signEntry(suite, root, draft), now)
  return { channel, genesis: entry }
}

/**
 * Judged like the entry of anybody else before it is given back. Whoever calls this must know that `channel` has the newest
 * entry of the own log: what it can tell of that by itself, it refuses.
 * @throws WriteError
 */
export function write(suite: Suite, channel: Channel, author: Author, { kind, body }: Pick<Draft, 'kind' | 'body'>, now: number): Written {
  const own = ownLog(channel, author)
  if (behind(channel, own.log)) throw new WriteError('behind')
  const { log, size, root } = headOf(suite, own)
  const seen = heads(suite, channel).filter((head) => !same(head.log, log) && isOpen(channel, head.log))
  const draft: Draft = {
    kind,
    channel: channel.id,
    log,
    seq: size,
    time: Math.max(now, own.time + 1),
    root,
    certificate: 'root' in author ? ZEROS : author.certificate,
    seen: seen.sort((a, b) => compare(a.log, b.log)),
    body,
  }
  const verdict = judge(suite, channel, signed(suite, author, draft), now)
  switch (verdict.verdict) {
    case 'accept':
      return verdict
    case 'reject':
      throw new WriteError('refused', verdict.rule)
    case 'ignore':
      throw new WriteError('refused', verdict.reason)
    default:
      throw new WriteError('refused', 'sequence')
  }
}

/**
 * Who speaks of more of a log than is here. An author whose key the brand has ended, or who signed two entries of one number, has no say: it
 * may have lied, and the other would be silent for ever.
 */
export const behind = (channel: Channel, log: Uint8Array): Missing | undefined => missing(channel, (by) => isOpen(channel, by)).find((each) => same(each.log, log))

function signed(suite: Suite, author: Author, draft: Draft): Uint8Array {
  try {
    return signEntry(suite, 'root' in author ? author.root : author.key, draft)
  } catch (error) {
    if (error instanceof EntryError) throw new WriteError('refused', error.rule)
    throw error
  }
}

function ownLog(channel: Channel, author: Author): LogState {
  if ('root' in author) return channel.root
  const certificate = channel.certificates.get(toHex(author.certificate))
  const state = certificate && channel.logs.get(toHex(certificate.log))
  if (!state) throw new WriteError('refused', 'certificate')
  return state
}

/** What was ended or has forked says nothing to those who come after. */
const isOpen = (channel: Channel, log: Uint8Array): boolean => !channel.cuts.has(toHex(log)) && !channel.forks.has(toHex(log))
