/** One post as HTML; the same in the feed and on the page. */
import type { MediaView, PostView } from '../messenger/channels/views.ts'
import { href, type Markup, markup, timestamp } from './markup.ts'

/** Address of a picture, or undefined to show what it is called instead. */
export type PictureSource = (media: MediaView) => string | undefined

export function body(post: PostView, source: PictureSource = () => undefined): Markup {
  if (post.kind === 'unknown') return markup`<p>This post needs a newer version of Dure.</p>`
  return markup`${paragraphs(post.text)}${post.event && eventLine(post.event)}${post.offer && offerLines(post.offer)}${post.media.map((media) => picture(media, source(media)))}${
    post.links.length === 0 ? undefined : markup`<ul>${post.links.map((link) => markup`<li>${anchor(link)}</li>`)}</ul>`
  }`
}

/** A link that may be followed, or its text. The other side learns nothing of where one came from. */
export function anchor(link: string): Markup {
  const target = href(link)
  return target === undefined ? markup`${link}` : markup`<a href="${target}" rel="noopener noreferrer nofollow">${link}</a>`
}

export function time(ms: number): Markup {
  const stamp = timestamp(ms)
  return markup`<time datetime="${stamp}">${stamp.slice(0, 10)} ${stamp.slice(11, 16)} UTC</time>`
}

/** Empty lines part paragraphs, other line ends stay; each finds its own direction. */
export function paragraphs(text: string): Markup {
  const parts = text.split(/\n{2,}/).filter((part) => part.trim() !== '')
  return markup`${parts.map((part) => markup`<p dir="auto">${part.split('\n').map((line, index) => markup`${index > 0 ? markup`<br/>` : undefined}${line}`)}</p>`)}`
}

const eventLine = ({ start, end, place }: NonNullable<PostView['event']>): Markup =>
  markup`<p>${time(start)} \u2013 ${time(end)}${place === '' ? undefined : markup`, <bdi>${place}</bdi>`}</p>`

const offerLines = ({ from, until, terms }: NonNullable<PostView['offer']>): Markup =>
  markup`<p>Valid ${time(from)} \u2013 ${time(until)}</p>${paragraphs(terms)}`

function picture({ alt, width, height }: MediaView, source: string | undefined): Markup {
  if (source === undefined) return markup`<p>[picture${alt === '' ? undefined : markup`: <bdi>${alt}</bdi>`}]</p>`
  return markup`<p><img src="${source}" alt="${alt}" width="${width}" height="${height}" loading="lazy"/></p>`
}
