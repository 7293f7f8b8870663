/**
 * What we say in a channel. It is stored as a draft first, unsigned: which number it gets is known only once the newest entry of our
 * own log is here for certain (attack 53). Then it is signed, committed, and handed to the gossip, in this order.
 */
import {
  behind, decodeEntry, decodeManifest, decodePost, decodeRotation, encodeEdit, encodeManifest, encodePost, encodeWithdrawal, FIRST_AUTHOR_KIND, KIND, type Manifest, type Post,
  rootKeyOf, SCOPE, scopeOf, type Target, WriteError, write, type Author,
} from '../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep, type Step } from '../context.ts'
import { MessengerError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Arrivals } from './arrivals.ts'
import type { Certainty } from './certainty.ts'
import { type Chunks, composeManifest, composePost, inWords } from './composing.ts'
import type { ChannelContext } from './context.ts'
import { ownCertificate } from './founding.ts'
import type { Keeping } from './keeping.ts'
import { authorOf, certificatesOf, type ChannelKeys } from './keys.ts'
import type { ChannelId, DraftRow, EntryId, EntryRow } from './ports.ts'
import { changesOf, type ChannelViews } from './present.ts'
import { rotateAt, type Signed } from './rotating.ts'
import type { Opened, Shelf } from './shelf.ts'
import type { ChannelView, ManifestInput, PostInput, PostView, PublishedView } from './views.ts'

/** A person waits this long for others to show the head; then the draft waits without them. */
const PATIENCE_MS = 5_000
/** A brand that posts once in two months never meets the end of its own key. */
const RENEW_BEFORE_MS = 60 * 24 * 3600_000
/** Drafts that wait are tried again. */
const RETRY_MS = 60_000

export class Publishing {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #views: ChannelViews
  readonly #keys: ChannelKeys
  readonly #certainty: Certainty
  readonly #keeping: Keeping
  readonly #arrivals: Arrivals
  /** drafts that somebody waits for, and the entries they became */
  readonly #became = new Map<string, EntryId | undefined>()
  /** why a draft was not signed when its turn came; tried again later */
  readonly #refused = new Map<string, string>()
  #cancel: (() => void) | undefined
  #running = false

