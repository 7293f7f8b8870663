/** Vectors of the mailbox room, made by its readable twin. Long values are given by their SHA-512. */
import { createHash } from 'node:crypto'
import { announcement, blockId, command, handed, inside, item, messageHash, NO_ID, nodeFrame, number, publicOf, queueKeys, type Queue, requestSecret, sealed } from '../../test/reference/mailbox.ts'

const fill = (byte: string, length: number): string => byte.repeat(length)
const counted = (length: number): string => Array.from({ length }, (_, i) => number(i % 251, 1)).join('')
const digest = (hex: string): string => createHash('sha512').update(Buffer.from(hex, 'hex')).digest('hex')

const secret = fill('01', 32)
const recipientSecret = fill('02', 32)
const nodeSecret = fill('03', 32)
const nonce = fill('04', 32)
const salt = fill('05', 32)
const ids = { recipient: fill('0a', 24), sender: fill('0b', 24) }
const keys = queueKeys(secret)
const [recipientKey, nodeKey] = [publicOf(recipientSecret), publicOf(nodeSecret)]

const BLOCKS = [
  { what: 'part', number: 1, length: 4_096, index: 0 },
  { what: 'part', number: 2, length: 16_384, index: 0 },
  { what: 'part', number: 9, length: 262_144, index: 15 },
  { what: 'part', number: 10, length: 16_385, index: 1 },
  { what: 'nothing', number: 11, length: 0, index: 0 },
  { what: 'notice', number: 0, length: 5_800, index: 0 },
] as const

/** Each is a sealed block's inside with one thing wrong. */
function badInsides(): { name: string; error: string; plaintext: string }[] {
  const good = inside('part', 1, counted(100), 0)
  const put = (at: number, hex: string): string => good.slice(0, 2 * at) + hex + good.slice(2 * at + hex.length)
  const notice = inside('notice', 0, counted(100), 0)
  const nothing = inside('nothing', 3, '', 0)
  return [
    { name: 'version 0', error: 'part', plaintext: put(0, '00') },
    { name: 'version 2', error: 'newer-version', plaintext: put(0, '02') },
    { name: 'what 3', error: 'part', plaintext: put(1, '03') },
    { name: 'number 0', error: 'part', plaintext: put(2, number(0, 8)) },
    { name: 'a number of 2^53', error: 'part', plaintext: put(2, '0020000000000000') },
    { name: 'length 0', error: 'part', plaintext: put(42, number(0, 4)) },
    { name: 'a length above 262,144', error: 'part', plaintext: put(42, number(262_145, 4)) },
    { name: 'an index beyond the message', error: 'part', plaintext: put(46, number(1, 2)) },
    { name: 'a byte after the data', error: 'part', plaintext: put(48 + 100, '01') },
    { name: 'a notice of which a byte was changed', error: 'part', plaintext: notice.slice(0, 96) + 'ff' + notice.slice(98) },
    { name: 'a notice with a number', error: 'part', plaintext: notice.slice(0, 4) + number(1, 8) + notice.slice(20) },
    { name: 'nothing with something in it', error: 'part', plaintext: nothing.slice(0, 200) + '01' + nothing.slice(202) },
    { name: 'nothing without a number', error: 'part', plaintext: nothing.slice(0, 4) + number(0, 8) + nothing.slice(20) },
  ]
}

