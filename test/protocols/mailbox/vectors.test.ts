import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  blockId,
  type Command,
  credentials,
  decodeAnnouncement,
  decodeCommand,
  decodeNodeFrame,
  encodeAnnouncement,
  encodeNodeFrame,
  type Inside,
  MailboxError,
  messageId,
  openBlock,
  openCreated,
  openDelivery,
  openNotice,
  partAt,
  queueKeys,
  requestSecret,
  say,
  sayCreate,
  sealBlock,
} from '../../../protocols/mailbox/index.ts'
import { fromHex, noble, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/mailbox.ts'
import { handed, inside, item, nodeFrame, NO_ID, sealed } from '../../reference/mailbox.ts'

interface File {
  keys: Record<'secret' | 'sender' | 'senderSecret' | 'layer' | 'names' | 'invite' | 'requestSecret', string>
  queue: Record<'recipientSecret' | 'recipientKey' | 'nodeSecret' | 'nodeKey' | 'recipient' | 'sender', string>
  blocks: { what: Inside['what']; number: number; length: number; index: number; hash?: string; id?: string; salt: string; sha512: string }[]
  refusedInsides: { name: string; error: string; start: string; salt: string; sha512: string }[]
  nonce: string
  commands: { name: string; size: number; start: string; sha512: string }[]
  nodeFrames: { name: string; size: number; start: string; sha512: string }[]
  refusedFrames: { name: string; side: 'command' | 'node'; error: string; size: number; start: string }[]
  announcements: { revision: number; queues: Record<string, unknown>[]; bytes: string }[]
  refusedAnnouncements: { name: string; error: string; bytes: string }[]
}

const text = readFileSync(path.join(import.meta.dirname, '../../../protocols/mailbox/vectors.json'), 'utf8')
const file = JSON.parse(text) as File
const counted = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => i % 251)
const digest = (bytes: Uint8Array): string => toHex(noble.hash(bytes))
const keys = queueKeys(noble, fromHex(file.keys.secret))
const recipient = noble.importSecret('x25519', fromHex(file.queue.recipientSecret))
const [recipientId, senderId, nodeKey] = [file.queue.recipient, file.queue.sender, file.queue.nodeKey].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array]
const asRecipient = credentials(noble, recipient, recipientId, nodeKey)
const asSender = credentials(noble, keys.sender, senderId, nodeKey)
const [salt, nonce] = [new Uint8Array(32).fill(5), fromHex(file.nonce)]
const refusal = (code: string) => (error: unknown) => error instanceof MailboxError && error.code === code

function insideOf({ what, number, length, index }: File['blocks'][number]): Inside {
  const message = counted(length)
  if (what === 'nothing') return { what, number }
  return what === 'notice' ? { what, data: message } : partAt(message, messageId(noble, message), index, number)
}

