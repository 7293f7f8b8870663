/**
 * The channel as one HTML file that needs nothing else: no script, no request to anywhere, pictures inside. Its own policy
 * (Content-Security-Policy) makes the browser hold it to that, should an escape ever be missing.
 */
import type { ChannelView, DomainView, MediaView, PostView } from '../messenger/channels/views.ts'
import { type Markup, markup } from './markup.ts'
import { anchor, body, paragraphs, type PictureSource, time } from './post.ts'

export interface PageOptions {
  /** when the page is made */
  readonly at: number
  /** the link others follow the channel by */
  readonly link?: string
  /** bytes of a picture, when they are at hand */
  readonly picture?: (media: MediaView) => Uint8Array | undefined
}

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}' +
  'article{border-top:1px solid #ccc;padding:1rem 0}img{max-width:100%;height:auto}footer,small{color:#666}' +
  'p,li,h1,h2{overflow-wrap:anywhere}code{overflow-wrap:anywhere;font-size:.8rem}' +
  '@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}a{color:#8bf}}'
/** SHA-256 of the style: the only one the page lets in. A test computes it again. */
export const STYLE_HASH = 'sha256-dSe+ZQKnMFVQw88TIQ4eyqOzDeV3+P5eMt/ymJ+LDN8='
const POLICY = `default-src 'none'; img-src data:; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'`

export function webPage(channel: ChannelView, posts: readonly PostView[], { at, link, picture }: PageOptions): string {
  const source: PictureSource = (media) => {
    const bytes = picture?.(media)
    return bytes && `data:${media.type};base64,${Buffer.from(bytes).toString('base64')}`
  }
  const logo = channel.logo && source(channel.logo)
  return markup`<!doctype html>
<html lang="${channel.languages[0] ?? ''}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${channel.name}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
${logo && markup`<img src="${logo}" alt="" width="64">\n`}<h1 dir="auto">${channel.name}</h1>
${badge(channel.domain)}${paragraphs(channel.description)}
${channel.hours && markup`<p>Open: <bdi>${channel.hours}</bdi></p>\n`}${channel.links.length === 0 ? undefined : markup`<ul>${channel.links.map((each) => markup`<li>${anchor(each)}</li>`)}</ul>\n`}</header>
<main>
${posts.map((post) => article(post, source))}</main>
<footer>
<p>A copy made ${time(at)} from a Dure channel. A page proves nothing; the channel does: its id is <code>${channel.id}</code>.</p>
${link && markup`<p>Follow it: <code>${link}</code></p>\n`}</footer>
</body>
</html>
`.text
}

const raw = (text: string): Markup => markup([text] as unknown as TemplateStringsArray)

const badge = (domain: DomainView | undefined): Markup | undefined =>
  domain?.state === 'proven' && domain.provenAt !== undefined
    ? markup`<p><small>Controls ${domain.domain}, proven ${time(domain.provenAt)}</small></p>\n`
    : undefined

function article(post: PostView, source: PictureSource): Markup {
  const withdrawn = post.withdrawn
  return markup`<article id="e${post.id}">
${post.title !== undefined && !withdrawn ? markup`<h2 dir="auto">${post.title}</h2>\n` : undefined}<p><small><bdi>${post.author}</bdi>, ${time(post.at)}${
    post.editedAt === undefined ? undefined : markup`, edited ${time(post.editedAt)}`
  }</small></p>
${withdrawn ? markup`<p>Withdrawn ${time(withdrawn.at)}${withdrawn.reason && markup`: <bdi>${withdrawn.reason}</bdi>`}</p>` : body(post, source)}
</article>
`
}
