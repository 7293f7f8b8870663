/** The bytes of pictures: fetched when they are wanted, chunk by verified chunk, from whoever has them. */
import { chunksOf, MediaError, type MediaRef, MerkleError, verifyChunk } from '../../../protocols/channel/index.ts'
import { concat, toHex } from '../../../protocols/suite/index.ts'
import type { ReplicaContext } from './context.ts'
import { MessengerError } from '../errors.ts'
import { askChunks } from './pages.ts'
import { PeerFault, type Peers } from './peers.ts'
import type { ChannelChange, ChannelId, MediaHash, PeerKey } from './ports.ts'

/** Chunks asked for in one request, and stored in one transaction: 1 MiB. A cut costs no more than this. */
const CHUNKS_AT_ONCE = 32

export class Pictures {
  readonly #context: ReplicaContext
  readonly #peers: Peers
  readonly #fetching = new Map<MediaHash, Promise<void>>()

  constructor(context: ReplicaContext, peers: Peers) {
    this.#context = context
    this.#peers = peers
  }

  held({ hash, size }: MediaRef): boolean {
    const media = this.#context.store.media(toHex(hash))
    return media?.size === size && media.chunks === chunksOf(size)
  }

  /** @throws MessengerError 'unreachable' when nobody who has it was reached */
  async bytes(channel: ChannelId, media: MediaRef): Promise<Uint8Array> {
    const name = toHex(media.hash)
    if (!this.held(media)) {
      // Two who look at once wait for one fetch.
      const running = this.#fetching.get(name) ?? this.#search(channel, media).finally(() => this.#fetching.delete(name))
      this.#fetching.set(name, running)
      await running
    }
    return concat(...Array.from({ length: chunksOf(media.size) }, (_, index) => this.#context.store.mediaChunk(name, index) ?? new Uint8Array()))
  }

  /** Fetched from those at hand, or taken from another channel that has it; false when none of them gives all of it. */
  async fetch(channel: ChannelId, media: MediaRef): Promise<boolean> {
    if (!this.held(media)) return this.#fetchFrom(this.#peers.of(channel), channel, media)
    await this.#shared(channel, media)
    return true
  }

  /** What another channel brought is this one's too, and stays when that one goes. */
  async #shared(channel: ChannelId, { hash, size }: MediaRef): Promise<void> {
    const { store } = this.#context
    const name = toHex(hash)
    const bytes = store.media(name)?.channels.includes(channel) ? undefined : store.mediaChunk(name, 0)
    if (bytes) await store.commit([{ add: 'media-chunk', channel, hash: name, size, index: 0, bytes }])
  }

  async #search(channel: ChannelId, media: MediaRef): Promise<void> {
    if (await this.fetch(channel, media)) return
    // None of those at hand has it: others may.
    const asked = new Set(this.#context.gossip.peers(channel))
    await this.#context.gossip.find(channel)
    if (await this.#fetchFrom(this.#peers.of(channel).filter((peer) => !asked.has(peer)), channel, media)) return
    throw new MessengerError('unreachable', 'nobody who has this picture was reached', 'try again later')
  }

  async #fetchFrom(peers: readonly PeerKey[], channel: ChannelId, media: MediaRef): Promise<boolean> {
    for (const peer of peers) {
      await this.#peers.trying(peer, async () => {
        for (let run = this.#missing(media); run; run = this.#missing(media)) await this.#fetchRun(channel, media, peer, run)
      })
      if (this.held(media)) return true
    }
    return false
  }

  /** Verified as each comes; what came stays, whatever becomes of the rest. */
  async #fetchRun(channel: ChannelId, media: MediaRef, peer: string, run: { first: number; count: number }): Promise<void> {
    const { store } = this.#context
    const name = toHex(media.hash)
    const changes: ChannelChange[] = []
    let came = 0
    try {
      for await (const { index, proof, chunk } of askChunks(this.#context, peer, { hash: media.hash, size: media.size, ...run })) {
        this.#verify(media, index, chunk, proof)
        changes.push({ add: 'media-chunk', channel, hash: name, size: media.size, index, bytes: chunk })
        came++
      }
    } finally {
      if (changes.length > 0) await store.commit(changes)
    }
    if (came === 0) throw new PeerFault('invalid', 'a reply without a chunk')
  }

  #verify({ hash, size }: MediaRef, index: number, chunk: Uint8Array, proof: readonly Uint8Array[]): void {
    try {
      verifyChunk(this.#context.suite, { hash, size }, index, chunk, proof)
    } catch (error) {
      if (error instanceof MediaError || error instanceof MerkleError) throw new PeerFault('invalid', 'a chunk of something else')
      throw error
    }
  }

  #missing({ hash, size }: MediaRef): { first: number; count: number } | undefined {
    const name = toHex(hash)
    const here = new Set(this.#context.store.media(name)?.size === size ? this.#context.store.mediaChunks(name) : [])
    const all = chunksOf(size)
    let first = 0
    while (here.has(first)) first++
    if (first >= all) return undefined
    let count = 1
    while (count < CHUNKS_AT_ONCE && first + count < all && !here.has(first + count)) count++
    return { first, count }
  }
}