function commands(): { name: string; frame: string }[] {
  const asRecipient = { id: ids.recipient, clientSecret: recipientSecret, nodeKey, nonce }
  const asSender = { id: ids.sender, clientSecret: keys.senderSecret, nodeKey, nonce }
  const body = sealed(keys.layer, salt, inside('part', 1, counted(4_096), 0))
  return [
    { name: 'create', frame: command('create', 1, NO_ID, `01${recipientKey}${keys.sender}${fill('00', 32)}`) },
    { name: 'create for an invite, with a pass', frame: command('create', 2, NO_ID, `02${recipientKey}${keys.sender}${fill('0c', 32)}`) },
    { name: 'secure', frame: command('secure', 3, ids.recipient, keys.sender, asRecipient) },
    { name: 'subscribe', frame: command('subscribe', 4, ids.recipient, fill('0d', 16), asRecipient) },
    { name: 'acknowledge', frame: command('acknowledge', 5, ids.recipient, `02${number(7, 8)}${number(9, 8)}`, asRecipient) },
    { name: 'suspend', frame: command('suspend', 6, ids.recipient, '', asRecipient) },
    { name: 'delete', frame: command('delete', 7, ids.recipient, '', asRecipient) },
    { name: 'info', frame: command('info', 2 ** 32, ids.recipient, '', asRecipient) },
    { name: 'post', frame: command('post', 9, ids.recipient, sealed(keys.layer, salt, inside('notice', 0, counted(5_800), 0)), asRecipient) },
    { name: 'send', frame: command('send', 10, ids.sender, blockId(keys.names, messageHash(counted(4_096)), 1) + body, asSender) },
    { name: 'read', frame: command('read', 11, ids.sender, '', asSender) },
  ]
}

function nodeFrames(): { name: string; frame: string }[] {
  const toRecipient = { id: ids.recipient, clientKey: recipientKey, nodeSecret }
  const toSender = { id: ids.sender, clientKey: keys.sender, nodeSecret }
  const block = sealed(keys.layer, salt, inside('part', 1, counted(4_096), 0))
  const deliver = (plaintext: string): string => nodeFrame('delivery', 0, ids.recipient, handed('delivery', 0, ids.recipient, toRecipient, salt, plaintext))
  return [
    { name: 'hello', frame: nodeFrame('hello', 0, NO_ID, nonce + number(1_800_000_000_000, 8)) },
    { name: 'done', frame: nodeFrame('done', 3, NO_ID, '') },
    { name: 'created', frame: nodeFrame('created', 1, NO_ID, nodeKey + handed('created', 1, NO_ID, { ...toRecipient, id: NO_ID }, salt, ids.recipient + ids.sender)) },
    { name: 'subscribed', frame: nodeFrame('subscribed', 4, NO_ID, fill('0e', 16) + number(3, 4)) },
    { name: 'info', frame: nodeFrame('info', 8, NO_ID, number(3, 4) + number(128, 4) + number(1_800_000_000_000, 8) + '0100') },
    { name: 'notice', frame: nodeFrame('notice', 11, NO_ID, handed('notice', 11, NO_ID, toSender, salt, sealed(keys.layer, salt, inside('notice', 0, counted(5_800), 0)))) },
    { name: 'refused: denied', frame: nodeFrame('refused', 12, NO_ID, '01') },
    { name: 'refused: quota', frame: nodeFrame('refused', 13, NO_ID, '02') },
    { name: 'refused: busy', frame: nodeFrame('refused', 14, NO_ID, '03') },
    { name: 'delivery of a block', frame: deliver(item(1, 7, 1_800_000_000_000, 0, block)) },
    { name: 'delivery of a marker of quota', frame: deliver(item(2, 8, 1_800_000_000_001, 0, '')) },
    { name: 'delivery of a marker of expiry', frame: deliver(item(3, 9, 1_800_000_000_002, 40, '')) },
    { name: 'evicted', frame: nodeFrame('evicted', 0, ids.recipient, '') },
    { name: 'room', frame: nodeFrame('room', 0, ids.sender, '') },
  ]
}

