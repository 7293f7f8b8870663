/**
 * The pictures of mirrored channels: all that entries name, fetched one after the other, the newest first. When the quota is full no more
 * are fetched, and none goes: a large channel never pushes out what others have. What the brand withdrew is not fetched.
 */
import { chunksOf, decodeEdit, decodeEntry, decodePost, decodeWithdrawal, KIND, type MediaRef } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import type { ReplicaContext } from '../../messenger/channels/context.ts'
import type { ChannelId, EntryId, EntryRow, MediaHash, PostCursor } from '../../messenger/channels/ports.ts'
import type { Replica } from '../../messenger/channels/replica.ts'
import { MAX_WANTED, WALK_MS, WALKED_AT_ONCE } from './limits.ts'

const NAMING: readonly number[] = [KIND.post, KIND.edit, KIND.withdrawal]

interface Wanted {
  readonly channel: ChannelId
  /** undefined: the logo */
  readonly post: EntryId | undefined
  readonly media: MediaRef
}

export class MirroredPictures {
  readonly #context: ReplicaContext
  readonly #replica: Replica
  readonly #quota: number
  readonly #wanted = new Map<MediaHash, Wanted>()
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
    for (const [hash, { channel }] of this.#wanted) if (channel === id) this.#wanted.delete(hash)
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
      const withdrawn = new Set<EntryId>()
      this.#logo(row.id)
      let before: PostCursor | undefined
      do {
        const rows: EntryRow[] = this.#context.store.newestEntries(row.id, { kinds: NAMING, limit: WALKED_AT_ONCE, ...(before && { before }) })
        for (const each of rows) this.#read(row.id, each, withdrawn)
        const last = rows.at(-1)
        before = last && { time: last.time, id: last.id }
        this.#fetch()
        // Others get their turn.
        await new Promise<void>((resolve) => void this.#context.clock.after(0, resolve))
      } while (before && this.#running && this.#wanted.size < MAX_WANTED)
    }
  }

  #kept(id: ChannelId, rows: readonly EntryRow[]): void {
    const withdrawn = new Set<EntryId>()
    this.#logo(id)
    for (const row of rows.toReversed()) this.#read(id, row, withdrawn)
    this.#fetch()
  }

  #logo(id: ChannelId): void {
    const logo = this.#replica.shelf.opened(id)?.state.manifest.logo
    if (logo) this.#want({ channel: id, post: undefined, media: logo })
  }

  /** @param withdrawn posts of the rows before this one, which are newer */
  #read(id: ChannelId, row: EntryRow, withdrawn: Set<EntryId>): void {
    if (!NAMING.includes(row.kind)) return
    const { body } = decodeEntry(this.#context.suite, row.bytes)
    if (row.kind === KIND.withdrawal) {
      const post = toHex(decodeWithdrawal(body).target.id)
      withdrawn.add(post)
      for (const [hash, wanted] of this.#wanted) if (wanted.post === post) this.#wanted.delete(hash)
      return
    }
    const post = row.about ?? row.id
    if (withdrawn.has(post)) return
    const { media } = row.kind === KIND.edit ? decodeEdit(body).post : decodePost(body)
    for (const each of media) this.#want({ channel: id, post, media: each })
  }

  #want(wanted: Wanted): void {
    const { hash, size } = wanted.media
    const here = this.#context.store.media(toHex(hash))
    if (here?.size === size && here.chunks === chunksOf(size) && here.channels.includes(wanted.channel)) return
    if (this.#wanted.size < MAX_WANTED) this.#wanted.set(toHex(hash), wanted)
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
      for (const [hash, { channel, media }] of [...this.#wanted]) {
        if (!this.#running || this.full) return
        if (!this.#wanted.has(hash) || this.#replica.peers.of(channel).length === 0) continue
        if (await this.#replica.pictures.fetch(channel, media)) this.#wanted.delete(hash)
      }
    }
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')
