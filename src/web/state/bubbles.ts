/** How messages stand in a conversation: days apart, one person's words of a few minutes together. */
import type { MessageView } from '../../messenger/views.ts'
import { daysBetween } from '../words/format.ts'

/** What one person says within this belongs together. */
const TOGETHER_MS = 5 * 60_000
/** An emoji or two alone are shown large. */
const LARGE = 3

export type Row =
  | { readonly row: 'day'; readonly key: string; readonly at: number }
  | { readonly row: 'unread'; readonly key: string }
  | { readonly row: 'notice'; readonly key: string; readonly message: MessageView }
  /** first and last of those that stand together */
  | { readonly row: 'bubble'; readonly key: string; readonly message: MessageView; readonly first: boolean; readonly last: boolean }

/**
 * @param firstUnread id of the message that the mark "unread" stands above
 * @param shown the rows before; those that stay as they are come back as the same objects, and the page passes them over
 */
export function rowsOf(messages: readonly MessageView[], firstUnread?: string, shown: readonly Row[] = []): Row[] {
  const before = new Map(shown.map((row) => [row.key, row]))
  return freshRows(messages, firstUnread).map((row) => {
    const known = before.get(row.key)
    return known && same(known, row) ? known : row
  })
}

const same = (one: Row, other: Row): boolean => Object.entries(one).every(([field, value]) => (other as unknown as Record<string, unknown>)[field] === value)

function freshRows(messages: readonly MessageView[], firstUnread: string | undefined): Row[] {
  const rows: Row[] = []
  messages.forEach((message, index) => {
    const [before, after] = [messages[index - 1], messages[index + 1]]
    if (!before || daysBetween(before.at, message.at) !== 0) rows.push({ row: 'day', key: `day ${message.id}`, at: message.at })
    if (message.id === firstUnread) rows.push({ row: 'unread', key: 'unread' })
    if (message.kind === 'notice') {
      rows.push({ row: 'notice', key: message.id, message })
      return
    }
    const first = message.id === firstUnread || !together(before, message)
    const last = after?.id === firstUnread || !together(message, after)
    rows.push({ row: 'bubble', key: message.id, message, first, last })
  })
  return rows
}

function together(one: MessageView | undefined, next: MessageView | undefined): boolean {
  if (!one || !next || one.kind === 'notice' || next.kind === 'notice') return false
  return one.direction === next.direction && Math.abs(next.at - one.at) < TOGETHER_MS && daysBetween(one.at, next.at) === 0
}

/** Nothing but a few emoji. */
export function isLarge(text: string): boolean {
  if (text.length > 64 || !/^(?:\p{RGI_Emoji}|\s)+$/v.test(text)) return false
  const graphemes = [...new Intl.Segmenter().segment(text.replace(/\s+/g, ''))]
  return graphemes.length > 0 && graphemes.length <= LARGE
}

export type Part = { readonly text: string } | { readonly link: string }

/** An address ends before what a sentence puts behind it. */
const LINK = /https?:\/\/[^\s<>"'`\u0000-\u001f\u200b-\u200f\u2028-\u202f\u2066-\u2069]{1,2000}/giu
const TRAILING = /[.,;:!?)\]}'"»”’。、，）」』]+$/u

/** A text with the web addresses in it told apart. Nothing else ever becomes a link. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let end = 0
  for (const match of text.matchAll(LINK)) {
    const link = match[0].replace(TRAILING, '')
    if (!isWeb(link)) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    parts.push({ link })
    end = match.index + link.length
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) })
  return parts
}

function isWeb(link: string): boolean {
  try {
    const url = new URL(link)
    // an address with a user before the host is made to look like another
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
  } catch {
    return false
  }
}
