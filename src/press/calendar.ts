/** The events of posts as iCalendar (RFC 5545), for any calendar program. Times are UTC, so no time zone has to be guessed. */
import type { PostView } from '../messenger/channels/views.ts'
import { href, timestamp } from './markup.ts'

const encoder = new TextEncoder()
/** Octets of a line without its end (section 3.1). */
const MAX_LINE = 75
/** The largest INTEGER (section 3.3.8). */
const MAX_INTEGER = 2 ** 31 - 1

/** A withdrawn event is a cancelled one: whoever saved it before sees that it will not be. */
export function calendar(posts: readonly PostView[]): string {
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Dure//Channel//EN', ...posts.flatMap(event), 'END:VCALENDAR']
  return lines.map((line) => `${folded(line)}\r\n`).join('')
}

function event(post: PostView): string[] {
  if (!post.event) return []
  const { start, end, place } = post.event
  const changed = post.withdrawn?.at ?? post.editedAt ?? post.at
  const link = post.links.find((each) => href(each)?.startsWith('http'))
  return [
    'BEGIN:VEVENT',
    `UID:${post.id}@dure`,
    `DTSTAMP:${utc(changed)}`,
    `LAST-MODIFIED:${utc(changed)}`,
    // larger for every change, as who saved an earlier state needs it
    `SEQUENCE:${Math.min(Math.max(0, Math.ceil((changed - post.at) / 1000)), MAX_INTEGER)}`,
    `DTSTART:${utc(start)}`,
    ...(utc(end) > utc(start) ? [`DTEND:${utc(end)}`] : []), // an event without one takes no time (section 3.6.1)
    `SUMMARY:${text(post.title ?? post.channelName)}`,
    ...(post.text === '' ? [] : [`DESCRIPTION:${text(post.text)}`]),
    ...(place === '' ? [] : [`LOCATION:${text(place)}`]),
    ...(link === undefined ? [] : [`URL:${new URL(link).href}`]),
    `STATUS:${post.withdrawn ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
  ]
}

const utc = (ms: number): string => timestamp(ms).replace(/[-:]/g, '')

/** A TEXT value (section 3.3.11): line ends are said, other control characters are not. */
const text = (value: string): string =>
  value
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[\\;,]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
    .replace(/(?!\t)\p{Cc}/gu, '')

/** Broken before 75 octets, never within a character; what goes on begins with a space. */
function folded(line: string): string {
  let out = ''
  let size = 0
  for (const character of line) {
    const length = encoder.encode(character).length
    if (size + length > MAX_LINE) {
      out += '\r\n '
      size = 1
    }
    out += character
    size += length
  }
  return out
}
