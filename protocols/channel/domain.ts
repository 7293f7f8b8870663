/** The file by which a web server names its channels: one half of the proof that a channel controls a domain. The manifest is the other. */
import { channelText, parseChannelText } from './names.ts'

/** Characters of the file; what names 64 channels takes below 4,000. */
export const MAX_WELL_KNOWN = 65_536
/** Channels of one domain: a brand has one, a publishing house some dozen. */
export const MAX_DOMAIN_CHANNELS = 64
const VERSION = 1
/** Lower-case labels of letters, digits and hyphens, at least two; the last is no number, so that it is no address. */
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** A file that names nothing. */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: 'malformed' | 'newer-version' | 'too-large'

  constructor(code: DomainError['code']) {
    super(`the file of the domain is refused: ${code}`)
    this.code = code
  }
}

/** Is it a domain name as a manifest says it: in ASCII (other letters as Punycode), in lower case, without a dot at its end? */
export const isDomain = (text: string): boolean => DOMAIN.test(text)

/** @throws DomainError too-large */
export function wellKnownText(ids: readonly Uint8Array[]): string {
  if (ids.length > MAX_DOMAIN_CHANNELS) throw new DomainError('too-large')
  return `${JSON.stringify({ dure: VERSION, channels: ids.map(channelText) }, null, 2)}\n`
}

/** Members it does not know are left to whoever put them there. @throws DomainError */
export function parseWellKnown(text: string): Uint8Array[] {
  if (text.length > MAX_WELL_KNOWN) throw new DomainError('too-large')
  const { dure, channels } = parseObject(text)
  if (typeof dure === 'number' && dure > VERSION) throw new DomainError('newer-version')
  if (dure !== VERSION || !Array.isArray(channels)) throw new DomainError('malformed')
  if (channels.length > MAX_DOMAIN_CHANNELS) throw new DomainError('too-large')
  return channels.map((channel: unknown) => {
    const id = typeof channel === 'string' ? parseChannelText(channel) : undefined
    if (!id) throw new DomainError('malformed')
    return id
  })
}

function parseObject(text: string): { dure?: unknown; channels?: unknown } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new DomainError('malformed')
  }
  if (typeof value !== 'object' || value === null) throw new DomainError('malformed')
  return value
}
