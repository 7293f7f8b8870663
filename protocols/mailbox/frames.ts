/**
 * What a client and a node say to each other: byte tables, each of one of two sizes whatever is in it. The rest of a frame is zeros, and
 * they are checked, so that a frame has one form.
 */
import { concat, Reader, u32, u64 } from '../suite/index.ts'
import { MailboxError, malformed } from './errors.ts'
import type { Handed } from './handed.ts'
import { AEAD_TAG, AUTHENTICATOR, BLOCK_ID, BODY, ID, KEY, LONG, MAX_ACKNOWLEDGED, SALT, SHORT, TAG } from './limits.ts'

export type QueueKind = 'conversation' | 'request'

export type Command =
  /** a queue for this recipient; `pass` is the operator's, or zeros */
  | { readonly type: 'create'; readonly kind: QueueKind; readonly recipientKey: Uint8Array; readonly senderKey: Uint8Array; readonly pass: Uint8Array }
  /** from now on this is the sender's key */
  | { readonly type: 'secure'; readonly id: Uint8Array; readonly senderKey: Uint8Array }
  /** push to this stream what is there and what comes */
  | { readonly type: 'subscribe'; readonly id: Uint8Array; readonly tag: Uint8Array }
  /** these are stored here: delete them */
  | { readonly type: 'acknowledge'; readonly id: Uint8Array; readonly seqs: readonly number[] }
  /** take no more blocks, for good */
  | { readonly type: 'suspend'; readonly id: Uint8Array }
  /** remove the queue and what is in it */
  | { readonly type: 'delete'; readonly id: Uint8Array }
  | { readonly type: 'info'; readonly id: Uint8Array }
  /** lay this out for who scans the invite */
  | { readonly type: 'post'; readonly id: Uint8Array; readonly body: Uint8Array }
  /** by the sender: keep this block */
  | { readonly type: 'send'; readonly id: Uint8Array; readonly block: Uint8Array; readonly body: Uint8Array }
  /** by the sender: what is laid out? */
  | { readonly type: 'read'; readonly id: Uint8Array }

/** `denied`: no such queue, or not yours, or not allowed, which are one answer. `quota`: the queue is full. `busy`: the node is. */
export type Refusal = 'denied' | 'quota' | 'busy'

/** What a queue answers a command. */
export type Reply =
  | { readonly type: 'done' }
  /** ids of the new queue, sealed for the recipient key */
  | ({ readonly type: 'created'; readonly nodeKey: Uint8Array } & Handed)
  /** `previous`: the tag of the subscription before, zeros when there was none; `blocks` are waiting */
  | { readonly type: 'subscribed'; readonly previous: Uint8Array; readonly blocks: number }
  /** `oldest`: when the oldest block came, 0 when there is none */
  | { readonly type: 'info'; readonly blocks: number; readonly capacity: number; readonly oldest: number; readonly full: boolean; readonly suspended: boolean }
  | ({ readonly type: 'notice' } & Handed)
  | { readonly type: 'refused'; readonly code: Refusal }

/** What a node says unasked, about the queue `id`. */
export type PushFrame =
  /** a block or a marker, sealed for the recipient */
  | ({ readonly type: 'delivery'; readonly id: Uint8Array } & Handed)
  /** somebody else has subscribed; nothing more comes here */
  | { readonly type: 'evicted'; readonly id: Uint8Array }
  /** to the sender: the queue takes blocks again */
  | { readonly type: 'room'; readonly id: Uint8Array }

export type NodeFrame =
  /** the first frame of a stream: its nonce, and the node's clock */
  | { readonly type: 'hello'; readonly nonce: Uint8Array; readonly now: number }
  | { readonly type: 'reply'; readonly number: number; readonly reply: Reply }
  | PushFrame

const VERSION = 1
const COMMAND = { create: 1, secure: 2, subscribe: 3, acknowledge: 4, suspend: 5, delete: 6, info: 7, post: 8, send: 9, read: 10 } as const
const FRAME = { hello: 0x80, done: 0x81, created: 0x82, subscribed: 0x83, info: 0x84, notice: 0x85, refused: 0x86, delivery: 0x90, evicted: 0x91, room: 0x92 } as const
const KIND = { conversation: 1, request: 2 } as const
const REFUSAL = { denied: 1, quota: 2, busy: 3 } as const

