/**
 * What comes in by itself: verified before it is stored, before it is passed on, before it is shown. Judged at once, in the order
 * it comes, and handed to the store in that order; the same entry again changes nothing, however much later (attack 75).
 */
import {
  type Channel, checkEvidence, claimed, credentialsFor, decodeEntry, type Entry, EntryError, type Evidence, EvidenceError, forkProof, freeze, judge, KIND, logOf, mayFreeze, openChannel,
  type SignedEntry, supersede,
} from '../../../protocols/channel/index.ts'
import { concat, toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep, type Step } from '../context.ts'
import { Ahead } from './ahead.ts'
import type { ReplicaContext } from './context.ts'
import type { Keeping } from './keeping.ts'
import type { ChannelId, EntryRow, GossipVerdict, LogId, PeerKey } from './ports.ts'
import type { Opened, Shelf } from './shelf.ts'

/** Proofs of forks kept of one author. A device that was put back to an older copy makes a few, a thief who wants to fill disks any number. */
const MAX_FORKS = 16
/** First byte of a gossiped message. */
const MESSAGE = { entry: 1, evidence: 2 } as const

/**
 * `ahead`: authentic, and entries before it are missing. `forked`: two of its number are signed. `doubt`: not taken, and nobody's
 * fault. `wrong`: it breaks a rule.
 */
export type Outcome = 'new' | 'known' | 'ahead' | 'forked' | 'doubt' | 'wrong'

export interface Judged {
  readonly outcome: Outcome
  /** the rule or the doubt, for the log */
  readonly why?: string
}

export class Arrivals {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #keeping: Keeping
  readonly #ahead = new Ahead()
  #missing: (id: ChannelId, why: 'news' | 'hearsay') => void = () => undefined

  constructor(context: ReplicaContext, parts: { shelf: Shelf; keeping: Keeping }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#keeping = parts.keeping
  }

  /** @param missing told when something shows that there is more than what is here; as `hearsay` when anybody could have made it up */
  join(missing: (id: ChannelId, why: 'news' | 'hearsay') => void): void {
    this.#missing = missing
  }

