/** One open channel: its posts, and what happens to them while somebody reads. */
import { SvelteSet } from 'svelte/reactivity'
import type { EventView } from '../../messenger/views.ts'
import type { PostsPage } from '../api/channels.ts'
import { node } from './node.svelte.ts'
import { people } from './people.svelte.ts'
import { anew, NONE, PAGE, renewed, withOlder, withPost } from './posts.ts'

/** Entries come in bursts; what they changed is read once. */
const SETTLE_MS = 250

export class OpenChannel {
  readonly id: string
  page: PostsPage = $state.raw(NONE)
  loaded = $state(false)
  loadingOlder = $state(false)
  /** Posts that nobody had seen: marked as new for as long as the channel is open. */
  readonly fresh = new SvelteSet<string>()
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(id: string) {
    this.id = id
  }

  async read(): Promise<void> {
    this.#put(renewed(this.page, await node.dure.channels.posts(this.id, anew(this.page))))
    this.loaded = true
  }

  async older(): Promise<void> {
    const last = this.page.posts.at(-1)
    if (!last || !this.page.more || this.loadingOlder) return
    this.loadingOlder = true
    try {
      this.#put(withOlder(this.page, await node.dure.channels.posts(this.id, PAGE, last.id)))
    } finally {
      this.loadingOlder = false
    }
  }

  take(event: EventView, onFailure: (error: unknown) => void): void {
    if (event.type === 'post' && event.post.channel === this.id) this.#put(withPost(this.page, event.post))
    // An edit or a withdrawal shows only in the channel; what the node tells may be told before it can be read, and once more afterwards.
    if (event.type === 'channel' && event.channel.id === this.id) {
      this.#settling ??= setTimeout(() => {
        this.#settling = undefined
        void this.read().catch(onFailure)
      }, SETTLE_MS)
    }
  }

  close(): void {
    clearTimeout(this.#settling)
  }

  /** Somebody looks at the newest post. */
  seen(): void {
    const channel = people.channels.get(this.id)
    if (!channel || channel.unread === 0) return
    people.channels.set(this.id, { ...channel, unread: 0 })
    void node.dure.channels.markRead(this.id).catch(() => {})
  }

  #put(page: PostsPage): void {
    for (const { id, unread } of page.posts) if (unread) this.fresh.add(id)
    this.page = page
  }
}
