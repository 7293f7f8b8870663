/** The languages there are, each in its own words. */
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'ko', name: '한국어' },
] as const

export type Language = (typeof LANGUAGES)[number]['code']

/** The first wish that there is, by its primary subtag; English when there is none. */
export function pickLanguage(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const [primary] = wish.toLowerCase().split('-', 1)
    const found = LANGUAGES.find(({ code }) => code === primary)
    if (found) return found.code
  }
  return 'en'
}

/** The language as it is written where the person lives, for dates and numbers. */
export const regional = (language: Language, wishes: readonly string[]): string =>
  wishes.find((wish) => wish.toLowerCase().split('-', 1)[0] === language) ?? language
