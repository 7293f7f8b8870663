/** Vectors of the content room, made by its readable twin. */
import { bytes, content, number, type Said, varint } from '../../test/reference/content.ts'

const id = '000102030405060708090a0b0c0d0e0f'
const other = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'
const at = 1_800_000_000_123

const CONTENTS: Said[] = [
  { kind: 'text', id, at, text: 'Hello' },
  { kind: 'text', id, at: 0, text: 'a' },
  { kind: 'text', id, at: 8_640_000_000_000_000, expireAfter: 31_622_400, text: '두레 👩‍👩‍👧‍👦', replyTo: other },
  { kind: 'text', id, at, text: '\ufeff__proto__\u0000\u202e' },
  { kind: 'edit', id, at, target: other, text: 'Hello!' },
  { kind: 'delete', id, at, target: other },
  { kind: 'reaction', id, at, target: other, emoji: '👍🏽' },
  { kind: 'reaction', id, at, target: other, emoji: '' },
  { kind: 'receipt', id, at, receipt: 'delivered', ids: [id] },
  { kind: 'receipt', id, at, receipt: 'read', ids: [id, other, id] },
  { kind: 'typing', id, at, active: true },
  { kind: 'typing', id, at, active: false },
  { kind: 'timer', id, at, seconds: 0 },
  { kind: 'timer', id, at, seconds: 604_800 },
  { kind: 'profile', id, at, name: 'Ana' },
  { kind: 'profile', id, at, name: '김철수', picture: 'ffd8ff' },
  { kind: 'addresses', id, at, addresses: [] },
  { kind: 'addresses', id, at, addresses: ['/ip4/192.0.2.1/tcp/4001', '/ip6/2001:db8::1/tcp/4001'] },
  { kind: 'pairing', id, at, step: 'hello', name: 'Ana', addresses: ['/ip4/192.0.2.1/tcp/4001'] },
  { kind: 'pairing', id, at, step: 'pending', name: 'Ben', picture: 'ffd8ff', addresses: [] },
  { kind: 'pairing', id, at, step: 'accepted', addresses: [] },
  { kind: 'pairing', id, at, step: 'hello', name: 'Ana', addresses: [], mailboxes: '0a0b0c' },
  { kind: 'pairing', id, at, step: 'refused', addresses: [] },
  { kind: 'deviceList', id, at, bytes: '0a0b0c' },
  { kind: 'staffOffer', id, at, link: 'DURE:CHANNEL', name: 'Seoul Bakery', author: 'Mina', scope: 3, notAfter: 1_900_000_000_000, entries: 500 },
  { kind: 'staffOffer', id, at, link: 'DURE:CHANNEL', name: '서울 빵집', author: '김민아', scope: 65_535, notAfter: 0 },
  { kind: 'staffKey', id, at, channel: 'c0'.repeat(32), key: 'd1'.repeat(32), proof: 'e2'.repeat(64) },
  { kind: 'staffRefused', id, at, channel: 'c0'.repeat(32) },
  { kind: 'mailboxes', id, at, bytes: '0a0b0c' },
  { kind: 'taken', id, at, ids: [other] },
  { kind: 'taken', id, at, ids: [id, other, id] },
]

const head = bytes(1, id) + number(2, at)
const text = bytes(16, bytes(1, '6869'))
const many = (count: number, field: string): string => field.repeat(count)
/** `count` bytes that are letters. */
const letters = (count: number): string => '61'.repeat(count)

const KEPT = [
  { name: 'a kind of later', kind: 'unknown', bytes: head + bytes(32, 'c0ffee') },
  { name: 'a kind of much later', kind: 'unknown', bytes: head + bytes(2 ** 29 - 1, '') },
  { name: 'common fields of later', kind: 'text', common: number(4, 7) + bytes(15, '00'), bytes: head + number(4, 7) + bytes(15, '00') + text },
  { name: 'fields of a kind of later', kind: 'text', body: number(3, 1) + varint((4n << 3n) | 5n) + '01020304', bytes: head + bytes(16, bytes(1, '6869') + number(3, 1) + varint((4n << 3n) | 5n) + '01020304') },
]

