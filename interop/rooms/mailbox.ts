/** Blocks, commands and announcements: what needs nothing but its fields. */
import {
  blockId,
  type Command,
  credentials,
  decodeAnnouncement,
  decodeCommand,
  decodeNodeFrame,
  encodeAnnouncement,
  type Inside,
  messageId,
  type NodeFrame,
  openBlock,
  openCreated,
  openDelivery,
  openNotice,
  partAt,
  partsOf,
  queueKeys,
  type QueueKeys,
  requestSecret,
  say,
  sayCreate,
  sealBlock,
} from '../../protocols/mailbox/index.ts'
import { type KeyPair, noble } from '../../protocols/suite/index.ts'
import { command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { DoorError } from '../errors.ts'
import { bytes, list, oneOf, record, type Shape, text, variant, whole } from '../fields.ts'

const ID = bytes(24)
const KEY = bytes(32)
const queue = record({ node: KEY, addresses: list(text), sender: ID, nodeKey: KEY, secret: KEY, priority: whole(255) })

const COMMANDS: Readonly<Record<Exclude<Command['type'], 'create'>, Shape>> = {
  secure: { id: ID, senderKey: KEY },
  subscribe: { id: ID, tag: bytes(16) },
  acknowledge: { id: ID, seqs: list(whole()) },
  suspend: { id: ID },
  delete: { id: ID },
  info: { id: ID },
  post: { id: ID, body: bytes() },
  send: { id: ID, block: bytes(16), body: bytes() },
  read: { id: ID },
}

export const pairOf = (secret: Uint8Array): KeyPair<'x25519'> => noble.importSecret('x25519', secret)

/** @throws DoorError field: another frame than the command is for */
export function nodeFrame<T extends string>(frame: Uint8Array, type: T): Extract<NodeFrame | Extract<NodeFrame, { type: 'reply' }>['reply'], { type: T }> & { readonly number: number } {
  const decoded = decodeNodeFrame(frame)
  const inside = decoded.type === 'reply' ? { ...decoded.reply, number: decoded.number } : { ...decoded, number: 0 }
  if (inside.type !== type) throw new DoorError('field', `frame: a frame of type ${type}`)
  return inside as never
}

const insideOf = (keys: QueueKeys, seed: Uint8Array, inside: Inside): Uint8Array => sealBlock(noble, drawing(seed), keys, inside)

export const mailbox: Commands = {
  keys: command({ secret: KEY }, ({ secret }) => {
    const { sender, layer, names } = queueKeys(noble, secret)
    return { senderSecret: noble.exportSecret(sender.secretKey), sender: sender.publicKey, layer, names }
  }),
  requestSecret: command({ secret: bytes(16) }, ({ secret }) => ({ secret: requestSecret(noble, secret) })),
  sealPart: command({ seed: bytes(), secret: KEY, message: bytes(), index: whole(15), number: whole() }, ({ seed, secret, message, index, number }) => {
    const keys = queueKeys(noble, secret)
    const id = messageId(noble, message)
    return { block: blockId(noble, keys, id.hash, number), body: insideOf(keys, seed, partAt(message, id, index, number)), hash: id.hash, parts: partsOf(id.length) }
  }),
  sealNothing: command({ seed: bytes(), secret: KEY, number: whole() }, ({ seed, secret, number }) => ({ body: insideOf(queueKeys(noble, secret), seed, { what: 'nothing', number }) })),
  sealNotice: command({ seed: bytes(), secret: KEY, notice: bytes() }, ({ seed, secret, notice }) => ({ body: insideOf(queueKeys(noble, secret), seed, { what: 'notice', data: notice }) })),
  openBlock: command({ secret: KEY, body: bytes() }, ({ secret, body }) => ({ ...openBlock(noble, queueKeys(noble, secret), body) })),
  create: command({ number: whole(), kind: oneOf('conversation', 'request'), recipientKey: KEY, senderKey: KEY, pass: KEY }, ({ number, ...fields }) => ({
    frame: sayCreate({ nonce: new Uint8Array(0), next: number }, { type: 'create', ...fields }).frame,
  })),
  command: command({ nonce: KEY, number: whole(), key: KEY, nodeKey: KEY, command: variant('type', COMMANDS) }, (asked) => {
    const said = asked.command as Exclude<Command, { type: 'create' }>
    const as = credentials(noble, pairOf(asked.key), said.id, asked.nodeKey)
    return { frame: say(noble, { nonce: asked.nonce, next: asked.number }, said, as).frame }
  }),
  readCommand: command({ frame: bytes() }, ({ frame }) => ({ ...decodeCommand(frame) })),
  readNodeFrame: command({ frame: bytes() }, ({ frame }) => ({ ...decodeNodeFrame(frame) })),
  openCreated: command({ key: KEY, frame: bytes() }, ({ key, frame }) => {
    const reply = nodeFrame(frame, 'created')
    return openCreated(noble, pairOf(key), reply.number, reply)
  }),
  openDelivery: command({ key: KEY, nodeKey: KEY, frame: bytes() }, ({ key, nodeKey, frame }) => {
    const push = nodeFrame(frame, 'delivery')
    return { ...openDelivery(noble, credentials(noble, pairOf(key), push.id, nodeKey), push) }
  }),
  openNotice: command({ key: KEY, id: ID, nodeKey: KEY, frame: bytes() }, ({ key, id, nodeKey, frame }) => {
    const reply = nodeFrame(frame, 'notice')
    return { body: openNotice(noble, credentials(noble, pairOf(key), id, nodeKey), reply.number, reply) }
  }),
  announcement: command({ revision: whole(), queues: list(queue) }, (asked) => ({ bytes: encodeAnnouncement(asked) })),
  readAnnouncement: command({ bytes: bytes() }, (asked) => ({ ...decodeAnnouncement(asked.bytes) })),
}
