/** What a website hands over to be sent. What may be in it the node judges; nothing of it is sent from here. */
import type { Shared } from '../api/dure.ts'
import type { PostForm } from './post-form.ts'

/** `share?text=...&url=...`, as a website writes it; some programs put slashes around the word. */
const SHARE = /^\s*web\+dure:(?:\/\/)?share\/?\?/i

/** undefined: a link for something else. */
export function sharedIn(link: string): { readonly text?: string; readonly url?: string } | undefined {
  if (!SHARE.test(link)) return undefined
  const fields = new URLSearchParams(link.replace(SHARE, ''))
  const [text, url] = [fields.get('text'), fields.get('url')]
  return { ...(text !== null && { text }), ...(url !== null && { url }) }
}

const lines = (...parts: readonly (string | undefined)[]): string => parts.map((part) => part?.trim() ?? '').filter((part) => part !== '').join('\n')

/** As a message: the person's words first. An address that stands in the text already is not said twice. */
export const asMessage = ({ text, url }: Pick<Shared, 'text' | 'url'>, words: string): string => lines(words, text, url !== undefined && text.includes(url) ? undefined : url)

/** Below what was begun to be written. */
export const inPost = (form: PostForm, { text, url }: Pick<Shared, 'text' | 'url'>, words: string): PostForm => ({
  ...form,
  text: lines(form.text, words, text),
  links: lines(form.links, url),
})
