/**
 * The page in Debian's Chromium on real nodes: its first view beside an empty profile's, a word on its way from one page to the other beside the way
 * from node to node, frames dropped while 10,000 messages are scrolled through beside a page of plain text, and its memory over an hour of talk.
 */
import { join } from 'node:path'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { connect } from '../src/client/index.ts'
import { buildPage, hasBrowser, openBrowser } from '../test/support/browser.ts'
import { fillHistory, longText } from '../test/support/long-history.ts'
import { Home, pairHomes } from '../test/support/processes.ts'
import type { Figure } from './figure.ts'

const LONG = 100_000
const VIEWS = 7
const WORDS = 60
const SCROLLED = 10_000
/** As fast as somebody who looks for something turns the wheel. */
const PIXELS_A_SECOND = 4_000
const GESTURE = 40_000
/** One a second, both ways. */
const HOUR = 3_600
const IN_HAND = 4
const WIDE = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' } as const

const middle = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN

export async function run(): Promise<Figure[]> {
  if (!hasBrowser()) {
    console.log('  Chromium is not installed: the page was not tried')
    return []
  }
  buildPage()
  const [ann, bob, empty] = [new Home(), new Home(), new Home()]
  const browser = await openBrowser()
  try {
    await Promise.all([ann.start('Ann'), bob.start('Bob'), empty.start('Cleo')])
    await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
    await pairHomes(empty, bob, { a: 'Cleo', b: 'Bob' })
    const [contact] = await ann.json<{ account: string }>('contacts')
    await Promise.all([ann.end(), empty.end()])
    await fillHistory(ann.directory, contact?.account ?? '', LONG)
    const views = await firstViews(browser, ann, empty)
    await Promise.all([ann.startInPage(), empty.startInPage()])
    await bob.end()
    await bob.startInPage()
    return [...views, ...(await scrolling(browser, ann)), ...(await words(browser, empty, bob)), ...(await hour(browser, empty, bob))]
  } finally {
    await browser.close()
    await Promise.all([ann, bob, empty].map((home) => home.remove()))
  }
}

async function linkOf(home: Home): Promise<string> {
  const [{ link = '' } = {}] = await home.json<{ link: string }>('open')
  return link
}

async function contextIn(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext(WIDE)
  await context.addInitScript({ path: join(import.meta.dirname, 'page-probe.js') })
  return context
}

/** Asks page-probe.js. */
const probe = <T>(page: Page, asked: string, ...given: string[]): Promise<T> => page.evaluate<T>(`probe.${asked}${given.length > 0 ? `(${given.map((each) => JSON.stringify(each)).join()})` : ''}`)

async function talk(browser: Browser, home: Home, name: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const context = await contextIn(browser)
  const page = await context.newPage()
  await page.goto(await linkOf(home))
  await page.locator('[data-line]').filter({ hasText: name }).click()
  await page.getByRole('textbox', { name: /^Write to/ }).waitFor()
  return { page, close: () => context.close() }
}

/** Each time a node that has just started and a browser that knows nothing yet. */
async function firstViews(browser: Browser, long: Home, empty: Home): Promise<Figure[]> {
  const times = { long: [] as number[], empty: [] as number[], talk: [] as number[] }
  for (let n = 0; n < VIEWS; n++) {
    for (const [key, home] of [['long', long], ['empty', empty]] as const) {
      await home.startInPage()
      const context = await contextIn(browser)
      const page = await context.newPage()
      await page.goto(await linkOf(home))
      times[key].push(await probe(page, 'interactive'))
      if (key === 'long') times.talk.push(await probe(page, 'clickUntil', '[data-line]', 'article', longText(LONG - 1)))
      await context.close()
      await home.end()
    }
  }
  const [beside, first] = [middle(times.empty), middle(times.long)]
  const size = LONG.toLocaleString('en')
  return [
    { name: 'page: interactive after the start, a profile without messages', value: beside, unit: 'ms', note: 'from the address to the list drawn and free for a click; cold browser, median' },
    { name: `page: the same with ${size} messages`, value: first, unit: 'ms', note: `${(first / beside).toFixed(2)} times the empty one` },
    { name: `page: click on the conversation of ${size} to its newest words`, value: middle(times.talk), unit: 'ms' },
  ]
}

/** Frames that were not drawn when they were due, of those that were due. */
interface Frames {
  readonly due: number
  readonly dropped: number
}

async function framesWhile(page: Page, run: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate('probe.watchFrames()')
  await run()
  const drawn = await probe<number[]>(page, 'frames')
  const apart = drawn.slice(1).map((at, n) => at - (drawn[n] ?? at))
  const frame = 1_000 / 60
  return { due: Math.round(apart.reduce((sum, each) => sum + each, 0) / frame), dropped: apart.reduce((sum, each) => sum + Math.max(0, Math.round(each / frame) - 1), 0) }
}

async function gesture(devtools: CDPSession): Promise<void> {
  await devtools.send('Input.synthesizeScrollGesture', { x: 800, y: 400, yDistance: GESTURE, speed: PIXELS_A_SECOND, gestureSourceType: 'mouse', preventFling: true })
}

