/** Every place of the page with something in it, in light and in dark, from left to right and from right to left: a reader of screens finds its way, and nothing runs out of the side. */
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import type { Place } from '../../src/web/state/place.ts'
import { barriers, buildPage, hasBrowser, openBrowser, openWindow, type Window } from '../support/browser.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

const BAKERY = 'Seoul Bakery'
const FRIEND = '\u05d0\u05d1\u05d9'

/** What its place is about; what says that it is there. */
interface Told {
  readonly about?: 'friend' | 'channel' | 'share'
  readonly shows: string
}
/** A place that is not here does not compile. */
const PLACES: Readonly<Record<Place['at'], Told>> = {
  inbox: { shows: 'Pick a conversation' },
  requests: { shows: 'Accept' },
  talk: { about: 'friend', shows: 'This is where it began.' },
  contact: { about: 'friend', shows: 'Disappearing messages' },
  safety: { about: 'friend', shows: 'Scan their code' },
  'show-code': { shows: 'It works once, for one person.' },
  scan: { shows: 'Use the camera' },
  search: { shows: 'Everything lies on this device' },
  settings: { shows: 'Peer id' },
  share: { about: 'share', shows: 'What is sent' },
  follow: { shows: 'Use the camera' },
  'channel-new': { shows: 'Make the channel' },
  channel: { about: 'channel', shows: 'This is where the channel begins.' },
  'channel-about': { about: 'channel', shows: 'Channel id' },
  'channel-proof': { about: 'channel', shows: 'Who signed' },
  'channel-share': { about: 'channel', shows: 'Copy the link' },
  'channel-compose': { about: 'channel', shows: 'As your followers see it' },
  'channel-run': { about: 'channel', shows: 'Change the root key' },
  'channel-staff': { about: 'channel', shows: 'Ask somebody' },
  'channel-words': { about: 'channel', shows: 'I have written them down' },
}
const LOOKS = [
  { colorScheme: 'light', dir: 'ltr' },
  { colorScheme: 'dark', dir: 'rtl' },
] as const

describe('every place of the page', function () {
  this.timeout(180_000)
  const homes = [new Home(), new Home()] as const
  let browser: Browser
  let ann: Window
  const about = { friend: {}, channel: {}, share: {} } as Record<NonNullable<Told['about']>, Record<string, string>>

  before(async function () {
    if (!hasBrowser()) this.skip()
    buildPage()
    const [own, other] = homes
    await Promise.all([own.startInPage('--name', 'Ann'), other.startInPage('--name', FRIEND)])
    await pairHomes(other, own, { a: FRIEND, b: 'Ann' })
    await other.json('send', 'Ann', '\u05e9\u05dc\u05d5\u05dd (1)!')
    await own.json('send', FRIEND, 'Hello! https://bakery.example/today')
    await other.json('channel', 'create', 'Tea House')
    await other.json('channel', 'staff', 'add', 'Tea House', 'Ann')
    await own.json('channel', 'create', BAKERY)
    await own.json('channel', 'post', BAKERY, '--title', '\u05dc\u05d7\u05dd', '--event', '2199-12-24 18:00..2199-12-24 22:00', '--place', 'Mapo 12', '--offer', '2026-01-01..2199-12-24', '--terms', 'one each', 'Come by')
    const [contact] = await own.json<{ account: string }>('contacts')
    const [channel] = await own.json<{ id: string }>('channel', 'list')
    about.friend = { account: contact?.account ?? '' }
    about.channel = { id: channel?.id ?? '' }
    browser = await openBrowser()
    ann = await openWindow(browser, own, { viewport: { width: 1180, height: 860 } })
    about.share = { link: 'web+dure:share?text=Fresh%20bread&url=https%3A%2F%2Fbakery.example' }
    await eventually(async () => ann.page.getByText('asks you to post').isVisible())
  })
  after(async () => {
    await browser?.close()
    await Promise.all(homes.map((home) => home.remove()))
  })

  for (const [at, { about: subject, shows }] of Object.entries(PLACES)) {
    it(`is read out and fits: ${at}`, async () => {
      const { page } = ann
      for (const { colorScheme, dir } of LOOKS) {
        await page.emulateMedia({ colorScheme })
        const place = { at, ...(subject && about[subject]) }
        await page.evaluate(`{
          document.documentElement.dir = '${dir}'
          history.pushState(${JSON.stringify(place)}, '', '#/${at === 'inbox' ? '' : at}')
          dispatchEvent(new PopStateEvent('popstate'))
        }`)
        await page.getByText(shows).first().waitFor()
        await ann.picture(`${at}-${colorScheme}-${dir}`)
        assert.deepEqual(await barriers(page), [], `${colorScheme} ${dir}`)
        const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('main, aside, main *, aside *')].filter((one) => {
          const { left, right, width } = one.getBoundingClientRect()
          return width > 1 && (left < -1 || right > innerWidth + 1) && getComputedStyle(one).position !== 'absolute' && !one.closest('nav, svg')
        }).map((one) => one.outerHTML.slice(0, 120))`)
        assert.deepEqual(wide, [], `${colorScheme} ${dir}`)
      }
    })
  }

  it('had no error, and nothing the policy had to refuse', () => {
    assert.deepEqual(ann.faults, [])
  })
})
