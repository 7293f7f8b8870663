/** Checking an exported channel without any network, as if a stranger had sent it entry by entry; keeping it when asked to. */
import { base64 } from '@scure/base'
import {
  type Channel, channelText, checkEvidence, CHUNK, chunksOf, EntryError, EvidenceError, freeze, type Grown, headOf, judge, mediaHash, type MediaRef, openChannel, parseChannelText,
  type VerifiedEntry,
} from '../../../protocols/channel/index.ts'
import { concat, toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import { MessengerError } from '../errors.ts'
import type { ChannelContext } from './context.ts'
import { domainView } from './domain-proof.ts'
import { described, EXPORT_VERSION } from './export.ts'
import type { Keeping } from './keeping.ts'
import { certificatesOf } from './keys.ts'
import type { Network } from './network.ts'
import type { ChannelId } from './ports.ts'
import { proofView } from './proof.ts'
import type { Shelf } from './shelf.ts'
import type { ChannelProofView } from './views.ts'

/** Entries of one transaction: few fsyncs, bounded memory. */
const BATCH = 256

export class Import {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #keeping: Keeping
  readonly #network: Network

  constructor(context: ChannelContext, parts: { shelf: Shelf; keeping: Keeping; network: Network }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#keeping = parts.keeping
    this.#network = parts.network
  }

  /**
   * Kept batch by batch while it is read; the first line that is wrong takes all of it away again.
   * @throws MessengerError 'bad-input' naming the line, the entry and the rule it breaks; 'conflict' when it is to be kept and is here
   */
  async read(lines: Iterable<string>, { keep }: { keep: boolean }): Promise<ChannelProofView> {
    const reading = new Reading(this.#context)
    const kept = keep ? new Keep(this.#context, { shelf: this.#shelf, keeping: this.#keeping }) : undefined
    try {
      let number = 0
      for (const line of lines) {
        number++
        if (line.trim() === '') continue
        const came = reading.line(line, number)
        if (kept) await kept.take(came)
        else if (number % BATCH === 0) await new Promise<void>((resolve) => void this.#context.clock.after(0, resolve)) // others have their turn
      }
      const { channel, entries } = reading.whole()
      await kept?.flush()
      if (keep) await this.#network.join(toHex(channel.id))
      const { name, domain } = channel.manifest
      const now = this.#context.clock.now()
      // Offline nobody is asked: what the manifest says stays a claim.
      return proofView(this.#context.suite, channel, { name, held: entries, domain: domainView(domain, undefined, now), now })
    } catch (error) {
      await kept?.undo()
      throw error
    }
  }
}

/** What a line was, once it was found good. */
type Came =
  | { readonly type: 'genesis'; readonly entry: VerifiedEntry; readonly channel: Channel }
  | { readonly type: 'entry'; readonly entry: VerifiedEntry; readonly grown: readonly Grown[]; readonly channel: Channel }
  | { readonly type: 'picture'; readonly hash: string; readonly size: number; readonly chunks: readonly Uint8Array[] }
  | { readonly type: 'evidence'; readonly bytes: Uint8Array; readonly channel: Channel }
  | undefined

/** How long a log is, as the first line says. */
interface Claim {
  readonly log: string
  readonly size: number
  readonly root: string
}

interface Header {
  readonly channel: string
  readonly heads: readonly Claim[]
}

class Reading {
  readonly #context: ChannelContext
  #header: Header | undefined
  #channel: Channel | undefined
  #entries = 0
  /** pictures that entries name */
  readonly #named = new Map<string, MediaRef>()
  #picture: { readonly ref: MediaRef; readonly chunks: Uint8Array[] } | undefined

  constructor(context: ChannelContext) {
    this.#context = context
  }

  line(text: string, number: number): Came {
    const line = parse(text, number)
    if (!this.#header) {
      this.#header = header(line)
      return undefined
    }
    if (this.#picture && line['type'] !== 'chunk') throw wrong(number, 'a picture ends before its last chunk')
    switch (line['type']) {
      case 'entry': return this.#entry(bytesOf(line, number), line, number)
      case 'chunk': return this.#chunk(line, number)
      case 'evidence': return this.#evidence(bytesOf(line, number), number)
      default: return undefined // of a later version
    }
  }

  /** @throws MessengerError when less came than the first line says */
  whole(): { channel: Channel; entries: number } {
    if (!this.#header) throw new MessengerError('bad-input', 'the file is empty')
    if (this.#picture) throw new MessengerError('bad-input', 'the file ends amid a picture')
    const channel = this.#channel
    if (!channel) throw new MessengerError('bad-input', 'the file has no entries')
    for (const claimed of this.#header.heads) {
      const log = claimed.log === toHex(channel.id) ? channel.root : channel.logs.get(claimed.log)
      const whose = this.#whose(claimed.log)
      if (!log || log.size < claimed.size) {
        throw new MessengerError('bad-input', `entry ${(log?.size ?? 0) + 1} of ${whose} is missing: the first line says it has ${claimed.size}`, 'the file was cut')
      }
      if (log.size !== claimed.size || toHex(headOf(this.#context.suite, log).root) !== claimed.root) {
        throw new MessengerError('bad-input', `${whose} is not the one the first line speaks of`)
      }
    }
    const claimed = new Set(this.#header.heads.map(({ log }) => log))
    const unspoken = [channel.root, ...channel.logs.values()].find(({ log, size }) => size > 0 && !claimed.has(toHex(log)))
    if (unspoken) throw new MessengerError('bad-input', `the first line does not speak of ${this.#whose(toHex(unspoken.log))}`)
    return { channel, entries: this.#entries }
  }

  #entry(bytes: Uint8Array, line: Line, number: number): Came {
    const { suite, clock } = this.#context
    try {
      const before = this.#channel
      if (!before) {
        const { channel, entry } = openChannel(suite, bytes, clock.now())
        if (channelText(channel.id) !== this.#header?.channel) throw new EntryError('channel')
        this.#took(entry, channel)
        return { type: 'genesis', entry, channel }
      }
      const verdict = judge(suite, before, bytes, clock.now())
      switch (verdict.verdict) {
        case 'accept':
          this.#took(verdict.entry, verdict.channel)
          return { ...verdict, type: 'entry' }
        case 'reject': case 'ignore': throw EntryError.of(verdict)
        default: throw new EntryError('sequence')
      }
    } catch (error) {
      if (error instanceof EntryError) throw wrong(number, `${this.#which(line)} breaks the rule "${error.rule}": ${RULES[error.rule]}`)
      throw error
    }
  }

  #took(entry: VerifiedEntry, channel: Channel): void {
    this.#channel = channel
    this.#entries++
    for (const ref of described(entry).media) this.#named.set(toHex(ref.hash), ref)
  }

  /** As the line says, which is all there is when its bytes are not to be trusted. */
  #which({ log, seq }: Line): string {
    return `${typeof seq === 'number' ? `entry ${seq + 1}` : 'an entry'} of ${this.#whose(typeof log === 'string' ? log : '')}`
  }

  #whose(log: string): string {
    const author = this.#channel && certificatesOf(this.#channel, log).at(-1)?.name
    return author === undefined ? 'the root log' : `the log of ${author}`
  }

  #chunk(line: Line, number: number): Came {
    const { hash, index } = line
    const ref = typeof hash === 'string' ? this.#named.get(hash) : undefined
    if (!ref || typeof hash !== 'string') throw wrong(number, 'a picture that no entry names')
    const picture = (this.#picture ??= { ref, chunks: [] })
    if (picture.ref !== ref || index !== picture.chunks.length) throw wrong(number, 'a chunk of a picture is missing')
    const chunk = bytesOf(line, number)
    // Cut elsewhere it would hash to the same picture, and be served as what nobody can check.
    if (chunk.length !== Math.min(CHUNK, ref.size - index * CHUNK)) throw wrong(number, 'a chunk of a picture has another length than it must have')
    picture.chunks.push(chunk)
    if (picture.chunks.length < chunksOf(ref.size)) return undefined
    this.#picture = undefined
    if (toHex(mediaHash(this.#context.suite, concat(...picture.chunks))) !== hash) throw wrong(number, `picture ${hash.slice(0, 8)} is not the one the entries name`)
    return { type: 'picture', hash, size: ref.size, chunks: picture.chunks }
  }

  #evidence(bytes: Uint8Array, number: number): Came {
    if (!this.#channel) throw wrong(number, 'a proof comes before the entries')
    try {
      const evidence = checkEvidence(this.#context.suite, bytes)
      if (toHex(evidence.channel) !== toHex(this.#channel.id)) throw wrong(number, 'a proof is about another channel')
      const frozen = freeze(this.#channel, evidence)
      if (!frozen) return undefined // it changes nothing, and there is no end to those
      this.#channel = frozen
      return { type: 'evidence', bytes, channel: frozen }
    } catch (error) {
      if (error instanceof EvidenceError) throw wrong(number, `a proof proves nothing: ${error.code}`)
      throw error
    }
  }
}

/** What came, into the store: nothing before it was found good, and a channel that is here already is left alone. */
class Keep {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #keeping: Keeping
  #id: ChannelId | undefined
  /** entries of one log, in order, and the channel with them */
  #batch: { readonly log: string; readonly entries: VerifiedEntry[]; readonly grown: Grown[]; channel: Channel } | undefined

  constructor(context: ChannelContext, parts: { shelf: Shelf; keeping: Keeping }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#keeping = parts.keeping
  }

  async take(came: Came): Promise<void> {
    if (came?.type === 'genesis') return this.#begin(came.channel, came.entry)
    const id = this.#id
    if (!came || id === undefined) return
    if (came.type === 'entry') return this.#entry(came)
    await this.flush()
    const step = newStep()
    if (came.type === 'evidence') {
      step.changes.push({ add: 'evidence', channel: id, id: toHex(this.#context.suite.sha256(came.bytes)), bytes: came.bytes })
      this.#keeping.changed(step, id, came.channel)
    } else came.chunks.forEach((bytes, index) => step.changes.push({ add: 'media-chunk', channel: id, hash: came.hash, size: came.size, index, bytes }))
    await commit(this.#context, step)
  }

  async flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = undefined
    if (!batch || this.#id === undefined) return
    const step = newStep()
    this.#keeping.next(step, this.#id, batch.channel, batch.entries, batch.grown, 'past')
    await commit(this.#context, step)
  }

  async undo(): Promise<void> {
    if (this.#id === undefined) return
    const step = newStep()
    this.#shelf.remove(step, this.#id)
    await commit(this.#context, step)
  }

  async #begin(channel: Channel, genesis: VerifiedEntry): Promise<void> {
    const id = toHex(channel.id)
    if (this.#shelf.get(id)) throw new MessengerError('conflict', 'this channel is here already', 'without --keep the file is only checked')
    this.#id = id
    const step = newStep()
    this.#shelf.put(step, {
      id, name: this.#shelf.freeName(channel.manifest.name), following: 'private', muted: false, dailyLimit: 0, state: new Uint8Array(), hints: [], domain: undefined,
      newestAt: 0, addedAt: this.#context.clock.now(),
    })
    this.#keeping.opened(step, id, channel, genesis)
    await commit(this.#context, step)
  }

  async #entry({ entry, grown, channel }: Extract<Came, { type: 'entry' }>): Promise<void> {
    const log = toHex(entry.log)
    if (this.#batch && (this.#batch.log !== log || this.#batch.entries.length >= BATCH)) await this.flush()
    this.#batch ??= { log, entries: [], grown: [], channel }
    this.#batch.entries.push(entry)
    this.#batch.grown.push(...grown)
    this.#batch.channel = channel
  }
}

type Line = Record<string, unknown>

function parse(text: string, number: number): Line {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrong(number, 'it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(number, 'it is not a JSON object')
  return Object.assign(Object.create(null) as Line, value)
}

function header(line: Line): Header {
  if (line['type'] !== 'dure-channel') throw new MessengerError('bad-input', 'this is not an exported channel', 'dure channel export NAME makes one')
  if (line['version'] !== EXPORT_VERSION) throw new MessengerError('bad-input', 'this export needs a newer version of Dure')
  const { channel, heads } = line
  if (typeof channel !== 'string' || !parseChannelText(channel)) throw wrong(1, 'it names no channel')
  if (!Array.isArray(heads) || !heads.every(isClaim)) throw wrong(1, 'it does not say how long the logs are')
  return { channel, heads }
}

function isClaim(value: unknown): value is Claim {
  if (typeof value !== 'object' || value === null) return false
  const { log, size, root } = value as Line
  return typeof log === 'string' && typeof root === 'string' && typeof size === 'number' && Number.isSafeInteger(size) && size > 0
}

function bytesOf(line: Line, number: number): Uint8Array {
  const { bytes } = line
  try {
    if (typeof bytes === 'string') return base64.decode(bytes)
  } catch {
    // said below
  }
  throw wrong(number, 'it has no bytes in base64')
}

const wrong = (line: number, what: string): MessengerError => new MessengerError('bad-input', `line ${line}: ${what}`, 'nothing of the file was kept')

/** What each rule asks for, in words; their exact meaning stands in protocols/channel. */
const RULES: Readonly<Record<EntryError['rule'], string>> = {
  malformed: 'its bytes are no entry',
  version: 'it is of a version that does not exist',
  'too-large': 'it is larger than an entry may be',
  channel: 'it belongs to another channel',
  log: 'it is not of the log of its certificate',
  sequence: 'it is not the one that comes next: one is missing, or comes twice',
  root: 'it does not stand on exactly the entries before it',
  signature: 'its signature is not that of its author',
  certificate: 'nothing certifies its author',
  window: 'its number is outside the window of its certificate',
  scope: 'its author may not say this',
  expired: 'it was written after the certificate had run out',
  'not-yet': 'it was written before the certificate began',
  time: 'it is older than the entry before it',
  rate: 'there are more entries a day than the manifest allows',
  revoked: 'its log was ended before it',
  frozen: 'there are two entries with one number',
  seen: 'the heads it names are not as they must be',
  kind: 'this kind may not stand there',
  body: 'what it says breaks the limits of its kind',
  'non-canonical': 'it says in other bytes what can be said in one way only',
  rotation: 'it moves to a root key that was not announced',
  'root-key': 'it is signed by a root key that is no longer in force',
  limit: 'there are more than a channel may have',
  early: 'its time is in the future',
  'root-behind': 'it builds on entries of the root log that are not there',
  'newer-version': 'it needs a newer version of Dure',
  'other-history': 'it stands on other entries than those before it',
}
