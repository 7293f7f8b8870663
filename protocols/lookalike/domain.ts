/** Domain names made to be taken for others. */
import { decodePunycode } from './punycode.ts'
import { mixedScript } from './scripts.ts'
import { prototypes } from './skeleton.ts'

/**
 * `malformed`: no domain name, or its Punycode says nothing. `sign`: a letter that names do not have, such as something
 * that looks like a slash, or one that shows nothing. `mixed-script`: a label takes its letters from scripts that are not
 * written together. `looks-like-ascii`: other letters, every one of which looks like an ASCII one.
 */
export type DomainSuspicion = 'malformed' | 'sign' | 'mixed-script' | 'looks-like-ascii'

/** All that IDNA takes for a dot. */
const DOTS = /[.\u3002\uff0e\uff61]/
const MAX_DOMAIN = 255
const ASCII = /^[\0-\x7f]*$/
const LABEL = /^[\p{L}\p{M}\p{N}_\u00b7\u0375\u05f3\u05f4\u30fb-]+$/u
const HIDDEN = /\p{Default_Ignorable_Code_Point}/u

/** Why a domain name is not to be trusted by the look of it; undefined for one that is what it looks like. */
export function suspiciousDomain(domain: string): DomainSuspicion | undefined {
  const labels = domain.length > MAX_DOMAIN ? [] : domain.replace(/\.$/, '').split(DOTS).map(readable)
  if (labels.length === 0 || labels.some((label) => label === undefined || label === '')) return 'malformed'
  const words = labels.filter((label) => label !== undefined)
  if (words.some((label) => HIDDEN.test(label) || !LABEL.test(label))) return 'sign'
  if (words.some(mixedScript)) return 'mixed-script'
  // Below an ending in a script of its own (.рф) everybody sees that the name is not Latin.
  const latinEnd = looksAscii(words.at(-1) ?? '')
  return latinEnd && words.some((label) => !ASCII.test(label) && looksAscii(label)) ? 'looks-like-ascii' : undefined
}

/** A label as it would be shown; undefined when its Punycode is none, or hides what needs no hiding. */
function readable(label: string): string | undefined {
  const small = label.toLowerCase().normalize('NFC')
  if (!small.startsWith('xn--')) return small
  const decoded = decodePunycode(small.slice(4))
  const honest = decoded !== undefined && !ASCII.test(decoded) && decoded.toLowerCase().normalize('NFC') === decoded
  return honest ? decoded : undefined
}

const looksAscii = (label: string): boolean => ASCII.test(prototypes(label))
