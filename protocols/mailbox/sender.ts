/**
 * The sender's side of one queue: which blocks are due, what an answer means, when to try again. The message itself stays in the sender's
 * outbox: `stored` by a node is a promise of the node, and only a receipt from inside the conversation says that it is there.
 */
import { type Random, type Suite, toHex } from '../suite/index.ts'
import { blockId, messageId, type MessageId, partAt, partsOf, sealBlock } from './block.ts'
import type { Command, Refusal } from './frames.ts'
import type { QueueKeys } from './keys.ts'
import { FIRST_WAIT, LONGEST_WAIT, MAX_STARTED, SEND_WINDOW } from './limits.ts'

/** A message whose blocks have their numbers. */
export interface Started extends MessageId {
  /** number of its first block; the others follow */
  readonly first: number
  /** bit i: block i is stored */
  readonly stored: number
}

/** One block of a started message. */
export interface Piece {
  /** hash of the message, hex */
  readonly message: string
  readonly index: number
  readonly number: number
}

export interface Sender {
  /** stored: */
  readonly next: number
  readonly started: readonly Started[]
  /** not stored: numbers of blocks on the way */
  readonly flying: readonly number[]
  /** `waiting`: the queue is full or the node busy. `gone`: denied; this queue is no more */
  readonly state: 'ready' | 'waiting' | 'gone'
  readonly tries: number
  /** when to try again, ms; 0 while nothing is waited for */
  readonly again: number
}

export const newSender = (next = 1, started: readonly Started[] = []): Sender => ({ next, started, flying: [], state: 'ready', tries: 0, again: 0 })

/**
 * Numbers the blocks of a message. Store the sender before any of them leaves; what is started on a queue is finished on it, or its numbers
 * would show as missing. @throws RangeError too many are started; MailboxError too-large
 */
export function start(suite: Suite, sender: Sender, message: Uint8Array): Sender {
  const id = messageId(suite, message)
  if (sender.started.some(({ hash }) => suite.equal(hash, id.hash))) return sender
  if (sender.started.length >= MAX_STARTED) throw new RangeError('too many messages are started on this queue')
  return { ...sender, next: sender.next + partsOf(id.length), started: [...sender.started, { ...id, first: sender.next, stored: 0 }] }
}

/** Blocks to send now, in order: none while waiting, and one alone to try whether there is room again. */
export function due(sender: Sender, now: number): Piece[] {
  const { state, flying } = sender
  if (state === 'gone' || (state === 'waiting' && (rests(sender, now) || flying.length > 0))) return []
  const most = state === 'waiting' ? 1 : SEND_WINDOW - flying.length
  return sender.started.flatMap(piecesOf).filter(({ number }) => !flying.includes(number)).slice(0, Math.max(0, most))
}

function piecesOf({ hash, length, first, stored }: Started): Piece[] {
  const message = toHex(hash)
  return Array.from({ length: partsOf(length) }, (_, index) => ({ message, index, number: first + index })).filter(({ index }) => (stored & (1 << index)) === 0)
}

/** The command for a piece; a resend is sealed anew and keeps its id, so a node stores it once. @throws MailboxError */
export function sendCommand(suite: Suite, random: Random, queue: { keys: QueueKeys; sender: Uint8Array }, message: Uint8Array, { index, number }: Piece): Extract<Command, { type: 'send' }> {
  const id = messageId(suite, message)
  const body = sealBlock(suite, random, queue.keys, partAt(message, id, index, number))
  return { type: 'send', id: queue.sender, block: blockId(suite, queue.keys, id.hash, number), body }
}

/** These have left. */
export const left = (sender: Sender, pieces: readonly Piece[]): Sender => ({ ...sender, flying: [...sender.flying, ...pieces.map(({ number }) => number)] })

/** `finished`: all blocks of that message (hash in hex) are with the node. Store the sender. */
export function heard(sender: Sender, piece: Piece, said: 'done' | Refusal, now: number, random: Random): { sender: Sender; finished: string | undefined } {
  const landed = { ...sender, flying: sender.flying.filter((number) => number !== piece.number) }
  if (said === 'denied') return { sender: { ...landed, state: 'gone' }, finished: undefined }
  if (said !== 'done') return { sender: postponed(landed, now, random), finished: undefined }
  const started = sender.started.map((each) => (toHex(each.hash) === piece.message ? { ...each, stored: each.stored | (1 << piece.index) } : each))
  const done = started.find((each) => piecesOf(each).length === 0)
  const open = landed.state === 'gone' ? landed : { ...landed, state: 'ready' as const, tries: 0, again: 0 }
  return { sender: { ...open, started: started.filter((each) => each !== done) }, finished: done && toHex(done.hash) }
}

/** Longer than anybody waits: the clock was set back since. */
const rests = ({ again }: Sender, now: number): boolean => now < again && again - now <= LONGEST_WAIT

/** Doubles the wait, and spreads it over its upper half, so that many senders do not come at once. Several refusals at once count as one. */
function postponed(sender: Sender, now: number, random: Random): Sender {
  if (sender.state === 'gone' || rests(sender, now)) return sender
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** sender.tries)
  const share = (random(1)[0] as number) / 255
  return { ...sender, state: 'waiting', tries: sender.tries + 1, again: now + Math.round(wait / 2 + (wait / 2) * share) }
}

/** The node, or the recipient inside the conversation, says that there is room again. */
export const roomAgain = (sender: Sender): Sender => (sender.state === 'waiting' ? { ...sender, state: 'ready', tries: 0, again: 0 } : sender)

/** The stream has ended: what was on its way may have arrived or not, and is due again. */
export const interrupted = (sender: Sender): Sender => ({ ...sender, flying: [] })
