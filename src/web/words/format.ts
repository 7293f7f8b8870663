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
  /** 21 Nov 2026 */
  date(at: number): string
  /** 1 – 24 Dec 2026, and with the time of the day: 24 Dec 2026, 18:00 – 22:00 */
  dates(from: number, until: number): string
  moments(from: number, until: number): string
  /** Of a leaf of a calendar: Dec, 24, Thursday. */
  leaf(at: number): { month: string; day: string; weekday: string }
  /** "in 5 minutes", "3 days ago" */
  relative(at: number, now: number): string
  /** "2 hours" */
  span(seconds: number): string
  list(items: readonly string[]): string
  /** A language or a country by its code, which stands for itself when nobody knows it. */
  language(tag: string): string
  region(code: string): string
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
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const leaf = {
    month: new Intl.DateTimeFormat(language, { month: 'short' }),
    day: new Intl.DateTimeFormat(language, { day: 'numeric' }),
    weekday: new Intl.DateTimeFormat(language, { weekday: 'long' }),
  }
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const list = new Intl.ListFormat(language)
  const number = new Intl.NumberFormat(language)
  const [languages, regions] = [new Intl.DisplayNames(language, { type: 'language' }), new Intl.DisplayNames(language, { type: 'region' })]
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
    date: (at) => full.format(told(at)),
    dates: (from, until) => full.formatRange(told(from), told(until)),
    moments: (from, until) => moment.formatRange(told(from), told(until)),
    leaf: (at) => ({ month: leaf.month.format(told(at)), day: leaf.day.format(told(at)).replace(/\P{Nd}+$/u, ''), weekday: leaf.weekday.format(told(at)) }),
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
    language: (tag) => named(languages, tag),
    region: (code) => named(regions, code),
    number: (n) => number.format(n),
  }
}

/** A stranger wrote the code. */
function named(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code
  } catch {
    return code
  }
}
