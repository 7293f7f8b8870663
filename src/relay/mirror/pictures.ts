/**
 * The pictures of mirrored channels: all that entries name, fetched one after the other, the newest first. When the quota is full no more
 * are fetched, and none goes: a large channel never pushes out what others have. What the brand withdrew is not fetched.
 */
import { chunksOf, decodeEdit, decodeEntry, decodePost, decodeWithdrawal, KIND, type MediaRef, type Target } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import type { ReplicaContext } from '../../messenger/channels/context.ts'
import type { ChannelId, EntryId, EntryRow, LogId, PostCursor } from '../../messenger/channels/ports.ts'
import type { Replica } from '../../messenger/channels/replica.ts'
import { MAX_WANTED, WALK_MS, WALKED_AT_ONCE } from './limits.ts'

const NAMING: readonly number[] = [KIND.post, KIND.edit, KIND.withdrawal]

interface Place {
  readonly log: LogId
  readonly seq: number
  readonly id: EntryId
}

interface Wanted {
  readonly channel: ChannelId
  /** undefined: the logo */
  readonly post: Place | undefined
  readonly media: MediaRef
}

export class MirroredPictures {
  readonly #context: ReplicaContext
  readonly #replica: Replica
  readonly #quota: number
  /** By channel and hash: several channels may name one picture. */
  readonly #wanted = new Map<string, Wanted>()
  #fetching: Promise<void> | undefined
  #walking: Promise<void> | undefined
  #again = false
  #running = false
  #cancel: (() => void) | undefined

  constructor(context: ReplicaContext, replica: Replica, quota: number) {
    this.#context = context
    this.#replica = replica
    this.#quota = quota
    replica.keeping.onKept((step, id, rows) => {
      if (rows.length > 0) step.afterwards.push(() => this.#kept(id, rows))
    })
  }

  start(): void {
    this.#running = true
    this.walk()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancel?.()
    await Promise.allSettled([this.#walking, this.#fetching])
  }

  get full(): boolean {
    return this.#context.store.bytesInUse() >= this.#quota
  }

  missing(id: ChannelId): number {
    return [...this.#wanted.values()].filter(({ channel }) => channel === id).length
  }

  /** Somebody who may have them can be asked now. */
  appeared(): void {
    this.#fetch()
  }

  forget(id: ChannelId): void {
    for (const [key, { channel }] of this.#wanted) if (channel === id) this.#wanted.delete(key)
  }

  /** Looks for all that is named and not here. */
  walk(): void {
    if (!this.#running || this.#walking) return
    this.#cancel?.()
    this.#walking = this.#walkAll()
      .catch((error: unknown) => this.#context.log.warn('pictures of mirrors were not looked for; tried again later', { error: nameOf(error) }))
      .finally(() => {
        this.#walking = undefined
        if (this.#running) this.#cancel = this.#context.clock.after(WALK_MS, () => this.walk())
      })
  }

  async #walkAll(): Promise<void> {
    for (const { row } of this.#replica.shelf.all()) {
      this.#logo(row.id)
      let before: PostCursor | undefined
      do {
        const rows: EntryRow[] = this.#context.store.newestEntries(row.id, { kinds: NAMING, limit: WALKED_AT_ONCE, ...(before && { before }) })
        for (const each of rows) this.#read(row.id, each)
        const last = rows.at(-1)
        before = last && { time: last.time, id: last.id }
        this.#fetch()
        // Others get their turn.
        await new Promise<void>((resolve) => void this.#context.clock.after(0, resolve))
      } while (before && this.#running && this.#wanted.size < MAX_WANTED)
    }
  }

  #kept(id: ChannelId, rows: readonly EntryRow[]): void {
    this.#logo(id)
    for (const row of rows.toReversed()) this.#read(id, row)
    this.#fetch()
  }

  #logo(id: ChannelId): void {
    const logo = this.#replica.shelf.opened(id)?.state.manifest.logo
    if (logo) this.#want({ channel: id, post: undefined, media: logo })
  }

  #read(id: ChannelId, row: EntryRow): void {
    if (!NAMING.includes(row.kind)) return
    const entry = decodeEntry(this.#context.suite, row.bytes)
    if (row.kind === KIND.withdrawal) {
      for (const [key, { channel, post }] of this.#wanted) if (channel === id && post && this.#isWithdrawn(id, post)) this.#wanted.delete(key)
      return
    }
    const { target, post: { media } } = row.kind === KIND.edit ? decodeEdit(entry.body) : { target: entry, post: decodePost(entry.body) }
    const post = placeOf(target)
    if (media.length === 0 || this.#isWithdrawn(id, post)) return
    for (const each of media) this.#want({ channel: id, post, media: each })
  }

  /** A withdrawal may be here before its post: logs are fetched from their heads. One that names another place in a log than the post's withdraws nothing. */
  #isWithdrawn(id: ChannelId, { log, seq, id: post }: Place): boolean {
    const { store, suite } = this.#context
    return store.entriesAbout(id, post).some(({ kind, bytes }) => {
      if (kind !== KIND.withdrawal) return false
      const named = placeOf(decodeWithdrawal(decodeEntry(suite, bytes).body).target)
      return named.seq === seq && named.log === log
    })
  }

  #want(wanted: Wanted): void {
    const { hash, size } = wanted.media
    const here = this.#context.store.media(toHex(hash))
    if (here?.size === size && here.chunks === chunksOf(size) && here.channels.includes(wanted.channel)) return
    // A copy of the hash: what was decoded is a part of the whole entry, which would stay in memory with it.
    if (this.#wanted.size < MAX_WANTED) this.#wanted.set(`${wanted.channel}/${toHex(hash)}`, { ...wanted, media: { ...wanted.media, hash: hash.slice() } })
  }

  #fetch(): void {
    this.#again = true
    this.#fetching ??= this.#fetchAll()
      .catch((error: unknown) => this.#context.log.warn('pictures of mirrors were not fetched; tried again later', { error: nameOf(error) }))
      .finally(() => {
        this.#fetching = undefined
      })
  }

  async #fetchAll(): Promise<void> {
    while (this.#again) {
      this.#again = false
      for (const [key, { channel, media }] of [...this.#wanted]) {
        if (!this.#running || this.full) return
        if (!this.#wanted.has(key) || this.#replica.peers.of(channel).length === 0) continue
        if (await this.#replica.pictures.fetch(channel, media)) this.#wanted.delete(key)
      }
    }
  }
}

const placeOf = ({ log, seq, id }: Target): Place => ({ log: toHex(log), seq, id: toHex(id) })
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')
