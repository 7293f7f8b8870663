/** The content room's encoder once more: protobuf by hand from the tables of its README, in hex strings. */

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

export function varint(value: bigint): string {
  return value < 0x80n ? hex(Number(value)) : hex(Number(value & 0x7fn) | 0x80) + varint(value >> 7n)
}

/** A field with a number; 0 is left out, as proto3 has it. */
export const number = (field: number, value: number): string => (value === 0 ? '' : varint(BigInt(field) << 3n) + varint(BigInt(value)))

/** A field with bytes, given as hex. */
export const bytes = (field: number, value: string): string =>
  varint((BigInt(field) << 3n) | 2n) + varint(BigInt(value.length / 2)) + value

/** The same, left out when empty. */
const some = (field: number, value: string | undefined): string => (value ? bytes(field, value) : '')

const utf8 = (text: string | undefined): string | undefined => text && Buffer.from(text, 'utf8').toString('hex')

/** A content whose bytes are hex strings. */
export type Said = Readonly<Record<string, unknown>> & { readonly kind: string; readonly id: string; readonly at: number; readonly expireAfter?: number }

const RECEIPT = ['', 'delivered', 'read']
const STEP = ['', 'hello', 'pending', 'accepted', 'refused']

export function content(said: Said): string {
  const text = (name: string): string | undefined => utf8(said[name] as string | undefined)
  const raw = (name: string): string | undefined => said[name] as string | undefined
  const list = (name: string): string[] => said[name] as string[]
  const bodies: Record<string, readonly [number, () => string]> = {
    text: [16, () => some(1, text('text')) + some(2, raw('replyTo'))],
    edit: [17, () => some(1, raw('target')) + some(2, text('text'))],
    delete: [18, () => some(1, raw('target'))],
    reaction: [19, () => some(1, raw('target')) + some(2, text('emoji'))],
    receipt: [20, () => number(1, RECEIPT.indexOf(said.receipt as string)) + list('ids').map((id) => bytes(2, id)).join('')],
    typing: [21, () => number(1, said.active ? 1 : 0)],
    timer: [22, () => number(1, said.seconds as number)],
    profile: [23, () => some(1, text('name')) + some(2, raw('picture'))],
    addresses: [24, () => list('addresses').map((each) => bytes(1, utf8(each) as string)).join('')],
    pairing: [
      25,
      () =>
        number(1, STEP.indexOf(said.step as string)) +
        some(2, text('name')) +
        some(3, raw('picture')) +
        list('addresses').map((each) => bytes(4, utf8(each) as string)).join('') +
        some(5, raw('mailboxes')),
    ],
    deviceList: [26, () => some(1, raw('bytes'))],
    staffOffer: [
      27,
      () =>
        some(1, text('link')) + some(2, text('name')) + number(3, said.scope as number) + number(4, said.notAfter as number) +
        number(5, (said.entries as number | undefined) ?? 0) + some(6, text('author')),
    ],
    staffKey: [28, () => some(1, raw('channel')) + some(2, raw('key')) + some(3, raw('proof'))],
    staffRefused: [29, () => some(1, raw('channel'))],
    mailboxes: [30, () => some(1, raw('bytes'))],
    taken: [31, () => list('ids').map((each) => bytes(1, each)).join('')],
  }
  const [field, body] = bodies[said.kind] as readonly [number, () => string]
  return some(1, said.id) + number(2, said.at) + number(3, said.expireAfter ?? 0) + bytes(field, body())
}