const NO_ID = new Uint8Array(ID)
/** version, type, number, id */
const HEAD = 2 + 8 + ID
const CREATED = 2 * ID + AEAD_TAG
const NOTICE = BODY + AEAD_TAG
/** seq, kind, at, total, body */
export const ITEM = 8 + 1 + 8 + 4 + BODY
const DELIVERY = ITEM + AEAD_TAG

// ---------------------------------------------------------------- commands

/** A command as it came. `signed` is the frame with zeros in place of its authenticator. */
export interface Asked {
  readonly number: number
  readonly command: Command
  readonly authenticator: Uint8Array
  readonly signed: Uint8Array
}

/** The frame, with zeros in place of its authenticator. @throws MailboxError malformed: a field has another size */
export function encodeCommand(number: number, command: Command): Uint8Array {
  if (!(number > 0)) throw malformed()
  const id = command.type === 'create' ? NO_ID : sized(command.id, ID)
  const head = concat(new Uint8Array([VERSION, COMMAND[command.type]]), u64(number), id, new Uint8Array(AUTHENTICATOR))
  const size = command.type === 'post' || command.type === 'send' ? LONG : SHORT
  return filled(size, head, commandFields(command))
}

function commandFields(command: Command): Uint8Array {
  switch (command.type) {
    case 'create':
      return concat(new Uint8Array([KIND[command.kind]]), sized(command.recipientKey, KEY), sized(command.senderKey, KEY), sized(command.pass, KEY))
    case 'secure':
      return sized(command.senderKey, KEY)
    case 'subscribe':
      return sized(command.tag, TAG)
    case 'acknowledge':
      if (command.seqs.length < 1 || command.seqs.length > MAX_ACKNOWLEDGED) throw malformed()
      return concat(new Uint8Array([command.seqs.length]), ...command.seqs.map(u64))
    case 'post':
      return sized(command.body, BODY)
    case 'send':
      return concat(sized(command.block, BLOCK_ID), sized(command.body, BODY))
    case 'suspend':
    case 'delete':
    case 'info':
    case 'read':
      return new Uint8Array(0)
  }
}

export function authenticated(frame: Uint8Array, authenticator: Uint8Array): Uint8Array {
  const whole = frame.slice()
  whole.set(sized(authenticator, AUTHENTICATOR), HEAD)
  return whole
}

/** @throws MailboxError malformed | newer-version */
export function decodeCommand(frame: Uint8Array): Asked {
  const { reader, type } = start(frame, COMMAND)
  const number = reader.u64()
  const id = reader.take(ID)
  const authenticator = reader.take(AUTHENTICATOR)
  if (number === 0 || frame.length !== (type === 'post' || type === 'send' ? LONG : SHORT)) throw malformed()
  if (type === 'create' && !isZero(concat(id, authenticator))) throw malformed()
  const command = readCommand(reader, type, id)
  padding(reader)
  const signed = frame.slice()
  signed.fill(0, HEAD, HEAD + AUTHENTICATOR)
  return { number, command, authenticator, signed }
}

function readCommand(reader: Reader, type: Command['type'], id: Uint8Array): Command {
  switch (type) {
    case 'create':
      return { type, kind: nameOf(KIND, reader.u8()), recipientKey: reader.take(KEY), senderKey: reader.take(KEY), pass: reader.take(KEY) }
    case 'secure':
      return { type, id, senderKey: reader.take(KEY) }
    case 'subscribe':
      return { type, id, tag: reader.take(TAG) }
    case 'acknowledge': {
      const count = reader.u8()
      if (count < 1 || count > MAX_ACKNOWLEDGED) throw malformed()
      return { type, id, seqs: Array.from({ length: count }, () => reader.u64()) }
    }
    case 'post':
      return { type, id, body: reader.take(BODY) }
    case 'send':
      return { type, id, block: reader.take(BLOCK_ID), body: reader.take(BODY) }
    case 'suspend':
    case 'delete':
    case 'info':
    case 'read':
      return { type, id }
  }
}

// ---------------------------------------------------------------- what the node says

/** The first bytes of a frame, which what is sealed in it is bound to. */
export const headOf = (type: 'created' | 'notice' | 'delivery', number: number, id: Uint8Array): Uint8Array =>
  concat(new Uint8Array([VERSION, FRAME[type]]), u64(number), id)

