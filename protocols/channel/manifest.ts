/** What a channel says about itself. A manifest replaces the one before it whole. */
import { isDomain } from './domain.ts'
import { all, asText, decodeFields, encodeFields, type Field, FieldError, type FieldRules, one } from './fields.ts'
import { DEFAULT_RATE, MAX_DESCRIPTION, MAX_DOMAIN, MAX_HOURS, MAX_LANGUAGE, MAX_LANGUAGES, MAX_LINK, MAX_LINKS, MAX_NAME, MAX_RATE } from './limits.ts'
import { decodeMediaRef, encodeMediaRef, MEDIA_RULE, type MediaRef } from './media-ref.ts'
import { field, line, link, optional, table, unsigned } from './values.ts'

export interface Manifest {
  readonly name: string
  readonly description: string
  readonly logo: MediaRef | undefined
  /** BCP 47, such as `ko` or `zh-Hant` */
  readonly languages: readonly string[]
  /** ISO 3166-1, such as `KR` */
  readonly region: string | undefined
  readonly links: readonly string[]
  /** opening_hours of OpenStreetMap */
  readonly hours: string | undefined
  /** claimed, not proven */
  readonly domain: string | undefined
  /** entries a day, of each log */
  readonly rate: number
}

const TAG = { name: 16, description: 17, logo: 18, language: 19, region: 20, link: 21, hours: 22, domain: 23, rate: 24 } as const

export const MANIFEST_RULES: FieldRules = {
  [TAG.name]: { least: 1, most: MAX_NAME, required: true, text: true },
  [TAG.description]: { least: 1, most: MAX_DESCRIPTION, text: true },
  [TAG.logo]: MEDIA_RULE,
  [TAG.language]: { least: 2, most: MAX_LANGUAGE, times: MAX_LANGUAGES },
  [TAG.region]: { least: 2, most: 2 },
  [TAG.link]: { least: 1, most: MAX_LINK, times: MAX_LINKS },
  [TAG.hours]: { least: 1, most: MAX_HOURS },
  [TAG.domain]: { least: 1, most: MAX_DOMAIN },
  [TAG.rate]: { least: 4, most: 4 },
}

const LANGUAGE = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/
const REGION = /^[A-Z]{2}$/

/** @throws FieldError */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const bytes = encodeFields(manifestFields(manifest), MANIFEST_RULES)
  decodeManifest(bytes)
  return bytes
}

/** @throws FieldError */
export const decodeManifest = (bytes: Uint8Array): Manifest => manifestOf(decodeFields(bytes, MANIFEST_RULES))

export function manifestFields(manifest: Manifest): Field[] {
  return [
    field(TAG.name, manifest.name),
    ...optional(TAG.description, manifest.description),
    ...optional(TAG.logo, manifest.logo && encodeMediaRef(manifest.logo, TAG.logo)),
    ...manifest.languages.map((language) => field(TAG.language, language)),
    ...optional(TAG.region, manifest.region),
    ...manifest.links.map((href) => field(TAG.link, href)),
    ...optional(TAG.hours, manifest.hours),
    ...optional(TAG.domain, manifest.domain),
    ...(manifest.rate === DEFAULT_RATE ? [] : [unsigned(TAG.rate, manifest.rate, 4)]),
  ]
}

/** @throws FieldError */
export function manifestOf(fields: readonly Field[]): Manifest {
  const matching = (tag: number, value: Uint8Array, form: RegExp): string => {
    const text = asText(value, tag)
    if (!form.test(text)) throw new FieldError('body', tag)
    return text
  }
  const maybe = <T>(tag: number, read: (value: Uint8Array) => T): T | undefined => {
    const value = one(fields, tag)
    return value && read(value)
  }
  return {
    name: line(one(fields, TAG.name) as Uint8Array, TAG.name),
    description: maybe(TAG.description, (value) => asText(value, TAG.description)) ?? '',
    logo: maybe(TAG.logo, (value) => decodeMediaRef(value, TAG.logo)),
    languages: all(fields, TAG.language).map((value) => matching(TAG.language, value, LANGUAGE)),
    region: maybe(TAG.region, (value) => matching(TAG.region, value, REGION)),
    links: all(fields, TAG.link).map((value) => link(value, TAG.link)),
    hours: maybe(TAG.hours, (value) => line(value, TAG.hours)),
    domain: maybe(TAG.domain, readDomain),
    rate: maybe(TAG.rate, readRate) ?? DEFAULT_RATE,
  }
}

function readDomain(value: Uint8Array): string {
  const domain = asText(value, TAG.domain)
  if (!isDomain(domain)) throw new FieldError('body', TAG.domain)
  return domain
}

function readRate(value: Uint8Array): number {
  const rate = table(value, TAG.rate, (reader) => reader.u32())
  if (rate < 1 || rate > MAX_RATE) throw new FieldError('body', TAG.rate)
  if (rate === DEFAULT_RATE) throw new FieldError('non-canonical', TAG.rate) // said by saying nothing
  return rate
}
