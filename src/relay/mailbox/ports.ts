/** What mailboxes need of a store, declared by their user. `src/relay/store` implements it; `test/support` has the in-memory twin. */
import { ABANDONED, type Queue, RETENTION } from '../../../protocols/mailbox/index.ts'

/** By which of its names a queue is looked for. */
export type Name = 'recipient' | 'sender' | 'recipientKey'

/** All that one step does to one queue: stored as one, or not at all. */
export interface QueueChange {
  /** recipient id */
  readonly id: Uint8Array
  /** undefined: it is deleted, with every body it has */
  readonly queue: Queue | undefined
  readonly kept: { readonly seq: number; readonly body: Uint8Array } | undefined
  /** seqs; some of them may have no body */
  readonly dropped: readonly number[]
}

export interface StoreSize {
  readonly queues: number
  /** bodies, those of notices among them */
  readonly blocks: number
}

/** What somebody makes of a queue. Without a change it was only looked at. */
export interface Acted<T> {
  readonly change?: QueueChange
  readonly result: T
}

export interface MailboxStore {
  /**
   * Looks a queue up, without bodies, has `act` decide once what becomes of it, and stores that; no other step on the queue, of whichever process,
   * comes in between. Resolves when all that `act` saw and did is durable, in the order of the steps. It takes as long when there is no such
   * queue (attack 62), so far as whoever asks may not command it: what is in a queue is read when it is looked at.
   * @param act synchronous; `size` is that of the whole store with the steps before
   * @throws StoreError | DatabaseAway; then all steps that were not durable are undone, and those who watch were told
   */
  step<T>(by: Name, value: Uint8Array, act: (queue: Queue | undefined, size: StoreSize) => Acted<T>): Promise<T>
  /** @param id recipient id */
  body(id: Uint8Array, seq: number): Promise<Uint8Array | undefined>
  /** Recipient ids of queues that have something to be removed at this time, at most so many, the oldest first. */
  due(now: number, most: number): Promise<Uint8Array[]>
  /** As of the last step, or, of what other processes do, a little later. */
  size(): StoreSize
  /** Called when steps were undone, before their promises reject. */
  onRollback(listener: () => void): void
  /** Called with the recipient ids of queues that other processes changed; without, when it may have been any. */
  onChanged(listener: (ids: readonly Uint8Array[] | undefined) => void): void
  close(): Promise<void>
}

/** When something of a queue has to be removed next, should nobody come: its oldest block, or itself. */
export function dueAt(queue: Queue): number {
  const oldest = queue.items.reduce((least, { kind, at }) => (kind === 'expired' ? least : Math.min(least, at)), Infinity)
  return Math.min(oldest + RETENTION, queue.visited + ABANDONED)
}
