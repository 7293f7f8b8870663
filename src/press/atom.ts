/** An Atom feed (RFC 4287); what was withdrawn is a tombstone (RFC 6721), so that readers take it away too. */
import type { ChannelView, PostView } from '../messenger/channels/views.ts'
import { href, type Markup, markup, timestamp } from './markup.ts'
import { body } from './post.ts'

/** @param at when the feed is made: its date while nothing was posted */
export function atomFeed(channel: ChannelView, posts: readonly PostView[], at: number): string {
  const changed = posts.map(changedAt)
  const updated = changed.reduce((latest, each) => Math.max(latest, each), changed[0] ?? at)
  const language = channel.languages[0]
  return markup`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"${language && markup` xml:lang="${language}"`}>
<id>dure:channel/${channel.id}</id>
<title>${channel.name}</title>
${channel.description === '' ? undefined : markup`<subtitle>${channel.description}</subtitle>\n`}<updated>${timestamp(updated)}</updated>
<author><name>${channel.name}</name></author>
<generator>Dure</generator>
${channel.links.map(href).map((link) => link && markup`<link rel="related" href="${link}"/>\n`)}${posts.map(entry)}</feed>
`.text
}

const changedAt = (post: PostView): number => post.withdrawn?.at ?? post.editedAt ?? post.at
const idOf = (post: PostView): string => `dure:entry/${post.id}`

function entry(post: PostView): Markup {
  if (post.withdrawn) {
    const { at, reason } = post.withdrawn
    return markup`<at:deleted-entry ref="${idOf(post)}" when="${timestamp(at)}">${reason && markup`<at:comment>${reason}</at:comment>`}</at:deleted-entry>\n`
  }
  return markup`<entry>
<id>${idOf(post)}</id>
<title>${headline(post)}</title>
<author><name>${post.author}</name></author>
<published>${timestamp(post.at)}</published>
<updated>${timestamp(changedAt(post))}</updated>
${post.links.map(href).map((link) => link && markup`<link rel="related" href="${link}"/>\n`)}<content type="html">${body(post).text}</content>
</entry>
`
}

/** Atom wants a title on every entry: the first line when there is none. */
const headline = (post: PostView): string => post.title ?? post.text.split('\n', 1)[0]?.slice(0, MAX_HEADLINE).toWellFormed() ?? ''
const MAX_HEADLINE = 80
