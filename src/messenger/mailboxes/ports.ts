/** What mailboxes need from the network, declared by their user. `src/net` implements it; `test/support` has the in-memory twin. */

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
