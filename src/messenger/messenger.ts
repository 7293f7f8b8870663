import type { Channels } from './channels/face.ts'
import type { ContactView, EventView, InboxRow, InviteView, MessageView, PairView, RelayFound, RelayView, RequestView, SelfView, StatusView, VerifyView } from './views.ts'

/**
 * The face of the messenger to its doors. Names of people are our own names for contacts (or an unambiguous start of
 * one, or the hex account). Every method throws MessengerError with a `code` and a `hint` for what a person did wrong.
 */
export interface Messenger {
  start(): Promise<void>
  stop(): Promise<void>

  id(): SelfView
  status(): StatusView
  rename(name: string): Promise<SelfView>
  setPicture(picture: Uint8Array | undefined): Promise<void>
  setReadReceipts(on: boolean): Promise<void>
  /** The 24 words, until somebody says with `forget` that they are on paper. */
  recoveryWords(forget: boolean): Promise<string>
  /** What a door keeps with the profile: drafts, how a page is to look. '' when there is nothing. */
  note(key: string): string
  setNote(key: string, text: string): Promise<void>

  relays(): RelayView[]
  /** `link`: what an operator gave out */
  useRelay(link: string): Promise<RelayView>
  forgetRelay(id: string): Promise<void>
  /** Asks the public network for relays; uses none. */
  findRelays(): Promise<RelayFound[]>
  /** Contacts are told of us, and called, only through relays. */
  setHideAddress(on: boolean): Promise<void>
  /** Private: relays are looked for among no strangers, and what was found there is given up. Kept in the profile; a run that was started with the other keeps to that. */
  setNetwork(network: 'public' | 'private'): Promise<void>

  /** `lifetime` in seconds */
  invite(options: { inPerson: boolean; lifetime?: number }): Promise<InviteView>
  /** `scanned`: the text was read from a picture of a code, not received as a link */
  pair(link: string, options: { scanned: boolean }): Promise<PairView>
  requests(): RequestView[]
  accept(requestId: string): Promise<ContactView>
  refuse(requestId: string): Promise<void>

  contacts(): ContactView[]
  contact(name: string): ContactView
  renameContact(name: string, next: string): Promise<ContactView>
  block(name: string): Promise<ContactView>
  unblock(name: string): Promise<ContactView>
  safetyNumber(name: string): VerifyView
  /** The person compared the numbers. */
  verify(name: string, verified: boolean): Promise<VerifyView>
  setTimer(name: string, seconds: number): Promise<ContactView>
  /** Their words are shown, and nobody is disturbed by them. */
  mute(name: string, muted: boolean): Promise<ContactView>
  /** Of a contact as they sent it; ours without a name. */
  picture(name?: string): Uint8Array | undefined

  /** Resolves when the message is durably queued: from then on it is not lost. */
  send(name: string, text: string, options?: { replyTo?: string; id?: string }): Promise<MessageView>
  edit(message: string, text: string): Promise<MessageView>
  remove(message: string): Promise<MessageView>
  react(message: string, emoji: string): Promise<MessageView>
  typing(name: string, active: boolean): Promise<void>
  markRead(name: string, upTo?: string): Promise<void>
  /** The newest `limit`, or those next to a message: older, newer, or it in their middle. Oldest first. */
  history(name: string, page: { before?: string; after?: string; around?: string; limit: number }): MessageView[]
  message(id: string): MessageView
  search(text: string, page: { contact?: string; limit: number }): MessageView[]

  /** People and channels, the one with the newest word first. */
  inbox(): InboxRow[]
  readonly channels: Channels

  /** Documented JSON lines (see the archive README): contacts, history, settings. Never sessions or keys. */
  exportArchive(): IterableIterator<string>
  importArchive(lines: Iterable<string>): Promise<{ contacts: number; follows: number; messages: number; skipped: number }>

  /** Every event from now on; returns how to stop listening. */
  on(listener: (event: EventView) => void): () => void
  /** Events after `id` still held in memory (the last 1,000), for a door that reconnects; undefined when `id` is too old. */
  since(id: number): EventView[] | undefined
}
