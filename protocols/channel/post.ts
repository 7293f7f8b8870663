/** What authors say: posts, edits of posts, withdrawals. */
import { concat, u64 } from '../suite/index.ts'
import { SCOPE } from './certificate.ts'
import { all, asText, decodeFields, encodeFields, FieldError, type FieldRules, one } from './fields.ts'
import { MAX_LINK, MAX_POST_LINKS, MAX_POST_MEDIA, MAX_REASON, MAX_SHORT_TEXT, MAX_TERMS, MAX_TEXT, MAX_TITLE } from './limits.ts'
import { decodeMediaRef, encodeMediaRef, MEDIA_RULE, type MediaRef } from './media-ref.ts'
import { HASH } from './merkle.ts'
import { field, line, link, optional, table } from './values.ts'

export interface Post {
  readonly title: string
  readonly text: string
  readonly links: readonly string[]
  readonly media: readonly MediaRef[]
  /** times in ms */
  readonly event: { readonly start: number; readonly end: number; readonly place: string } | undefined
  readonly offer: { readonly from: number; readonly until: number; readonly terms: string } | undefined
}

/** The entry that an edit or a withdrawal is about. */
export interface Target {
  readonly log: Uint8Array
  readonly seq: number
  readonly id: Uint8Array
}

export interface Edit {
  readonly target: Target
  /** the whole of it as it is from now on */
  readonly post: Post
}

export interface Withdrawal {
  readonly target: Target
  readonly reason: string
}

const TAG = { title: 1, text: 2, link: 3, media: 4, event: 5, offer: 6 } as const
const ABOUT = { target: 1, post: 2, reason: 2 } as const
/** Two times. */
const SPAN = 16
const TARGET = HASH + 8 + HASH

const RULES: FieldRules = {
  [TAG.title]: { least: 1, most: MAX_TITLE },
  [TAG.text]: { least: 1, most: MAX_TEXT },
  [TAG.link]: { least: 1, most: MAX_LINK, times: MAX_POST_LINKS },
  [TAG.media]: { ...MEDIA_RULE, times: MAX_POST_MEDIA },
  [TAG.event]: { least: SPAN, most: SPAN + MAX_SHORT_TEXT },
  [TAG.offer]: { least: SPAN, most: SPAN + MAX_TERMS },
}
const TARGET_RULE = { least: TARGET, most: TARGET, required: true } as const
/** An entry bounds the post in it. */
const EDIT_RULES: FieldRules = { [ABOUT.target]: TARGET_RULE, [ABOUT.post]: { least: 1, most: Infinity, required: true } }
const WITHDRAWAL_RULES: FieldRules = { [ABOUT.target]: TARGET_RULE, [ABOUT.reason]: { least: 1, most: MAX_REASON } }

/** @throws FieldError */
export function encodePost(post: Post): Uint8Array {
  const { event, offer } = post
  const bytes = encodeFields(
    [
      ...optional(TAG.title, post.title),
      ...optional(TAG.text, post.text),
      ...post.links.map((href) => field(TAG.link, href)),
      ...post.media.map((ref) => field(TAG.media, encodeMediaRef(ref, TAG.media))),
      ...(event ? [field(TAG.event, span(TAG.event, event.start, event.end, event.place))] : []),
      ...(offer ? [field(TAG.offer, span(TAG.offer, offer.from, offer.until, offer.terms))] : []),
    ],
    RULES,
  )
  decodePost(bytes)
  return bytes
}

/** @throws FieldError */
export function decodePost(bytes: Uint8Array): Post {
  const fields = decodeFields(bytes, RULES)
  const title = one(fields, TAG.title)
  const text = one(fields, TAG.text)
  const event = one(fields, TAG.event)
  const offer = one(fields, TAG.offer)
  const post: Post = {
    title: title ? line(title, TAG.title) : '',
    text: text ? asText(text, TAG.text) : '',
    links: all(fields, TAG.link).map((value) => link(value, TAG.link)),
    media: all(fields, TAG.media).map((value) => decodeMediaRef(value, TAG.media)),
    event: event && readSpan(event, TAG.event, (start, end, rest) => ({ start, end, place: line(rest, TAG.event) })),
    offer: offer && readSpan(offer, TAG.offer, (from, until, rest) => ({ from, until, terms: asText(rest, TAG.offer) })),
  }
  if (!post.title && !post.text && !event && !offer && post.links.length + post.media.length === 0) throw new FieldError('body')
  return post
}

/** @throws FieldError */
export function encodeEdit({ target, post }: Edit): Uint8Array {
  return encodeFields([field(ABOUT.target, encodeTarget(target)), field(ABOUT.post, encodePost(post))], EDIT_RULES)
}

/** @throws FieldError */
export function decodeEdit(bytes: Uint8Array): Edit {
  const fields = decodeFields(bytes, EDIT_RULES)
  return { target: decodeTarget(one(fields, ABOUT.target) as Uint8Array), post: decodePost(one(fields, ABOUT.post) as Uint8Array) }
}

/** @throws FieldError */
export function encodeWithdrawal({ target, reason }: Withdrawal): Uint8Array {
  const bytes = encodeFields([field(ABOUT.target, encodeTarget(target)), ...optional(ABOUT.reason, reason)], WITHDRAWAL_RULES)
  decodeWithdrawal(bytes)
  return bytes
}

/** @throws FieldError */
export function decodeWithdrawal(bytes: Uint8Array): Withdrawal {
  const fields = decodeFields(bytes, WITHDRAWAL_RULES)
  const reason = one(fields, ABOUT.reason)
  return { target: decodeTarget(one(fields, ABOUT.target) as Uint8Array), reason: reason ? line(reason, ABOUT.reason) : '' }
}

/** The bits of `SCOPE` a certificate must have for it. */
export function scopeOf({ media, event, offer }: Post): number {
  return (media.length > 0 ? SCOPE.pictures : 0) | (event ? SCOPE.events : 0) | (offer ? SCOPE.offers : 0) || SCOPE.text
}

function span(tag: number, from: number, to: number, text: string): Uint8Array {
  if (![from, to].every((time) => Number.isSafeInteger(time) && time >= 0)) throw new FieldError('body', tag)
  return concat(u64(from), u64(to), field(tag, text).value)
}

function readSpan<T>(value: Uint8Array, tag: number, make: (from: number, to: number, rest: Uint8Array) => T): T {
  return table(value, tag, (reader) => {
    const from = reader.u64()
    const to = reader.u64()
    if (to < from) throw new FieldError('body', tag)
    return make(from, to, reader.rest())
  })
}

const encodeTarget = ({ log, seq, id }: Target): Uint8Array => concat(log, u64(seq), id)

const decodeTarget = (value: Uint8Array): Target =>
  table(value, ABOUT.target, (reader) => ({ log: reader.take(HASH), seq: reader.u64(), id: reader.take(HASH) }))