describe('the vectors of the mailbox', () => {
  it('are what the twin makes', () => assert.equal(`${JSON.stringify(vectors(), null, 2)}\n`, text))

  it('are the keys the room derives', () => {
    assert.deepEqual(
      [toHex(keys.sender.publicKey), toHex(noble.exportSecret(keys.sender.secretKey)), toHex(keys.layer), toHex(keys.names)],
      [file.keys.sender, file.keys.senderSecret, file.keys.layer, file.keys.names],
    )
    assert.equal(toHex(requestSecret(noble, fromHex(file.keys.invite))), file.keys.requestSecret)
    assert.equal(toHex(recipient.publicKey), file.queue.recipientKey)
  })

  it('are the blocks the room seals and opens', () => {
    for (const each of file.blocks) {
      const body = sealBlock(noble, () => fromHex(each.salt), keys, insideOf(each))
      assert.equal(digest(body), each.sha512)
      assert.deepEqual(openBlock(noble, keys, body), insideOf(each))
      if (each.hash !== undefined) assert.equal(toHex(blockId(noble, keys, fromHex(each.hash), each.number)), each.id)
    }
  })

  for (const { name, error, start, salt: drawn, sha512 } of file.refusedInsides) {
    it(`are blocks that are refused: ${name}`, () => {
      const body = fromHex(sealed(file.keys.layer, drawn, start.padEnd(2 * 16_432, '0')))
      assert.equal(digest(body), sha512)
      assert.throws(() => openBlock(noble, keys, body), refusal(error))
    })
  }

  it('are the commands the room makes, authorises and reads', () => {
    const part = sealBlock(noble, () => salt, keys, partAt(counted(4_096), messageId(noble, counted(4_096)), 0, 1))
    const notice = sealBlock(noble, () => salt, keys, { what: 'notice', data: counted(5_800) })
    const create = { type: 'create', recipientKey: recipient.publicKey, senderKey: keys.sender.publicKey } as const
    const made: Command[] = [
      { ...create, kind: 'conversation', pass: new Uint8Array(32) },
      { ...create, kind: 'request', pass: new Uint8Array(32).fill(0x0c) },
      { type: 'secure', id: recipientId, senderKey: keys.sender.publicKey },
      { type: 'subscribe', id: recipientId, tag: new Uint8Array(16).fill(0x0d) },
      { type: 'acknowledge', id: recipientId, seqs: [7, 9] },
      { type: 'suspend', id: recipientId },
      { type: 'delete', id: recipientId },
      { type: 'info', id: recipientId },
      { type: 'post', id: recipientId, body: notice },
      { type: 'send', id: senderId, block: blockId(noble, keys, messageId(noble, counted(4_096)).hash, 1), body: part },
      { type: 'read', id: senderId },
    ]
    assert.equal(made.length, file.commands.length)
    for (const [place, each] of made.entries()) {
      const stream = { nonce, next: each.type === 'info' ? 2 ** 32 : place + 1 }
      const frame = each.type === 'create' ? sayCreate(stream, each).frame : say(noble, stream, each, each.type === 'send' || each.type === 'read' ? asSender : asRecipient).frame
      const { name, size, start, sha512 } = file.commands[place]!
      assert.deepEqual([frame.length, toHex(frame.slice(0, 200)), digest(frame)], [size, start, sha512], name)
      assert.deepEqual(decodeCommand(frame).command, each)
      assert.equal(decodeCommand(frame).number, stream.next)
    }
  })

  it('are the frames of a node, read and made again; what is sealed in them opens', () => {
    const node = { clientKey: file.queue.recipientKey, nodeSecret: file.queue.nodeSecret }
    const block = sealed(file.keys.layer, toHex(salt), inside('part', 1, toHex(counted(4_096)), 0))
    const notice = sealed(file.keys.layer, toHex(salt), inside('notice', 0, toHex(counted(5_800)), 0))
    const deliver = (plain: string): string => nodeFrame('delivery', 0, file.queue.recipient, handed('delivery', 0, file.queue.recipient, { ...node, id: file.queue.recipient }, toHex(salt), plain))
    const long: Record<string, string> = {
      notice: nodeFrame('notice', 11, NO_ID, handed('notice', 11, NO_ID, { id: file.queue.sender, clientKey: file.keys.sender, nodeSecret: file.queue.nodeSecret }, toHex(salt), notice)),
      'delivery of a block': deliver(item(1, 7, 1_800_000_000_000, 0, block)),
      'delivery of a marker of quota': deliver(item(2, 8, 1_800_000_000_001, 0, '')),
      'delivery of a marker of expiry': deliver(item(3, 9, 1_800_000_000_002, 40, '')),
    }
    const said: Record<string, unknown> = {}
    for (const { name, size, start, sha512 } of file.nodeFrames) {
      const frame = fromHex(long[name] ?? start.padEnd(2 * size, '0'))
      assert.equal(digest(frame), sha512, name)
      const decoded = decodeNodeFrame(frame)
      assert.deepEqual(encodeNodeFrame(decoded), frame, name)
      if (decoded.type === 'delivery') said[name] = openDelivery(noble, asRecipient, decoded)
      if (decoded.type === 'reply' && decoded.reply.type === 'notice') said[name] = openBlock(noble, keys, openNotice(noble, asSender, decoded.number, decoded.reply))
      if (decoded.type === 'reply' && decoded.reply.type === 'created') said[name] = openCreated(noble, recipient, decoded.number, decoded.reply)
    }
    assert.deepEqual(said, {
      created: { recipient: recipientId, sender: senderId, nodeKey },
      notice: { what: 'notice', data: counted(5_800) },
      'delivery of a block': { kind: 'block', seq: 7, at: 1_800_000_000_000, body: fromHex(block) },
      'delivery of a marker of quota': { kind: 'quota', seq: 8, at: 1_800_000_000_001 },
      'delivery of a marker of expiry': { kind: 'expired', seq: 9, at: 1_800_000_000_002, total: 40 },
    })
  })

  for (const { name, side, error, size, start } of file.refusedFrames) {
    it(`are frames of a ${side === 'node' ? 'node' : 'client'} that are refused: ${name}`, () => {
      const frame = new Uint8Array(size)
      frame.set(fromHex(start))
      assert.throws(() => (side === 'node' ? decodeNodeFrame(frame) : decodeCommand(frame)), refusal(error))
    })
  }

  it('are announcements the room writes and reads', () => {
    for (const { revision, queues, bytes } of file.announcements) {
      const decoded = decodeAnnouncement(fromHex(bytes))
      assert.equal(toHex(encodeAnnouncement(decoded)), bytes)
      const shown = decoded.queues.map((queue) => Object.fromEntries(Object.entries(queue).map(([key, value]) => [key, value instanceof Uint8Array ? toHex(value) : value])))
      assert.deepEqual([decoded.revision, shown], [revision, queues.map((queue) => ({ ...queue }))])
    }
  })

  for (const { name, error, bytes } of file.refusedAnnouncements) {
    it(`are announcements that are refused: ${name}`, () => assert.throws(() => decodeAnnouncement(fromHex(bytes)), refusal(error)))
  }
})
