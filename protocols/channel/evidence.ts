/**
 * Proofs that somebody with a key of the channel broke its promise, as bytes that anyone can check without knowing or trusting
 * anybody: with the entries they carry those of the root log that make the keys the channel's.
 */
import { concat, Reader, type Suite, toHex, u32 } from '../suite/index.ts'
import { decodeCertificate } from './certificate.ts'
import { decodeEntry, type Entry, FIRST_AUTHOR_KIND, isSignedBy, KIND, same, ZEROS } from './entry.ts'
import { EntryError, EvidenceError } from './errors.ts'
import { FieldError } from './fields.ts'
import { commitmentOf, logIdOf } from './keys.ts'
import { MAX_ROOT_ENTRIES, MAX_ROTATIONS } from './limits.ts'
import { HASH, MerkleError, verifyInclusion } from './merkle.ts'
import { openChannel } from './open.ts'
import { decodeRotation } from './rotation.ts'
import { type Channel, type RootKey, rootKeyOf } from './state.ts'
import { MAX_EVIDENCE } from './sync.ts'

/** Checked by `checkEvidence`, which alone makes one. */
export interface Evidence {
  /**
   * `fork`: two entries with one number. `rewrite`: an entry, and a later one that stands on another in its place. `trimmed`: a log
   * was shown as ending where a signed entry says that it goes on; by whom it was shown so, it does not prove.
   */
  readonly kind: 'fork' | 'rewrite' | 'trimmed'
  readonly channel: Uint8Array
  readonly log: Uint8Array
  /** the number there are two entries of; the first that was left out */
  readonly seq: number
  /** `trimmed`: entries there are at the least */
  readonly size: number | undefined
  /** public key that signed both; of `trimmed`, the one that says how long the log is */
  readonly signer: Uint8Array
  /** what the certificates call the authors of both; undefined for the brand itself */
  readonly authors: readonly (string | undefined)[]
  /** `trimmed`: what says that there is more, then what was shown, if anything */
  readonly entries: readonly Entry[]
}

/** What follows from evidence follows from this. */
type Claimed = Pick<Evidence, 'kind' | 'channel' | 'log' | 'seq' | 'signer' | 'entries'>

/** How evidence says how it is to be read. */
type Claim =
  | { readonly kind: 'fork' }
  | { readonly kind: 'rewrite'; readonly leaf: Uint8Array; readonly proof: readonly Uint8Array[] }
  | { readonly kind: 'trimmed'; readonly log: Uint8Array }

const VERSION = 1
const KINDS = { fork: 1, rewrite: 2, trimmed: 3 } as const
/** Genesis, every rotation, and a certificate for each of the two entries. */
const MAX_CREDENTIALS = 1 + MAX_ROTATIONS + 2
/** Of a log of 2^53 entries. */
const MAX_PATH = 53

const fail = (code: EvidenceError['code'] = 'malformed'): EvidenceError => new EvidenceError(code)

// ---------------------------------------------------------------- making

/** Numbers of the root entries that evidence about these entries has to carry, ascending. */
export function credentialsFor(channel: Channel, ...entries: readonly Entry[]): number[] {
  const certificates = entries.flatMap(({ certificate }) => channel.certificates.get(toHex(certificate))?.seq ?? [])
  return [...new Set([...channel.keys.map(({ from }) => from), ...certificates])].sort((a, b) => a - b)
}

/**
 * Two entries with one number.
 * @param credentials root entries as `credentialsFor` names them
 * @throws EvidenceError nothing: they prove no fork
 */
export const forkProof = (suite: Suite, credentials: readonly Uint8Array[], a: Entry, b: Entry): Uint8Array =>
  encode(suite, credentials, [a.bytes, b.bytes], { kind: 'fork' })

/**
 * `later` stands on another entry in the place of `entry`.
 * @param leaf hash of that other entry; `proof` that it is in the tree of `later`
 * @throws EvidenceError nothing
 */
export const rewriteProof = (
  suite: Suite, credentials: readonly Uint8Array[], entry: Entry, later: Entry, { leaf, proof }: { leaf: Uint8Array; proof: readonly Uint8Array[] },
): Uint8Array => encode(suite, credentials, [entry.bytes, later.bytes], { kind: 'rewrite', leaf, proof })

/**
 * `claim`, of that log or of another, speaks of more entries than there are up to `shown`.
 * @param shown the newest entry of the log as somebody gave it; undefined: none
 * @throws EvidenceError nothing
 */
export const trimmedProof = (suite: Suite, credentials: readonly Uint8Array[], log: Uint8Array, claim: Entry, shown: Entry | undefined): Uint8Array =>
  encode(suite, credentials, shown ? [claim.bytes, shown.bytes] : [claim.bytes], { kind: 'trimmed', log })

