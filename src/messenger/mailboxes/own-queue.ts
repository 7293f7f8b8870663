/** A queue of ours as it is worked with, and its row. */
import { type Credentials, credentials, decodeView, encodeView, newView, queueKeys, type QueueKeys, type View } from '../../../protocols/mailbox/index.ts'
import { concat, type KeyPair, Reader, type Suite, toHex } from '../../../protocols/suite/index.ts'
import type { AccountKey, Random } from '../ports.ts'
import type { MailboxNode, QueuePhase, QueueRow } from './ports.ts'

const KEY = 32
const ID = 24

/** What the node gave it. */
export interface Made {
  readonly recipient: Uint8Array
  readonly sender: Uint8Array
  readonly nodeKey: Uint8Array
  readonly as: Credentials
}

export interface OwnQueue {
  readonly id: string
  readonly contact: AccountKey
  readonly node: MailboxNode
  readonly phase: QueuePhase
  readonly since: number
  readonly own: KeyPair<'x25519'>
  readonly secret: Uint8Array
  readonly keys: QueueKeys
  /** undefined in phase `asked` */
  readonly made: Made | undefined
  readonly view: View | undefined
}

export function drawQueue(suite: Suite, random: Random, contact: AccountKey, node: MailboxNode, now: number): OwnQueue {
  const own = suite.generate('x25519', random)
  const secret = random(KEY)
  return { id: toHex(own.publicKey), contact, node, phase: 'asked', since: now, own, secret, keys: queueKeys(suite, secret), made: undefined, view: undefined }
}

/** @throws KeyError the node's key must not be used */
export function madeQueue(suite: Suite, queue: OwnQueue, names: Omit<Made, 'as'>, now: number): OwnQueue {
  const made = { ...names, as: credentials(suite, queue.own, names.recipient, names.nodeKey) }
  return { ...queue, phase: 'open', since: now, made, view: newView(names.recipient, 'conversation') }
}

export function encodeOwnQueue(suite: Suite, queue: OwnQueue): QueueRow {
  const { id, contact, node, phase, since, own, secret, made, view } = queue
  const names = made ? [made.recipient, made.sender, made.nodeKey] : []
  return {
    id,
    contact,
    node: node.peer,
    addresses: node.addresses,
    phase,
    since,
    secrets: concat(suite.exportSecret(own.secretKey), secret, ...names),
    view: view && encodeView(view),
  }
}

export function decodeOwnQueue(suite: Suite, row: QueueRow): OwnQueue {
  const { id, contact, phase, since } = row
  const reader = new Reader(row.secrets, () => new Error('the row of a queue is damaged'))
  const own = suite.importSecret('x25519', reader.take(KEY))
  const secret = reader.take(KEY)
  const names = row.view && { recipient: reader.take(ID), sender: reader.take(ID), nodeKey: reader.take(KEY) }
  reader.end()
  return {
    id,
    contact,
    node: { peer: row.node, addresses: row.addresses },
    phase,
    since,
    own,
    secret,
    keys: queueKeys(suite, secret),
    made: names && { ...names, as: credentials(suite, own, names.recipient, names.nodeKey) },
    view: row.view && decodeView(row.view),
  }
}