const REFUSED = [
  { name: 'empty', error: 'malformed', bytes: '' },
  { name: 'no kind', error: 'malformed', bytes: head },
  { name: 'two kinds', error: 'malformed', bytes: head + text + bytes(21, '') },
  { name: 'the same kind twice', error: 'malformed', bytes: head + text + text },
  { name: 'a known and an unknown kind', error: 'malformed', bytes: head + text + bytes(99, '') },
  { name: 'a kind that is a number', error: 'malformed', bytes: head + number(99, 1) },
  { name: 'no id', error: 'malformed', bytes: number(2, at) + text },
  { name: 'an id of 15 bytes', error: 'malformed', bytes: bytes(1, id.slice(2)) + text },
  { name: 'an id of 17 bytes', error: 'malformed', bytes: bytes(1, `${id}00`) + text },
  { name: 'two ids', error: 'malformed', bytes: bytes(1, id) + head + text },
  { name: 'an unknown kind without an id', error: 'malformed', bytes: bytes(99, '') },
  { name: 'a time that is bytes', error: 'malformed', bytes: bytes(1, id) + bytes(2, '00') + text },
  { name: 'a time beyond the last', error: 'too-large', bytes: bytes(1, id) + number(2, 8_640_000_000_000_001) + text },
  { name: 'a time beyond 2^53', error: 'malformed', bytes: `${bytes(1, id)}10ffffffffffffffffff01${text}` },
  { name: 'a varint of 11 bytes', error: 'malformed', bytes: `${bytes(1, id)}1080808080808080808080${'01'}${text}` },
  { name: 'a varint over 64 bits', error: 'malformed', bytes: `${head}20ffffffffffffffffff7f${text}` },
  { name: 'a timer beyond a year', error: 'too-large', bytes: head + number(3, 31_622_401) + text },
  { name: 'field number 0', error: 'malformed', bytes: `${head}0001${text}` },
  { name: 'a group', error: 'malformed', bytes: `${head}2324${text}` },
  { name: 'wire type 6', error: 'malformed', bytes: `${head}26${text}` },
  { name: 'a length beyond the end', error: 'malformed', bytes: `${head}8201ff` },
  { name: 'a length of 2^63', error: 'malformed', bytes: `${head}820180808080808080808001` },
  { name: 'a cut tag', error: 'malformed', bytes: `${head}${text}80` },
  { name: 'more fields than there may be', error: 'too-large', bytes: head + many(1_024, '2001') + text },
  { name: 'an empty text', error: 'malformed', bytes: head + bytes(16, '') },
  { name: 'a text twice', error: 'malformed', bytes: head + bytes(16, bytes(1, '6869') + bytes(1, '6869')) },
  { name: 'a text that is a number', error: 'malformed', bytes: head + bytes(16, number(1, 5)) },
  { name: 'a text in Latin-1', error: 'malformed', bytes: head + bytes(16, bytes(1, 'e9')) },
  { name: 'a text with an overlong slash', error: 'malformed', bytes: head + bytes(16, bytes(1, 'c0af')) },
  { name: 'a text with a surrogate', error: 'malformed', bytes: head + bytes(16, bytes(1, 'eda080')) },
  { name: 'a text too long', error: 'too-large', bytes: head + bytes(16, bytes(1, letters(65_537))) },
  { name: 'a reply to a short id', error: 'malformed', bytes: head + bytes(16, bytes(1, '6869') + bytes(2, '00')) },
  { name: 'an edit of nothing', error: 'malformed', bytes: head + bytes(17, bytes(2, '6869')) },
  { name: 'an emoji too long', error: 'too-large', bytes: head + bytes(19, bytes(1, other) + bytes(2, letters(65))) },
  { name: 'a receipt for nothing', error: 'malformed', bytes: head + bytes(20, number(1, 1)) },
  { name: 'a receipt without a state', error: 'malformed', bytes: head + bytes(20, bytes(2, other)) },
  { name: 'a receipt with a state of later', error: 'malformed', bytes: head + bytes(20, number(1, 3) + bytes(2, other)) },
  { name: 'a receipt for 501', error: 'too-large', bytes: head + bytes(20, number(1, 1) + many(501, bytes(2, other))) },
  { name: 'typing that is 2', error: 'malformed', bytes: head + bytes(21, number(1, 2)) },
  { name: 'typing twice', error: 'malformed', bytes: head + bytes(21, number(1, 1) + number(1, 1)) },
  { name: 'a timer of 2^32 s', error: 'malformed', bytes: head + bytes(22, number(1, 2 ** 32)) },
  { name: 'a profile without a name', error: 'malformed', bytes: head + bytes(23, '') },
  { name: 'a name too long', error: 'too-large', bytes: head + bytes(23, bytes(1, letters(129))) },
  { name: 'a name of two lines', error: 'malformed', bytes: head + bytes(23, bytes(1, '610a62')) },
  { name: 'a picture too large', error: 'too-large', bytes: head + bytes(23, bytes(1, '61') + bytes(2, letters(65_537))) },
  { name: '17 addresses', error: 'too-large', bytes: head + bytes(24, many(17, bytes(1, '2f'))) },
  { name: 'an address too long', error: 'too-large', bytes: head + bytes(24, bytes(1, letters(257))) },
  { name: 'an empty address', error: 'malformed', bytes: head + bytes(24, bytes(1, '')) },
  { name: 'pairing without a step', error: 'malformed', bytes: head + bytes(25, '') },
  { name: 'pairing with mailboxes that say too much', error: 'too-large', bytes: head + bytes(25, number(1, 1) + bytes(5, letters(8_193))) },
  { name: 'a device list too large', error: 'too-large', bytes: head + bytes(26, bytes(1, letters(16_385))) },
  { name: 'an empty device list', error: 'malformed', bytes: head + bytes(26, '') },
  { name: 'an offer without a link', error: 'malformed', bytes: head + bytes(27, bytes(2, '61') + number(3, 1) + bytes(6, '61')) },
  { name: 'an offer of a link too long', error: 'too-large', bytes: head + bytes(27, bytes(1, letters(8_193)) + bytes(2, '61') + number(3, 1) + bytes(6, '61')) },
  { name: 'an offer of a channel without a name', error: 'malformed', bytes: head + bytes(27, bytes(1, '61') + number(3, 1) + bytes(6, '61')) },
  { name: 'an offer to be nobody', error: 'malformed', bytes: head + bytes(27, bytes(1, '61') + bytes(2, '61') + number(3, 1)) },
  { name: 'an offer to do nothing', error: 'malformed', bytes: head + bytes(27, bytes(1, '61') + bytes(2, '61') + bytes(6, '61')) },
  { name: 'an offer with a scope of 17 bits', error: 'too-large', bytes: head + bytes(27, bytes(1, '61') + bytes(2, '61') + number(3, 65_536) + bytes(6, '61')) },
  { name: 'an offer beyond the last time', error: 'too-large', bytes: head + bytes(27, bytes(1, '61') + bytes(2, '61') + number(3, 1) + number(4, 8_640_000_000_000_001) + bytes(6, '61')) },
  { name: 'a posting key for a short channel', error: 'malformed', bytes: head + bytes(28, bytes(1, letters(31)) + bytes(2, letters(32)) + bytes(3, letters(64))) },
  { name: 'a posting key of 33 bytes', error: 'malformed', bytes: head + bytes(28, bytes(1, letters(32)) + bytes(2, letters(33)) + bytes(3, letters(64))) },
  { name: 'a posting key without a proof', error: 'malformed', bytes: head + bytes(28, bytes(1, letters(32)) + bytes(2, letters(32))) },
  { name: 'a refusal of nothing', error: 'malformed', bytes: head + bytes(29, '') },
  { name: 'mailboxes that say nothing', error: 'malformed', bytes: head + bytes(30, '') },
  { name: 'mailboxes that say too much', error: 'too-large', bytes: head + bytes(30, bytes(1, letters(8_193))) },
  { name: 'nothing taken', error: 'malformed', bytes: head + bytes(31, '') },
  { name: 'a taken one with a short id', error: 'malformed', bytes: head + bytes(31, bytes(1, id.slice(2))) },
  { name: '501 taken', error: 'too-large', bytes: head + bytes(31, many(501, bytes(1, other))) },
  { name: 'larger than an envelope carries', error: 'too-large', bytes: head + bytes(32, letters(196_608)) },
]

/** Long runs of one byte, which a few of the refused ones have, written as `61*65537`. */
const shortened = (hex: string): string => hex.replace(/(?:61){32,}/g, (run) => ` 61*${run.length / 2} `).trim()

export function vectors(): unknown {
  return {
    contents: CONTENTS.map((said) => ({ said, bytes: content(said) })),
    kept: KEPT,
    refused: REFUSED.map((each) => ({ ...each, bytes: shortened(each.bytes) })),
  }
}