function encode(suite: Suite, credentials: readonly Uint8Array[], entries: readonly Uint8Array[], claim: Claim): Uint8Array {
  const sized = (items: readonly Uint8Array[]): Uint8Array[] => items.flatMap((item) => [u32(item.length), item])
  const bytes = concat(
    new Uint8Array([VERSION, KINDS[claim.kind], credentials.length]),
    ...sized(credentials),
    new Uint8Array([entries.length]),
    ...sized(entries),
    ...(claim.kind === 'trimmed' ? [claim.log] : []),
    ...(claim.kind === 'rewrite' ? [claim.leaf, new Uint8Array([claim.proof.length]), ...claim.proof] : []),
  )
  checkEvidence(suite, bytes)
  return bytes
}

// ---------------------------------------------------------------- checking

/** Needs nothing but the bytes. @throws EvidenceError */
export function checkEvidence(suite: Suite, bytes: Uint8Array): Evidence {
  return inForm(() => {
    const { credentials, entries, claim } = decode(bytes)
    const parts = entries.map((entry) => decodeEntry(suite, entry))
    const broken = promiseBroken(suite, parts, claim)
    const authority = readCredentials(suite, credentials)
    const signers = parts.map((entry) => signerOf(suite, authority, entry))
    const [first, second] = signers as [Signer, Signer | undefined]
    if (claim.kind !== 'trimmed' && !same(first.key, (second as Signer).key)) throw fail('nothing')
    return {
      kind: claim.kind,
      channel: authority.channel,
      ...broken,
      signer: first.key,
      authors: signers.map(({ name }) => name),
      entries: parts,
    }
  })
}

function inForm<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof EntryError || error instanceof FieldError) throw fail()
    if (error instanceof MerkleError) throw fail('nothing')
    throw error
  }
}

function decode(bytes: Uint8Array): { credentials: Uint8Array[]; entries: Uint8Array[]; claim: Claim } {
  if (bytes.length > MAX_EVIDENCE) throw fail('too-large')
  const reader = new Reader(bytes, fail)
  const version = reader.u8()
  if (version > VERSION) throw fail('newer-version')
  if (version !== VERSION) throw fail()
  const kind = reader.u8()
  const repeat = <T>(most: number, read: () => T): T[] => {
    const count = reader.u8()
    if (count > most) throw fail()
    return Array.from({ length: count }, read)
  }
  const sized = (): Uint8Array => reader.take(reader.u32())
  const credentials = repeat(MAX_CREDENTIALS, sized)
  const entries = repeat(2, sized)
  const claim = ((): Claim => {
    switch (kind) {
      case KINDS.fork:
        return { kind: 'fork' }
      case KINDS.rewrite:
        return { kind: 'rewrite', leaf: reader.take(HASH), proof: repeat(MAX_PATH, () => reader.take(HASH)) }
      case KINDS.trimmed:
        return { kind: 'trimmed', log: reader.take(HASH) }
      default:
        throw fail()
    }
  })()
  reader.end()
  if (entries.length < (claim.kind === 'trimmed' ? 1 : 2)) throw fail()
  return { credentials, entries, claim }
}

/** Before any signature is looked at: do the entries contradict each other, if they are what they seem? */
function promiseBroken(suite: Suite, [a, b]: readonly Entry[], claim: Claim): Pick<Evidence, 'log' | 'seq' | 'size'> {
  const first = a as Entry
  if (b && !same(first.channel, b.channel)) throw fail('nothing')
  if (claim.kind === 'trimmed') return { log: claim.log, ...leftOut(first, b, claim.log) }
  const second = b as Entry
  if (!same(first.log, second.log) || same(first.id, second.id)) throw fail('nothing')
  if (claim.kind === 'fork' && first.seq !== second.seq) throw fail('nothing')
  if (claim.kind === 'rewrite') {
    if (same(claim.leaf, first.id)) throw fail('nothing')
    verifyInclusion(suite, claim.leaf, first.seq, second.seq, second.root, claim.proof)
  }
  return { log: first.log, seq: first.seq, size: undefined }
}

function leftOut(claim: Entry, shown: Entry | undefined, log: Uint8Array): Pick<Evidence, 'seq' | 'size'> {
  if (shown && !same(shown.log, log)) throw fail('nothing')
  const seq = shown ? shown.seq + 1 : 0
  const size = same(claim.log, log) ? claim.seq + 1 : (claim.seen.find((head) => same(head.log, log))?.size ?? 0)
  if (size <= seq) throw fail('nothing')
  return { seq, size }
}

interface Authority {
  readonly channel: Uint8Array
  readonly keys: readonly RootKey[]
  /** by the id of the certificate, in hex */
  readonly authors: ReadonlyMap<string, Signer>
}

interface Signer {
  readonly key: Uint8Array
  /** the log it may sign in */
  readonly log: Uint8Array
  readonly name: string | undefined
}

