/** A channel in the page: a brand makes one, a follower finds it by its code, and what is posted stands with both. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { barriers, buildPage, draftKept, hasBrowser, openBrowser, openWindow, type Window } from '../support/browser.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const
const WIDE = { viewport: { width: 1280, height: 800 } } as const
const SCRIPT = '<img src=x onerror=alert(1)><script>alert(1)</script>'
const BAKERY = 'Seoul Bakery'

const button = (page: Page, name: string | RegExp): Locator => page.getByRole('button', { name, exact: typeof name === 'string' })
const post = (page: Page, text: string): Locator => page.locator('article[data-post]').filter({ hasText: text })

describe('a bakery and its follower, in their pages', function () {
  this.timeout(120_000)
  const homes = [new Home(), new Home()] as const
  let browser: Browser
  let jun: Window
  let fay: Window
  /** a screenshot of the code, as one photographs a shop window */
  let photo: string

  before(async function () {
    if (!hasBrowser()) this.skip()
    buildPage()
    browser = await openBrowser()
    await Promise.all([homes[0].startInPage('--name', 'Jun'), homes[1].startInPage('--name', 'Fay')])
    await pairHomes(homes[0], homes[1], { a: 'Jun', b: 'Fay' })
    photo = path.join(homes[1].directory, 'photo.png')
    jun = await openWindow(browser, homes[0], { ...WIDE, permissions: ['clipboard-read', 'clipboard-write'] })
    fay = await openWindow(browser, homes[1], PHONE)
  })
  after(async () => {
    await browser?.close()
    await Promise.all(homes.map((home) => home.remove()))
  })

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await Promise.all([jun.picture('failed-jun'), fay.picture('failed-fay')])
  })

  it('begin with a channel, whose 24 words this device forgets once they are on paper', async () => {
    const { page } = jun
    await button(page, 'Channels').click()
    await button(page, 'Make a channel').click()
    await page.getByLabel('Name', { exact: true }).fill(BAKERY)
    await page.getByLabel('Description').fill(SCRIPT)
    await page.getByLabel('Country').selectOption('KR')
    assert.deepEqual(await barriers(page), [])
    await jun.picture('channel-new')
    await button(page, 'Make the channel').click()
    await button(page, 'I have written them down').waitFor()
    assert.equal(await page.locator('ol li').count(), 24)
    assert.deepEqual(await barriers(page), [])
    await button(page, 'I have written them down').click()
    await page.getByRole('heading', { name: BAKERY }).waitFor()
    await page.getByText(SCRIPT).first().waitFor()
    assert.match((await homes[0].dure('channel', 'words', BAKERY)).stderr, /forgotten/)
  })

  it('hang up the code, as a poster too', async () => {
    const { page } = jun
    await button(page, 'Share').click()
    const code = page.getByRole('img', { name: /^The code of/ })
    await code.waitFor()
    writeFileSync(photo, await code.screenshot())
    const [sheet] = await Promise.all([page.waitForEvent('download'), button(page, 'Save as SVG').click()])
    assert.equal(sheet.suggestedFilename(), 'Seoul-Bakery.svg')
    const svg = readFileSync(await sheet.path(), 'utf8')
    await button(page, 'Copy the link').click()
    const link = await page.evaluate<string>('navigator.clipboard.readText()')
    assert.ok([...svg.matchAll(/monospace">([^<]*)</g)].map(([, piece]) => piece).join('') === link)
    assert.deepEqual(await barriers(page), [])
    await page.emulateMedia({ media: 'print' })
    await jun.picture('channel-poster')
    assert.equal(await page.locator('img.printed').isVisible(), true)
    const pdf = await page.pdf({ preferCSSPageSize: true })
    assert.equal([...pdf.toString('latin1').matchAll(/\/Type \/Page\b/g)].length, 1)
    await page.emulateMedia({ media: 'screen' })
  })

  it('are followed by a photo of the code, and only after a click (attack 35)', async () => {
    const { page } = fay
    await button(page, 'Channels').click()
    await button(page, 'Follow a channel').click()
    assert.deepEqual(await barriers(page), [])
    await page.locator('input[type=file]').setInputFiles(photo)
    await page.getByText('This is the code of a channel.').waitFor()
    assert.deepEqual(await homes[1].json('channel', 'list'), [])
    await fay.picture('channel-follow')
    await button(page, 'Follow').click()
    await page.getByRole('heading', { name: BAKERY }).waitFor()
    await page.getByText('Nothing posted yet').waitFor()
  })

  it('send a code of the other kind to the screen it belongs to', async () => {
    const { page } = fay
    const [invite] = await homes[0].json<{ link: string }>('invite')
    const [channel] = await homes[0].json<{ link: string }>('channel', 'invite', BAKERY)
    await page.goBack()
    await button(page, 'Channels').click()
    await button(page, 'Follow a channel').click()
    await page.getByLabel(/paste a link/).fill(invite?.link ?? '')
    await page.getByText('This is the code of a person.').waitFor()
    await button(page, 'Connect').last().click()
    await page.getByLabel(/paste a link/).fill(channel?.link ?? '')
    await button(page, 'Follow this channel').click()
    await page.getByText('Your node never passes its posts on', { exact: false }).waitFor()
    await page.goBack()
  })

  it('keep what was begun to be written over a reload', async () => {
    const { page } = jun
    await button(page, 'Back').click()
    await button(page, 'Write a post').click()
    await page.getByLabel('Title').fill('Open night')
    await draftKept(page, 'Open night')
    await page.reload()
    await page.getByText('This was kept as a draft').waitFor()
    assert.equal(await page.getByLabel('Title').inputValue(), 'Open night')
  })

  it('publish with a picture, an offer and an event, after a look at what followers will see', async () => {
    const { page } = jun
    await button(page, 'Publish').click()
    await post(page, 'Open night').waitFor()
    await button(page, 'Write a post').click()
    assert.equal(await page.getByLabel('Title').inputValue(), '')
    await page.getByLabel('What do you want to say?').fill(`Come by. ${SCRIPT}`)
    await page.locator('input[type=file]').setInputFiles(photo)
    await page.getByLabel(/^What it shows/).fill('a wall of black and white tiles')
    await page.getByRole('switch', { name: 'Offer' }).click()
    await button(page, 'Publish').click()
    await page.getByText('An offer needs two days').waitFor()
    await page.getByLabel('Valid from').fill('2026-01-01')
    await page.getByLabel('Valid until').fill('2199-12-24')
    await page.getByLabel('Terms').fill('one each')
    await page.getByRole('switch', { name: 'Event' }).click()
    await page.getByLabel('Begins').fill('2199-12-24T18:00')
    await page.getByLabel('Place').fill('Mapo 12')
    await post(page, 'Come by.').getByText('Valid until').waitFor()
    assert.deepEqual(await barriers(page), [])
    await jun.picture('channel-compose')
    await button(page, 'Publish').click()
    await post(page, 'Come by.').waitFor()
  })

  it('are read by who follows: picture, offer and event, as text and nothing else (attack 93)', async () => {
    const { page } = fay
    await page.locator('[data-line]').filter({ hasText: BAKERY }).getByText(/unread message/).waitFor({ state: 'attached' })
    await page.locator('[data-line]').filter({ hasText: BAKERY }).click()
    const card = post(page, 'Come by.')
    await card.getByText('New', { exact: true }).waitFor()
    await card.getByText(SCRIPT, { exact: false }).waitFor()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
    const picture = card.getByRole('img', { name: 'a wall of black and white tiles' })
    await picture.waitFor()
    assert.ok((await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)) > 100)
    await card.getByText('one each').waitFor()
    const [saved] = await Promise.all([page.waitForEvent('download'), card.getByRole('button', { name: 'Add to calendar' }).click()])
    assert.match(readFileSync(await saved.path(), 'utf8'), /BEGIN:VEVENT[^]*DTSTART:2199122[^]*LOCATION:Mapo 12/)
    assert.deepEqual(await barriers(page), [])
    await fay.picture('channel-phone')
    await eventually(async () => (await homes[1].json<{ unread: number }>('channel', 'list'))[0]?.unread === 0)
  })

  it('prove that nothing is missing', async () => {
    const { page } = fay
    await button(page, /none missing See the proof/).click()
    await page.getByRole('heading', { name: /entries, none missing/ }).waitFor()
    await page.getByText('may post').waitFor()
    await page.getByText('All of it is on this device.').waitFor()
    assert.deepEqual(await barriers(page), [])
    await fay.picture('channel-proof')
    await page.goBack()
  })

  it('say it differently, and take it back, before the eyes of who reads', async () => {
    await post(jun.page, 'Open night').getByRole('button', { name: 'What to do with this post' }).click()
    await jun.page.getByRole('menuitem', { name: 'Edit' }).click()
    await jun.page.getByLabel('What do you want to say?').fill('from seven')
    await button(jun.page, 'Save').click()
    await post(fay.page, 'from seven').getByText(/^edited/).waitFor()
    await post(jun.page, 'from seven').getByRole('button', { name: 'What to do with this post' }).click()
    await jun.page.getByRole('menuitem', { name: 'Withdraw' }).click()
    await jun.page.getByLabel(/^Why/).fill('it rains')
    await button(jun.page, 'Withdraw').click()
    await post(fay.page, 'Withdrawn: \u2068it rains\u2069').waitFor()
    assert.equal(await post(fay.page, 'from seven').count(), 0)
  })

  it('let a contact post with a key of her own, and end it', async () => {
    await button(jun.page, 'Run it').click()
    assert.deepEqual(await barriers(jun.page), [])
    await jun.picture('channel-run')
    await button(jun.page, 'Who may post').click()
    await button(jun.page, 'Ask them').click()
    await fay.page.goBack()
    await button(fay.page, /channel asks you to post/).click()
    assert.deepEqual((await barriers(fay.page)).filter((each) => !each.startsWith('landmark-one-main')), [])
    await button(fay.page, 'Accept').click()
    await button(fay.page, 'Write a post').click()
    await fay.page.getByLabel('What do you want to say?').fill('rye is out')
    await button(fay.page, 'Publish').click()
    await post(fay.page, 'rye is out').waitFor()
    await jun.page.getByText('Fay', { exact: true }).first().waitFor()
    await jun.page.locator('li').filter({ hasText: 'Fay' }).getByRole('button', { name: 'End this key' }).click()
    await button(jun.page, 'End this key').last().click()
    await jun.page.getByText(/key ended by the brand/).waitFor()
    assert.deepEqual(await barriers(jun.page), [])
  })

  it('are left again, after a question', async () => {
    await button(fay.page, 'About').click()
    assert.deepEqual(await barriers(fay.page), [])
    await button(fay.page, 'Unfollow').click()
    await fay.page.getByText('Its posts and pictures go away', { exact: false }).or(fay.page.getByText('it stays here with its keys', { exact: false })).waitFor()
    await button(fay.page, 'Unfollow').last().click()
    await eventually(async () => (await homes[1].json('channel', 'list')).length === 0)
  })

  it('had no error in either page, and nothing the policy had to refuse', () => {
    assert.deepEqual([...jun.faults, ...fay.faults], [])
  })
})
