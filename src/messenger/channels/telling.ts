/** What a person hears of what is kept: posts one by one as far as they wish, and that a channel is another. */
import type { Step } from '../context.ts'
import type { ChannelContext } from './context.ts'
import type { Digest } from './digest.ts'
import type { ChannelId, EntryRow } from './ports.ts'
import type { ChannelViews } from './present.ts'
import type { Shelf } from './shelf.ts'

export class Telling {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #digest: Digest
  readonly #views: ChannelViews
  /** steps that will tell of their channel: once is enough */
  readonly #telling = new WeakSet<Step>()

  constructor(context: ChannelContext, parts: { shelf: Shelf; digest: Digest; views: ChannelViews }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#digest = parts.digest
    this.#views = parts.views
  }

  kept(step: Step, id: ChannelId, entries: readonly EntryRow[]): void {
    const posts = entries.filter(({ unread }) => unread)
    const told = this.#digest.count(step, id, posts.length)
    step.afterwards.push(() => {
      const known = this.#shelf.get(id)
      if (!known) return // unfollowed meanwhile
      for (const row of posts.slice(0, told)) this.#context.events.emit({ type: 'post', post: this.#views.post(known, row) })
    })
    if (this.#telling.has(step)) return
    this.#telling.add(step)
    step.afterwards.push(() => {
      const known = this.#shelf.get(id)
      if (known) this.#context.events.emit({ type: 'channel', channel: this.#views.channel(known) })
    })
  }
}
