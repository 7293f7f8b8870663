/** A page of a conversation, as a door asks for it. */
import type { AccountKey, Page, Store, StoredMessage } from './ports.ts'

export interface AskedPage extends Page {
  /** this message, with as many before it as after it */
  readonly around?: string
}

/** Oldest first. A message that is not of this conversation has nothing next to it. */
export function pageOf(store: Store, contact: AccountKey, { around, ...page }: AskedPage): StoredMessage[] {
  if (around === undefined) return store.history(contact, page)
  const middle = store.message(around)
  if (middle?.contact !== contact) return []
  const half = Math.floor(page.limit / 2)
  return [...store.history(contact, { before: around, limit: half }), middle, ...store.history(contact, { after: around, limit: page.limit - half })]
}
