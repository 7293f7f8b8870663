/** The language the page speaks: one catalogue at a time, fetched when it is wanted. */
import { en } from './en.ts'
import { type Formats, formatsOf } from './format.ts'
import { LANGUAGES, type Language, pickLanguage, regional } from './languages.ts'
import { count, fill, type Holes, type Plural, type Words } from './words.ts'

const CATALOGUES: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Words>>> = {
  ko: async () => (await import('./ko.ts')).words,
  es: async () => (await import('./es.ts')).words,
  de: async () => (await import('./de.ts')).words,
  fr: async () => (await import('./fr.ts')).words,
  pt: async () => (await import('./pt.ts')).words,
  it: async () => (await import('./it.ts')).words,
  nl: async () => (await import('./nl.ts')).words,
  ja: async () => (await import('./ja.ts')).words,
  zh: async () => (await import('./zh.ts')).words,
  th: async () => (await import('./th.ts')).words,
  id: async () => (await import('./id.ts')).words,
  tr: async () => (await import('./tr.ts')).words,
}

/** The texts. Reading one in a component follows the language. */
export const t: Words = $state({ ...en })

class Speech {
  language: Language = $state('en')
  formats: Formats = $derived(formatsOf(regional(this.language, navigator.languages)))

  /** The one that was chosen before, else the first of the browser's that there is. */
  async begin(chosen: string | null): Promise<void> {
    const kept = LANGUAGES.find(({ code }) => code === chosen)?.code
    await this.speak(kept ?? pickLanguage(navigator.languages))
  }

  async speak(language: Language): Promise<void> {
    const words = language === 'en' ? en : await CATALOGUES[language]()
    Object.assign(t, words)
    this.language = language
    document.documentElement.lang = language
    document.documentElement.dir = 'ltr'
  }
}

export const speech = new Speech()

export const say = (text: string, holes: Holes): string => fill(text, holes, speech.language)
export const many = (plural: Plural, n: number, holes: Holes = {}): string => count(plural, n, speech.language, holes)
