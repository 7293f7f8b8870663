/** Each known kind: its field number in wire.proto, the fields its message has, and the way to and from the wire. */
import { utf8 } from '../suite/index.ts'
import type { KnownBody, Pairing, Receipt } from './content.ts'
import { malformed } from './errors.ts'
import type { Shape } from './fields.ts'
import { MAX_ADDRESSES, MAX_RECEIPT_IDS } from './limits.ts'
import * as wire from './wire.js'

/** A byte order mark at the start of a text is part of the text. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const EMPTY = new Uint8Array(0)
const U32 = 0xffffffff

const bytes = (name: string, most = 1) => ({ name, wire: 'bytes', most }) as const
const varint = (name: string, max: number) => ({ name, wire: 'varint', max }) as const
const shape = (...shapes: [...Parameters<typeof entry>][]): Shape => new Map(shapes.map((each) => entry(...each)))
const entry = (number: number, field: ReturnType<typeof bytes> | ReturnType<typeof varint>) => [number, field] as const

interface KindCodec<B extends KnownBody> {
  readonly number: number
  readonly shape: Shape
  encode(body: B): Uint8Array
  /** Values are copies. What the wire cannot say (`undefined`, an id of 16 bytes) the checks see. @throws Error */
  decode(message: Uint8Array): B
}

type Kinds = { readonly [K in KnownBody['kind']]: KindCodec<Extract<KnownBody, { kind: K }>> }

