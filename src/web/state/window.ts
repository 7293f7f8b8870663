/**
 * The part of a conversation that is in the page: a run of messages that grows at the end one scrolls to and is cut at the other, so that a
 * conversation of 100,000 messages costs no more than one of a few hundred.
 */
import type { MessageView } from '../../messenger/views.ts'

export const PAGE = 60
/** So many are drawn for one frame; a whole page at once would drop several. */
export const STEP = 10
/** Several screens in either direction; more would make every layout slower. */
export const MOST = 300

export interface Window {
  /** oldest first */
  readonly messages: readonly MessageView[]
  /** there may be older ones than the first, newer ones than the last */
  readonly older: boolean
  readonly newer: boolean
}

export const EMPTY: Window = { messages: [], older: false, newer: false }

/** The newest page of a conversation. */
export const newest = (page: readonly MessageView[]): Window => ({ messages: page, older: page.length >= PAGE, newer: false })

/** A page around a message. What lies beyond is found out by asking. */
export const around = (page: readonly MessageView[]): Window => ({ messages: page, older: page.length > 0, newer: page.length > 0 })

export type End = 'older' | 'newer'

export const edgeOf = ({ messages }: Window, end: End): string | undefined => (end === 'older' ? messages[0] : messages.at(-1))?.id

/** @param more whether there may be others beyond these */
export function grown(window: Window, end: End, part: readonly MessageView[], more: boolean): Window {
  const fresh = unknown(window, part)
  if (end === 'older') {
    const all = [...fresh, ...window.messages]
    return { messages: all.slice(0, MOST), older: more, newer: window.newer || all.length > MOST }
  }
  const all = [...window.messages, ...fresh]
  return { messages: all.slice(-MOST), older: window.older || all.length > MOST, newer: more }
}

/** A page in parts of a frame each, those next to the window first; at least one, which may be empty. */
export function inSteps(page: readonly MessageView[], end: End): (readonly MessageView[])[] {
  const parts: (readonly MessageView[])[] = []
  for (let done = 0; done < page.length || done === 0; done += STEP) {
    parts.push(end === 'older' ? page.slice(Math.max(0, page.length - done - STEP), page.length - done) : page.slice(done, done + STEP))
  }
  return parts
}

/** A new message. While newer ones than the last are not here, it is not next to it either. */
export function withArrived(window: Window, message: MessageView): Window {
  if (window.newer) return window
  return has(window, message.id) ? withChanged(window, message) : grown(window, 'newer', [message], false)
}

export function withChanged(window: Window, message: MessageView): Window {
  if (!has(window, message.id)) return window
  return { ...window, messages: window.messages.map((one) => (one.id === message.id ? message : one)) }
}

export const without = (window: Window, id: string): Window =>
  has(window, id) ? { ...window, messages: window.messages.filter((one) => one.id !== id) } : window

const has = (window: Window, id: string): boolean => window.messages.some((one) => one.id === id)

function unknown(window: Window, page: readonly MessageView[]): readonly MessageView[] {
  const known = new Set(window.messages.map(({ id }) => id))
  return page.filter(({ id }) => !known.has(id))
}
