/** One open conversation: the window on its messages, and what one does in it. */
import { SvelteMap } from 'svelte/reactivity'
import type { EventView, MessageView } from '../../messenger/views.ts'
import { node } from './node.svelte.ts'
import { around, edgeOf, EMPTY, type End, grown, newest, PAGE, inSteps, type Window, withArrived, withChanged, without } from './window.ts'

export class Conversation {
  readonly account: string
  window: Window = $state.raw(EMPTY)
  loaded = $state(false)
  /** The mark "unread" stands above this message for as long as the conversation is open. */
  firstUnread: string | undefined = $state(undefined)
  /** messages outside the window that others answer; undefined: asked for */
  readonly #quoted = new SvelteMap<string, MessageView | undefined>()
  #busy = false

  constructor(account: string) {
    this.account = account
  }

  /** @param message to be shown in the middle; the newest otherwise */
  async open(unread: number, message?: string): Promise<void> {
    if (message !== undefined) return this.jump(message)
    const page = await node.dure.history(this.account, {}, Math.max(PAGE, Math.min(unread + 20, 250)))
    this.window = { ...newest(page), older: page.length >= PAGE }
    this.firstUnread = unread > 0 ? firstUnreadOf(page, unread) : undefined
    this.loaded = true
  }

  async jump(message: string): Promise<void> {
    const page = await node.dure.history(this.account, { around: message }, PAGE)
    this.window = around(page)
    this.loaded = true
  }

  async toNewest(): Promise<void> {
    this.window = newest(await node.dure.history(this.account, {}, PAGE))
    this.loaded = true
  }

  /** A page more, one at a time; and only next to what it was asked for, as long as that stands there. */
  async grow(end: End): Promise<void> {
    let edge = edgeOf(this.window, end)
    if (this.#busy || edge === undefined || !this.window[end]) return
    this.#busy = true
    try {
      const page = await node.dure.history(this.account, end === 'older' ? { before: edge } : { after: edge }, PAGE)
      const parts = inSteps(page, end)
      for (const [n, part] of parts.entries()) {
        if (n > 0) await new Promise(requestAnimationFrame)
        if (edgeOf(this.window, end) !== edge) return
        this.window = grown(this.window, end, part, n + 1 < parts.length || page.length >= PAGE)
        edge = edgeOf(this.window, end)
      }
    } finally {
      this.#busy = false
    }
  }

  take(event: EventView): void {
    if (event.type === 'message' && event.message.contact === this.account) this.window = withArrived(this.window, event.message)
    if (event.type === 'changed' && event.message.contact === this.account) this.window = withChanged(this.window, event.message)
    if (event.type === 'removed' && event.contact === this.account) this.window = without(this.window, event.message)
  }

  async say(text: string, replyTo?: string): Promise<void> {
    const message = await node.dure.say(this.account, text, newMessageId(), replyTo)
    if (this.window.newer) await this.toNewest()
    else this.put(message)
    this.firstUnread = undefined
  }

  /** A message that another answers; undefined while it is not here. */
  quoted(id: string): MessageView | undefined {
    const near = this.window.messages.find((one) => one.id === id)
    if (near || this.#quoted.has(id)) return near ?? this.#quoted.get(id)
    // asked for once it is shown, not while it is being drawn
    queueMicrotask(() => void this.#quote(id))
    return undefined
  }

  async #quote(id: string): Promise<void> {
    if (this.#quoted.has(id)) return
    this.#quoted.set(id, undefined)
    try {
      const message = await node.dure.message(id)
      if (message.contact === this.account) this.#quoted.set(id, message)
    } catch {
      // an answer to what is not here, or not any more
    }
  }

  put(message: MessageView): void {
    this.window = withArrived(this.window, message)
  }
}

function firstUnreadOf(page: readonly MessageView[], unread: number): string | undefined {
  const theirs = page.filter(({ direction, kind }) => direction === 'in' && kind !== 'notice')
  return theirs.at(-unread)?.id
}

/** Begins with the time, as the node's own do. */
export function newMessageId(): string {
  const random = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return Date.now().toString(16).padStart(12, '0') + random
}
