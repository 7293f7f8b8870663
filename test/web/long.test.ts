/** A conversation of years in a real browser: what is scrolled through comes in order, none missing, and the page stays small. */
import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { MOST } from '../../src/web/state/window.ts'
import { buildPage, hasBrowser, openBrowser, openWindow, type Window } from '../support/browser.ts'
import { fillHistory, longText } from '../support/long-history.ts'
import { Home, pairHomes } from '../support/processes.ts'

const ALL = 100_000

/** The numbers of the messages that are in the page, as they stand there. */
const numbers = (page: Page): Promise<number[]> =>
  page.locator('article[data-id] .text').evaluateAll((texts) => texts.map((text) => Number(/number (\d+),/.exec(text.textContent ?? '')?.[1])))

/** Turns the wheel, a screen at a time, until it is so; what was in the page on the way. */
async function wheel(page: Page, by: number, until: (all: readonly number[]) => boolean): Promise<Set<number>> {
  const seen = new Set<number>()
  for (let turns = 0; turns < 2_000; turns++) {
    const all = await numbers(page)
    for (const number of all) seen.add(number)
    assert.deepEqual(all, Array.from({ length: all.length }, (_, n) => (all[0] ?? 0) + n), 'one after the other, none missing and none twice')
    assert.ok(all.length <= MOST, `${all.length} messages in the page`)
    if (until(all)) return seen
    await page.mouse.wheel(0, by)
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
  }
  throw new Error('the wheel was turned without end')
}

async function inSight(page: Page, number: number): Promise<boolean> {
  const box = await page.locator('article').getByText(longText(number), { exact: true }).boundingBox()
  return box !== null && box.y >= 0 && box.y + box.height <= (page.viewportSize()?.height ?? 0)
}

describe('a conversation of 100,000 messages', function () {
  this.timeout(180_000)
  const homes = [new Home(), new Home()] as const
  let browser: Browser
  let ann: Window

  before(async function () {
    if (!hasBrowser()) this.skip()
    buildPage()
    await Promise.all([homes[0].start('Ann'), homes[1].start('Bob')])
    await pairHomes(homes[0], homes[1], { a: 'Ann', b: 'Bob' })
    const [bob] = await homes[0].json<{ account: string }>('contacts')
    await Promise.all(homes.map((home) => home.end()))
    await fillHistory(homes[0].directory, bob?.account ?? '', ALL)
    await homes[0].startInPage()
    browser = await openBrowser()
    ann = await openWindow(browser, homes[0], { viewport: { width: 1280, height: 800 } })
    await ann.page.getByRole('button', { name: /Bob/ }).or(ann.page.getByRole('link', { name: /Bob/ })).first().click()
    await ann.page.locator('article').getByText(longText(ALL - 1), { exact: true }).waitFor()
  })
  after(async () => {
    await browser?.close()
    await Promise.all(homes.map((home) => home.remove()))
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await ann?.picture('failed-long')
  })

  it('opens at its end', async () => {
    assert.ok(await inSight(ann.page, ALL - 1))
  })

  it('is scrolled back through 600 messages: each comes, in order, and the page holds a few hundred', async () => {
    await ann.page.getByRole('log').hover()
    const seen = await wheel(ann.page, -700, (all) => (all[0] ?? ALL) < ALL - 600)
    for (let number = ALL - 600; number < ALL; number++) assert.ok(seen.has(number), `message ${number} was never there`)
  })

  it('is scrolled forth again to its end', async () => {
    const seen = await wheel(ann.page, 700, (all) => all.at(-1) === ALL - 1)
    for (let number = ALL - 500; number < ALL; number++) assert.ok(seen.has(number), `message ${number} was never there`)
  })

  it('is jumped into from a search, goes on in both directions from there, and comes back to its end', async () => {
    const { page } = ann
    await page.getByRole('button', { name: 'Search' }).or(page.getByRole('link', { name: 'Search' })).first().click()
    await page.getByRole('searchbox').or(page.getByRole('textbox', { name: 'Search' })).first().fill('number 4242,')
    await page.getByText('message number 4242,').last().click()
    await page.locator('article.lit').waitFor()
    assert.ok(await inSight(page, 4_242))
    await page.getByRole('log').hover()
    await wheel(page, -700, (all) => (all[0] ?? ALL) < 4_000)
    await wheel(page, 700, (all) => (all.at(-1) ?? 0) > 4_600)
    await page.getByRole('button', { name: /newest|down/i }).click()
    await page.locator('article').getByText(longText(ALL - 1), { exact: true }).waitFor()
    assert.ok(await inSight(page, ALL - 1))
  })

  it('had no error in its page', () => assert.deepEqual(ann.faults, []))
})
