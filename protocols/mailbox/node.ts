/**
 * The node's side of a stream: reads a frame, says which queue it is about, judges who commands, answers. A queue that is not there, an
 * authenticator that is wrong and a command that is not allowed take the same steps and give the same bytes (attack 62).
 */
import { concat, KeyError, type Random, type Suite } from '../suite/index.ts'
import { authenticator } from './authenticator.ts'
import { type Box, type Push, step } from './box.ts'
import { MailboxError } from './errors.ts'
import { type Asked, type Command, decodeCommand, encodeNodeFrame, headOf, type Refusal, type Reply } from './frames.ts'
import { hand } from './handed.ts'
import { encodeItem } from './item.ts'
import { authenticatorKey, type Shared, share } from './keys.ts'
import { BODY, ID, KEY } from './limits.ts'
import { newQueue, type Queue } from './queue.ts'

/** A stream, as the node sees it. */
export interface Session {
  /** the node's own name for it */
  readonly id: string
  /** 32 bytes, drawn for it */
  readonly nonce: Uint8Array
  /** number of the last command */
  readonly last: number
}

/** A queue nobody has, for the sums of a command about none. Drawn when the node starts. */
export type Decoy = Queue

export const makeDecoy = (suite: Suite, random: Random): Decoy => {
  const key = suite.generate('x25519', random).publicKey
  return newQueue(suite, random, { kind: 'conversation', recipientKey: key, senderKey: key, now: 0 })
}

export const openSession = (random: Random, id: string): Session => ({ id, nonce: random(KEY), last: 0 })

/** The first frame of the stream. */
export const helloFrame = (session: Session, now: number): Uint8Array => encodeNodeFrame({ type: 'hello', nonce: session.nonce, now })

/**
 * A frame of the client. Whatever throws: reset the stream and say nothing.
 * @throws MailboxError malformed | newer-version | replayed
 */
export function hear(session: Session, frame: Uint8Array): { session: Session; asked: Asked } {
  const asked = decodeCommand(frame)
  if (asked.number <= session.last) throw new MailboxError('replayed')
  return { session: { ...session, last: asked.number }, asked }
}

/** Which queue to look up for it: by recipient id, by sender id, or (a queue to be created, perhaps again) by recipient key. */
export function whose({ command }: Asked): { by: 'recipient' | 'sender' | 'recipientKey'; value: Uint8Array } {
  switch (command.type) {
    case 'create':
      return { by: 'recipientKey', value: command.recipientKey }
    case 'send':
    case 'read':
      return { by: 'sender', value: command.id }
    default:
      return { by: 'recipient', value: command.id }
  }
}

/** All that comes of a command. Commit `box`, `kept` and `dropped` as one; then send the reply; then the pushes, in order. */
export interface Answered {
  /** its queue is to be stored unless it is the very object that was found; undefined: there was none, or it is deleted */
  readonly box: Box | undefined
  /** the frame; undefined while a notice is to be read from the store: `noticeFrame` makes it */
  readonly reply: Uint8Array | undefined
  readonly notice: { readonly seq: number; readonly shared: Shared; readonly number: number } | undefined
  readonly pushes: readonly Push[]
  readonly kept: { readonly seq: number; readonly body: Uint8Array } | undefined
  readonly dropped: readonly number[]
}

const replyFrame = (number: number, reply: Reply): Uint8Array => encodeNodeFrame({ type: 'reply', number, reply })

/** A refusal without looking at any queue: the node has no place or no time. */
export const refusal = (asked: Asked, code: Refusal): Uint8Array => replyFrame(asked.number, { type: 'refused', code })

/**
 * The answer to a command.
 * @param found the queue `whose` names, if there is one
 */
