/** What a code or a link is for, read from its first characters. Whether it is right the node judges. */

const SCHEME = /^\s*(?:web\+)?dure:/i
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** By the second byte of the table; see protocols/pairing. */
const KINDS: Readonly<Record<number, LinkKind>> = { 1: 'contact', 3: 'channel', 5: 'relay' }

export type LinkKind = 'contact' | 'channel' | 'relay'

/** As the node takes it: a link from a browser has another scheme. */
export const plainLink = (text: string): string => text.trim().replace(SCHEME, 'DURE:')

/** undefined: not for this page. In particular nothing here adds a device to an account (attack 35). */
export function kindOf(text: string): LinkKind | undefined {
  if (!SCHEME.test(text)) return undefined
  const head = plainLink(text).slice('DURE:'.length).toUpperCase()
  let bits = 0
  for (const character of head.slice(0, 4).padEnd(4, '!')) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) return undefined
    bits = bits * 32 + value
  }
  return KINDS[(bits >> 4) & 0xff]
}
