/** Dates, numbers and spans as a language writes them. Nothing else in the page formats any. */

/** What others wrote may name a time no calendar has: it is shown as the last there is. */
const LAST = 8.64e15
const DAY_MS = 86_400_000

export interface Formats {
  /** 14:05 */
  time(at: number): string
  /** Saturday, 21 November 2026 */
  day(at: number): string
  /** For a line of a list: the time today, "yesterday", the weekday within a week, else the date. */
  recent(at: number, now: number): string
  /** 21 Nov 2026, 14:05 */
  moment(at: number): string
  /** "in 5 minutes", "3 days ago" */
  relative(at: number, now: number): string
  /** "2 hours" */
  span(seconds: number): string
  list(items: readonly string[]): string
  number(n: number): string
}

const UNITS: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [7 * 86_400, 'week'], [86_400, 'day'], [3_600, 'hour'], [60, 'minute'], [1, 'second'],
]

/** Whole days between two moments of local time. */
export function daysBetween(from: number, to: number): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / DAY_MS)
}

function startOfDay(at: number): number {
  const day = new Date(Math.min(at, LAST))
  return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate())
}

export function formatsOf(language: string): Formats {
  const time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' })
  const day = new Intl.DateTimeFormat(language, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' })
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'short' })
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'short' })
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const list = new Intl.ListFormat(language)
  const number = new Intl.NumberFormat(language)
  const told = (at: number): number => Math.min(at, LAST)

  return {
    time: (at) => time.format(told(at)),
    day: (at) => day.format(told(at)),
    recent(at, now) {
      const days = daysBetween(at, now)
      if (days <= 0) return time.format(told(at))
      if (days === 1) return relative.format(-1, 'day')
      return days < 7 ? weekday.format(at) : date.format(at)
    },
    moment: (at) => moment.format(told(at)),
    relative(at, now) {
      const seconds = Math.round((told(at) - now) / 1_000)
      const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) >= size) ?? [1, 'second']
      return relative.format(Math.round(seconds / size), unit)
    },
    span(seconds) {
      const [size, unit] = UNITS.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, 'second']
      return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / size)
    },
    list: (items) => list.format(items),
    number: (n) => number.format(n),
  }
}
