/** What a person typed, as what an entry says: checked against the limits before anything is stored, in words that name the field. */
import {
  CHUNK, chunksOf, FieldError, type Manifest, limits, MediaError, mediaHash, type MediaRef, type Post, sniffType, encodeManifest, encodePost,
} from '../../../protocols/channel/index.ts'
import { toHex, type Suite } from '../../../protocols/suite/index.ts'
import { MessengerError } from '../errors.ts'
import type { ChannelChange, ChannelId } from './ports.ts'
import type { ManifestInput, PostInput } from './views.ts'

/** Pictures as they are stored, to be committed with what names them. */
export type Chunks = Extract<ChannelChange, { add: 'media-chunk' }>[]

/** By tag, as the specification has them. */
const OF_POST: Readonly<Record<number, string>> = {
  1: `a title is one line of at most ${limits.MAX_TITLE} bytes`,
  2: `a text is at most ${limits.MAX_TEXT} bytes`,
  3: `a link begins with https://, http:// or dure:, and a post has at most ${limits.MAX_POST_LINKS}`,
  4: `a post has at most ${limits.MAX_POST_MEDIA} pictures, each described in one line of at most ${limits.MAX_SHORT_TEXT} bytes`,
  5: `an event does not end before it starts, and its place is one line of at most ${limits.MAX_SHORT_TEXT} bytes`,
  6: `an offer does not end before it starts, and its terms are at most ${limits.MAX_TERMS} bytes`,
}
const OF_MANIFEST: Readonly<Record<number, string>> = {
  16: `a channel has a name of one line and at most ${limits.MAX_NAME} bytes`,
  17: `a description is at most ${limits.MAX_DESCRIPTION} bytes`,
  19: `a language is a tag such as ko or zh-Hant, and there are at most ${limits.MAX_LANGUAGES}`,
  20: 'a region is two capital letters, such as KR',
  21: `a link begins with https://, http:// or dure:, and a channel has at most ${limits.MAX_LINKS}`,
  22: `opening hours are one line of at most ${limits.MAX_HOURS} bytes`,
  23: 'a domain is a name such as example.com, in lower case',
  24: `a rate is between 1 and ${limits.MAX_RATE} entries a day`,
}

/** @param before what is said differently now: but for the text, what is not named stays as it was. @throws MessengerError 'bad-input', 'too-large' */
export function composePost(suite: Suite, channel: ChannelId, input: PostInput, before?: Post): { post: Post; chunks: Chunks } {
  const pictures = (input.media ?? []).map(({ bytes, alt }) => picture(suite, channel, bytes, alt))
  const post: Post = {
    title: input.title?.normalize('NFC').trim() ?? before?.title ?? '',
    text: input.text.trim() === '' ? '' : input.text, // blanks say nothing
    links: input.links?.map(asciiLink) ?? before?.links ?? [],
    media: input.media ? pictures.map(({ ref }) => ref) : (before?.media ?? []),
    event: input.event ? { ...input.event, place: input.event.place.normalize('NFC').trim() } : before?.event,
    offer: input.offer ?? before?.offer,
  }
  inWords(OF_POST, 'there is nothing to post', () => encodePost(post))
  return { post, chunks: pictures.flatMap(({ chunks }) => chunks) }
}

/** What is not named stays as it was; an empty text or list takes it away. @throws MessengerError 'bad-input', 'too-large' */
export function composeManifest(
  suite: Suite, channel: ChannelId, before: Manifest | undefined, input: ManifestInput,
): { manifest: Manifest; chunks: Chunks } {
  const logo = input.logo && input.logo.length > 0 ? picture(suite, channel, input.logo, '') : undefined
  const manifest: Manifest = {
    name: input.name?.normalize('NFC').trim() ?? before?.name ?? '',
    description: input.description ?? before?.description ?? '',
    logo: input.logo === undefined ? before?.logo : logo?.ref,
    languages: input.languages ?? before?.languages ?? [],
    region: said(input.region, before?.region),
    links: input.links?.map(asciiLink) ?? before?.links ?? [],
    hours: said(input.hours, before?.hours),
    domain: said(input.domain?.trim().toLowerCase(), before?.domain),
    rate: input.rate ?? before?.rate ?? limits.DEFAULT_RATE,
  }
  inWords(OF_MANIFEST, 'a channel cannot say so much of itself', () => encodeManifest(manifest))
  return { manifest, chunks: logo?.chunks ?? [] }
}

const said = (now: string | undefined, before: string | undefined): string | undefined => (now === undefined ? before : now === '' ? undefined : now)

/** Entries carry links in ASCII only: other letters travel as a browser sends them. What is no URL is refused where all is checked. */
function asciiLink(link: string): string {
  const typed = link.trim()
  if (!/^https?:/i.test(typed) || /^[\x21-\x7e]*$/.test(typed)) return typed
  try {
    return new URL(typed).href
  } catch {
    return typed
  }
}

function picture(suite: Suite, channel: ChannelId, bytes: Uint8Array, alt: string): { ref: MediaRef; chunks: Chunks } {
  if (bytes.length > limits.MAX_MEDIA) {
    throw new MessengerError('too-large', `the picture is ${bytes.length} bytes; ${limits.MAX_MEDIA} is the most`, 'make it smaller first')
  }
  try {
    const hash = mediaHash(suite, bytes)
    const size = bytes.length
    const chunks = Array.from({ length: chunksOf(size) }, (_, index) => ({
      add: 'media-chunk' as const, channel, hash: toHex(hash), size, index, bytes: bytes.slice(index * CHUNK, (index + 1) * CHUNK),
    }))
    return { ref: { hash, size, ...sniffType(bytes), alt: alt.normalize('NFC').trim() }, chunks }
  } catch (error) {
    if (error instanceof MediaError) throw new MessengerError('bad-input', 'the picture is no PNG, JPEG, WebP or GIF', 'convert it first')
    throw error
  }
}

export function inWords<T>(words: Readonly<Record<number, string>>, otherwise: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof FieldError) throw new MessengerError('bad-input', (error.tag === undefined ? undefined : words[error.tag]) ?? otherwise)
    throw error
  }
}
