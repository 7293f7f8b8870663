/** The stream of events, handed to whoever shows something. */
import type { EventView } from '../../messenger/views.ts'
import { followEvents } from '../api/events.ts'
import { many, t } from '../words/language.svelte.ts'
import { node } from './node.svelte.ts'
import { notifyOf, notifyOfPost } from './notifications.svelte.ts'
import { people } from './people.svelte.ts'
import { toasts } from './toasts.svelte.ts'

interface Listener {
  onEvent(event: EventView): void
  /** What is shown may be old: read it anew. */
  onReset?(): void
}

const listeners = new Set<Listener>()

/** @returns a function that ends it */
export function listen(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function beginFollowing(): () => void {
  return followEvents({
    open: (headers, signal) => node.client.open('/v1/events', headers, signal),
    onEvent(event) {
      // before `people` takes it: so that a listener can tell what is new
      for (const listener of listeners) listener.onEvent(event)
      people.take(event)
      if (event.type === 'message') notifyOf(event.message)
      if (event.type === 'post') notifyOfPost(event.post)
      if (event.type === 'digest') toasts.say(many(t.channel.digest, event.posts, { name: event.name }))
      if (event.type === 'warning' && event.code === 'store-failed') void node.storeAgain()
      else if (event.type === 'warning') toasts.warn(t.warnings[event.code])
    },
    onReset() {
      void people.read().catch((error: unknown) => toasts.fail(error))
      for (const listener of listeners) listener.onReset?.()
    },
    onConnected(connected) {
      node.connected = connected
      if (!connected) void node.look()
    },
    random: Math.random,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
        addEventListener('online', () => (clearTimeout(timer), resolve()), { once: true })
      }),
  })
}
