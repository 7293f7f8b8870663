// Posts what is new in an RSS or Atom feed to a channel of yours: node examples/rss-to-channel.ts https://example.org/feed.xml "Seoul Bakery"
// With $DURE_URL and $DURE_TOKEN (read:channels, write:channels), or through the socket of the profile in $DURE_HOME. Run it from cron.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'dure/client'

const [address = '', name = ''] = process.argv.slice(2)
const { DURE_HOME, DURE_URL, DURE_TOKEN } = process.env
const home = DURE_HOME ?? join(homedir(), '.local/share/dure')
const dure = connect(DURE_URL && DURE_TOKEN ? { url: DURE_URL, token: DURE_TOKEN } : { socketPath: join(home, 'dure.sock') })

const feed = /^https?:/.test(address) ? await (await fetch(address)).text() : await readFile(address, 'utf8')

// A feed is small and its author known: what matters of it is found without a parser of XML.
const unescaped = (text: string): string =>
  text
    .replaceAll(/^\s*<!\[CDATA\[|\]\]>\s*$/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|quot|apos);/g, (_, which: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'" })[which] ?? '')
    .replaceAll('&amp;', '&')
    .trim()
const part = (item: string, tag: string): string => unescaped(new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}>`).exec(item)?.[1] ?? '')
const linkOf = (item: string): string => part(item, 'link') || (/<link[^>]*href="([^"]+)"/.exec(item)?.[1] ?? '')

const items = [...feed.matchAll(/<(item|entry)[\s>][\s\S]*?<\/\1>/g)].map(([item]) => ({ title: part(item, 'title'), text: part(item, 'description') || part(item, 'summary'), link: linkOf(item) }))

// What was posted is read from the channel itself: there is no state to lose.
const { posts } = await dure.call('GET /v1/channels/{name}/posts', { params: { name }, query: { limit: '200' } })
const posted = new Set(posts.flatMap(({ links }) => links))
for (const { title, text, link } of items.reverse()) {
  if (link === '' || posted.has(link)) continue
  await dure.call('POST /v1/channels/{name}/posts', { params: { name }, body: { title, text: text || title, links: [link] } })
  console.log(`posted: ${title}`)
}