export function answer(suite: Suite, random: Random, decoy: Decoy, found: Box | undefined, heard: { session: Session; asked: Asked }, now: number): Answered {
  const { session, asked } = heard
  const { command, number } = asked
  if (command.type === 'create') return create(suite, random, found, number, command, now)
  const denied: Answered = { box: found, reply: refusal(asked, 'denied'), notice: undefined, pushes: [], kept: undefined, dropped: [] }
  const shared = judge(suite, decoy, found, session, asked)
  if (!shared || !found || (command.type === 'secure' && !isUsable(suite, found.queue, command.senderKey))) return denied
  const { box, answer, pushes, kept, dropped } = step(found, { session: session.id, shared }, command, now)
  if (answer.type === 'notice') return { box, reply: undefined, notice: { seq: answer.seq, shared, number }, pushes, kept, dropped }
  return { box, reply: replyFrame(number, answer), notice: undefined, pushes, kept, dropped }
}

/** One agreement, one derivation, one HMAC and one comparison, whether there is such a queue or not. */
function judge(suite: Suite, decoy: Decoy, found: Box | undefined, session: Session, asked: Asked): Shared | undefined {
  const queue = found?.queue ?? decoy
  const { by, value } = whose(asked)
  const client = by === 'sender' ? queue.senderKey : queue.recipientKey
  const id = by === 'sender' ? queue.sender : queue.recipient
  const shared = share(suite, queue.node.secretKey, { id, client, node: queue.node.publicKey, other: 'client' })
  const right = suite.equal(authenticator(suite, authenticatorKey(suite, shared), session.nonce, asked.signed), asked.authenticator)
  const here = suite.equal(id, value)
  return right && here && found ? shared : undefined
}

/** The same command again, after its reply was lost, finds the queue it made. */
function create(suite: Suite, random: Random, found: Box | undefined, number: number, command: Extract<Command, { type: 'create' }>, now: number): Answered {
  const { kind, recipientKey, senderKey } = command
  const box: Box = found ?? { queue: newQueue(suite, random, { kind, recipientKey, senderKey, now }) }
  const { queue } = box
  const same = queue.kind === kind && suite.equal(queue.senderKey, senderKey) && suite.equal(queue.recipientKey, recipientKey)
  const nothing = { notice: undefined, pushes: [], kept: undefined, dropped: [] }
  if (!same || !isUsable(suite, queue, senderKey) || !isUsable(suite, queue, recipientKey)) {
    return { ...nothing, box: found, reply: replyFrame(number, { type: 'refused', code: 'denied' }) }
  }
  const shared = createdShare(suite, queue)
  const handed = hand(suite, random, shared, headOf('created', number, new Uint8Array(ID)), concat(queue.recipient, queue.sender))
  return { ...nothing, box, reply: replyFrame(number, { type: 'created', nodeKey: queue.node.publicKey, ...handed }) }
}

/** Before the recipient knows the ids they are no part of what is shared: zeros stand for them. */
const createdShare = (suite: Suite, { node, recipientKey }: Queue): Shared =>
  share(suite, node.secretKey, { id: new Uint8Array(ID), client: recipientKey, node: node.publicKey, other: 'client' })

function isUsable(suite: Suite, queue: Queue, key: Uint8Array): boolean {
  try {
    suite.dh(queue.node.secretKey, key)
    return true
  } catch (error) {
    if (error instanceof KeyError) return false
    throw error
  }
}

/** The reply to `read`, with the body the store keeps. */
export function noticeFrame(suite: Suite, random: Random, notice: NonNullable<Answered['notice']>, body: Uint8Array): Uint8Array {
  const { shared, number } = notice
  return replyFrame(number, { type: 'notice', ...hand(suite, random, shared, headOf('notice', number, new Uint8Array(ID)), body) })
}

/**
 * The frame of a push about the queue. A delivery of a block takes its body from the store; markers have a body of zeros, and look the same
 * from outside.
 */
export function pushFrame(suite: Suite, random: Random, queue: Queue, push: Push, body?: Uint8Array): Uint8Array {
  if (push.type !== 'delivery') return encodeNodeFrame({ type: push.type, id: push.type === 'room' ? queue.sender : queue.recipient })
  const { item, shared } = push
  const block = item.kind === 'block' ? body : new Uint8Array(BODY)
  if (block?.length !== BODY) throw new RangeError(`not the body of a block: ${block?.length} bytes`)
  return encodeNodeFrame({ type: 'delivery', id: queue.recipient, ...hand(suite, random, shared, headOf('delivery', 0, queue.recipient), encodeItem(item, block)) })
}