  constructor(
    context: ChannelContext,
    parts: { shelf: Shelf; views: ChannelViews; keys: ChannelKeys; certainty: Certainty; keeping: Keeping; arrivals: Arrivals },
  ) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#views = parts.views
    this.#keys = parts.keys
    this.#certainty = parts.certainty
    this.#keeping = parts.keeping
    this.#arrivals = parts.arrivals
  }

  start(): void {
    this.#running = true
    this.#retry()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  /** Somebody who has the channel can be asked now. */
  peer(id: ChannelId): void {
    if (this.#running && this.#context.store.drafts(id).length > 0) this.#inBackground(id)
  }

  async publish(name: string, input: PostInput): Promise<PublishedView> {
    const known = this.#shelf.findOpened(name)
    const { post, chunks } = composePost(this.#context.suite, known.row.id, input)
    this.#mayI(known, scopeOf(post))
    return this.#post(known.row.id, KIND.post, encodePost(post), chunks)
  }

  /** What is not named stays as it was. */
  async edit(name: string, id: string, next: PostInput): Promise<PublishedView> {
    const known = this.#shelf.findOpened(name)
    const row = this.#postRow(known, id)
    const { post, chunks } = composePost(this.#context.suite, known.row.id, next, this.#current(row))
    this.#mayI(known, scopeOf(post), row)
    return this.#post(known.row.id, KIND.edit, encodeEdit({ target: targetOf(row), post }), chunks, row)
  }

  async withdraw(name: string, id: string, reason: string): Promise<PublishedView> {
    const known = this.#shelf.findOpened(name)
    const row = this.#postRow(known, id)
    this.#mayI(known, 0, row)
    this.#current(row) // what is gone is not taken away twice
    const body = inWords({}, 'a reason is one short line', () => encodeWithdrawal({ target: targetOf(row), reason: reason.trim() }))
    return this.#post(known.row.id, KIND.withdrawal, body, [], row)
  }

  async setManifest(name: string, input: ManifestInput): Promise<ChannelView> {
    const known = this.#shelf.findOpened(name)
    if (!this.#keys.owns(known.row.id)) throw notOwner(known)
    const { manifest, chunks } = composeManifest(this.#context.suite, known.row.id, this.#newestManifest(known), input)
    const step = newStep()
    step.changes.push(...chunks)
    this.draft(step, known.row.id, KIND.manifest, encodeManifest(manifest))
    await commit(this.#context, step)
    await this.attempt(known.row.id)
    return this.#views.channel(this.#shelf.find(known.row.id))
  }

  /** Adds a draft to a step. What it says was checked. */
  draft(step: Step, channel: ChannelId, kind: number, body: Uint8Array): DraftRow {
    const row: DraftRow = { id: newId(this.#context), channel, kind, body, at: this.#context.clock.now() }
    step.changes.push({ put: 'draft', row })
    step.afterwards.push(() => this.#schedule())
    return row
  }

  /** Signs what waits, after a while of asking others for the head when that is not certain. Goes on without the caller if it takes longer. */
  async attempt(id: ChannelId): Promise<void> {
    if (!this.#running) return // it goes on from the drafts when it starts
    const { clock } = this.#context
    const all = this.#certainty.seek(id).then((certain) => (certain ? this.#flush(id) : undefined))
    const patience = Promise.withResolvers<void>()
    const cancel = clock.after(PATIENCE_MS, patience.resolve)
    await Promise.race([all, patience.promise]).finally(cancel)
    all.catch(() => this.#context.log.warn('a draft was not published; tried again later'))
  }

  // ---------------------------------------------------------------- from a draft to an entry

  async #post(id: ChannelId, kind: number, body: Uint8Array, chunks: Chunks, about?: EntryRow): Promise<PublishedView> {
    const step = newStep()
    step.changes.push(...chunks)
    this.#renewOwn(step, id)
    const draft = this.draft(step, id, kind, body)
    this.#became.set(draft.id, undefined)
    await commit(this.#context, step)
    await this.attempt(id)
    const became = this.#became.get(draft.id)
    this.#became.delete(draft.id)
    if (became === undefined) return { post: undefined, waiting: this.waiting(id, draft) }
    return { post: this.#view(id, about?.id ?? became), waiting: undefined }
  }

  /** What a draft waits for, in words. */
  waiting(id: ChannelId, draft: DraftRow): string {
    return this.#behind(id, draft) ?? this.#certainty.waitsFor(id) ?? this.#refused.get(draft.id) ?? 'the brand has not certified our posting key yet'
  }

  /** Somebody has seen more of our log than is here: it was lost here, or they lie, and then only the brand can help. */
  #behind(id: ChannelId, { kind }: DraftRow): string | undefined {
    const state = this.#shelf.opened(id)?.state
    const log = kind < FIRST_AUTHOR_KIND ? id : this.#keys.posting(id)?.log
    const by = state && log !== undefined ? behind(state, fromHex(log)) : undefined
    if (!state || !by) return undefined
    const who = certificatesOf(state, toHex(by.saidBy)).at(-1)?.name ?? 'the brand'
    return `${who} has seen entries of yours, up to number ${by.to}, that are not here: it goes out when they are found, or when the brand ends the key of who says so`
  }

  #inBackground(id: ChannelId): void {
    this.attempt(id).catch(() => this.#context.log.warn('a draft was not published; tried again later'))
  }

  #schedule(): void {
    if (!this.#running) return
    this.#cancel?.()
    this.#cancel = this.#context.clock.after(RETRY_MS, () => {
      this.#refused.clear()
      this.#retry()
    })
  }

  #retry(): void {
    for (const { row } of this.#shelf.all()) this.peer(row.id)
    this.#schedule()
  }

  /** What is signed stands on the shelf and is handed to the store before anything else can come in between. */
  async #flush(id: ChannelId): Promise<void> {
    for (;;) {
      const known = this.#shelf.opened(id)
      if (!known || !this.#certainty.isCertain(id)) return
      const draft = this.#next(known)
      if (!draft) return
      const written = this.#write(known, draft)
      if (written === 'behind') return
      if (written !== 'refused') await this.#commit(id, draft, written)
    }
  }

  async #commit(id: ChannelId, draft: DraftRow, written: Signed | 'done'): Promise<void> {
    const step = newStep()
    step.changes.push({ remove: 'draft', id: draft.id })
    if (written !== 'done') {
      if (written.superseded) this.#keeping.superseded(step, id, written.channel, written.entry, written.grown)
      else this.#keeping.next(step, id, written.channel, [written.entry], written.grown, 'past')
      this.#certainty.wrote(id)
    }
    await commit(this.#context, step)
    if (written === 'done') return
    if (this.#became.has(draft.id)) this.#became.set(draft.id, toHex(written.entry.id))
    // From here on it spreads by itself; who is not reached now fetches it.
    await this.#arrivals.publish(id, written.entry.bytes).catch(() => 0)
  }

  /**
   * A rotation goes first: what else the root log is to say is signed by the new key. Then that: a post may have to wait for the
   * end of somebody's key.
   */
  #next({ row, state }: Opened): DraftRow | undefined {
    const drafts = this.#context.store.drafts(row.id).filter(({ id }) => !this.#refused.has(id))
    const posting = this.#keys.posting(row.id)
    const certified = posting && authorOf(state, posting)
    const ofRoot = drafts.filter(({ kind }) => kind < FIRST_AUTHOR_KIND)
    return ofRoot.find(({ kind }) => kind === KIND.rotation) ?? ofRoot[0] ?? (certified ? drafts[0] : undefined)
  }

  #write({ row, state }: Opened, draft: DraftRow): Signed | 'done' | 'refused' | 'behind' {
    const { suite, clock } = this.#context
    const author = this.#author(row.id, state, draft)
    if (author === 'done') return 'done'
    if (!author) {
      this.#refused.set(draft.id, 'the root key of this channel moved on; recover it with its words')
      return 'refused'
    }
    try {
      if (draft.kind === KIND.rotation && state.frozen !== undefined) return rotateAt(this.#context, state, author, draft, state.frozen)
      return { ...write(suite, state, author, draft, clock.now()), superseded: false }
    } catch (error) {
      if (!(error instanceof WriteError)) throw error
      if (error.code === 'behind') {
        this.#certainty.doubt(row.id) // others speak of entries of ours that are not here
        return 'behind'
      }
      this.#refused.set(draft.id, inPlain(error, state.manifest))
      return 'refused'
    }
  }

  #author(id: ChannelId, state: Opened['state'], { kind, body }: DraftRow): Author | 'done' | undefined {
    if (kind >= FIRST_AUTHOR_KIND) {
      const posting = this.#keys.posting(id)
      return posting && authorOf(state, posting)
    }
    if (kind !== KIND.rotation) {
      const root = this.#keys.rootKey(id, state)
      return root && { root }
    }
    const next = toHex(decodeRotation(body).rootKey)
    if (toHex(rootKeyOf(state).key) === next) return 'done'
    const root = this.#keys.announced(id, state)
    return root && toHex(root.publicKey) === next ? { root } : undefined
  }

  // ---------------------------------------------------------------- what may be said

  /** @throws MessengerError what would be refused later is said now */
  #mayI(known: Opened, scope: number, about?: EntryRow): void {
    const { row, state } = known
    const posting = this.#keys.posting(row.id)
    if (!posting) throw new MessengerError('not-accepted', `you cannot post in ${row.name}`, 'its brand can make you staff')
    const certified = authorOf(state, posting)?.certified
    if (!certified) return // asked for, and on its way
    if (state.cuts.has(posting.log)) throw new MessengerError('not-accepted', `your posting key in ${row.name} was ended by the brand`)
    const now = this.#context.clock.now()
    const size = state.logs.get(posting.log)?.size ?? 0
    const hasRunOut = now >= certified.notAfter || size >= certified.endSeq
    // Who has the root key renews it.
    if (hasRunOut && !this.#keys.owns(row.id)) {
      throw new MessengerError('not-accepted', `your posting key in ${row.name} has run out`, 'its brand can renew it')
    }
    const needed = scope | (about && about.log !== posting.log ? SCOPE.moderate : 0)
    if ((needed & certified.scope) !== needed) {
      const others = (needed & SCOPE.moderate & ~certified.scope) !== 0
      throw new MessengerError('not-accepted', others ? 'this post is of another author' : `your posting key in ${row.name} does not allow this`, 'its brand decides what each author may do')
    }
  }

  /** Our own posting key goes on as long as we have the root key: certified anew before its end. */
  #renewOwn(step: Step, id: ChannelId): void {
    const known = this.#shelf.opened(id)
    const posting = this.#keys.posting(id)
    const certified = known && posting && authorOf(known.state, posting)?.certified
    const now = this.#context.clock.now()
    if (!certified || !this.#keys.owns(id) || certified.notAfter - now > RENEW_BEFORE_MS) return
    if (this.#context.store.drafts(id).some(({ kind }) => kind === KIND.certificate)) return
    this.draft(step, id, KIND.certificate, ownCertificate(posting.key, certified.name, now))
  }

  #postRow({ row }: Opened, id: string): EntryRow {
    const found = /^[0-9a-f]{64}$/.test(id) ? this.#context.store.entryById(row.id, id) : undefined
    if (found?.kind !== KIND.post) throw new MessengerError('not-found', `there is no such post in ${row.name}`)
    return found
  }

  /** The post as its last edit left it, and as everybody sees it. @throws MessengerError 'conflict' it was withdrawn */
  #current(row: EntryRow): Post {
    const { suite, store } = this.#context
    const entry = decodeEntry(suite, row.bytes)
    const { edited, withdrawn } = changesOf(entry, store.entriesAbout(row.channel, row.id), (bytes) => decodeEntry(suite, bytes))
    if (withdrawn) throw new MessengerError('conflict', 'this post was withdrawn', 'post it again')
    return edited?.post ?? decodePost(entry.body)
  }

  /** With what a draft says that is not signed yet. */
  #newestManifest({ row, state }: Opened): Manifest {
    const waiting = this.#context.store.drafts(row.id).filter(({ kind }) => kind === KIND.manifest).at(-1)
    return waiting ? decodeManifest(waiting.body) : state.manifest
  }

  #view(id: ChannelId, entry: EntryId): PostView | undefined {
    const row = this.#context.store.entryById(id, entry)
    return row && this.#views.post(this.#shelf.find(id), row)
  }
}

const targetOf = ({ log, seq, id }: EntryRow): Target => ({ log: fromHex(log), seq, id: fromHex(id) })

export const notOwner = ({ row }: Opened): MessengerError =>
  new MessengerError('not-accepted', `the root key of ${row.name} is not on this device`, 'dure channel recover takes it back from its words')

function inPlain({ reason }: WriteError, { rate }: Manifest): string {
  switch (reason) {
    case 'rate': return `this channel lets through ${rate} entries a day; it goes out when there is room`
    case 'frozen': return 'two entries with one number were signed; nothing more is taken until that is healed'
    case 'revoked': return 'the posting key was ended by the brand'
    case 'expired': case 'window': return 'the posting key has run out; its brand can renew it'
    case 'early': return 'an entry before it lies in the future: the clock of this device was ahead then; it goes out when that time has come'
    default: return `it would be refused: ${reason}`
  }
}
