/** Posts of a channel as one list, merged over its logs by time and id. What is older than what is held is fetched while one reads. */
import { decodeEdit, decodeEntry, decodePost, KIND, type MediaRef } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { MessengerError } from '../errors.ts'
import type { CatchUp } from './catch-up.ts'
import type { ChannelContext } from './context.ts'
import type { Pictures } from './pictures.ts'
import type { EntryRow, LogId, PostCursor } from './ports.ts'
import { type ChannelViews, SHOWN_KINDS } from './present.ts'
import type { Known, Shelf } from './shelf.ts'
import type { PostView } from './views.ts'

/** Posts of one page: what a screen or a request can use. */
const MAX_POSTS = 500
/** Who reads waits this long for news; what comes later is there the next time. */
const PULL_WAIT_MS = 2_000
/** Entries looked through at a time for the one that names a picture. */
const SEARCH_PAGE = 200

export class Reading {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #catchUp: CatchUp
  readonly #views: ChannelViews
  readonly #pictures: Pictures

  constructor(context: ChannelContext, parts: { shelf: Shelf; catchUp: CatchUp; views: ChannelViews; pictures: Pictures }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#catchUp = parts.catchUp
    this.#views = parts.views
    this.#pictures = parts.pictures
  }

  async read(name: string, page: { before?: string; limit: number }): Promise<{ posts: PostView[]; more: boolean }> {
    const { row: { id, following } } = this.#shelf.find(name)
    if (page.before === undefined && following === 'private') await this.#catchUp.pull(id, PULL_WAIT_MS)
    const limit = Math.max(1, Math.min(MAX_POSTS, page.limit))
    const before = page.before === undefined ? undefined : cursorOf(this.#row(id, page.before))
    for (;;) {
      const rows = this.#context.store.newestEntries(id, { kinds: SHOWN_KINDS, limit: limit + 1, ...(before && { before }) })
      const gap = this.#gap(id)
      const last = rows[limit - 1]
      const complete = gap === undefined || (last !== undefined && last.time > gap.time)
      if (complete || !(await this.#catchUp.older(id, gap.log))) {
        const known = this.#shelf.find(name)
        return { posts: rows.slice(0, limit).map((row) => this.#views.post(known, row)), more: rows.length > limit || gap !== undefined }
      }
    }
  }

  post(name: string, id: string): PostView {
    const known = this.#shelf.find(name)
    return this.#views.post(known, this.#row(known.row.id, id))
  }

  /** The bytes of a picture that a post, an edit or the manifest names. */
  async media(name: string, hash: string): Promise<Uint8Array> {
    const known = this.#shelf.find(name)
    const media = this.#findMedia(known, hash)
    if (!media) throw new MessengerError('not-found', 'nothing held of this channel names such a picture')
    return this.#pictures.bytes(known.row.id, media)
  }

  #row(channel: string, id: string): EntryRow {
    const row = /^[0-9a-f]{64}$/.test(id) ? this.#context.store.entryById(channel, id) : undefined
    if (!row || !SHOWN_KINDS.includes(row.kind)) throw new MessengerError('not-found', 'there is no such post in this channel')
    return row
  }

  /** The log that is held only from some entry on and whose held part begins latest: what is older than that may be missing. */
  #gap(id: string): { log: LogId; time: number } | undefined {
    let gap: { log: LogId; time: number } | undefined
    for (const [log, floor] of this.#shelf.get(id)?.floors ?? []) {
      const oldest = floor > 0 ? this.#context.store.entry(id, log, floor) : undefined
      if (oldest && (!gap || oldest.time > gap.time)) gap = { log, time: oldest.time }
    }
    return gap
  }

  #findMedia(known: Known, hash: string): MediaRef | undefined {
    const logo = known.state?.manifest.logo
    if (logo && toHex(logo.hash) === hash) return logo
    const { store, suite } = this.#context
    for (let before: PostCursor | undefined; ; ) {
      const rows = store.newestEntries(known.row.id, { kinds: [KIND.post, KIND.edit], limit: SEARCH_PAGE, ...(before && { before }) })
      for (const row of rows) {
        const { body } = decodeEntry(suite, row.bytes)
        const { media } = row.kind === KIND.edit ? decodeEdit(body).post : decodePost(body)
        const found = media.find((each) => toHex(each.hash) === hash)
        if (found) return found
      }
      const last = rows.at(-1)
      if (!last) return undefined
      before = cursorOf(last)
    }
  }
}

const cursorOf = ({ time, id }: EntryRow): PostCursor => ({ time, id })
