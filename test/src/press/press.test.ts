import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { ChannelView, MediaView, PostView } from '../../../src/messenger/channels/views.ts'
import { atomFeed, calendar, webPage } from '../../../src/press/index.ts'
import { poster, type PosterParts } from '../../../src/press/poster.ts'
import { STYLE_HASH } from '../../../src/press/page.ts'

const AT = Date.UTC(2027, 0, 15, 8, 0, 0)
const PICTURE: MediaView = { hash: 'ab'.repeat(32), size: 3, type: 'image/png', width: 4, height: 3, alt: 'a loaf', held: true }

const channel = (changed: Partial<ChannelView> = {}): ChannelView => ({
  id: 'a'.repeat(52), name: 'Seoul Bakery', description: 'Bread.\n\nAnd cake.', role: 'follower', following: 'open', muted: false, dailyLimit: 3, unread: 0,
  entries: 3, held: 3, languages: ['ko'], region: 'KR', links: ['https://bakery.example/'], hours: 'Mo-Fr 08:00-18:00',
  domain: { domain: 'bakery.example', state: 'proven', provenAt: AT, suspicious: undefined }, logo: PICTURE, rate: 50, peers: 1, waiting: 0,
  frozen: undefined, lookalike: undefined, last: undefined, ...changed,
})
const post = (changed: Partial<PostView> = {}): PostView => ({
  id: '1f'.repeat(32), channel: 'a'.repeat(52), channelName: 'Seoul Bakery', author: 'Mina', log: '2e'.repeat(32), seq: 1, at: AT, kind: 'post', title: 'New bread',
  text: 'Rye today.\nTomorrow too.', links: [], media: [], event: undefined, offer: undefined, editedAt: undefined, withdrawn: undefined, unread: false, ...changed,
})
const EVENT = { start: AT + 86_400_000, end: AT + 90_000_000, place: 'Jongno 1, Seoul; 2F' }

