import { type Content, decodeContent, encodeContent } from '../../protocols/content/index.ts'
import { command, type Commands } from '../command.ts'
import { bytes, flag, list, oneOf, optional, record, type Shape, text, variant, whole } from '../fields.ts'

const KINDS: Readonly<Record<Content['kind'], Shape>> = {
  text: { text, replyTo: optional(bytes()) },
  edit: { target: bytes(), text },
  delete: { target: bytes() },
  reaction: { target: bytes(), emoji: text },
  receipt: { receipt: oneOf('delivered', 'read'), ids: list(bytes()) },
  typing: { active: flag },
  timer: { seconds: whole() },
  profile: { name: text, picture: optional(bytes()) },
  addresses: { addresses: list(text) },
  pairing: { step: oneOf('hello', 'pending', 'accepted', 'refused'), name: optional(text), picture: optional(bytes()), addresses: list(text), mailboxes: optional(bytes()) },
  deviceList: { bytes: bytes() },
  staffOffer: { link: text, name: text, author: text, scope: whole(), notAfter: whole(), entries: optional(whole()) },
  staffKey: { channel: bytes(), key: bytes(), proof: bytes() },
  staffRefused: { channel: bytes() },
  mailboxes: { bytes: bytes() },
  taken: { ids: list(bytes()) },
  unknown: { raw: bytes() },
}
const COMMON: Shape = { id: bytes(), at: whole(), expireAfter: optional(whole()), unknownFields: optional(record({ common: bytes(), body: bytes() })) }

export const content: Commands = {
  encode: command({ content: variant('kind', KINDS, COMMON) }, (asked) => ({ bytes: encodeContent(asked.content as unknown as Content) })),
  decode: command({ bytes: bytes() }, (asked) => ({ content: decodeContent(asked.bytes) })),
}
