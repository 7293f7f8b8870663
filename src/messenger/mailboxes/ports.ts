/** What mailboxes need from the world, declared by their user: `src/net` and `src/store` implement these, `test/support` has the in-memory twins. */

import type { AccountKey, DeviceKey, MessageId } from '../ports.ts'

// ---------------------------------------------------------------- network

/** A node that keeps mailboxes: a relay. */
export interface MailboxNode {
  /** Ed25519 public key of its peer id, lowercase hex */
  readonly peer: string
  /** multiaddrs without its peer id; hints, as everywhere */
  readonly addresses: readonly string[]
}

/**
 * `fetch`: queues of ours, to create and to empty. `hand-in`: queues of others, to fill. The two must not be seen together, so they travel over
 * different connections under different throw-away keys, and never under the device's (attack 66).
 */
export type MailboxRole = 'fetch' | 'hand-in'

export interface Mailboxes {
  start(): Promise<void>
  /** Streams end. */
  stop(): Promise<void>
  /**
   * From now on nodes of others are reached only through one of these, the first that leads there; undefined: nobody hides. Takes effect at once,
   * which ends the streams for handing in.
   */
  hideBehind(own: (() => readonly MailboxNode[]) | undefined): void
  /** The network may be another one: streams whose node does not answer any more end. */
  check(): void
  /** One stream to one node, dialled when needed. @throws MailboxNetError; with an aborted `signal`, its reason */
  connect(role: MailboxRole, node: MailboxNode, signal?: AbortSignal): Promise<MailboxStream>
}

/** Frames both ways, in order, each of one of the sizes in protocols/mailbox. What is in them nobody here knows. */
export interface MailboxStream {
  /** Resolves when there is room for the next. @throws MailboxNetError the stream has ended */
  send(frame: Uint8Array): Promise<void>
  /** The hello first; ends, without an error, when the stream ends for whatever reason. To be walked once. */
  readonly frames: AsyncIterable<Uint8Array>
  /** Ends it, from this side. */
  close(): void
}

export class MailboxNetError extends Error {
  override readonly name = 'MailboxNetError'
  readonly code: 'unreachable' | 'timeout' | 'stopped' | 'refused'

  constructor(code: MailboxNetError['code'], message: string) {
    super(message)
    this.code = code
  }
}

// ---------------------------------------------------------------- store

/**
 * `asked`: the node may not have made it yet. `open`: it exists, and the contact was told. `former`: the contact was told of another in its place, and
 * may not have heard it: what it leaves here is taken until it uses the other. `leaving`: it takes no more and is emptied.
 * `doomed`: to be removed with what is in it.
 */
export type QueuePhase = 'asked' | 'open' | 'former' | 'leaving' | 'doomed'

/** A queue of ours: one contact hands in, we fetch. */
export interface QueueRow {
  /** recipient's public key, drawn here for this queue; hex */
  readonly id: string
  readonly contact: AccountKey
  /** key of its node */
  readonly node: string
  readonly addresses: readonly string[]
  readonly phase: QueuePhase
  /** its keys and, once it is made, its names */
  readonly secrets: Uint8Array
  /** what is known of what came: `encodeView`; undefined before it is made */
  readonly view: Uint8Array | undefined
  /** when it came into this phase */
  readonly since: number
}

/** Where a device of a contact may be left something: the newest announcement. */
export interface AnnouncementRow {
  readonly device: DeviceKey
  readonly bytes: Uint8Array
}

/** What is on its way into a queue of a contact: `encodeSender`. */
export interface SenderRow {
  /** sender id of the queue, hex */
  readonly queue: string
  readonly device: DeviceKey
  readonly state: Uint8Array
}

/** The whole of an outbox item's envelope is in a queue. Goes when the item goes. */
export interface HandedRow {
  readonly id: MessageId
  readonly device: DeviceKey
  /** sender id, hex */
  readonly queue: string
  readonly at: number
}

export type MailboxChange =
  | { readonly put: 'queue'; readonly row: QueueRow }
  | { readonly remove: 'queue'; readonly id: string }
  | { readonly put: 'announcement'; readonly row: AnnouncementRow }
  | { readonly put: 'sender'; readonly row: SenderRow }
  /** with what is known to be in it */
  | { readonly remove: 'sender'; readonly queue: string }
  | { readonly put: 'handed'; readonly row: HandedRow }
  /** from every queue: it was sealed anew */
  | { readonly remove: 'handed'; readonly id: MessageId; readonly device: DeviceKey }

export interface MailboxStore {
  queues(): QueueRow[]
  announcements(): AnnouncementRow[]
  senders(): SenderRow[]
  /** Of the items of one device. */
  handed(device: DeviceKey): HandedRow[]
}