/** The first bytes of a frame of `size`, the others zero. */
function refusedFrames(): { name: string; side: 'command' | 'node'; error: string; size: number; start: string }[] {
  const info = `01070000000000000001${ids.recipient}`
  const auth = fill('00', 32)
  const done = `01810000000000000001${NO_ID}`
  return [
    { name: 'empty', side: 'command', error: 'malformed', size: 0, start: '' },
    { name: 'version 0', side: 'command', error: 'malformed', size: 256, start: `00${info.slice(2)}` },
    { name: 'version 2', side: 'command', error: 'newer-version', size: 256, start: `02${info.slice(2)}` },
    { name: 'type 0', side: 'command', error: 'malformed', size: 256, start: `0100${info.slice(4)}` },
    { name: 'type 11', side: 'command', error: 'malformed', size: 256, start: `010b${info.slice(4)}` },
    { name: 'a type of the node', side: 'command', error: 'malformed', size: 256, start: `0181${info.slice(4)}` },
    { name: 'number 0', side: 'command', error: 'malformed', size: 256, start: `01070000000000000000${ids.recipient}` },
    { name: 'one byte short', side: 'command', error: 'malformed', size: 255, start: info },
    { name: 'one byte long', side: 'command', error: 'malformed', size: 257, start: info },
    { name: 'a short command in a long frame', side: 'command', error: 'malformed', size: 16_640, start: info },
    { name: 'a long command in a short frame', side: 'command', error: 'malformed', size: 256, start: `0109${info.slice(4)}` },
    { name: 'a byte after the last field', side: 'command', error: 'malformed', size: 256, start: `${info}${auth}01` },
    { name: 'create of kind 0', side: 'command', error: 'malformed', size: 256, start: `01010000000000000001${NO_ID}${auth}00` },
    { name: 'create of kind 3', side: 'command', error: 'malformed', size: 256, start: `01010000000000000001${NO_ID}${auth}03` },
    { name: 'create with an id', side: 'command', error: 'malformed', size: 256, start: `01010000000000000001${ids.recipient}${auth}01` },
    { name: 'create with an authenticator', side: 'command', error: 'malformed', size: 256, start: `01010000000000000001${NO_ID}${fill('01', 32)}01` },
    { name: 'an acknowledgement of none', side: 'command', error: 'malformed', size: 256, start: `0104${info.slice(4)}${auth}00` },
    { name: 'an acknowledgement of seventeen', side: 'command', error: 'malformed', size: 256, start: `0104${info.slice(4)}${auth}11` },
    { name: 'an acknowledgement of a seq of 2^53', side: 'command', error: 'malformed', size: 256, start: `0104${info.slice(4)}${auth}010020000000000000` },
    { name: 'a type of the client', side: 'node', error: 'malformed', size: 256, start: `0107${done.slice(4)}` },
    { name: 'a version of later', side: 'node', error: 'newer-version', size: 256, start: `0281${done.slice(4)}` },
    { name: 'a reply to no command', side: 'node', error: 'malformed', size: 256, start: `01810000000000000000${NO_ID}` },
    { name: 'a reply with an id', side: 'node', error: 'malformed', size: 256, start: `01810000000000000001${ids.recipient}` },
    { name: 'a push with a number', side: 'node', error: 'malformed', size: 256, start: `01910000000000000001${ids.recipient}` },
    { name: 'a hello with a number', side: 'node', error: 'malformed', size: 256, start: `01800000000000000001${NO_ID}` },
    { name: 'a refusal of code 0', side: 'node', error: 'malformed', size: 256, start: `0186${done.slice(4)}00` },
    { name: 'a refusal of code 4', side: 'node', error: 'malformed', size: 256, start: `0186${done.slice(4)}04` },
    { name: 'an info neither full nor not', side: 'node', error: 'malformed', size: 256, start: `0184${done.slice(4)}${fill('00', 16)}02` },
    { name: 'done, and more', side: 'node', error: 'malformed', size: 256, start: `${done}01` },
    { name: 'a delivery in a short frame', side: 'node', error: 'malformed', size: 256, start: `01900000000000000000${ids.recipient}` },
  ]
}

const QUEUES: readonly Queue[] = [
  { node: fill('21', 32), sender: fill('22', 24), nodeKey: fill('23', 32), secret: fill('24', 32), priority: 0, addresses: ['/ip4/192.0.2.7/tcp/4001', '/dns4/relay.example.org/tcp/443/wss'] },
  { node: fill('31', 32), sender: fill('32', 24), nodeKey: fill('33', 32), secret: fill('34', 32), priority: 1, addresses: [] },
]