async function scrolling(browser: Browser, home: Home): Promise<Figure[]> {
  const { page, close } = await talk(browser, home, 'Bob')
  await page.locator('article').getByText(longText(LONG - 1), { exact: true }).waitFor()
  let devtools = await page.context().newCDPSession(page)
  const first = (): Promise<number> => page.locator('article').first().innerText().then((text) => Number(/number (\d+),/.exec(text)?.[1]))
  let gestures = 0
  const ours = await framesWhile(page, async () => {
    for (; (await first()) > LONG - SCROLLED; gestures++) await gesture(devtools)
  })
  await close()

  const context = await contextIn(browser)
  const plain = await context.newPage()
  await plain.setContent(`<main>${Array.from({ length: SCROLLED }, (_, n) => `<p style="margin: 24px">${longText(n)}</p>`).join('')}</main>`)
  await plain.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
  devtools = await context.newCDPSession(plain)
  const text = await framesWhile(plain, async () => {
    for (let n = 0; n < gestures && (await plain.evaluate('scrollY')) !== 0; n++) await gesture(devtools)
  })
  await context.close()
  const share = ({ due, dropped }: Frames): number => (100 * dropped) / due
  return [
    { name: `page: frames dropped, ${SCROLLED.toLocaleString('en')} messages scrolled`, value: share(ours), unit: '%', note: `${ours.dropped} of ${ours.due}, no graphics card; read from the node on the way` },
    { name: '  a page of as many lines of plain text', value: share(text), unit: '%', note: `${text.dropped} of ${text.due}` },
  ]
}

/** When a bubble with the text was drawn in a page: milliseconds of the clock that all pages share. */
const standsAt = (page: Page, text: string): Promise<number> => probe(page, 'standsAt', 'article', text)

async function words(browser: Browser, from: Home, to: Home): Promise<Figure[]> {
  const [cleo, bob] = [await talk(browser, from, 'Bob'), await talk(browser, to, 'Cleo')]
  const [sender, receiver] = [clientOf(from), clientOf(to)]
  const stop = new AbortController()
  const heard = new Map<string, (at: number) => void>()
  void (async () => {
    for await (const event of receiver.events({ signal: stop.signal })) if (event.type === 'message') heard.get(event.message.text)?.(performance.timeOrigin + performance.now())
  })().catch(() => undefined)
  const times = { own: [] as number[], other: [] as number[], nodes: [] as number[] }
  for (let n = 0; n < WORDS; n++) {
    const text = `word ${n} from page to page`
    const stand = Promise.all([standsAt(cleo.page, text), standsAt(bob.page, text)])
    await cleo.page.getByRole('textbox', { name: /^Write to/ }).fill(text)
    await cleo.page.keyboard.press('Enter')
    const [own, other] = await stand
    const pressed = await probe<number>(cleo.page, 'pressed')
    times.own.push(own - pressed)
    times.other.push(other - pressed)

    const spoken = `word ${n} from node to node`
    const arrived = new Promise<number>((resolve) => heard.set(spoken, resolve))
    const begun = performance.timeOrigin + performance.now()
    await sender.call('POST /v1/contacts/{name}/messages', { params: { name: 'Bob' }, body: { text: spoken } })
    times.nodes.push((await arrived) - begun)
  }
  stop.abort()
  await cleo.close()
  await bob.close()
  const [own, other, nodes] = [middle(times.own), middle(times.other), middle(times.nodes)]
  return [
    { name: 'node to node: a request on the socket to the event at the other', value: nodes, unit: 'ms', note: 'with both pages open; median' },
    { name: 'page: Enter to the own bubble drawn', value: own, unit: 'ms', note: `${(own / nodes).toFixed(1)} times node to node; it is durable before it stands there` },
    { name: "page: Enter to the bubble drawn in the other's page", value: other, unit: 'ms', note: `${(other / nodes).toFixed(1)} times node to node` },
  ]
}

const clientOf = (home: Home): ReturnType<typeof connect> => connect({ socketPath: join(home.directory, 'dure.sock') })

/** An hour's talk as fast as it goes, before the open page of one of them. */
async function hour(browser: Browser, here: Home, there: Home): Promise<Figure[]> {
  const { page, close } = await talk(browser, here, 'Bob')
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const both = [{ client: clientOf(here), to: 'Bob' }, { client: clientOf(there), to: 'Cleo' }] as const
  const quarters: { readonly heap: number; readonly nodes: number; readonly listeners: number }[] = []
  for (let quarter = 0; quarter <= 4; quarter++) {
    if (quarter > 0) {
      let next = 0
      await Promise.all(both.flatMap(({ client, to }) => Array.from({ length: IN_HAND }, async () => {
        while (next < HOUR / 4) await client.call('POST /v1/contacts/{name}/messages', { params: { name: to }, body: { text: longText(quarter * HOUR + next++) } })
      })))
    }
    const last = `the end of quarter ${quarter}`
    await both[1].client.call('POST /v1/contacts/{name}/messages', { params: { name: 'Cleo' }, body: { text: last } })
    await standsAt(page, last)
    await devtools.send('HeapProfiler.collectGarbage')
    const { metrics } = await devtools.send('Performance.getMetrics')
    const figure = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
    quarters.push({ heap: figure('JSHeapUsedSize') / 2 ** 20, nodes: figure('Nodes'), listeners: figure('JSEventListeners') })
  }
  await close()
  const [, first, , , last] = quarters
  if (!first || !last) throw new Error('an hour has four quarters')
  return [
    { name: 'page: memory of its scripts after a quarter of an hour of talk', value: first.heap, unit: 'MiB', note: `${first.nodes} nodes, ${first.listeners} listeners; ${HOUR / 4} messages, one a second` },
    { name: '  after the hour', value: last.heap, unit: 'MiB', note: `${(last.heap / first.heap).toFixed(2)} times; ${last.nodes} nodes, ${last.listeners} listeners (goal: flat)` },
  ]
}
