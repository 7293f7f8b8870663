/**
 * Layer (a): a block, sealed by the sender for the recipient. Every block has the same size and looks random to who has not the queue's
 * secret; the same message through two queues gives blocks with nothing in common.
 */
import { concat, LABEL, labelled, type Random, Reader, SIZE, type Suite, u32, u64 } from '../suite/index.ts'
import { MailboxError } from './errors.ts'
import type { QueueKeys } from './keys.ts'
import { AEAD_TAG, BLOCK_ID, BODY, MAX_MESSAGE, PART, SALT } from './limits.ts'

const VERSION = 1
const WHAT = { nothing: 0, part: 1, notice: 2 } as const

/** Which message a part is of: length and hash, nothing that is not in its bytes. */
export interface MessageId {
  readonly hash: Uint8Array
  readonly length: number
}

/** One part of a message (an envelope), at its place. */
export interface Part extends MessageId {
  readonly what: 'part'
  /** the sender's count of blocks on this queue, from 1 */
  readonly number: number
  readonly index: number
  /** PART bytes, less in the last part of a message */
  readonly data: Uint8Array
}

/** Fills a line that would otherwise be silent. Counted like a part, and thrown away. */
export interface Nothing {
  readonly what: 'nothing'
  readonly number: number
}

/** What the owner of an invite leaves for who scans it. */
export interface Notice {
  readonly what: 'notice'
  readonly data: Uint8Array
}

export type Inside = Part | Nothing | Notice

/** @throws MailboxError too-large: also for an empty message */
export function messageId(suite: Suite, message: Uint8Array): MessageId {
  if (message.length === 0 || message.length > MAX_MESSAGE) throw new MailboxError('too-large')
  return { hash: suite.hash(labelled(LABEL.mailboxMessage, message)).slice(0, 32), length: message.length }
}

export const partsOf = (length: number): number => Math.ceil(length / PART)

/** Part `index` of a message. */
export const partAt = (message: Uint8Array, id: MessageId, index: number, number: number): Part => ({
  ...id,
  what: 'part',
  number,
  index,
  data: message.slice(index * PART, (index + 1) * PART),
})

/**
 * The name of a block: the same for every resend of that number on this queue, unrelated on another. With the number in it, so that a message which
 * is started once more, after it expired, is not taken for one that is there.
 */
export const blockId = (suite: Suite, keys: QueueKeys, hash: Uint8Array, number: number): Uint8Array =>
  suite.hmac(keys.names, labelled(LABEL.mailboxBlockId, hash, u64(number))).slice(0, BLOCK_ID)

/** BODY bytes. @throws MailboxError too-large | part */
export function sealBlock(suite: Suite, random: Random, keys: QueueKeys, inside: Inside): Uint8Array {
  const salt = random(SALT)
  const { key, nonce } = blockKey(suite, keys, salt)
  return concat(salt, suite.seal(key, nonce, encodeInside(suite, inside), new Uint8Array(0)))
}

/** @throws MailboxError seal: not of this queue, or changed on its way | part: its sender broke the table */
export function openBlock(suite: Suite, keys: QueueKeys, body: Uint8Array): Inside {
  if (body.length !== BODY) throw new MailboxError('seal')
  const { key, nonce } = blockKey(suite, keys, body.slice(0, SALT))
  const plaintext = suite.open(key, nonce, body.subarray(SALT), new Uint8Array(0))
  if (!plaintext) throw new MailboxError('seal')
  return decodeInside(suite, plaintext)
}

function blockKey(suite: Suite, keys: QueueKeys, salt: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const { key, nonce } = SIZE.aead
  const bytes = suite.hkdf(salt, keys.layer, labelled(LABEL.mailboxBlock), key + nonce)
  return { key: bytes.slice(0, key), nonce: bytes.slice(key) }
}

function encodeInside(suite: Suite, inside: Inside): Uint8Array {
  const table = new Uint8Array(BODY - SALT - AEAD_TAG)
  table.set([VERSION, WHAT[inside.what]])
  if (inside.what === 'notice') {
    const { hash, length } = messageId(suite, inside.data)
    if (length > PART) throw new MailboxError('too-large')
    table.set(concat(u64(0), hash, u32(length), new Uint8Array(2), inside.data), 2)
  } else {
    if (inside.number < 1) throw new MailboxError('part')
    table.set(u64(inside.number), 2)
  }
  if (inside.what === 'part') {
    if (!isPart(inside, inside.data.length) || inside.hash.length !== 32) throw new MailboxError('part')
    table.set(concat(inside.hash, u32(inside.length), new Uint8Array([0, inside.index]), inside.data), 10)
  }
  return table
}

function decodeInside(suite: Suite, table: Uint8Array): Inside {
  const wrong = (): MailboxError => new MailboxError('part')
  const reader = new Reader(table, wrong)
  const version = reader.u8()
  if (version > VERSION) throw new MailboxError('newer-version')
  const what = reader.u8()
  const number = reader.u64()
  const [hash, length, index] = [reader.take(32), reader.u32(), reader.u16()]
  const size = Math.max(0, Math.min(PART, length - index * PART))
  const data = reader.take(size)
  const inside = insideOf()
  if (version !== VERSION || !inside || reader.rest().some((byte) => byte !== 0)) throw wrong()
  return inside

  function insideOf(): Inside | undefined {
    switch (what) {
      case WHAT.part:
        return isPart({ length, index }, size) && number > 0 ? { what: 'part', number, hash, length, index, data } : undefined
      case WHAT.notice:
        return number === 0 && index === 0 && isPart({ length, index }, length) && suite.equal(messageId(suite, data).hash, hash) ? { what: 'notice', data } : undefined
      case WHAT.nothing:
        return number > 0 && length === 0 && index === 0 && hash.every((byte) => byte === 0) ? { what: 'nothing', number } : undefined
      default:
        return undefined
    }
  }
}

/** Such a part exists, and has that size: there is one way only to cut a message. */
function isPart({ length, index }: { length: number; index: number }, size: number): boolean {
  if (!Number.isInteger(length) || length < 1 || length > MAX_MESSAGE || !Number.isInteger(index) || index < 0 || index >= partsOf(length)) return false
  return size === Math.min(PART, length - index * PART)
}