/** Reads strictly: every tag closed in order, every attribute quoted, every entity known. */
function parseXml(xml: string): { tags: string[]; attributes: { name: string; value: string }[] } {
  const tags: string[] = []
  const attributes: { name: string; value: string }[] = []
  const open: string[] = []
  const token = /<\?xml[^>]*\?>|<(\/?)([A-Za-z][A-Za-z0-9:-]*)((?: [A-Za-z:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy
  const unescaped = (value: string): string => {
    assert.doesNotMatch(value, /&(?!amp;|lt;|gt;|quot;|#39;)/)
    return value.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&')
  }
  let at = 0
  while (at < xml.length) {
    token.lastIndex = at
    const found = token.exec(xml)
    assert.ok(found, `not XML: ${JSON.stringify(xml.slice(at, at + 60))}`)
    at = token.lastIndex
    const [, closing, name, given = '', selfClosing, text] = found
    if (text !== undefined) unescaped(text)
    else if (name === undefined) continue
    else if (closing) assert.equal(open.pop(), name)
    else {
      tags.push(name)
      for (const [, attribute = '', value = ''] of given.matchAll(/ ([A-Za-z:-]+)="([^"]*)"/g)) attributes.push({ name: attribute, value: unescaped(value) })
      if (!selfClosing) open.push(name)
    }
  }
  assert.deepEqual(open, [])
  return { tags, attributes }
}

/** Lines of an iCalendar text, unfolded; asserts the form of every line. */
function contentLines(ics: string): string[] {
  assert.ok(ics.endsWith('\r\n'))
  const raw = ics.slice(0, -2).split('\r\n')
  for (const line of raw) {
    assert.ok(Buffer.byteLength(line) <= 75, 'a line is longer than 75 octets')
    assert.doesNotMatch(line, /[\n\r]/)
  }
  return ics.slice(0, -2).replaceAll('\r\n ', '').split('\r\n')
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='x", ']]>', '&lt;b&gt;', '\ud800', '\u0000\u001b[2J\u202e', 'END:VEVENT\r\nBEGIN:VEVENT', '</style><script>', '<!--'),
)
const links = fc.array(fc.oneof(nasty, fc.constantFrom('javascript:alert(1)', 'data:text/html,<b>', 'JaVaScRiPt:x', ' java\nscript:x', 'https://a.example/?a="<b>&c=\'', 'file:///etc/passwd', 'https://a.example/\r\nX:1')), { maxLength: 3 })
const posts = fc.record({ title: fc.option(nasty, { nil: undefined }), text: nasty, author: nasty, links, alt: nasty, place: nasty, reason: nasty, withdrawn: fc.boolean(), start: fc.integer({ min: 0, max: 8_640_000_000_000_000 }), length: fc.nat() }).map((given) =>
  post({
    title: given.title,
    text: given.text,
    author: given.author,
    links: given.links,
    media: [{ ...PICTURE, alt: given.alt }],
    event: { start: given.start, end: Math.min(8_640_000_000_000_000, given.start + given.length), place: given.place },
    withdrawn: given.withdrawn ? { at: AT, reason: given.reason } : undefined,
  }),
)
const channels = fc.record({ name: nasty, description: nasty, hours: nasty, links, languages: fc.array(nasty, { maxLength: 1 }) }).map((given) => channel(given))

describe('an Atom feed', () => {
  it('has what RFC 4287 asks of a feed and of its entries', () => {
    const xml = atomFeed(channel(), [post({ links: ['https://bakery.example/rye'], editedAt: AT + 60_000 }), post({ id: '3c'.repeat(32), title: undefined })], AT)
    parseXml(xml)
    assert.match(xml, /^<\?xml version="1.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www.w3.org\/2005\/Atom" [^>]*xml:lang="ko">/)
    assert.match(xml, /<id>dure:channel\/a{52}<\/id>\n<title>Seoul Bakery<\/title>/)
    assert.match(xml, /<updated>2027-01-15T08:01:00Z<\/updated>\n<author>/)
    assert.match(xml, /<entry>\n<id>dure:entry\/(1f){32}<\/id>\n<title>New bread<\/title>\n<author><name>Mina<\/name><\/author>\n<published>2027-01-15T08:00:00Z/)
    assert.match(xml, /<title>Rye today\.<\/title>/)
    assert.match(xml, /<link rel="related" href="https:\/\/bakery.example\/rye"\/>/)
    assert.match(xml, /<content type="html">&lt;p dir=&quot;auto&quot;&gt;Rye today\./)
  })

  it('takes away what was withdrawn, and says why', () => {
    const xml = atomFeed(channel(), [post({ withdrawn: { at: AT + 1_000, reason: 'sold out' } })], AT)
    assert.match(xml, /<at:deleted-entry ref="dure:entry\/(1f){32}" when="2027-01-15T08:00:01Z"><at:comment>sold out<\/at:comment>/)
    assert.doesNotMatch(xml, /Rye|<entry>/)
  })

  it('without posts has the date it was made', () => assert.match(atomFeed(channel(), [], AT), /<updated>2027-01-15T08:00:00Z/))

  it('stays a feed of the same shape whatever anybody wrote (attack 110)', () => {
    fc.assert(
      fc.property(channels, fc.array(posts, { maxLength: 3 }), (of, written) => {
        const { tags, attributes } = parseXml(atomFeed(of, written, AT))
        assert.ok(tags.every((tag) => ['feed', 'id', 'title', 'subtitle', 'updated', 'author', 'name', 'generator', 'link', 'entry', 'published', 'content', 'at:deleted-entry', 'at:comment'].includes(tag)))
        for (const { name, value } of attributes) if (name === 'href') assert.match(new URL(value).protocol, /^(https?|dure):$/)
      }),
    )
  })
})

describe('a web page', () => {
  const allowed = ['html', 'head', 'meta', 'title', 'style', 'body', 'header', 'main', 'footer', 'h1', 'h2', 'p', 'small', 'time', 'ul', 'li', 'a', 'article', 'bdi', 'br', 'img', 'code']
  /** As XML, with the void elements of HTML closed and the style left out. */
  const asXml = (html: string): string => html.replace('<!doctype html>\n', '').replace(/<style>[^<]*<\/style>/, '').replace(/<((?:meta|img)(?: [a-zA-Z-]+="[^"<]*")*)>/g, '<$1/>')

  it('shows the channel, its posts and its pictures', () => {
    const html = webPage(channel(), [post({ media: [PICTURE], event: EVENT, offer: { from: AT, until: AT, terms: 'One each', state: 'valid' }, links: ['https://bakery.example/rye'] })], {
      at: AT,
      link: 'DURE:ABC',
      picture: () => new Uint8Array([1, 2, 3]),
    })
    parseXml(asXml(html))
    assert.match(html, /<html lang="ko">/)
    assert.match(html, /Controls bakery.example, proven <time/)
    assert.match(html, /<img src="data:image\/png;base64,AQID" alt="a loaf" width="4" height="3"/)
    assert.match(html, /<h2 dir="auto">New bread<\/h2>/)
    assert.match(html, /<code>DURE:ABC<\/code>/)
    assert.match(html, /One each/)
    assert.match(html, /Jongno 1/)
  })

  it('claims no domain that is not proven', () => {
    for (const state of ['claimed', 'expired'] as const) {
      assert.doesNotMatch(webPage(channel({ domain: { domain: 'bakery.example', state, provenAt: AT, suspicious: undefined } }), [], { at: AT }), /Controls/)
    }
  })

  it('holds itself to a policy that lets in nothing but its own style', () => {
    const html = webPage(channel(), [], { at: AT })
    const style = /<style>([^<]*)<\/style>/.exec(html)?.[1] as string
    assert.equal(STYLE_HASH, `sha256-${createHash('sha256').update(style).digest('base64')}`)
    assert.ok(html.includes(`content="default-src &#39;none&#39;; img-src data:; style-src &#39;${STYLE_HASH}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`))
  })

  it('shows of what was withdrawn only the reason', () => {
    const html = webPage(channel(), [post({ withdrawn: { at: AT, reason: 'sold out' } })], { at: AT })
    assert.match(html, /Withdrawn .*sold out/)
    assert.doesNotMatch(html, /Rye|New bread/)
  })

  it('never has a script, a handler or an address elsewhere, whatever anybody wrote (attack 110)', () => {
    fc.assert(
      fc.property(channels, fc.array(posts, { maxLength: 3 }), nasty, (of, written, link) => {
        const html = webPage(of, written, { at: AT, link, picture: () => new Uint8Array([1]) })
        const { tags, attributes } = parseXml(asXml(html))
        assert.ok(tags.every((tag) => allowed.includes(tag)))
        for (const { name, value } of attributes) {
          assert.doesNotMatch(name, /^on|^style$/)
          if (name === 'src') assert.match(value, /^data:image\//)
          if (name === 'href') assert.match(new URL(value).protocol, /^(https?|dure):$/)
        }
      }),
    )
  })
})

describe('a poster', () => {
  const MODULES = Array.from({ length: 33 }, (_, y) => Array.from({ length: 33 }, (_, x) => (x * 7 + y * 3) % 5 < 2))
  const sheet = (changed: Partial<PosterParts> = {}): string =>
    poster({ name: 'Seoul Bakery', link: `DURE:${'A'.repeat(180)}`, modules: MODULES, title: 'Follow us in Dure', line: 'Scan with Dure.', language: 'en', ...changed })
  const rows = (svg: string): string[] => [...svg.matchAll(/font-weight="700" text-anchor="middle">([^<]*)</g)].map(([, row]) => row ?? '')

  it('has the code module by module, the name and all of the link', () => {
    const svg = sheet()
    parseXml(svg)
    const dark = new Set([...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`))
    assert.deepEqual(dark, new Set(MODULES.flatMap((row, y) => row.flatMap((on, x) => (on ? [`${x} ${y}`] : [])))))
    assert.deepEqual(rows(svg), ['Seoul Bakery'])
    const link = [...svg.matchAll(/font-family="monospace">([^<]*)</g)].map(([, piece]) => piece).join('')
    assert.equal(link, `DURE:${'A'.repeat(180)}`)
  })

  it('breaks a long name between words, or letters where there are none, and cuts what no sheet holds', () => {
    assert.deepEqual(rows(sheet({ name: 'The Association of Bakers of the Southern Quarter' })).join(' '), 'The Association of Bakers of the Southern Quarter')
    assert.equal(rows(sheet({ name: '서울특별시마포구도화동성지길세번째골목빵집' })).join(''), '서울특별시마포구도화동성지길세번째골목빵집')
    const endless = rows(sheet({ name: '\u{1f35e}'.repeat(128) }))
    assert.equal(endless.length, 3)
    assert.match(endless[2] ?? '', /\u2026$/)
    assert.ok(endless.every((row) => row.isWellFormed()))
  })

  it('breaks its words where they do not fit, and begins no row with what ends a sentence', () => {
    const words = (line: string): string[] => [...sheet({ line }).matchAll(/font-size="7" font-weight="400" text-anchor="middle">([^<]*)</g)].map(([, row]) => row ?? '')
    assert.deepEqual(words('Scan with Dure.'), ['Scan with Dure.'])
    assert.deepEqual(words('Scan it with Dure. No account, and no company in between.'), ['Scan it with Dure. No account, and no', 'company in between.'])
    assert.deepEqual(words(`${'字'.repeat(24)}。${'字'.repeat(3)}`), [`${'字'.repeat(24)}。`, '字字字'])
    assert.deepEqual(words(`${'字'.repeat(24)}${'。'.repeat(26)}`).map((row) => row.length), [25, 25])
  })

  it('ends on the sheet, however long name and link are', () => {
    for (const name of ['x', 'many words '.repeat(12), '빵'.repeat(42)]) {
      const svg = sheet({ name, link: `DURE:${'A'.repeat(700)}` })
      const heights = [...svg.matchAll(/ y="([\d.]+)"/g)].map(([, y]) => Number(y))
      const [, foot = '0'] = /translate\([\d.]+ ([\d.]+)\) scale\(0\.25\)/.exec(svg) ?? []
      assert.ok(Math.min(...heights.slice(1)) > 0 && Number(foot) + 16 < 297, `${name}: ${foot}`)
    }
  })

  it('stays a picture of the same shape whatever a channel is called (attack 110)', () => {
    fc.assert(
      fc.property(nasty, nasty, (name, link) => {
        const { tags } = parseXml(sheet({ name, link }))
        assert.ok(tags.every((tag) => ['svg', 'title', 'rect', 'text', 'path', 'g'].includes(tag)))
      }),
    )
  })
})

describe('a calendar', () => {
  it('has an event with its times in UTC and its words escaped', () => {
    const lines = contentLines(calendar([post({ event: EVENT, text: 'Rye, wheat; more\nand \\ cake', links: ['https://bakery.example/rye'] })]))
    assert.deepEqual(lines, [
      'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Dure//Channel//EN', 'BEGIN:VEVENT', `UID:${'1f'.repeat(32)}@dure`, 'DTSTAMP:20270115T080000Z',
      'LAST-MODIFIED:20270115T080000Z', 'SEQUENCE:0', 'DTSTART:20270116T080000Z', 'DTEND:20270116T090000Z', 'SUMMARY:New bread',
      'DESCRIPTION:Rye\\, wheat\\; more\\nand \\\\ cake', 'LOCATION:Jongno 1\\, Seoul\\; 2F', 'URL:https://bakery.example/rye', 'STATUS:CONFIRMED', 'END:VEVENT', 'END:VCALENDAR',
    ])
  })

  it('says what became of an event that was changed or withdrawn', () => {
    assert.ok(contentLines(calendar([post({ event: EVENT, editedAt: AT + 90_500 })])).includes('SEQUENCE:91'))
    const gone = contentLines(calendar([post({ event: EVENT, withdrawn: { at: AT + 1_000, reason: '' } })]))
    assert.ok(gone.includes('STATUS:CANCELLED'))
  })

  it('has nothing of posts without an event', () => assert.deepEqual(contentLines(calendar([post()])).length, 4))

  it('folds long lines between characters', () => {
    const words = '👩‍👩‍👧‍👦 모닝빵 '.repeat(40)
    const lines = contentLines(calendar([post({ event: EVENT, text: words })]))
    assert.ok(lines.includes(`DESCRIPTION:${words}`))
  })

  it('keeps its shape whatever anybody wrote (attack 110)', () => {
    fc.assert(
      fc.property(fc.array(posts, { maxLength: 3 }), (written) => {
        const lines = contentLines(calendar(written))
        assert.equal(lines.filter((line) => line === 'BEGIN:VEVENT').length, written.length)
        assert.equal(lines.filter((line) => line === 'END:VEVENT').length, written.length)
        for (const line of lines) assert.match(line, /^[A-Z-]+:/)
      }),
    )
  })
})
