/** States at rest: fixed tables, for the encrypted database of a client and for the database of a node. */
import { concat, fromHex, Reader, type Suite, toHex, u32, u64 } from '../suite/index.ts'
import { MailboxError, malformed } from './errors.ts'
import { BLOCK_ID, CAPACITY, ID, KEY, MAX_MISSING, MAX_STARTED, MAX_TAGS, RECENT, SEEN, TAG } from './limits.ts'
import type { Item, Queue } from './queue.ts'
import { EMPTY_INBOX, type Inbox, type View } from './recipient.ts'
import { newSender, type Sender } from './sender.ts'

const VERSION = 1
const KIND = ['conversation', 'request'] as const
const ITEM = ['block', 'quota', 'expired'] as const

/** Holds the node's secret key for the queue. Without bodies, below 6 KiB. */
export function encodeQueue(suite: Suite, queue: Queue): Uint8Array {
  const { kind, suspended, full, notice, items, recent } = queue
  const flags = (suspended ? 1 : 0) | (full ? 2 : 0)
  const keys = [queue.recipient, queue.sender, queue.recipientKey, queue.senderKey, suite.exportSecret(queue.node.secretKey), queue.tag]
  const counts = [u64(queue.nextSeq), u32(queue.expired), u64(queue.visited), u64(notice ?? 0)]
  return concat(
    new Uint8Array([VERSION, KIND.indexOf(kind), flags]),
    ...keys,
    ...counts,
    list(items.map((item) => concat(new Uint8Array([ITEM.indexOf(item.kind)]), u64(item.seq), u64(item.at), ofItem(item)))),
    list(recent),
  )
}

const ofItem = (item: Item): Uint8Array => (item.kind === 'block' ? item.block : item.kind === 'expired' ? u32(item.total) : new Uint8Array(0))

/** @throws MailboxError malformed | newer-version */
export function decodeQueue(suite: Suite, bytes: Uint8Array): Queue {
  return decode(bytes, (reader) => {
    const kind = KIND[reader.u8()]
    const flags = reader.u8()
    if (!kind || flags > 3) throw malformed()
    const ids = { recipient: reader.take(ID), sender: reader.take(ID), recipientKey: reader.take(KEY), senderKey: reader.take(KEY) }
    const node = suite.importSecret('x25519', reader.take(KEY))
    const [tag, nextSeq, expired, visited, notice] = [reader.take(TAG), reader.u64(), reader.u32(), reader.u64(), reader.u64()]
    const items = readList(reader, CAPACITY + 2, () => readItem(reader))
    const recent = readList(reader, RECENT, () => reader.take(BLOCK_ID))
    return { kind, ...ids, node, tag, suspended: (flags & 1) > 0, full: (flags & 2) > 0, nextSeq, expired, items, recent, notice: notice || undefined, visited }
  })
}

function readItem(reader: Reader): Item {
  const kind = ITEM[reader.u8()]
  const place = { seq: reader.u64(), at: reader.u64() }
  switch (kind) {
    case 'block':
      return { kind, ...place, block: reader.take(BLOCK_ID) }
    case 'expired':
      return { kind, ...place, total: reader.u32() }
    case 'quota':
      return { kind, ...place }
    default:
      throw malformed()
  }
}

/** What of an inbox outlives the process. */
export const encodeInbox = ({ seen }: Inbox): Uint8Array => concat(new Uint8Array([VERSION]), list(seen.map(fromHex)))

/** @throws MailboxError malformed | newer-version */
export const decodeInbox = (bytes: Uint8Array): Inbox =>
  decode(bytes, (reader) => ({ ...EMPTY_INBOX, seen: readList(reader, SEEN, () => toHex(reader.take(32))) }))

export function encodeView({ queue, kind, tags, numbers, expired }: View): Uint8Array {
  const head = concat(new Uint8Array([VERSION, KIND.indexOf(kind)]), fromHex(queue), u64(numbers.next), u32(expired))
  return concat(head, list(tags), list(numbers.missing.map(({ from, to }) => concat(u64(from), u64(to)))))
}

/** @throws MailboxError malformed | newer-version */
export const decodeView = (bytes: Uint8Array): View =>
  decode(bytes, (reader) => {
    const kind = KIND[reader.u8()]
    if (!kind) throw malformed()
    const [queue, next, expired] = [toHex(reader.take(ID)), reader.u64(), reader.u32()]
    const tags = readList(reader, MAX_TAGS, () => reader.take(TAG))
    const missing = readList(reader, MAX_MISSING, () => ({ from: reader.u64(), to: reader.u64() }))
    return { queue, kind, phase: 'idle', tags, numbers: { next, missing }, expired }
  })

export const encodeSender = ({ next, started }: Sender): Uint8Array =>
  concat(new Uint8Array([VERSION]), u64(next), list(started.map(({ hash, length, first, stored }) => concat(hash, u32(length), u64(first), u32(stored)))))

/** @throws MailboxError malformed | newer-version */
export const decodeSender = (bytes: Uint8Array): Sender =>
  decode(bytes, (reader) => {
    const next = reader.u64()
    return newSender(next, readList(reader, MAX_STARTED, () => ({ hash: reader.take(32), length: reader.u32(), first: reader.u64(), stored: reader.u32() })))
  })

const list = (entries: readonly Uint8Array[]): Uint8Array => concat(u32(entries.length), ...entries)

function readList<T>(reader: Reader, most: number, read: () => T): T[] {
  const count = reader.u32()
  if (count > most) throw malformed()
  return Array.from({ length: count }, read)
}

function decode<T>(bytes: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader(bytes, malformed)
  const version = reader.u8()
  if (version > VERSION) throw new MailboxError('newer-version')
  if (version !== VERSION) throw malformed()
  const state = read(reader)
  reader.end()
  return state
}
