/** When the channel network runs, and what it looks for: nothing at all for who has no channel. */
import { providerKey, topicOf } from '../../../protocols/channel/index.ts'
import { fromHex } from '../../../protocols/suite/index.ts'
import type { ReplicaContext } from './context.ts'
import { MessengerError } from '../errors.ts'
import { type ChannelId, type GossipHandlers, ListenError, type Meeting, type PeerHint } from './ports.ts'
import type { Known, Shelf } from './shelf.ts'

export class Network {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  #running = false
  #up: Promise<void> | undefined

  constructor(context: ReplicaContext, shelf: Shelf, handlers: GossipHandlers) {
    this.#context = context
    this.#shelf = shelf
    context.gossip.serve(handlers)
  }

  async start(): Promise<void> {
    this.#running = true
    for (const { row } of this.#shelf.all()) await this.join(row.id)
  }

  async stop(): Promise<void> {
    this.#running = false
    if (!this.#up) return
    await this.#up.catch(() => undefined)
    this.#up = undefined
    await this.#context.gossip.stop()
  }

  /** Joins a channel of the shelf, or changes how. The network comes up with the first one. @throws MessengerError when it cannot listen */
  async join(id: ChannelId): Promise<void> {
    if (!this.#running) return
    this.#up ??= this.#context.gossip.start()
    try {
      await this.#up
    } catch (error) {
      this.#up = undefined
      if (!(error instanceof ListenError)) throw error
      throw new MessengerError('conflict', `channels ${error.message}`, 'nothing is lost; start again with another --channel-listen')
    }
    const known = this.#shelf.get(id)
    if (known && this.#running) this.#context.gossip.join(this.#meeting(known), known.row.hints)
  }

  leave(id: ChannelId): void {
    if (this.#up) this.#context.gossip.leave(id)
  }

  get isUp(): boolean {
    return this.#up !== undefined
  }

  /** More places to find peers of a channel at, which others told us. */
  hint(id: ChannelId, hints: readonly PeerHint[]): void {
    const known = this.#shelf.get(id)
    if (known && this.#up) this.#context.gossip.join(this.#meeting(known), hints)
  }

  #meeting({ row }: Known): Meeting {
    const id = fromHex(row.id)
    const { suite } = this.#context
    // Whose own channel it is, or who posts in it, takes part openly.
    return { channel: row.id, topic: topicOf(suite, id), providerKey: providerKey(suite, id), following: row.following ?? 'open' }
  }
}
