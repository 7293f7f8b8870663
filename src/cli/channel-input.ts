/** What the channel commands read from the command line: pictures, times, manifests, posts. */
import { readFile, stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { CliError, type Io, usageError } from './io.ts'
import { messageFrom } from './message.ts'
import { seconds } from './words.ts'

/** The most a picture in a channel may have. */
const MAX_PICTURE_BYTES = 10 * 1024 * 1024

export const several = (value: string, all: string[] = []): string[] => [...all, value]

/** base64, as the door takes it */
export async function pictureFrom(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw new CliError(`there is no picture ${file}`, 'name a PNG, JPEG, WebP or GIF file')
  if (found.size > MAX_PICTURE_BYTES) throw new CliError(`${file} is too large`, 'a picture in a channel may have 10 MiB; make it smaller')
  return (await readFile(file)).toString('base64')
}

/** "2026-12-24 18:00" in the local time zone, "2026-12-24", or with a zone as ISO 8601 has it; or "30d" from now. */
export function moment(text: string, now: number): number {
  if (/^\d+[smhdw]$/.test(text)) return now + seconds(text) * 1_000
  const form = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?))?$/.exec(text)
  // A date alone is a day here, not in London.
  const at = form === null ? Number.NaN : Date.parse(`${form[1]}T${form[2] ?? '00:00'}`)
  if (Number.isNaN(at)) throw usageError(`${JSON.stringify(text)} is not a time`, 'write it like "2026-12-24 18:00", 2026-12-24 or 30d (from now)')
  return at
}

/** A day that ends something is over when the day is. */
function ending(text: string, now: number): number {
  const at = moment(text, now)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(at).setHours(23, 59, 59, 0) : at
}

/** "START..END" */
function period(text: string, now: number): [number, number] {
  const [from, to, ...more] = text.split('..')
  if (from === undefined || to === undefined || more.length > 0) {
    throw usageError(`${JSON.stringify(text)} is not a period`, 'write it like "2026-12-24 18:00..2026-12-24 22:00"')
  }
  return [moment(from.trim(), now), ending(to.trim(), now)]
}

// ---------------------------------------------------------------- posts

export interface PostOptions {
  title?: string
  link?: string[]
  picture?: string[]
  alt?: string[]
  event?: string
  place?: string
  offer?: string
  terms?: string
}

export const withPostOptions = (command: Command): Command =>
  command
    .option('--title <title>')
    .option('--link <url>', 'a link; may be given several times', several)
    .option('--picture <file>', 'a picture of up to 10 MiB; may be given several times', several)
    .option('--alt <text>', 'what the picture shows, for who cannot see it; in the order of the pictures', several)
    .option('--event <start..end>', 'when it takes place; followers can save it to their calendar')
    .option('--place <text>', 'where it takes place')
    .option('--offer <from..until>', 'from when until when an offer holds')
    .option('--terms <text>', 'the terms of the offer')

export async function postFrom(io: Io, words: readonly string[], options: PostOptions): Promise<unknown> {
  const { title, link, picture = [], alt = [], event, offer } = options
  if (alt.length > picture.length) throw usageError('there are more --alt than --picture', 'one describes one picture')
  if (options.place !== undefined && event === undefined) throw usageError('--place needs --event', 'for example --event "2026-12-24 18:00..2026-12-24 22:00"')
  if (options.terms !== undefined && offer === undefined) throw usageError('--terms needs --offer', 'for example --offer 2026-12-01..2026-12-24')
  const rest = title !== undefined || link || picture.length > 0 || event !== undefined || offer !== undefined
  const text = words.length === 0 && rest && io.stdin.isTTY ? '' : await textFrom(io, words, rest === true)
  const [start, end] = event === undefined ? [] : period(event, io.now())
  const [from, until] = offer === undefined ? [] : period(offer, io.now())
  return {
    text,
    ...(title !== undefined && { title }),
    ...(link && { links: link }),
    ...(picture.length > 0 && { media: await Promise.all(picture.map(async (file, i) => ({ bytes: await pictureFrom(file), alt: alt[i] ?? '' }))) }),
    ...(event !== undefined && { event: { start, end, place: options.place ?? '' } }),
    ...(offer !== undefined && { offer: { from, until, terms: options.terms ?? '' } }),
  }
}

/** A post of pictures needs no words: then standard input may be empty. */
async function textFrom(io: Io, words: readonly string[], mayBeEmpty: boolean): Promise<string> {
  try {
    return await messageFrom(io, words)
  } catch (error) {
    if (mayBeEmpty && error instanceof CliError) return ''
    throw error
  }
}

// ---------------------------------------------------------------- manifests

export interface ManifestOptions {
  description?: string
  logo?: string
  language?: string[]
  region?: string
  link?: string[]
  hours?: string
  domain?: string
  rate?: string
}

export const withManifestOptions = (command: Command): Command =>
  command
    .option('--description <text>')
    .option('--logo <file>', 'a picture')
    .option('--language <tag>', 'ko, en, ja, ...; may be given several times', several)
    .option('--region <code>', 'two letters: KR, JP, ...')
    .option('--link <url>', 'a link; may be given several times', several)
    .option('--hours <text>', 'opening hours: "Mo-Fr 08:00-18:00; Sa 09:00-14:00"')
    .option('--domain <domain>', 'a domain you control; `dure channel domain` says how to prove it')
    .option('--rate <n>', 'posts a day and author that peers let through (default 50)')

export async function manifestFrom({ language, link, logo, rate, ...rest }: ManifestOptions): Promise<Record<string, unknown>> {
  if (rate !== undefined && !/^[1-9]\d{0,5}$/.test(rate)) throw usageError(`--rate ${rate} is not a number from 1 to 100000`, 'for example --rate 50')
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([key, value]) => value !== undefined && ['description', 'region', 'hours', 'domain'].includes(key))),
    ...(language && { languages: language }),
    ...(link && { links: link }),
    ...(logo !== undefined && { logo: await pictureFrom(logo) }),
    ...(rate !== undefined && { rate: Number(rate) }),
  }
}
