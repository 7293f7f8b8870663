/** Posts and channels as lines of a terminal. What others wrote passes inert.ts on its way here. */
import type { ChannelView, DomainView, MediaView, PostView } from '../messenger/channels/views.ts'
import { inert, inertLine, inertName, isolated } from './inert.ts'
import { fit, padEnd, widthOf, wrap } from './text.ts'
import { count, roughly, type Style, type Times } from './words.ts'

/** More columns than this are hard to read. */
const MAX_COLUMNS = 100
const INDENT = 2

export interface PostLook {
  readonly columns: number
  readonly style: Style
  readonly times: Times
  readonly now: number
  readonly ids: boolean
}

export function postLines(post: PostView, { columns, style, times, now, ids }: PostLook): string[] {
  const room = Math.min(columns, MAX_COLUMNS) - INDENT
  const marks = [
    post.unread ? style('cyan', 'new') : '',
    post.editedAt === undefined ? '' : style('dim', `edited ${times.moment(post.editedAt)}`),
    ids ? style('dim', post.id) : '',
  ].filter((mark) => mark !== '')
  const head = `${style('dim', times.moment(post.at))} ${style('bold', isolated(fit(inertName(post.author), 32)))} ${style('dim', `no. ${post.seq + 1}`)}`
  const body = (text: string): string[] => wrap(text, room).map(isolated)
  return [[head, ...marks].join('  '), ...bodyOf(post, now, times, style, body).map((line) => ' '.repeat(INDENT) + line), '']
}

function bodyOf(post: PostView, now: number, times: Times, style: Style, body: (text: string) => string[]): string[] {
  if (post.withdrawn !== undefined) {
    const why = post.withdrawn.reason === '' ? '' : `: ${inertLine(post.withdrawn.reason)}`
    return body(`(withdrawn${why})`).map((line) => style('dim', line))
  }
  if (post.kind === 'unknown') return [style('dim', '(needs a newer version of Dure)')]
  return [
    ...(post.title === undefined ? [] : body(inertLine(post.title)).map((line) => style('bold', line))),
    ...(post.text === '' ? [] : body(inert(post.text))),
    ...(post.event === undefined ? [] : body(eventText(post.event, times)).map((line) => style('yellow', line))),
    ...(post.offer === undefined ? [] : body(offerText(post.offer, times, now)).map((line) => style('green', line))),
    ...post.links.map((link) => style('blue', inertLine(link))),
    ...post.media.flatMap((media) => body(mediaText(media)).map((line) => style('magenta', line))),
  ]
}

function eventText({ start, end, place }: NonNullable<PostView['event']>, times: Times): string {
  const until = times.sameDay(start, end) ? times.time(end) : times.moment(end)
  return `event: ${times.moment(start)} – ${until}${place === '' ? '' : `, ${inertLine(place)}`}`
}

function offerText({ from, until, terms, state }: NonNullable<PostView['offer']>, times: Times, now: number): string {
  const when = { coming: `from ${times.moment(from)}`, valid: `until ${times.moment(until)} (${roughly(until - now)} left)`, over: `over since ${times.moment(until)}` }
  return `offer: ${when[state]}${terms === '' ? '' : `; ${inertLine(terms)}`}`
}

export function mediaText({ type, size, width, height, alt, hash }: MediaView): string {
  const about = alt === '' ? '' : ` ${inertLine(alt)}`
  return `picture ${hash.slice(0, 8)}:${about} (${type.replace('image/', '')}, ${width}×${height}, ${bytesText(size)})`
}

export function bytesText(size: number): string {
  if (size < 1_024) return `${size} B`
  return size < 1_024 * 1_024 ? `${Math.ceil(size / 1_024)} KiB` : `${(size / 1_024 / 1_024).toFixed(1)} MiB`
}

// ---------------------------------------------------------------- channels

/** One line of a list: kind, name, what is new, what was said last. */
export function channelLine(channel: ChannelView, columns: number, nameColumns: number, style: Style): string {
  const name = padEnd(fit(inertName(channel.name), nameColumns), nameColumns)
  const facts = channelFacts(channel).join(', ')
  const said = channel.last === undefined ? '' : postSummary(channel.last)
  const left = columns - widthOf(`# ${name}  ${facts}`) - 2
  return `${style('magenta', '#')} ${style('bold', isolated(name))}  ${style('cyan', facts)}${left < 8 || said === '' ? '' : `  ${style('dim', isolated(fit(said, left)))}`}`.trimEnd()
}

function channelFacts(channel: ChannelView): string[] {
  return [
    channel.role === 'owner' ? 'yours' : channel.role === 'staff' ? 'you post here' : '',
    channel.following === 'private' ? 'private' : '',
    channel.unread === 0 ? '' : `${channel.unread} new`,
    channel.muted ? 'muted' : '',
    channel.waiting === 0 ? '' : `${count(channel.waiting, 'draft')} waiting`,
    channel.frozen === undefined ? '' : 'FROZEN',
    channel.lookalike === undefined ? '' : 'LOOK-ALIKE',
  ].filter((fact) => fact !== '')
}

export function postSummary(post: PostView): string {
  if (post.withdrawn !== undefined) return '(withdrawn)'
  if (post.kind === 'unknown') return '(needs a newer version of Dure)'
  return inertLine(post.title ?? (post.text === '' ? (post.media.length > 0 ? '(picture)' : '(post)') : post.text))
}

export function domainText({ domain, state, provenAt, suspicious }: DomainView, now: number): string {
  const warning = suspicious === undefined ? '' : ` (careful: ${inertLine(suspicious)})`
  const name = inertLine(domain)
  const since = provenAt === undefined ? '' : `${roughly(now - provenAt)} ago`
  const words = { proven: `controls ${name}, proven ${since}`, expired: `${name}: the proof expired, last proven ${since}`, claimed: `says ${name} is its own; not proven` }
  return words[state] + warning
}
