/** What is inside a delivery: a block or a marker, which look the same from outside. */
import { concat, Reader, u32, u64 } from '../suite/index.ts'
import { malformed } from './errors.ts'
import { ITEM } from './frames.ts'
import type { Item } from './queue.ts'

const KIND = { block: 1, quota: 2, expired: 3 } as const

export type Delivered =
  | { readonly kind: 'block'; readonly seq: number; readonly at: number; readonly body: Uint8Array }
  /** the sender was refused a block when the queue was full */
  | { readonly kind: 'quota'; readonly seq: number; readonly at: number }
  /** `total` blocks of this queue expired since it was made */
  | { readonly kind: 'expired'; readonly seq: number; readonly at: number; readonly total: number }

/** `body` is zeros for a marker. */
export const encodeItem = (item: Item, body: Uint8Array): Uint8Array =>
  concat(u64(item.seq), new Uint8Array([KIND[item.kind]]), u64(item.at), u32(item.kind === 'expired' ? item.total : 0), body)

/** @throws MailboxError malformed */
export function decodeItem(bytes: Uint8Array): Delivered {
  if (bytes.length !== ITEM) throw malformed()
  const reader = new Reader(bytes, malformed)
  const [seq, kind, at, total] = [reader.u64(), reader.u8(), reader.u64(), reader.u32()]
  const body = reader.rest()
  const empty = kind === KIND.block || body.every((byte) => byte === 0)
  if (seq === 0 || !empty || (kind === KIND.expired) !== total > 0) throw malformed()
  switch (kind) {
    case KIND.block:
      return { kind: 'block', seq, at, body }
    case KIND.quota:
      return { kind: 'quota', seq, at }
    case KIND.expired:
      return { kind: 'expired', seq, at, total }
    default:
      throw malformed()
  }
}