/** @throws MailboxError malformed: a field has another size */
export function encodeNodeFrame(frame: NodeFrame): Uint8Array {
  switch (frame.type) {
    case 'hello':
      return filled(SHORT, head(FRAME.hello, 0, NO_ID), sized(frame.nonce, KEY), u64(frame.now))
    case 'reply':
      if (!(frame.number > 0)) throw malformed()
      return encodeReply(frame.number, frame.reply)
    case 'delivery':
      return filled(LONG, head(FRAME.delivery, 0, sized(frame.id, ID)), sized(frame.salt, SALT), sized(frame.sealed, DELIVERY))
    case 'evicted':
    case 'room':
      return filled(SHORT, head(FRAME[frame.type], 0, sized(frame.id, ID)))
  }
}

function encodeReply(number: number, reply: Reply): Uint8Array {
  const start = head(FRAME[reply.type], number, NO_ID)
  switch (reply.type) {
    case 'done':
      return filled(SHORT, start)
    case 'created':
      return filled(SHORT, start, sized(reply.nodeKey, KEY), sized(reply.salt, SALT), sized(reply.sealed, CREATED))
    case 'subscribed':
      return filled(SHORT, start, sized(reply.previous, TAG), u32(reply.blocks))
    case 'info':
      return filled(SHORT, start, u32(reply.blocks), u32(reply.capacity), u64(reply.oldest), new Uint8Array([flag(reply.full), flag(reply.suspended)]))
    case 'notice':
      return filled(LONG, start, sized(reply.salt, SALT), sized(reply.sealed, NOTICE))
    case 'refused':
      return filled(SHORT, start, new Uint8Array([REFUSAL[reply.code]]))
  }
}

/** @throws MailboxError malformed | newer-version */
export function decodeNodeFrame(frame: Uint8Array): NodeFrame {
  const { reader, type } = start(frame, FRAME)
  const number = reader.u64()
  const id = reader.take(ID)
  if (frame.length !== (type === 'notice' || type === 'delivery' ? LONG : SHORT)) throw malformed()
  const decoded = readNodeFrame(reader, type, number, id)
  padding(reader)
  if ((decoded.type === 'reply') !== number > 0 || (!('id' in decoded) && !isZero(id))) throw malformed()
  return decoded
}

function readNodeFrame(reader: Reader, type: keyof typeof FRAME, number: number, id: Uint8Array): NodeFrame {
  const answer = (reply: Reply): NodeFrame => ({ type: 'reply', number, reply })
  switch (type) {
    case 'hello':
      return { type, nonce: reader.take(KEY), now: reader.u64() }
    case 'done':
      return answer({ type })
    case 'created':
      return answer({ type, nodeKey: reader.take(KEY), salt: reader.take(SALT), sealed: reader.take(CREATED) })
    case 'subscribed':
      return answer({ type, previous: reader.take(TAG), blocks: reader.u32() })
    case 'info':
      return answer({ type, blocks: reader.u32(), capacity: reader.u32(), oldest: reader.u64(), full: readFlag(reader), suspended: readFlag(reader) })
    case 'notice':
      return answer({ type, salt: reader.take(SALT), sealed: reader.take(NOTICE) })
    case 'refused':
      return answer({ type, code: nameOf(REFUSAL, reader.u8()) })
    case 'delivery':
      return { type, id, salt: reader.take(SALT), sealed: reader.take(DELIVERY) }
    case 'evicted':
    case 'room':
      return { type, id }
  }
}

// ---------------------------------------------------------------- shared

function start<T extends string>(frame: Uint8Array, types: Readonly<Record<T, number>>): { reader: Reader; type: T } {
  const reader = new Reader(frame, malformed)
  const version = reader.u8()
  if (version > VERSION) throw new MailboxError('newer-version')
  if (version !== VERSION) throw malformed()
  return { reader, type: nameOf(types, reader.u8()) }
}

const head = (type: number, number: number, id: Uint8Array): Uint8Array => concat(new Uint8Array([VERSION, type]), u64(number), id)
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)
const flag = (value: boolean): number => (value ? 1 : 0)

function readFlag(reader: Reader): boolean {
  const value = reader.u8()
  if (value > 1) throw malformed()
  return value === 1
}

function nameOf<T extends string>(codes: Readonly<Record<T, number>>, code: number): T {
  for (const name in codes) if (codes[name] === code) return name
  throw malformed()
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw malformed()
  return bytes
}

function filled(size: number, ...parts: Uint8Array[]): Uint8Array {
  const frame = new Uint8Array(size)
  frame.set(concat(...parts))
  return frame
}

function padding(reader: Reader): void {
  if (!isZero(reader.rest())) throw malformed()
}
