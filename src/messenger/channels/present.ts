/** Rows and states of channels into views: the only place that decides what a door may see of them. */
import {
  channelText, decodeEdit, decodeEntry, decodePost, decodeWithdrawal, type Entry, KIND, type Manifest, type MediaRef, type Post, total,
} from '../../../protocols/channel/index.ts'
import { appearances, mixedScript } from '../../../protocols/lookalike/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import type { Contacts } from '../contacts.ts'
import type { ChannelContext } from './context.ts'
import { domainView } from './domain-proof.ts'
import type { Pictures } from './pictures.ts'
import type { ChannelId, EntryRow } from './ports.ts'
import type { Known, Shelf } from './shelf.ts'
import { frozenText, heldOf } from './standing.ts'
import type { ChannelView, MediaView, PostView } from './views.ts'

/** Kinds that stand in a channel as something to read: posts, and what only a newer version understands. */
export const SHOWN_KINDS: readonly number[] = [KIND.post, ...Array.from({ length: 255 - KIND.withdrawal }, (_, i) => KIND.withdrawal + 1 + i)]

/** Names whose looks are remembered: a view is made with every post, and looking at all names we know is what costs most of it. */
const REMEMBERED_LOOKS = 4_096

export class ChannelViews {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #contacts: Contacts
  readonly #pictures: Pictures
  readonly #looks = new Map<string, Look>()

  constructor(context: ChannelContext, parts: { shelf: Shelf; contacts: Contacts; pictures: Pictures }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#contacts = parts.contacts
    this.#pictures = parts.pictures
  }

  channel(known: Known): ChannelView {
    const { store, gossip, clock } = this.#context
    const { row, state } = known
    const manifest = state?.manifest
    const roles = store.channelKeys(row.id).map(({ role }) => role)
    const [last] = store.newestEntries(row.id, { kinds: SHOWN_KINDS, limit: 1 })
    return {
      id: channelText(fromHex(row.id)),
      name: row.name,
      description: manifest?.description ?? '',
      role: roles.includes('root') ? 'owner' : roles.includes('posting') ? 'staff' : 'follower',
      following: row.following,
      muted: row.muted,
      dailyLimit: row.dailyLimit,
      unread: store.unreadEntries(row.id),
      entries: state ? total(state) : 0,
      held: heldOf(known),
      languages: manifest?.languages ?? [],
      region: manifest?.region,
      links: manifest?.links ?? [],
      hours: manifest?.hours,
      domain: domainView(manifest?.domain, row.domain, clock.now()),
      logo: manifest?.logo && this.media(manifest.logo),
      rate: manifest?.rate ?? 0,
      peers: gossip.peers(row.id).length,
      waiting: store.drafts(row.id).length,
      frozen: state && frozenText(state),
      lookalike: this.#lookalike(row.id, manifest),
      last: last && this.post(known, last),
    }
  }

  /** As it is now: with its edits, and without what was withdrawn. */
  post(known: Known, row: EntryRow): PostView {
    const { suite, store, clock } = this.#context
    const entry = decodeEntry(suite, row.bytes)
    const { edited, withdrawn } = row.kind === KIND.post ? changesOf(entry, store.entriesAbout(row.channel, row.id), (bytes) => decodeEntry(suite, bytes)) : {}
    const post = row.kind === KIND.post && !withdrawn ? (edited?.post ?? decodePost(entry.body)) : undefined
    return {
      id: row.id,
      channel: channelText(fromHex(row.channel)),
      channelName: known.row.name,
      author: known.state?.certificates.get(toHex(entry.certificate))?.name ?? '',
      log: row.log,
      seq: row.seq,
      at: row.time,
      kind: row.kind === KIND.post ? 'post' : 'unknown',
      title: post && post.title !== '' ? post.title : undefined,
      text: post?.text ?? '',
      links: post?.links ?? [],
      media: post?.media.map((media) => this.media(media)) ?? [],
      event: post?.event,
      offer: post?.offer && { ...post.offer, state: clock.now() < post.offer.from ? 'coming' : clock.now() <= post.offer.until ? 'valid' : 'over' },
      editedAt: edited?.at,
      withdrawn,
      unread: row.unread,
    }
  }

  media(media: MediaRef): MediaView {
    const { hash, size, type, width, height, alt } = media
    return { hash: toHex(hash), size, type: `image/${type}`, width, height, alt, held: this.#pictures.held(media) }
  }

  /** Said by how it calls itself: our own name for it is ours to choose. */
  #lookalike(id: ChannelId, manifest: Manifest | undefined): string | undefined {
    if (!manifest) return undefined
    const channels = this.#shelf.all().flatMap(({ row, state }) => (row.id === id ? [] : [row.name, ...(state ? [state.manifest.name] : [])]))
    const people = this.#contacts.all().filter(({ state }) => state === 'accepted').map(({ name }) => name)
    const { looks, mixed } = this.#lookOf(manifest.name)
    return [...channels, ...people].find((name) => this.#lookOf(name).looks.some((look) => looks.includes(look))) ?? (mixed ? 'mixed scripts' : undefined)
  }

  #lookOf(name: string): Look {
    const known = this.#looks.get(name)
    if (known) return known
    const look = { looks: appearances(name), mixed: mixedScript(name) }
    if (this.#looks.size >= REMEMBERED_LOOKS) this.#looks.clear()
    this.#looks.set(name, look)
    return look
  }
}

interface Look {
  readonly looks: readonly string[]
  readonly mixed: boolean
}

interface Changes {
  readonly edited?: { readonly at: number; readonly post: Post } | undefined
  readonly withdrawn?: { readonly at: number; readonly reason: string } | undefined
}

/**
 * The last edit and the first withdrawal, by time and id. Whether their author may change a post of that log was judged when they
 * came; that the post they name by its hash is of that log and number shows only here.
 */
export function changesOf(post: Entry, about: readonly EntryRow[], decode: (bytes: Uint8Array) => Entry): Changes {
  let edited: Changes['edited']
  for (const row of about) {
    const { body } = decode(row.bytes)
    const withdrawal = row.kind === KIND.withdrawal ? decodeWithdrawal(body) : undefined
    const edit = row.kind === KIND.edit ? decodeEdit(body) : undefined
    const target = (withdrawal ?? edit)?.target
    if (!target || target.seq !== post.seq || toHex(target.log) !== toHex(post.log)) continue
    if (withdrawal) return { edited: undefined, withdrawn: { at: row.time, reason: withdrawal.reason } }
    if (edit) edited = { at: row.time, post: edit.post }
  }
  return { edited }
}
