/** The limits, the same for what is sent and for what arrives. */
import { utf8 } from '../suite/index.ts'
import type { Content } from './content.ts'
import { ContentError, malformed } from './errors.ts'
import * as limit from './limits.ts'

/** The content itself. @throws ContentError naming the first field that is wrong */
export function checked(content: Content): Content {
  exactly(content.id, limit.ID_BYTES, 'id')
  whole(content.at, limit.MAX_TIME_MS, 'at')
  if (content.expireAfter !== undefined) {
    if (content.expireAfter === 0) throw malformed('expireAfter')
    whole(content.expireAfter, limit.MAX_TIMER_SECONDS, 'expireAfter')
  }
  body(content)
  return content
}

function body(content: Content): void {
  const what = (field: string): string => `${content.kind}.${field}`
  switch (content.kind) {
    case 'text':
      text(content.text, limit.MAX_TEXT_BYTES, what('text'))
      if (content.replyTo) exactly(content.replyTo, limit.ID_BYTES, what('replyTo'))
      return
    case 'edit':
      exactly(content.target, limit.ID_BYTES, what('target'))
      return text(content.text, limit.MAX_TEXT_BYTES, what('text'))
    case 'delete':
      return exactly(content.target, limit.ID_BYTES, what('target'))
    case 'reaction':
      exactly(content.target, limit.ID_BYTES, what('target'))
      if (content.emoji !== '') text(content.emoji, limit.MAX_EMOJI_BYTES, what('emoji'))
      return
    case 'receipt':
      some(content.ids.length, limit.MAX_RECEIPT_IDS, what('ids'))
      for (const id of content.ids) exactly(id, limit.ID_BYTES, what('ids'))
      return
    case 'typing':
      return
    case 'timer':
      return whole(content.seconds, limit.MAX_TIMER_SECONDS, what('seconds'))
    case 'profile':
      name(content.name, what('name'))
      if (content.picture) some(content.picture.length, limit.MAX_PICTURE_BYTES, what('picture'))
      return
    case 'addresses':
      return addresses(content.addresses, what('addresses'))
    case 'pairing':
      if (content.name !== undefined) name(content.name, what('name'))
      if (content.picture) some(content.picture.length, limit.MAX_PICTURE_BYTES, what('picture'))
      addresses(content.addresses, what('addresses'))
      if (content.mailboxes) some(content.mailboxes.length, limit.MAX_MAILBOXES_BYTES, what('mailboxes'))
      return
    case 'deviceList':
      return some(content.bytes.length, limit.MAX_DEVICE_LIST_BYTES, what('bytes'))
    case 'staffOffer':
      text(content.link, limit.MAX_LINK_BYTES, what('link'))
      name(content.name, what('name'))
      name(content.author, what('author'))
      if (content.scope === 0) throw malformed(what('scope'))
      whole(content.scope, limit.MAX_SCOPE, what('scope'))
      whole(content.notAfter, limit.MAX_TIME_MS, what('notAfter'))
      if (content.entries === undefined) return
      if (content.entries === 0) throw malformed(what('entries'))
      return whole(content.entries, limit.MAX_ENTRIES, what('entries'))
    case 'staffKey':
      exactly(content.channel, limit.CHANNEL_BYTES, what('channel'))
      exactly(content.key, limit.KEY_BYTES, what('key'))
      return exactly(content.proof, limit.SIGNATURE_BYTES, what('proof'))
    case 'staffRefused':
      return exactly(content.channel, limit.CHANNEL_BYTES, what('channel'))
    case 'mailboxes':
      return some(content.bytes.length, limit.MAX_MAILBOXES_BYTES, what('bytes'))
    case 'taken':
      some(content.ids.length, limit.MAX_RECEIPT_IDS, what('ids'))
      for (const id of content.ids) exactly(id, limit.ID_BYTES, what('ids'))
      return
    case 'unknown':
      return some(content.raw.length, limit.MAX_CONTENT_BYTES, what('raw'))
  }
}

function exactly(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw malformed(what)
}

function some(length: number, most: number, what: string): void {
  if (length === 0) throw malformed(what)
  if (length > most) throw new ContentError('too-large', what, most)
}

function whole(value: number, most: number, what: string): void {
  if (!Number.isInteger(value) || value < 0) throw malformed(what)
  if (value > most) throw new ContentError('too-large', what, most)
}

function text(value: string, most: number, what: string): void {
  if (!value.isWellFormed()) throw malformed(what)
  // UTF-8 is never shorter than UTF-16 counts units: a huge string is refused without being converted
  some(value.length > most ? value.length : utf8(value).length, most, what)
}

/** One line: a name stands in lists and notifications. */
function name(value: string, what: string): void {
  text(value, limit.MAX_NAME_BYTES, what)
  if (/\p{Cc}/u.test(value)) throw malformed(what)
}

function addresses(values: readonly string[], what: string): void {
  if (values.length > limit.MAX_ADDRESSES) throw new ContentError('too-large', what, limit.MAX_ADDRESSES)
  for (const value of values) text(value, limit.MAX_ADDRESS_BYTES, what)
}
