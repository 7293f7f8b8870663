/** The page when things go wrong: hostile names and pictures, two pages at once, a cut line, a full disk. Two real nodes, a real browser, a camera that sees a film. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { barriers, buildPage, draftKept, hasBrowser, openBrowser, openWindow, type Window } from '../support/browser.ts'
import { filmCode } from '../support/camera.ts'
import { failingDisk } from '../support/failing-disk.ts'
import { eventually, Home } from '../support/processes.ts'

const SCRIPT = '<img src=x onerror=alert(1)>'
/** From right to left, with markup. */
const NAME = `\u05d0\u05d1\u05d9 ${SCRIPT}`
/** The o is Cyrillic. */
const DOUBLE = 'B\u043eb'

/** 60,000 by 60,000 points in some kilobytes: fourteen gigabytes when drawn. */
function bomb(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(60_000, 0)
  head.writeUInt32BE(60_000, 4)
  head.set([1, 0], 8)
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.alloc(4 * 1024 * 1024))), chunk('IEND', Buffer.alloc(0))])
}

describe('the page when things go wrong', function () {
  this.timeout(180_000)
  const disk = failingDisk()
  const homes = [new Home(disk?.environment), new Home()] as const
  let browser: Browser
  let ann: Window
  const picture = { name: 'bomb.png', mimeType: 'image/png', buffer: bomb() }

  before(async function () {
    if (!hasBrowser()) this.skip()
    buildPage()
    await Promise.all([homes[0].startInPage('--name', 'Ann'), homes[1].startInPage('--name', NAME)])
    const film = path.join(homes[1].directory, 'film.y4m')
    const [invite] = await homes[1].json<{ link: string }>('invite')
    filmCode(invite?.link ?? '', film)
    browser = await openBrowser(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`])
    ann = await openWindow(browser, homes[0], { viewport: { width: 1280, height: 800 }, permissions: ['camera'] })
  })
  after(async () => {
    await browser?.close()
    await Promise.all(homes.map((home) => home.remove()))
    disk?.remove()
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await ann.picture('failed-faults')
  })

  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const write = (page: Page) => page.getByRole('textbox', { name: /^Write to/ })
  const bubble = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true })
  const heard = async (): Promise<string[]> => (await homes[1].json<{ text: string; kind: string }>('history', 'Ann')).filter(({ kind }) => kind === 'text').map(({ text }) => text)

  it('opens no picture that unfolds into gigabytes, neither as a code nor as a face (attack 36)', async () => {
    const { page } = ann
    await button(page, 'Settings').click()
    await page.locator('input[type=file][accept="image/*"]').first().setInputFiles(picture)
    await page.getByText('This picture cannot be made small enough.').waitFor()
    await page.getByLabel('Your name').fill('x'.repeat(100_000))
    assert.equal((await page.getByLabel('Your name').inputValue()).length, 64)
    await button(page, 'Connect').click()
    await button(page, 'Scan a code').first().click()
    await page.locator('input[type=file]').setInputFiles(picture)
    await page.getByText(/^This is too large\.|^This is not a picture/).waitFor()
  })

  it('meets somebody whose code the camera sees; their name is text, and keeps its direction to itself (attacks 93, 95)', async () => {
    const { page } = ann
    await button(page, 'Use the camera').click()
    await page.getByText('Do you both see this?').waitFor({ timeout: 60_000 })
    await ann.picture('camera-digits')
    await eventually(async () => (await homes[1].json('requests')).length === 1)
    const [request] = await homes[1].json<{ id: string }>('requests')
    await homes[1].json('accept', request?.id ?? '')
    await button(page, 'Say hello').click()
    await page.getByRole('heading', { name: SCRIPT }).waitFor()
    await homes[1].json('send', 'Ann', SCRIPT)
    await bubble(page, SCRIPT).waitFor()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
    assert.deepEqual(await barriers(page), [])
    await ann.picture('hostile-name')
  })

  it('warns of a channel whose name looks like a friend’s (attack 95)', async () => {
    const { page } = ann
    await homes[0].json('rename', NAME.slice(0, 3), 'Bob')
    await homes[1].json('channel', 'create', DOUBLE)
    await homes[1].json('channel', 'post', DOUBLE, '--title', SCRIPT, '--event', '2199-12-24 18:00..2199-12-24 22:00', '--place', SCRIPT, SCRIPT)
    const [channel] = await homes[1].json<{ link: string }>('channel', 'invite', DOUBLE)
    await homes[0].json('channel', 'follow', channel?.link ?? '')
    await page.locator('[data-line]').filter({ hasText: DOUBLE }).click()
    await page.getByText(/looks like/).waitFor()
    await page.locator('article[data-post]').getByText(SCRIPT).first().waitFor()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
    await ann.picture('hostile-channel')
    await page.locator('[data-line]').filter({ hasNotText: DOUBLE }).first().click()
  })

  it('shows in one page what is done in another: words, what was read, what was begun to be written', async () => {
    const { page } = ann
    const other = await page.context().newPage()
    await other.goto(page.url().split('#')[0] ?? '')
    await write(page).fill('from the first page')
    await page.keyboard.press('Enter')
    await other.locator('[data-line]').filter({ hasText: 'from the first page' }).click()
    await bubble(other, 'from the first page').waitFor()
    await homes[1].json('send', 'Ann', 'read where you look')
    await bubble(other, 'read where you look').waitFor()
    await bubble(page, 'read where you look').waitFor()
    for (const each of [page, other]) await each.locator('[data-line] .count').filter({ hasText: '1' }).waitFor({ state: 'detached' })
    await write(other).fill('begun in the second')
    await draftKept(other, 'begun in the second')
    await other.close()
    await page.reload()
    await bubble(page, 'read where you look').waitFor()
    await eventually(async () => (await write(page).inputValue()) === 'begun in the second')
  })

  it('keeps what was written while nothing is reached, and goes on by itself', async () => {
    const { page } = ann
    await page.context().setOffline(true)
    await write(page).fill('after the tunnel')
    await page.keyboard.press('Enter')
    await page.getByText('Your node does not answer').waitFor()
    assert.equal(await write(page).inputValue(), 'after the tunnel')
    await page.context().setOffline(false)
    await write(page).press('Enter')
    await bubble(page, 'after the tunnel').waitFor()
    await homes[1].json('send', 'Ann', 'welcome back')
    await bubble(page, 'welcome back').waitFor()
  })

  it('says that the disk is full for as long as it is, and loses nothing (attack 98)', async function () {
    if (!disk) this.skip()
    const { page } = ann
    const banner = page.getByRole('alert').filter({ hasText: 'Your disk refuses to store anything' })
    await disk.fail(homes[0].pid, 'rw/pwrite', 'ENOSPC')
    await write(page).fill('no room')
    await page.keyboard.press('Enter')
    await banner.waitFor()
    await eventually(async () => (await write(page).inputValue()) === 'no room')
    await ann.picture('disk-full')
    assert.deepEqual(await barriers(page), [])
    await disk.heal(homes[0].pid, 'rw/pwrite')
    await banner.waitFor({ state: 'detached' })
    await write(page).press('Enter')
    await eventually(async () => (await heard()).includes('no room'))
    assert.deepEqual((await heard()).filter((text) => text === 'no room'), ['no room'])
  })

  it('had no error of its own meanwhile, and nothing the policy had to refuse', () => {
    assert.deepEqual(ann.faults, [])
  })
})