export const KINDS: Kinds = {
  text: {
    number: 16,
    shape: shape([1, bytes('text')], [2, bytes('replyTo')]),
    encode: ({ text, replyTo }) => wire.Text.encode({ text: utf8(text), replyTo: replyTo ?? EMPTY }),
    decode(message) {
      const { text, replyTo } = wire.Text.decode(message)
      return { kind: 'text', text: fromText(text, 'text.text'), ...(replyTo.length > 0 && { replyTo: replyTo.slice() }) }
    },
  },
  edit: {
    number: 17,
    shape: shape([1, bytes('target')], [2, bytes('text')]),
    encode: ({ target, text }) => wire.Edit.encode({ target, text: utf8(text) }),
    decode(message) {
      const { target, text } = wire.Edit.decode(message)
      return { kind: 'edit', target: target.slice(), text: fromText(text, 'edit.text') }
    },
  },
  delete: {
    number: 18,
    shape: shape([1, bytes('target')]),
    encode: ({ target }) => wire.Delete.encode({ target }),
    decode: (message) => ({ kind: 'delete', target: wire.Delete.decode(message).target.slice() }),
  },
  reaction: {
    number: 19,
    shape: shape([1, bytes('target')], [2, bytes('emoji')]),
    encode: ({ target, emoji }) => wire.Reaction.encode({ target, emoji: utf8(emoji) }),
    decode(message) {
      const { target, emoji } = wire.Reaction.decode(message)
      return { kind: 'reaction', target: target.slice(), emoji: fromText(emoji, 'reaction.emoji') }
    },
  },
  receipt: {
    number: 20,
    shape: shape([1, varint('state', U32)], [2, bytes('ids', MAX_RECEIPT_IDS)]),
    encode: ({ receipt, ids }) => wire.Receipt.encode({ state: RECEIPT[receipt], ids: [...ids] }),
    decode(message) {
      const { state, ids } = wire.Receipt.decode(message)
      return { kind: 'receipt', receipt: named(RECEIPT, state, 'receipt.state'), ids: ids.map((id) => id.slice()) }
    },
  },
  typing: {
    number: 21,
    shape: shape([1, varint('active', 1)]),
    encode: ({ active }) => wire.Typing.encode({ active }),
    decode: (message) => ({ kind: 'typing', active: wire.Typing.decode(message).active }),
  },
  timer: {
    number: 22,
    shape: shape([1, varint('seconds', U32)]),
    encode: ({ seconds }) => wire.Timer.encode({ seconds }),
    decode: (message) => ({ kind: 'timer', seconds: wire.Timer.decode(message).seconds }),
  },
  profile: {
    number: 23,
    shape: shape([1, bytes('name')], [2, bytes('picture')]),
    encode: ({ name, picture }) => wire.Profile.encode({ name: utf8(name), picture: picture ?? EMPTY }),
    decode(message) {
      const { name, picture } = wire.Profile.decode(message)
      return { kind: 'profile', name: fromText(name, 'profile.name'), ...(picture.length > 0 && { picture: picture.slice() }) }
    },
  },
  addresses: {
    number: 24,
    shape: shape([1, bytes('addresses', MAX_ADDRESSES)]),
    encode: ({ addresses }) => wire.Addresses.encode({ addresses: addresses.map(utf8) }),
    decode(message) {
      const { addresses } = wire.Addresses.decode(message)
      return { kind: 'addresses', addresses: addresses.map((address) => fromText(address, 'addresses.addresses')) }
    },
  },
  pairing: {
    number: 25,
    shape: shape([1, varint('step', U32)], [2, bytes('name')], [3, bytes('picture')], [4, bytes('addresses', MAX_ADDRESSES)], [5, bytes('mailboxes')]),
    encode: ({ step, name, picture, addresses, mailboxes }) =>
      wire.Pairing.encode({
        step: STEP[step],
        name: utf8(name ?? ''),
        picture: picture ?? EMPTY,
        addresses: addresses.map(utf8),
        mailboxes: mailboxes ?? EMPTY,
      }),
    decode(message) {
      const { step, name, picture, addresses, mailboxes } = wire.Pairing.decode(message)
      return {
        kind: 'pairing',
        step: named(STEP, step, 'pairing.step'),
        ...(name.length > 0 && { name: fromText(name, 'pairing.name') }),
        ...(picture.length > 0 && { picture: picture.slice() }),
        addresses: addresses.map((address) => fromText(address, 'pairing.addresses')),
        ...(mailboxes.length > 0 && { mailboxes: mailboxes.slice() }),
      }
    },
  },
  deviceList: {
    number: 26,
    shape: shape([1, bytes('bytes')]),
    encode: (body) => wire.DeviceList.encode({ bytes: body.bytes }),
    decode: (message) => ({ kind: 'deviceList', bytes: wire.DeviceList.decode(message).bytes.slice() }),
  },
  staffOffer: {
    number: 27,
    shape: shape(
      [1, bytes('link')],
      [2, bytes('name')],
      [3, varint('scope', U32)],
      [4, varint('notAfter', Number.MAX_SAFE_INTEGER)],
      [5, varint('entries', U32)],
      [6, bytes('author')],
    ),
    encode: ({ link, name, author, scope, notAfter, entries }) =>
      wire.StaffOffer.encode({ link: utf8(link), name: utf8(name), scope, notAfter, entries: entries ?? 0, author: utf8(author) }),
    decode(message) {
      const { link, name, author, scope, notAfter, entries } = wire.StaffOffer.decode(message)
      return {
        kind: 'staffOffer',
        link: fromText(link, 'staffOffer.link'),
        name: fromText(name, 'staffOffer.name'),
        author: fromText(author, 'staffOffer.author'),
        scope,
        notAfter,
        ...(entries > 0 && { entries }),
      }
    },
  },
  staffKey: {
    number: 28,
    shape: shape([1, bytes('channel')], [2, bytes('key')], [3, bytes('proof')]),
    encode: ({ channel, key, proof }) => wire.StaffKey.encode({ channel, key, proof }),
    decode(message) {
      const { channel, key, proof } = wire.StaffKey.decode(message)
      return { kind: 'staffKey', channel: channel.slice(), key: key.slice(), proof: proof.slice() }
    },
  },
  staffRefused: {
    number: 29,
    shape: shape([1, bytes('channel')]),
    encode: ({ channel }) => wire.StaffRefused.encode({ channel }),
    decode: (message) => ({ kind: 'staffRefused', channel: wire.StaffRefused.decode(message).channel.slice() }),
  },
  mailboxes: {
    number: 30,
    shape: shape([1, bytes('bytes')]),
    encode: (body) => wire.Mailboxes.encode({ bytes: body.bytes }),
    decode: (message) => ({ kind: 'mailboxes', bytes: wire.Mailboxes.decode(message).bytes.slice() }),
  },
  taken: {
    number: 31,
    shape: shape([1, bytes('ids', MAX_RECEIPT_IDS)]),
    encode: ({ ids }) => wire.Taken.encode({ ids: [...ids] }),
    decode: (message) => ({ kind: 'taken', ids: wire.Taken.decode(message).ids.map((id) => id.slice()) }),
  },
}

const RECEIPT: Record<Receipt['receipt'], wire.Receipt.State> = { delivered: wire.Receipt.State.DELIVERED, read: wire.Receipt.State.READ }

const STEP: Record<Pairing['step'], wire.Pairing.Step> = {
  hello: wire.Pairing.Step.HELLO,
  pending: wire.Pairing.Step.PENDING,
  accepted: wire.Pairing.Step.ACCEPTED,
  refused: wire.Pairing.Step.REFUSED,
}

function named<N extends string, V>(names: Record<N, V>, value: V, what: string): N {
  const found = (Object.keys(names) as N[]).find((name) => names[name] === value)
  if (found === undefined) throw malformed(what)
  return found
}

function fromText(utf8Bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(utf8Bytes)
  } catch {
    throw malformed(what)
  }
}