function refusedAnnouncements(): { name: string; error: string; bytes: string }[] {
  const [one, two] = QUEUES as [Queue, Queue]
  const good = announcement(7, QUEUES)
  return [
    { name: 'version 0', error: 'malformed', bytes: `00${good.slice(2)}` },
    { name: 'version 2', error: 'newer-version', bytes: `02${good.slice(2)}` },
    { name: 'a revision of 2^53', error: 'malformed', bytes: `010020000000000000${good.slice(18)}` },
    { name: 'five queues', error: 'malformed', bytes: announcement(7, ['1', '2', '3', '4', '5'].map((n) => ({ ...two, sender: fill(`0${n}`, 24), secret: fill(`1${n}`, 32) }))) },
    { name: 'fewer queues than it says', error: 'malformed', bytes: `${good.slice(0, 18)}03${good.slice(20)}` },
    { name: 'a byte after the end', error: 'malformed', bytes: `${good}00` },
    { name: 'one queue twice', error: 'malformed', bytes: announcement(7, [one, { ...two, sender: one.sender }]) },
    { name: 'two queues with one secret', error: 'malformed', bytes: announcement(7, [one, { ...two, secret: one.secret }]) },
    { name: 'five addresses', error: 'malformed', bytes: announcement(7, [{ ...one, addresses: ['/a', '/b', '/c', '/d', '/e'] }]) },
    { name: 'an address with a space', error: 'malformed', bytes: announcement(7, [{ ...one, addresses: ['/dns4/a b'] }]) },
    { name: 'an address that does not begin with a stroke', error: 'malformed', bytes: announcement(7, [{ ...one, addresses: ['192.0.2.7'] }]) },
    { name: 'an empty address', error: 'malformed', bytes: announcement(7, [{ ...one, addresses: [''] }]) },
    { name: 'an address of 201 bytes', error: 'malformed', bytes: announcement(7, [{ ...one, addresses: [`/${'a'.repeat(200)}`] }]) },
  ]
}

export function vectors(): unknown {
  const invite = fill('0f', 16)
  return {
    about: 'Bytes in hex. A message or notice of a length is the bytes 0, 1, .. 250, 0, 1, ... sha512: of the bytes that are too long to print.',
    keys: { secret, sender: keys.sender, senderSecret: keys.senderSecret, layer: keys.layer, names: keys.names, invite, requestSecret: requestSecret(invite) },
    queue: { recipientSecret, recipientKey, nodeSecret, nodeKey, ...ids },
    blocks: BLOCKS.map(({ what, number: place, length, index }) => ({
      what,
      number: place,
      length,
      index,
      ...(what === 'part' && { hash: messageHash(counted(length)), id: blockId(keys.names, messageHash(counted(length)), place) }),
      salt,
      sha512: digest(sealed(keys.layer, salt, inside(what, place, counted(length), index))),
    })),
    refusedInsides: badInsides().map(({ name, error, plaintext }) => ({ name, error, start: plaintext.replace(/(00)+$/, ''), salt, sha512: digest(sealed(keys.layer, salt, plaintext)) })),
    nonce,
    commands: commands().map(({ name, frame }) => ({ name, size: frame.length / 2, start: frame.slice(0, 2 * 200), sha512: digest(frame) })),
    nodeFrames: nodeFrames().map(({ name, frame }) => ({ name, size: frame.length / 2, start: frame.slice(0, 2 * 200), sha512: digest(frame) })),
    refusedFrames: refusedFrames(),
    announcements: [
      { revision: 0, queues: [], bytes: announcement(0, []) },
      { revision: 1_800_000_000_000, queues: QUEUES, bytes: announcement(1_800_000_000_000, QUEUES) },
    ],
    refusedAnnouncements: refusedAnnouncements(),
  }
}
