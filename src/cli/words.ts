/** How things are said to people: marks, notices, times. */
import { styleText } from 'node:util'
import type { LedgerLineView, Likeness, MessageView, NoticeCode } from '../messenger/views.ts'
import { inert, inertName, isolated } from './inert.ts'
import type { Io, Out } from './io.ts'
import { usageError } from './io.ts'

type Format = Parameters<typeof styleText>[0]
export type Style = (format: Format, text: string) => string

/** Colours where they can be seen: a terminal, and nobody set NO_COLOR. */
export function styleFor(out: Out, env: Io['env']): Style {
  const coloured = env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return coloured ? (format, text) => (text === '' ? '' : styleText(format, text, { validateStream: false })) : (_format, text) => text
}

// ---------------------------------------------------------------- names

/** How to make sure of somebody who is not a contact yet. */
export const SAY_THE_CODE = 'let them say the code to you'

/** What to know about a name before believing it, a line each. @param check how to make sure who it is */
export function likenessLines({ lookalike, mixedScript }: Likeness, style: Style, check: string): string[] {
  return [
    ...(lookalike === undefined ? [] : [`The name looks like that of your contact ${isolated(inertName(lookalike))}.`]),
    ...(mixedScript === true ? ['The name mixes letters of several scripts; some may not be what they look like.'] : []),
  ].map((line) => style('yellow', `! ${line} Make sure who it is: ${check}`))
}

// ---------------------------------------------------------------- messages

const NOTICES: Record<NoticeCode, (name: string, timer: string) => string> = {
  paired: (name) => `You and ${name} are connected. What you write here only the two of you can read.`,
  verified: (name) => `You verified ${name}.`,
  'new-device': (name) => `${name} has a new device. Compare the safety number again to be sure it is theirs.`,
  'session-renewed': (name) => `The encryption with ${name} was set up anew; their device had lost its keys.`,
  'history-broken': (name) => `A message of ${name} does not follow the one before. A copy of their device may be in use.`,
  timer: () => 'The timer for disappearing messages was changed.',
}

export function noticeText(message: Pick<MessageView, 'text' | 'name'>): string {
  const wording = Object.hasOwn(NOTICES, message.text) ? NOTICES[message.text as NoticeCode] : undefined
  return wording?.(inertName(message.name), '') ?? inert(message.text)
}

/** What stands in the place of a message's text. */
export function bodyOf(message: MessageView): string {
  if (message.deleted) return '(deleted)'
  if (message.kind === 'notice') return noticeText(message)
  if (message.kind === 'unknown') return '(needs a newer version of Dure)'
  return inert(message.text)
}

type Delivery = NonNullable<MessageView['delivery']>

const MARKS: Record<Delivery, string> = { queued: '…', held: '!', mailbox: '⇡', sent: '✓', delivered: '✓✓', read: '✓✓' }

const WORDS: Partial<Record<Delivery, string>> = { mailbox: 'with a mailbox' }

/** A mark with its word where there is room; read differs from delivered by its word or its colour. */
export function deliveryMark(delivery: Delivery, style: Style, withWord: boolean): string {
  const coloured = style('cyan', 'x') !== 'x'
  const word = withWord || (delivery === 'read' && !coloured) ? ` ${WORDS[delivery] ?? delivery}` : ''
  return style(delivery === 'read' ? 'cyan' : delivery === 'held' ? 'yellow' : 'dim', MARKS[delivery] + word)
}

/** How far a message of ours came, a line a step. @param devices how many the contact has */
export function ledgerLines({ at, ledger = [], name }: MessageView, times: Times, now: number, devices: number): string[] {
  const when = (moment: number): string => (times.sameDay(moment, now) ? times.time(moment) : times.moment(moment))
  const steps = ledger.flatMap((line) => {
    const on = `${inertName(name)}'s ${devices > 1 && line.name !== '' ? inertName(line.name) : 'device'}`
    const arrived = { queued: '', held: `waits until you answer whether it may go to ${on}`, mailbox: '', sent: `stored by ${on}`, delivered: `on ${on}`, read: `read on ${on}` }[line.state]
    return [...(line.mailboxes ?? []).map((left) => leftWith(left, line.state, when)), ...(arrived === '' ? [] : [`${arrived} since ${when(line.at)}`])]
  })
  return [`queued here ${when(at)}`, ...steps]
}

function leftWith({ relay, at, keeps }: NonNullable<LedgerLineView['mailboxes']>[number], state: Delivery, when: (moment: number) => string): string {
  if (keeps) return `with mailbox ${relay} since ${when(at)}`
  return `left with mailbox ${relay} ${when(at)}${state === 'mailbox' ? ', which has lost it or let it go; it is left again' : ''}`
}

// ---------------------------------------------------------------- times

export interface Times {
  /** 14:05 */
  time(at: number): string
  /** Saturday, 21 November 2026 */
  day(at: number): string
  /** 21 Nov 2026, 14:05 */
  moment(at: number): string
  sameDay(a: number, b: number): boolean
}

/** What others wrote may name a time no calendar has: it is shown as the last there is. */
const LAST = 8.64e15
const told = (at: number): number => Math.min(at, LAST)

export function timesFor(env: Io['env']): Times {
  const locale = localeOf(env)
  const zone = env.TZ === undefined || env.TZ === '' ? {} : { timeZone: env.TZ }
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
    try {
      return new Intl.DateTimeFormat(locale, { ...options, ...zone })
    } catch {
      return new Intl.DateTimeFormat(locale, options)
    }
  }
  const time = format({ hour: '2-digit', minute: '2-digit' })
  const day = format({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' })
  const moment = format({ dateStyle: 'medium', timeStyle: 'short' })
  const date = format({ dateStyle: 'short' })
  return {
    time: (at) => time.format(told(at)),
    day: (at) => day.format(told(at)),
    moment: (at) => moment.format(told(at)),
    sameDay: (a, b) => date.format(told(a)) === date.format(told(b)),
  }
}

/** The language of times, as POSIX says where to look; British English for the bare "C". */
function localeOf(env: Io['env']): string {
  const named = (env.LC_ALL || env.LC_TIME || env.LANG || 'C').split(/[.@]/, 1).join('').replace(/_/g, '-')
  try {
    return named === 'C' || named === 'POSIX' ? 'en-GB' : (Intl.getCanonicalLocales(named)[0] ?? 'en-GB')
  } catch {
    return 'en-GB'
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** "10m" in seconds. */
export function seconds(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? []
  const size = UNITS[unit ?? '']
  if (count === undefined || size === undefined) throw usageError(`${JSON.stringify(text)} is not a span of time`, 'write it like 30s, 10m, 12h, 7d or 1w')
  return Number(count) * size
}

/** "10 minutes": the largest unit that says it whole. */
export function span(total: number): string {
  const words: [number, string][] = [[604_800, 'week'], [86_400, 'day'], [3_600, 'hour'], [60, 'minute'], [1, 'second']]
  const [size, word] = words.find(([unit]) => total >= unit && total % unit === 0) ?? [1, 'second']
  return count(total / size, word)
}

/** "1 day" for what is left of an invite, rounded. */
export function roughly(milliseconds: number): string {
  const left = Math.max(0, Math.round(milliseconds / 1_000))
  for (const [unit, word] of [[86_400, 'day'], [3_600, 'hour'], [60, 'minute']] as const) {
    if (left >= unit) return count(Math.round(left / unit), word)
  }
  return count(left, 'second')
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`
