/** What a catalogue is, and how a text of it is filled. English says which texts there are: a language that lacks one does not compile. */
import type { en } from './en.ts'

/** One text for each plural category the language has; `other` for the rest. */
export type Plural = Readonly<{ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>>

type Shape<T> = T extends string ? string : T extends { readonly other: string } ? Plural : { readonly [K in keyof T]: Shape<T[K]> }

export type Words = Shape<typeof en>

export type Holes = Readonly<Record<string, string | number>>

/** First strong isolate, and its end: a name in another direction does not turn the sentence around it (attack 95). */
const isolated = (text: string): string => `\u2068${text}\u2069`

/** Puts values in the holes `{name}` of a text. What people wrote is isolated; numbers are written as the language does. */
export function fill(text: string, holes: Holes, language: string): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = Object.hasOwn(holes, name) ? holes[name] : undefined
    if (value === undefined) return hole
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : isolated(value)
  })
}

/** The text for `n`, which also stands in its hole `{n}`. */
export function count(plural: Plural, n: number, language: string, holes: Holes = {}): string {
  const category = new Intl.PluralRules(language).select(n)
  return fill(plural[category] ?? plural.other, { ...holes, n }, language)
}
