/** The languages there are, each in its own words, as they are offered: one looks for one's own by its first letter. */
export const LANGUAGES = [
  { code: 'id', name: 'Bahasa Indonesia' },
  { code: 'de', name: 'Deutsch' },
  { code: 'en', name: 'English' },
  { code: 'es', name: 'Español' },
  { code: 'fr', name: 'Français' },
  { code: 'it', name: 'Italiano' },
  { code: 'nl', name: 'Nederlands' },
  { code: 'pt', name: 'Português' },
  { code: 'tr', name: 'Türkçe' },
  { code: 'th', name: 'ไทย' },
  { code: 'ja', name: '日本語' },
  { code: 'zh', name: '简体中文' },
  { code: 'ko', name: '한국어' },
] as const

export type Language = (typeof LANGUAGES)[number]['code']

/** The language of a tag by its code of today ("id" of the old "in"), and the script ("Hant" of "zh-TW"). What is no tag is nobody's language. */
function spoken(tag: string): { language?: string; script?: string | undefined } {
  try {
    return new Intl.Locale(tag).maximize()
  } catch {
    return {}
  }
}

/**
 * The first wish that there is, English when there is none. The language alone decides: who wishes for Chinese as in Taiwan or Hong Kong
 * gets simplified letters until somebody writes the traditional ones, rather than English.
 */
export function pickLanguage(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const { language } = spoken(wish)
    const found = LANGUAGES.find(({ code }) => code === language)
    if (found) return found.code
  }
  return 'en'
}

/** The language as it is written where the person lives, for dates and numbers; never in another script than the texts. */
export function regional(language: Language, wishes: readonly string[]): string {
  const { script } = spoken(language)
  return wishes.find((wish) => spoken(wish).language === language && spoken(wish).script === script) ?? language
}
