/** A queue of a contact's device, as we fill it. */
import {
  type AnnouncedQueue,
  blockId,
  type Command,
  type Credentials,
  credentials,
  messageId,
  newSender,
  type Piece,
  queueKeys,
  type QueueKeys,
  sealBlock,
  type Sender,
  sendCommand,
} from '../../../protocols/mailbox/index.ts'
import { fromHex, type Suite, toHex } from '../../../protocols/suite/index.ts'
import type { OutboxRow, Random } from '../ports.ts'
import type { MailboxNode } from './ports.ts'

/** An outbox item that is started on the queue. */
interface Load {
  readonly id: string
  readonly envelope: Uint8Array
}

export interface Depot {
  /** sender id, hex */
  readonly id: string
  node: MailboxNode
  readonly name: Uint8Array
  readonly keys: QueueKeys
  readonly as: Credentials
  sender: Sender
  /** by the hash of the envelope, hex */
  readonly loads: Map<string, Load>
}

export function openDepot(suite: Suite, queue: AnnouncedQueue, sender: Sender = newSender()): Depot {
  const keys = queueKeys(suite, queue.secret)
  return {
    id: toHex(queue.sender),
    node: nodeOf(queue),
    name: queue.sender,
    keys,
    as: credentials(suite, keys.sender, queue.sender, queue.nodeKey),
    sender,
    loads: new Map(),
  }
}

export const nodeOf = (queue: AnnouncedQueue): MailboxNode => ({ peer: toHex(queue.node), addresses: queue.addresses })

/** An outbox item that can leave. */
export type Sealed = OutboxRow & { readonly envelope: Uint8Array }

/** Remembers which item a hash is of. */
export function load(suite: Suite, depot: Depot, { id, envelope }: Sealed): void {
  depot.loads.set(toHex(messageId(suite, envelope).hash), { id, envelope })
}

/** After a restart: finds the items of what was started. */
export function reload(suite: Suite, depot: Depot, items: readonly Sealed[]): void {
  const started = new Set(depot.sender.started.map(({ hash }) => toHex(hash)))
  for (const item of items) if (started.has(toHex(messageId(suite, item.envelope).hash))) load(suite, depot, item)
}

/**
 * Without what is no more: it went another way, or was sealed anew. A recipient who finds what is sealed for a session of the past gives up the one
 * that stands.
 */
export function keepOnly(depot: Depot, items: readonly Sealed[]): void {
  const envelopes = new Set(items.map(({ envelope }) => envelope))
  for (const [hash, { envelope }] of depot.loads) if (!envelopes.has(envelope)) depot.loads.delete(hash)
}

/** The command for a piece. Of an envelope that is no more its number is handed in with nothing in it, or it would show as missing. */
export function commandFor(suite: Suite, random: Random, depot: Depot, piece: Piece): Extract<Command, { type: 'send' }> {
  const known = depot.loads.get(piece.message)
  if (known) return sendCommand(suite, random, { keys: depot.keys, sender: depot.name }, known.envelope, piece)
  const block = blockId(suite, depot.keys, fromHex(piece.message), piece.number)
  return { type: 'send', id: depot.name, block, body: sealBlock(suite, random, depot.keys, { what: 'nothing', number: piece.number }) }
}
