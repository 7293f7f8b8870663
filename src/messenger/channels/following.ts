/** What a follower decides: which channels, openly or not, under what name, how loudly. The list of them stands nowhere but in the store. */
import { encodeChannelLink, InviteError, type LinkPeer, MAX_LINK_PEERS, MAX_PEER_ADDRESSES, parseChannelLink } from '../../../protocols/pairing/index.ts'
import { channelText } from '../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import { MessengerError } from '../errors.ts'
import { checkedName } from '../profile.ts'
import type { CatchUp } from './catch-up.ts'
import type { ChannelContext } from './context.ts'
import type { Digest } from './digest.ts'
import { UNNAMED } from './keeping.ts'
import type { ChannelKeys } from './keys.ts'
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
    const { channel, peers } = readLink(link)
    const id = toHex(channel)
    const how: How = options.private ? 'private' : 'open'
    const before = this.#shelf.get(id)
    if (before?.row.following === how) throw new MessengerError('conflict', `you follow ${before.row.name} already`)
    if (options.private && this.#context.store.channelKeys(id).length > 0) {
      throw new MessengerError('conflict', 'you post in this channel', 'who posts takes part openly; follow it without --private')
    }
    const hints = [...peers.map(({ key, addresses }): PeerHint => ({ peer: toHex(key), addresses })), ...(before?.row.hints ?? [])]
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
    const peers = known.flatMap(({ peer, addresses }): LinkPeer[] => {
      const hint = { key: fromHex(peer), addresses: addresses.filter((address) => canBeCarried(peer, address)).slice(0, MAX_PEER_ADDRESSES) }
      return hint.addresses.length > 0 ? [hint] : []
    })
    return encodeChannelLink({ channel: fromHex(row.id), peers: peers.slice(0, MAX_LINK_PEERS) })
  }

  #newRow(id: string, following: How, hints: readonly PeerHint[], wish: string | undefined): ChannelRow {
    const now = this.#context.clock.now()
    // Until it says what it is called itself; a name somebody gave it stays.
    const name = wish ?? this.#shelf.freeName(channelText(fromHex(id)).slice(0, UNNAMED))
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

function readLink(link: string): ReturnType<typeof parseChannelLink> {
  try {
    return parseChannelLink(link)
  } catch (error) {
    if (!(error instanceof InviteError)) throw error
    const hint = error.code === 'other-kind' ? 'a code of a person is read by dure pair' : 'copy the whole of it'
    throw new MessengerError('invite-invalid', 'this is not the link of a channel', hint)
  }
}

/** Addresses of a kind that links have no form for are left out. */
function canBeCarried(peer: string, address: string): boolean {
  try {
    encodeChannelLink({ channel: new Uint8Array(32), peers: [{ key: fromHex(peer), addresses: [address] }] })
    return true
  } catch {
    return false
  }
}
