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

export interface MailboxStore {
  /**
   * The queue, without bodies. It takes as long when there is none (attack 62), so far as whoever asks may not command it: what is in a
   * queue is read when it is looked at.
   */
  find(by: Name, value: Uint8Array): Queue | undefined
  /** @param id recipient id */
  body(id: Uint8Array, seq: number): Uint8Array | undefined
  /** Queues that have something to be removed at this time, at most so many. */
  due(now: number, most: number): Queue[]
  size(): StoreSize
  /**
   * Seen by reads at once; resolves when it is durable. Without a change: when all that was committed before is. @throws StoreError; then all
   * that was committed and not durable is undone
   */
  commit(change?: QueueChange): Promise<void>
  /** Called when commits were undone, before their promises reject. */
  onRollback(listener: () => void): void
  close(): void
}

/** When something of a queue has to be removed next, should nobody come: its oldest block, or itself. */
export function dueAt(queue: Queue): number {
  const oldest = queue.items.reduce((least, { kind, at }) => (kind === 'expired' ? least : Math.min(least, at)), Infinity)
  return Math.min(oldest + RETENTION, queue.visited + ABANDONED)
}
