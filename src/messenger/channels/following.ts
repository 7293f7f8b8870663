/** What a follower decides: which channels, openly or not, under what name, how loudly. The list of them stands nowhere but in the store. */
import { commit, newStep } from '../context.ts'
import { MessengerError } from '../errors.ts'
import { checkedName } from '../profile.ts'
import type { CatchUp } from './catch-up.ts'
import type { ChannelContext } from './context.ts'
import type { Digest } from './digest.ts'
import type { ChannelKeys } from './keys.ts'
import { readLink, writeLink } from './link.ts'
import type { Network } from './network.ts'
import type { ChannelRow, Following as How, PeerHint } from './ports.ts'
import type { ChannelViews } from './present.ts'
import type { Known, Shelf } from './shelf.ts'
import type { ChannelView } from './views.ts'

/** Posts a day that are told one by one unless the follower says otherwise. */
const DAILY_LIMIT = 5
/** More would be no limit. */
export const MAX_DAILY_LIMIT = 1_000
/** A person waits this long for the newest posts; who is not reached by then is tried again in the background. */
const FOLLOW_WAIT_MS = 15_000

export class Following {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #network: Network
  readonly #catchUp: CatchUp
  readonly #digest: Digest
  readonly #views: ChannelViews
  readonly #keys: ChannelKeys

  constructor(
    context: ChannelContext,
    parts: { shelf: Shelf; network: Network; catchUp: CatchUp; digest: Digest; views: ChannelViews; keys: ChannelKeys },
  ) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#network = parts.network
    this.#catchUp = parts.catchUp
    this.#digest = parts.digest
    this.#views = parts.views
    this.#keys = parts.keys
  }

  /** The wish is durable at once; resolves when the newest posts are here, or after a while without them. */
  async follow(link: string, options: { private: boolean; name?: string }): Promise<ChannelView> {
    const { id, hints: named } = readLink(link)
    const how: How = options.private ? 'private' : 'open'
    const before = this.#shelf.get(id)
    if (before?.row.following === how) throw new MessengerError('conflict', `you follow ${before.row.name} already`)
    if (options.private && this.#context.store.channelKeys(id).length > 0) {
      throw new MessengerError('conflict', 'you post in this channel', 'who posts takes part openly; follow it without --private')
    }
    const hints = [...named, ...(before?.row.hints ?? [])]
    const wish = options.name === undefined ? undefined : this.#freeName(options.name, id)
    const step = newStep()
    this.#shelf.put(step, before ? { ...before.row, following: how, hints, ...(wish && { name: wish }) } : this.#newRow(id, how, hints, wish))
    step.afterwards.push(() => this.#tell(id))
    await commit(this.#context, step)
    await this.#network.join(id)
    await this.#catchUp.reached(id, FOLLOW_WAIT_MS)
    return this.#views.channel(this.#shelf.find(id))
  }

  /** Forgets everything of it; who posts in it or owns it keeps it and only stops following. A key that the brand has ended keeps nothing. */
  async unfollow(name: string): Promise<void> {
    const { row, state } = this.#shelf.find(name)
    const step = newStep()
    this.#digest.forget(step, row.id)
    const posting = this.#keys.posting(row.id)
    const keeps = this.#keys.owns(row.id) || (posting !== undefined && !state?.cuts.has(posting.log))
    if (keeps) this.#shelf.update(step, row.id, { following: undefined })
    else this.#shelf.remove(step, row.id)
    await commit(this.#context, step)
    if (keeps) {
      this.#tell(row.id)
      return
    }
    this.#catchUp.forget(row.id)
    this.#network.leave(row.id)
  }

  async rename(name: string, next: string): Promise<ChannelView> {
    const known = this.#shelf.find(name)
    return this.#update(known, { name: this.#freeName(next, known.row.id) })
  }

  async mute(name: string, muted: boolean): Promise<ChannelView> {
    return this.#update(this.#shelf.find(name), { muted })
  }

  async setDailyLimit(name: string, posts: number): Promise<ChannelView> {
    if (!Number.isInteger(posts) || posts < 0 || posts > MAX_DAILY_LIMIT) {
      throw new MessengerError('bad-input', `a daily limit is a number from 0 to ${MAX_DAILY_LIMIT}`, '0 puts every post into the daily digest')
    }
    return this.#update(this.#shelf.find(name), { dailyLimit: posts })
  }

  async markRead(name: string): Promise<void> {
    const { row } = this.#shelf.find(name)
    if (this.#context.store.unreadEntries(row.id) === 0) return
    await this.#context.store.commit([{ put: 'channel-read', channel: row.id }])
    this.#tell(row.id)
  }

  /** The link others follow it by, with us as one to ask when we serve it. */
  link(name: string): string {
    const { row } = this.#shelf.find(name)
    const known = this.#network.isUp ? this.#context.gossip.hints(row.id) : row.hints
    return writeLink(row.id, known)
  }

  #newRow(id: string, following: How, hints: readonly PeerHint[], wish: string | undefined): ChannelRow {
    const now = this.#context.clock.now()
    const name = wish ?? this.#shelf.provisionalName(id) // a name somebody gave it stays
    return { id, name, following, muted: false, dailyLimit: DAILY_LIMIT, state: new Uint8Array(), hints, domain: undefined, newestAt: 0, addedAt: now }
  }

  async #update(known: Known, changed: Partial<Pick<ChannelRow, 'name' | 'muted' | 'dailyLimit'>>): Promise<ChannelView> {
    const step = newStep()
    this.#shelf.update(step, known.row.id, changed)
    await commit(this.#context, step)
    return this.#tell(known.row.id)
  }

  #freeName(wish: string, id: string): string {
    const name = checkedName(wish)
    if (this.#shelf.freeName(name, id) !== name) throw new MessengerError('conflict', `another channel is called "${name}"`, 'choose another name')
    return name
  }

  #tell(id: string): ChannelView {
    const view = this.#views.channel(this.#shelf.find(id))
    this.#context.events.emit({ type: 'channel', channel: view })
    return view
  }
}
