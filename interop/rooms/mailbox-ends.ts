/** The two ends of queues, each held by a handle: parts that wait for others, and blocks that are on their way, are in no bytes of the room. */
import {
  acknowledgements,
  credentials,
  type Credentials,
  due,
  EMPTY_INBOX,
  heard,
  type Inbox,
  interrupted,
  left,
  MAX_QUEUES,
  MAX_STARTED,
  newSender,
  newView,
  openDelivery,
  type Piece,
  queueKeys,
  type QueueKeys,
  receive,
  roomAgain,
  type Sender,
  sendCommand,
  start,
  subscribe,
  subscribed,
  type View,
} from '../../protocols/mailbox/index.ts'
import { noble, toHex } from '../../protocols/suite/index.ts'
import { command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { DoorError } from '../errors.ts'
import { bytes, list, oneOf, record, text, whole } from '../fields.ts'
import { Handles } from '../handles.ts'
import { nodeFrame, pairOf } from './mailbox.ts'

const ID = bytes(24)
const KEY = bytes(32)

interface OwnQueue {
  readonly id: Uint8Array
  readonly as: Credentials
  readonly keys: QueueKeys
  view: View
}

/** All queues of one contact. */
interface Recipient {
  inbox: Inbox
  readonly queues: ReadonlyMap<string, OwnQueue>
}

function queueOf({ queues }: Recipient, id: Uint8Array): OwnQueue {
  const queue = queues.get(toHex(id))
  if (!queue) throw new DoorError('unknown-handle', 'queue')
  return queue
}

function recipients(): Commands {
  const held = new Handles<Recipient>('recipient')
  const queue = record({ id: ID, kind: oneOf('conversation', 'request'), key: KEY, nodeKey: KEY, secret: KEY })
  return {
    recipient: command({ queues: list(queue, MAX_QUEUES) }, ({ queues }) => {
      const own = queues.map(({ id, kind, key, nodeKey, secret }) => {
        const as = credentials(noble, pairOf(key), id, nodeKey)
        return [toHex(id), { id, as, keys: queueKeys(noble, secret), view: newView(id, kind) }] as const
      })
      return { recipient: held.hold({ inbox: EMPTY_INBOX, queues: new Map(own) }) }
    }),
    subscribe: command({ recipient: text, id: ID, seed: bytes() }, ({ recipient, id, seed }) => {
      const queue = queueOf(held.get(recipient), id)
      const asked = subscribe(queue.view, drawing(seed), id)
      queue.view = asked.view
      return { tag: asked.command.tag }
    }),
    subscribed: command({ recipient: text, id: ID, frame: bytes() }, ({ recipient, id, frame }) => {
      const queue = queueOf(held.get(recipient), id)
      const reply = subscribed(noble, queue.view, nodeFrame(frame, 'subscribed'))
      queue.view = reply.view
      return { stranger: reply.stranger }
    }),
    receive: command({ recipient: text, frame: bytes(), now: whole() }, ({ recipient, frame, now }) => {
      const push = nodeFrame(frame, 'delivery')
      const mine = held.get(recipient)
      const queue = queueOf(mine, push.id)
      const taken = receive(noble, queue.keys, mine.inbox, queue.view, openDelivery(noble, queue.as, push), now)
      mine.inbox = taken.inbox
      queue.view = taken.view
      const settled = [...mine.queues.values()].flatMap(({ id }) => acknowledgements(id, taken.settled))
      return { message: taken.message ?? null, notes: taken.notes, acknowledge: settled.map(({ id, seqs }) => ({ id, seqs })) }
    }),
    forgetRecipient: command({ recipient: text }, ({ recipient }) => ({ forgotten: held.forget(recipient) })),
  }
}

/** The sender of one queue, with the messages it has begun. */
interface Sending {
  sender: Sender
  readonly keys: QueueKeys
  readonly id: Uint8Array
  readonly messages: Map<string, Uint8Array>
  readonly flying: Map<number, Piece>
}

function senders(): Commands {
  const held = new Handles<Sending>('sender')
  return {
    sender: command({ id: ID, secret: KEY }, ({ id, secret }) => ({
      sender: held.hold({ sender: newSender(), keys: queueKeys(noble, secret), id, messages: new Map(), flying: new Map() }),
    })),
    start: command({ sender: text, message: bytes() }, ({ message, ...asked }) => {
      const sending = held.get(asked.sender)
      if (sending.sender.started.length >= MAX_STARTED) throw new DoorError('too-many', `${MAX_STARTED} at once: messages started`)
      sending.sender = start(noble, sending.sender, message)
      const { hash } = sending.sender.started.at(-1) as Sender['started'][number]
      sending.messages.set(toHex(hash), message)
      return { hash }
    }),
    due: command({ sender: text, seed: bytes(), now: whole() }, ({ seed, now, ...asked }) => {
      const sending = held.get(asked.sender)
      const random = drawing(seed)
      const pieces = due(sending.sender, now)
      sending.sender = left(sending.sender, pieces)
      for (const piece of pieces) sending.flying.set(piece.number, piece)
      const commandOf = (piece: Piece) => sendCommand(noble, random, { keys: sending.keys, sender: sending.id }, sending.messages.get(piece.message) as Uint8Array, piece)
      return { pieces: pieces.map((piece) => ({ number: piece.number, command: commandOf(piece) })) }
    }),
    heard: command({ sender: text, number: whole(), said: oneOf('done', 'denied', 'quota', 'busy'), seed: bytes(), now: whole() }, ({ number, said, seed, now, ...asked }) => {
      const sending = held.get(asked.sender)
      const piece = sending.flying.get(number)
      if (!piece) throw new DoorError('unknown-handle', 'block on its way')
      sending.flying.delete(number)
      const { sender, finished } = heard(sending.sender, piece, said, now, drawing(seed))
      sending.sender = sender
      if (finished !== undefined) sending.messages.delete(finished)
      return { finished: finished ?? null, state: sender.state, again: sender.again }
    }),
    roomAgain: command({ sender: text }, (asked) => {
      const sending = held.get(asked.sender)
      sending.sender = roomAgain(sending.sender)
      return {}
    }),
    interrupted: command({ sender: text }, (asked) => {
      const sending = held.get(asked.sender)
      sending.sender = interrupted(sending.sender)
      sending.flying.clear()
      return {}
    }),
    forgetSender: command({ sender: text }, ({ sender }) => ({ forgotten: held.forget(sender) })),
  }
}

export const mailboxEnds = (): Commands => ({ ...recipients(), ...senders() })
