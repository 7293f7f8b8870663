/** What a text looks like: Unicode's skeleton (UTS #39, section 4), and the same whatever the case. */
import { CONFUSABLES } from './confusables.ts'

const HIDDEN = /\p{Default_Ignorable_Code_Point}/gu
const SPACES = /\s+/g
/** A Hangul syllable in NFD, or any one letter. */
const LETTER = /([\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?)|./gsu

let table: ReadonlyMap<string, string> | undefined

/**
 * The skeleton of UTS #39: texts that look alike have the same. For comparing only, never to be shown. Hangul syllables stay
 * whole: the standard takes them apart, and "악가" would be "아까".
 */
export function prototypes(text: string): string {
  const known = (table ??= readTable())
  const visible = text.normalize('NFD').replace(HIDDEN, '')
  return visible.replace(LETTER, (letter, syllable?: string) => syllable ?? known.get(letter) ?? letter).normalize('NFD')
}

/**
 * The same for all texts that could be taken for this one, also where capitals help: "PayPal" and "paypaI". i and l are one
 * letter here, for each looks like the capital I in some typeface. Spaces count as one and not at all at the ends.
 */
export function skeleton(text: string): string {
  return prototypes(withoutCase(prototypes(text))).replaceAll('i', 'l').replace(SPACES, ' ').trim()
}

/** Upper case first: it joins what lower case keeps apart (ß and ss, the two small sigmas), in no country's tailoring. */
export const withoutCase = (text: string): string => text.toUpperCase().toLowerCase()

function readTable(): Map<string, string> {
  const read = new Map<string, string>()
  for (const group of CONFUSABLES.trim().split(/\s/)) {
    const [prototype = '', like = ''] = group.split(':')
    for (const letter of like.split(',')) read.set(letters(letter), letters(prototype))
  }
  return read
}

const letters = (hex: string): string => String.fromCodePoint(...hex.split('+').map((code) => parseInt(code, 16)))