  /** A gossiped message. What follows from it becomes durable later; nobody is told before. */
  message(id: ChannelId, _from: PeerKey, message: Uint8Array): GossipVerdict {
    const known = this.#shelf.opened(id)
    // Until the past of a new channel is here, what is fresh cannot be told from it.
    if (!known || known.row.newestAt === 0) {
      this.#missing(id, 'hearsay')
      return 'ignore'
    }
    const bytes = message.subarray(1)
    const step = newStep()
    const verdict = message[0] === MESSAGE.entry ? this.#entry(step, id, bytes) : message[0] === MESSAGE.evidence ? this.#evidence(step, id, bytes) : 'reject'
    if (step.changes.length > 0) {
      commit(this.#context, step).catch(() => {
        this.#context.log.warn('an entry was not stored; it is fetched again later')
        this.#missing(id, 'news')
      })
    }
    return verdict
  }

  /** Hands an entry of ours to the peers. Resolves with how many there were. */
  publish(id: ChannelId, entry: Uint8Array): Promise<number> {
    return this.#context.gossip.publish(id, concat(new Uint8Array([MESSAGE.entry]), entry))
  }

  /** One entry from anybody, in the order of its log; what it changes goes into the step. */
  judged(step: Step, id: ChannelId, bytes: Uint8Array, as: 'fresh' | 'past'): Judged {
    const { suite, clock } = this.#context
    const known = this.#shelf.opened(id)
    if (!known) return this.#first(step, id, bytes)
    if (this.#isHere(id, bytes)) return { outcome: 'known' }
    const verdict = judge(suite, known.state, bytes, clock.now())
    switch (verdict.verdict) {
      case 'accept':
        this.#keeping.next(step, id, verdict.channel, [verdict.entry], verdict.grown, as)
        return { outcome: 'new' }
      case 'known':
        return this.#twice(step, known, verdict.entry)
      case 'supersede':
        return this.#supersede(step, known, verdict.entry, verdict.from)
      case 'ahead':
        return { outcome: 'ahead' }
      case 'ignore':
        return { outcome: 'doubt', why: verdict.reason }
      case 'reject':
        // Who began later in a log may have let pass what is too much for us: the author is at fault, not who passed it on.
        return { outcome: verdict.rule === 'rate' ? 'doubt' : 'wrong', why: verdict.rule }
    }
  }

  /** A proof that somebody with a key of the channel broke its promise; what it freezes goes into the step. */
  evidence(step: Step, id: ChannelId, bytes: Uint8Array): 'new' | 'known' | 'wrong' {
    const known = this.#shelf.opened(id)
    if (!known) return 'known'
    let evidence: Evidence
    try {
      // What changes nothing is not kept, passed on or even checked: a stolen key makes as many as it likes.
      if (!mayFreeze(this.#context.suite, known.state, bytes)) return 'known'
      evidence = checkEvidence(this.#context.suite, bytes)
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error
      return error.code === 'newer-version' ? 'known' : 'wrong'
    }
    if (toHex(evidence.channel) !== id) return 'wrong'
    const frozen = this.#frozen(known, evidence)
    if (!frozen) return 'known'
    this.#keepProof(step, id, bytes)
    this.#keeping.changed(step, id, frozen)
    step.afterwards.push(() => this.#context.log.warn('a channel has two entries of one number', { kind: evidence.kind }))
    return 'new'
  }

  /** Of an ended log an entry was signed in the place of our newest, which goes: one proof of such a log is kept. It changes nothing, and says why. */
  settled(step: Step, id: ChannelId, entry: Entry): void {
    const known = this.#shelf.opened(id)
    const here = this.#context.store.entry(id, toHex(entry.log), entry.seq)
    if (!known || !here || this.#proofsOf(id, toHex(entry.log)) > 0) return
    const proof = this.#forkProof(known, here, entry)
    if (proof) this.#keepProof(step, id, proof)
  }

  /** Who goes on forking one number lower each time is stopped altogether, and nothing more of it is proven, kept or passed on. */
  #frozen({ row, state }: Opened, evidence: Evidence): Channel | undefined {
    const log = toHex(evidence.log)
    const frozen = freeze(state, evidence)
    if (!frozen || !state.forks.has(log)) return frozen
    return this.#proofsOf(row.id, log) < MAX_FORKS ? frozen : { ...frozen, forks: new Map(frozen.forks).set(log, 0) }
  }

  /** How many are kept of a log. */
  #proofsOf(id: ChannelId, log: LogId): number {
    const { suite, store } = this.#context
    return store.evidence(id).filter((bytes) => toHex(claimed(suite, bytes).log) === log).length
  }

  #keepProof(step: Step, id: ChannelId, bytes: Uint8Array): void {
    step.changes.push({ add: 'evidence', channel: id, id: toHex(this.#context.suite.sha256(bytes)), bytes })
  }

  /** The very bytes in their place: costs a hash and one read, no signature. */
  #isHere(id: ChannelId, bytes: Uint8Array): boolean {
    try {
      const { kind, log, seq, id: name } = decodeEntry(this.#context.suite, bytes)
      return this.#context.store.entry(id, kind === KIND.genesis ? id : toHex(log), seq)?.id === toHex(name)
    } catch (error) {
      if (error instanceof EntryError) return false // what is wrong with it, the judgement says
      throw error
    }
  }

  #entry(step: Step, id: ChannelId, bytes: Uint8Array): GossipVerdict {
    const { outcome, why } = this.judged(step, id, bytes, 'fresh')
    switch (outcome) {
      case 'new':
        return 'accept'
      case 'ahead':
        this.#missing(id, 'news')
        return this.#mayPass(id, bytes) ? 'accept' : 'ignore'
      case 'doubt':
        if (why === 'root-behind' || why === 'other-history') this.#missing(id, this.#isCertified(id, bytes) ? 'news' : 'hearsay')
        return 'ignore'
      case 'known':
      case 'forked': // what is passed on is the proof
        return 'ignore'
      case 'wrong':
        return 'reject'
    }
  }

  #mayPass(id: ChannelId, bytes: Uint8Array): boolean {
    const entry = decodeEntry(this.#context.suite, bytes)
    const state = this.#shelf.opened(id)?.state
    return this.#ahead.take(entry, (state && logOf(state, entry.log))?.size ?? 0)
  }

  /** The signature of an author we know is checked before anything that is in doubt; that of a stranger cannot be. */
  #isCertified(id: ChannelId, bytes: Uint8Array): boolean {
    const { certificate } = decodeEntry(this.#context.suite, bytes)
    return this.#shelf.opened(id)?.state.certificates.has(toHex(certificate)) ?? false
  }

  #evidence(step: Step, id: ChannelId, bytes: Uint8Array): GossipVerdict {
    return ({ new: 'accept', known: 'ignore', wrong: 'reject' } as const)[this.evidence(step, id, bytes)]
  }

  #first(step: Step, id: ChannelId, bytes: Uint8Array): Judged {
    const { suite, clock } = this.#context
    try {
      const { channel, entry } = openChannel(suite, bytes, clock.now())
      if (toHex(channel.id) !== id) return { outcome: 'wrong', why: 'channel' }
      this.#keeping.opened(step, id, channel, entry)
      return { outcome: 'new' }
    } catch (error) {
      if (error instanceof EntryError) return { outcome: error.rule === 'early' ? 'doubt' : 'wrong', why: error.rule }
      throw error
    }
  }

  /** An authentic entry with a number we have another entry of, or one that is no longer here to compare. */
  #twice(step: Step, { row, state }: Opened, entry: SignedEntry): Judged {
    const here = this.#context.store.entry(row.id, toHex(entry.log), entry.seq)
    if (!here || here.id === toHex(entry.id)) return { outcome: 'known' }
    if (state.cuts.has(toHex(entry.log))) return { outcome: 'known' } // a proof would change nothing
    const proof = this.#forkProof({ row, state }, here, entry)
    if (!proof || this.evidence(step, row.id, proof) !== 'new') return { outcome: 'known' }
    step.afterwards.push(() => this.#tellOfFork(row.id, proof))
    return { outcome: 'forked' }
  }

  #forkProof({ row, state }: Pick<Opened, 'row' | 'state'>, here: EntryRow, entry: Entry): Uint8Array | undefined {
    const { suite, store } = this.#context
    const ours = decodeEntry(suite, here.bytes)
    const credentials = credentialsFor(state, ours, entry).flatMap((seq) => store.entry(row.id, row.id, seq)?.bytes ?? [])
    try {
      return forkProof(suite, credentials, ours, entry)
    } catch (error) {
      if (error instanceof EvidenceError) return undefined
      throw error
    }
  }

  #tellOfFork(id: ChannelId, proof: Uint8Array): void {
    const { gossip, log } = this.#context
    if (this.#shelf.get(id)?.row.following === 'private') return
    gossip.publish(id, concat(new Uint8Array([MESSAGE.evidence]), proof)).catch(() => log.info('evidence was not passed on; who asks gets it'))
  }

  /** The announced key takes the place of what a stolen one wrote: the root log is replayed up to there, and goes on with the rotation. */
  #supersede(step: Step, { row, state }: Opened, rotation: SignedEntry, from: number): Judged {
    const { suite, store, clock } = this.#context
    const before = store.entries(row.id, row.id, 0, from).map(({ bytes }) => bytes)
    try {
      const { channel, entry, grown } = supersede(suite, state, before, rotation.bytes, clock.now())
      this.#keeping.superseded(step, row.id, channel, entry, grown)
      return { outcome: 'new' }
    } catch (error) {
      if (error instanceof EntryError) return { outcome: 'doubt', why: error.rule }
      throw error
    }
  }
}
