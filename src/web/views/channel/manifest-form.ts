/** What a channel says of itself, as it is typed. */
import type { ChannelView } from '../../../messenger/channels/views.ts'
import type { ManifestBody } from '../../api/channels.ts'

/** Languages that are offered; a channel that was made elsewhere may have others. */
export const LANGUAGE_TAGS = ['en', 'ko', 'ja', 'zh', 'es', 'th', 'id', 'tr', 'de', 'fr', 'pt', 'it', 'nl', 'vi', 'ar', 'hi', 'ru', 'pl', 'uk', 'sv'] as const

export interface ManifestForm {
  name: string
  description: string
  /** its first; further ones stay as they are */
  language: string
  region: string
  hours: string
  /** one a line */
  links: string
  /** entries a day; '' leaves it to the node */
  rate: string
}

export const emptyManifest = (language: string): ManifestForm => ({ name: '', description: '', language, region: '', hours: '', links: '', rate: '' })

export const manifestFormOf = ({ name, description, languages, region, hours, links, rate }: ChannelView): ManifestForm => ({
  name, description, language: languages[0] ?? '', region: region ?? '', hours: hours ?? '', links: links.join('\n'), rate: String(rate),
})

/** @param languages it had before */
export function manifestOf(form: ManifestForm, languages: readonly string[] = []): ManifestBody & { name: string } {
  return {
    name: form.name.trim(),
    description: form.description.trim(),
    languages: [...(form.language === '' ? [] : [form.language]), ...languages.slice(1).filter((each) => each !== form.language)],
    region: form.region,
    hours: form.hours.trim(),
    links: form.links.split('\n').map((line) => line.trim()).filter((line) => line !== ''),
    ...(form.rate !== '' && { rate: Number(form.rate) }),
  }
}

/** Countries by name, in the order of the language. `regionOf` answers the code itself for what is none. */
export function regions(regionOf: (code: string) => string, language: string): [code: string, name: string][] {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .map((code): [string, string] => [code, regionOf(code)])
    .filter(([code, name]) => name !== code && !NO_COUNTRY.has(code))
    .sort(([, a], [, b]) => a.localeCompare(b, language))
}

/** Of CLDR, beside countries: unions, tests, the outlying and the unknown. */
const NO_COUNTRY: ReadonlySet<string> = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ'])
