/**
 * Is the newest entry of our own logs here? A profile put back from a backup does not know what it has said since; were it to go on
 * from there, it would sign a second entry of the same number and fork its own channel (attack 53). So before the first entry of a run the
 * heads are asked of others, and what they have more of our logs is fetched first.
 */
import { decodeEntry, EntryError, logIdOf } from '../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import type { ChannelContext } from './context.ts'
import { askHeads } from './pages.ts'
import type { Peers } from './peers.ts'
import { type ChannelId, GossipError, type LogId, type PeerKey } from './ports.ts'
import type { Shelf } from './shelf.ts'

/** One node may itself be behind, or lie: two that agree were not both put back on the same day. */
export const NODES = 2
/**
 * Where one node was heard, another that we knew and did not reach for so long is not waited for, or one that is gone for good would
 * silence the channel. That nobody is reached is no answer, however long; and after a restore that was noticed it is two, always.
 */
const GIVE_UP_MS = 3600_000
/** Channels whose last state may be lost: kept until their heads are known, also over a restart. */
const RESTORED = 'channelsRestored'

interface Search {
  readonly since: number
  /** nodes whose heads were heard in this run, with all they show here */
  readonly heard: Set<PeerKey>
}

export class Certainty {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #peers: Peers
  readonly #catchUp: (id: ChannelId) => Promise<unknown>
  /** the sizes of our own logs as we left them, while nobody else can have gone on from there */
  readonly #certain = new Map<ChannelId, string>()
  readonly #searches = new Map<ChannelId, Search>()
  readonly #seeking = new Map<ChannelId, Promise<boolean>>()
  #restored: ReadonlySet<ChannelId>

  /** @param catchUp fetches what peers have more than we */
  constructor(context: ChannelContext, parts: { shelf: Shelf; peers: Peers; catchUp: (id: ChannelId) => Promise<unknown> }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#peers = parts.peers
    this.#catchUp = parts.catchUp
    const { store } = context
    const owned = store.rolledBack ? this.#shelf.all().flatMap(({ row }) => (store.channelKeys(row.id).length > 0 ? [row.id] : [])) : []
    this.#restored = new Set([...(store.setting(RESTORED) ?? '').split(' ').filter(Boolean), ...owned])
  }

  /** A restore that was noticed is remembered: the next start will not notice it again. */
  async start(): Promise<void> {
    if (this.#context.store.rolledBack && this.#restored.size > 0) await this.#keepRestored()
  }

  /** Keys of ours that were made in this run: nobody else has anything of their logs. */
  made(id: ChannelId): void {
    this.#certain.set(id, this.#sizes(id))
  }

  /** We wrote an entry, and know it. */
  wrote(id: ChannelId): void {
    if (this.#certain.has(id)) this.#certain.set(id, this.#sizes(id))
  }

  /** Somebody else may have gone on with our log: heads are asked for again. */
  doubt(id: ChannelId): void {
    this.#certain.delete(id)
    this.#searches.delete(id)
  }

  isCertain(id: ChannelId): boolean {
    const sizes = this.#certain.get(id)
    if (sizes === undefined) return false
    if (sizes === this.#sizes(id)) return true
    this.doubt(id) // our log grew, and not by us: a copy of this profile is at work
    return false
  }

  /** Why a draft of ours has to wait, for the person; undefined when it has not. */
  waitsFor(id: ChannelId): string | undefined {
    if (this.isCertain(id)) return undefined
    const heard = this.#searches.get(id)?.heard.size ?? 0
    return `it goes out as soon as others have shown the newest entry of this channel: ${heard} of ${Math.max(this.#needed(id), heard + 1)} asked so far`
  }

  /** Asks around; true when the heads of our logs are certain. */
  seek(id: ChannelId): Promise<boolean> {
    if (this.isCertain(id)) return Promise.resolve(true)
    // Searching finds peers, and a peer that is found makes us ask again: that joins the search there is.
    const running = this.#seeking.get(id) ?? Promise.resolve().then(() => this.#seek(id)).finally(() => this.#seeking.delete(id))
    this.#seeking.set(id, running)
    return running
  }

  async #seek(id: ChannelId): Promise<boolean> {
    const { clock } = this.#context
    const search = this.#searches.get(id) ?? { since: clock.now(), heard: new Set() }
    this.#searches.set(id, search)
    if (this.#peers.of(id).filter((peer) => !search.heard.has(peer)).length < NODES) await this.#find(id)
    for (const peer of this.#peers.of(id)) {
      if (search.heard.size >= NODES) break
      if (!search.heard.has(peer)) await this.#ask(id, peer, search)
    }
    if (search.heard.size < this.#needed(id)) return false
    this.#certain.set(id, this.#sizes(id))
    if (this.#restored.has(id)) {
      this.#restored = new Set([...this.#restored].filter((each) => each !== id))
      await this.#keepRestored()
    }
    return true
  }

  async #find(id: ChannelId): Promise<void> {
    try {
      await this.#context.gossip.find(id)
    } catch (error) {
      if (!(error instanceof GossipError)) throw error // the network is down: nobody is found
    }
  }

  async #ask(id: ChannelId, peer: PeerKey, { heard }: Search): Promise<void> {
    await this.#peers.trying(peer, async () => {
      const shown = await askHeads(this.#context, peer, id)
      const more = (): boolean => shown.some(({ log, entry }) => this.#ours(id).has(log) && this.#after(entry) > this.#shelf.size(id, log))
      if (more()) await this.#catchUp(id)
      // What it shows more is fetched now, or was a lie: then it has said nothing.
      if (!more()) heard.add(peer)
    })
  }

  /** Size of a log whose newest entry these bytes are; what they say is judged when it is fetched. */
  #after(entry: Uint8Array): number {
    try {
      return decodeEntry(this.#context.suite, entry).seq + 1
    } catch (error) {
      if (error instanceof EntryError) return Infinity
      throw error
    }
  }

  #needed(id: ChannelId): number {
    if (this.#restored.has(id)) return NODES
    const { gossip, clock } = this.#context
    const search = this.#searches.get(id)
    const known = new Set([...gossip.peers(id), ...(search?.heard ?? []), ...(this.#shelf.get(id)?.row.hints ?? []).map(({ peer }) => peer)])
    const patient = !search || clock.now() - search.since < GIVE_UP_MS
    return Math.min(patient ? NODES : 1, known.size)
  }

  /** The logs we hold the key of. */
  #ours(id: ChannelId): Set<LogId> {
    const { store, suite } = this.#context
    return new Set(
      store.channelKeys(id).map(({ role, secret }) => (role === 'root' ? id : toHex(logIdOf(suite, fromHex(id), suite.importSecret('ed25519', secret).publicKey)))),
    )
  }

  #sizes(id: ChannelId): string {
    return [...this.#ours(id)].map((log) => `${log}:${this.#shelf.size(id, log)}`).join(' ')
  }

  async #keepRestored(): Promise<void> {
    await this.#context.store.commit([{ put: 'setting', key: RESTORED, value: [...this.#restored].join(' ') }])
  }
}
