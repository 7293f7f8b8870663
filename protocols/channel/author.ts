/** An entry of an author's log by itself: may its author say this, with this number, at this time? */
import { type Suite, toHex } from '../suite/index.ts'
import { SCOPE } from './certificate.ts'
import { type Entry, FIRST_AUTHOR_KIND, type Head, isSignedBy, KIND, same } from './entry.ts'
import { ignore, type Refusal, reject } from './errors.ts'
import { FieldError } from './fields.ts'
import { decodeEdit, decodePost, decodeWithdrawal, scopeOf, type Target } from './post.ts'
import { type Certified, type Channel, hasRoot } from './state.ts'

export interface Authorized {
  readonly certificate: Certified
  /** the root log as the author knew it */
  readonly root: Head
}

/** What costs nothing first, the signature next, then what the signature makes worth reading. */
export function authorize(suite: Suite, channel: Channel, entry: Entry): Authorized | Refusal {
  if (entry.kind < FIRST_AUTHOR_KIND) return reject('kind')
  let root: Head | undefined
  for (const head of entry.seen) {
    if (same(head.log, entry.log)) return reject('seen')
    if (same(head.log, channel.id)) root = head
  }
  if (!root) return reject('seen')
  const certificate = channel.certificates.get(toHex(entry.certificate))
  // With the root log it names before us, there is no such certificate; with another, there may be one.
  if (!certificate) return hasRoot(channel, root) ? reject('certificate') : ignore('root-behind')
  if (!same(certificate.log, entry.log)) return reject('log')
  if (certificate.seq >= root.size) return reject('seen')
  if (entry.seq < certificate.firstSeq || entry.seq >= certificate.endSeq) return reject('window')
  if (entry.time < certificate.notBefore) return reject('not-yet')
  if (entry.time >= certificate.notAfter) return reject('expired')
  if (!isSignedBy(suite, certificate.key, entry)) return reject('signature')
  if (root.size > channel.root.size) return ignore('root-behind')
  return ended(channel, entry, root) ?? said(entry, certificate) ?? { certificate, root }
}

/** Behind the end of a log that was revoked or has forked. Who had seen the revocation has no excuse. */
function ended(channel: Channel, entry: Entry, root: Head): Refusal | undefined {
  const name = toHex(entry.log)
  const cut = channel.cuts.get(name)
  if (cut && entry.seq >= cut.size) return root.size > cut.seq && hasRoot(channel, root) ? reject('revoked') : ignore('revoked')
  return entry.seq >= (channel.forks.get(name) ?? Infinity) ? ignore('frozen') : undefined
}

function said(entry: Entry, { scope }: Certified): Refusal | undefined {
  try {
    const needed = scopeNeeded(entry)
    return (needed & scope) === needed ? undefined : reject('scope')
  } catch (error) {
    if (error instanceof FieldError) return reject(error.code)
    throw error
  }
}

/** @throws FieldError */
function scopeNeeded(entry: Entry): number {
  const others = (target: Target): number => (same(target.log, entry.log) ? 0 : SCOPE.moderate)
  switch (entry.kind) {
    case KIND.post:
      return scopeOf(decodePost(entry.body))
    case KIND.edit: {
      const { target, post } = decodeEdit(entry.body)
      return others(target) | scopeOf(post)
    }
    case KIND.withdrawal:
      return others(decodeWithdrawal(entry.body).target)
    default:
      return 0 // of a newer version: kept, and shown as that
  }
}