/** Genesis, rotations and certificates, in the order of the root log: each signed by the key in force, as far as they tell. */
function readCredentials(suite: Suite, [genesis, ...rest]: readonly Uint8Array[]): Authority {
  if (!genesis) throw fail('credentials')
  const { channel } = openChannel(suite, genesis, Infinity)
  const keys: RootKey[] = [...channel.keys]
  const authors = new Map<string, Signer>()
  let before = 0
  for (const entry of rest.map((bytes) => decodeEntry(suite, bytes))) {
    if (!same(entry.channel, channel.id) || !same(entry.log, channel.id) || entry.seq <= before) throw fail('credentials')
    before = entry.seq
    const { key } = signerOf(suite, { channel: channel.id, keys, authors }, entry)
    if (entry.kind === KIND.rotation) keys.push({ from: entry.seq, key, next: decodeRotation(entry.body).nextRoot })
    else if (entry.kind === KIND.certificate) {
      const certificate = decodeCertificate(entry.body)
      authors.set(toHex(entry.id), { key: certificate.key, name: certificate.name, log: logIdOf(suite, channel.id, certificate.key) })
    } else throw fail('credentials')
  }
  return { channel: channel.id, keys, authors }
}

/** @throws EvidenceError credentials: nothing says that its key is the channel's; signature */
function signerOf(suite: Suite, authority: Authority, entry: Entry): Signer {
  if (!same(entry.channel, authority.channel)) throw fail('credentials')
  const signer = same(entry.log, authority.channel) ? rootSigner(suite, authority, entry) : authority.authors.get(toHex(entry.certificate))
  if (!signer || !same(signer.log, entry.log)) throw fail('credentials')
  if (!isSignedBy(suite, signer.key, entry)) throw fail('signature')
  return signer
}

function rootSigner(suite: Suite, { channel, keys }: Authority, entry: Entry): Signer {
  const signer = (key: Uint8Array): Signer => ({ key, log: channel, name: undefined })
  if (entry.kind >= FIRST_AUTHOR_KIND || !same(entry.certificate, ZEROS)) throw fail('credentials')
  const before = keys.findLast(({ from }) => from < entry.seq)
  if (!before) throw fail('credentials')
  if (entry.kind !== KIND.rotation) return signer((keys.findLast(({ from }) => from <= entry.seq) as RootKey).key)
  const { rootKey } = decodeRotation(entry.body)
  if (!same(commitmentOf(suite, rootKey), before.next)) throw fail('credentials')
  return signer(rootKey)
}

// ---------------------------------------------------------------- following from it

/** What it is about, if its signatures are right. @throws EvidenceError it contradicts nothing */
export function claimed(suite: Suite, bytes: Uint8Array): { readonly log: Uint8Array; readonly seq: number } {
  return inForm(() => {
    const { entries, claim } = decode(bytes)
    return promiseBroken(suite, entries.map((entry) => decodeEntry(suite, entry)), claim)
  })
}

/**
 * Could it change something here? Asked before its signatures are checked: of what changes nothing, anybody who has two entries makes as
 * much as they like, with a hundred signatures in each. What is forged may be answered with yes, and is found out by the check.
 * @throws EvidenceError
 */
export function mayFreeze(suite: Suite, channel: Channel, bytes: Uint8Array): boolean {
  return inForm(() => {
    const { entries: encoded, claim } = decode(bytes)
    const entries = encoded.map((entry) => decodeEntry(suite, entry))
    const { log, seq } = promiseBroken(suite, entries, claim)
    const first = entries[0] as Entry
    if (!same(first.channel, channel.id)) return true
    const about = { kind: claim.kind, channel: first.channel, log, seq, entries }
    if (!same(log, channel.id)) return freeze(channel, { ...about, signer: ZEROS }) !== undefined
    if (freeze(channel, { ...about, signer: rootKeyOf(channel).key }) === undefined) return false
    return !channel.keys.slice(0, -1).some(({ key }) => isSignedBy(suite, key, first))
  })
}

/**
 * The channel with the log, or all of it, frozen from that number on; undefined when the evidence changes nothing here. What a
 * rotation or a revocation has settled is not opened again by keys that have no more say (attack 58).
 */
export function freeze(channel: Channel, evidence: Claimed): Channel | undefined {
  if (evidence.kind === 'trimmed' || !same(evidence.channel, channel.id)) return undefined
  return same(evidence.log, channel.id) ? freezeRoot(channel, evidence) : freezeLog(channel, evidence)
}

function freezeRoot(channel: Channel, { signer, seq }: Claimed): Channel | undefined {
  const last = rootKeyOf(channel)
  if (!same(signer, last.key) || seq < last.from || seq >= MAX_ROOT_ENTRIES) return undefined
  // Two rotations to one key: the one that came first here holds, and nothing may follow it but the next.
  const frozen = Math.max(seq, last.from + 1)
  return channel.frozen !== undefined && channel.frozen <= frozen ? undefined : { ...channel, frozen }
}

function freezeLog(channel: Channel, { log, seq, entries }: Claimed): Channel | undefined {
  const name = toHex(log)
  if (!channel.logs.has(name) || channel.cuts.has(name)) return undefined
  // An author whose certificate a rotation voided uses the numbers behind it once more: that is no fork.
  if (!entries.every(({ certificate }) => channel.certificates.has(toHex(certificate)))) return undefined
  return seq >= (channel.forks.get(name) ?? Infinity) ? undefined : { ...channel, forks: new Map(channel.forks).set(name, seq) }
}
