/** A queue as its node keeps it. Bodies of blocks are not in it: a store keeps them by queue and `seq`. */
import { type KeyPair, type Random, type Suite, toHex } from '../suite/index.ts'
import type { QueueKind } from './frames.ts'
import { ABANDONED, CAPACITY, ID, RECENT, REQUEST_CAPACITY, TAG } from './limits.ts'

export type Item =
  | { readonly kind: 'block'; readonly seq: number; readonly at: number; readonly block: Uint8Array }
  /** here the sender was told that the queue is full */
  | { readonly kind: 'quota'; readonly seq: number; readonly at: number }
  /** blocks before this expired; `total` of the queue so far */
  | { readonly kind: 'expired'; readonly seq: number; readonly at: number; readonly total: number }

export interface Queue {
  readonly kind: QueueKind
  /** 24 bytes each, unrelated: who knows one cannot tell the other */
  readonly recipient: Uint8Array
  readonly sender: Uint8Array
  readonly recipientKey: Uint8Array
  readonly senderKey: Uint8Array
  /** the node's, for this queue only */
  readonly node: KeyPair<'x25519'>
  /** of the last subscription; zeros before the first */
  readonly tag: Uint8Array
  readonly suspended: boolean
  /** refused a block, and the marker of it is not acknowledged yet */
  readonly full: boolean
  /** of the next item; counts up, so no two items of a queue ever share one. 0 is nobody's */
  readonly nextSeq: number
  /** blocks that expired */
  readonly expired: number
  /** in the order they came, but that an `expired` is first */
  readonly items: readonly Item[]
  /** ids of the last blocks deleted */
  readonly recent: readonly Uint8Array[]
  /** under which the body of the notice is kept */
  readonly notice: number | undefined
  /** the day the recipient last spoke, ms */
  readonly visited: number
}

export const DAY = 24 * 3600 * 1000

/** A queue that nobody knows yet. */
export function newQueue(suite: Suite, random: Random, made: { kind: QueueKind; recipientKey: Uint8Array; senderKey: Uint8Array; now: number }): Queue {
  const { kind, recipientKey, senderKey, now } = made
  return {
    kind,
    recipient: random(ID),
    sender: random(ID),
    recipientKey,
    senderKey,
    node: suite.generate('x25519', random),
    tag: new Uint8Array(TAG),
    suspended: false,
    full: false,
    nextSeq: 1,
    expired: 0,
    items: [],
    recent: [],
    notice: undefined,
    visited: dayOf(now),
  }
}

export const dayOf = (now: number): number => Math.floor(now / DAY) * DAY

export const capacityOf = (queue: Queue): number => (queue.kind === 'request' ? REQUEST_CAPACITY : CAPACITY)

export const blocksIn = (queue: Queue): number => queue.items.reduce((sum, { kind }) => sum + (kind === 'block' ? 1 : 0), 0)

/** Was this block handed in before, so far as the queue remembers? */
export function knows(queue: Queue, block: Uint8Array): boolean {
  const id = toHex(block)
  return queue.items.some((item) => item.kind === 'block' && toHex(item.block) === id) || queue.recent.some((each) => toHex(each) === id)
}

/** Without items that were acknowledged; the ids of blocks among them are remembered. */
export function acknowledged(queue: Queue, gone: readonly Item[]): Queue {
  const blocks = gone.flatMap((item) => (item.kind === 'block' ? [item.block] : []))
  return { ...without(queue, gone), recent: [...queue.recent, ...blocks].slice(-RECENT) }
}

/** Without items that nobody acknowledged; their blocks may be handed in again. */
export function without(queue: Queue, gone: readonly Item[]): Queue {
  const seqs = new Set(gone.map(({ seq }) => seq))
  return { ...queue, items: queue.items.filter(({ seq }) => !seqs.has(seq)) }
}

/** Its recipient has not been heard of for so long that the node may remove it, with all that is in it. */
export const isAbandoned = (queue: Queue, now: number): boolean => now - queue.visited >= ABANDONED
