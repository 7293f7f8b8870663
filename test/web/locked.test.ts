/** A page whose node keeps a passphrase, and which tells the desktop what came while nobody looked. */
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { barriers, buildPage, hasBrowser, openBrowser, openWindow, type Window } from '../support/browser.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

const PASSPHRASE = 'a kiln warms seven bowls'

/** What the desktop was shown, in the page itself. */
interface Told {
  readonly title: string
  readonly body: string
  readonly click: () => void
}
type Desk = typeof globalThis & { told: Told[]; looks: boolean; Notification: unknown; document: { hasFocus(): boolean } }

describe('a page with a passphrase', function () {
  this.timeout(180_000)
  const homes = [new Home(), new Home()] as const
  let browser: Browser
  let ann: Window

  before(async function () {
    if (!hasBrowser()) this.skip()
    buildPage()
    browser = await openBrowser()
    await homes[0].startInPage()
    ann = await openWindow(browser, homes[0], { permissions: ['notifications'] })
  })
  after(async () => {
    await browser?.close()
    await Promise.all(homes.map((home) => home.remove()))
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await ann.picture('failed-locked')
  })

  it('is read out at every step of the first run, in light and in dark', async () => {
    const { page } = ann
    const look = async (name: string): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        assert.deepEqual(await barriers(page), [], `${name} ${colorScheme}`)
        await ann.picture(`first-${name}-${colorScheme}`)
      }
    }
    await page.getByRole('button', { name: 'Start anew' }).click()
    await page.getByLabel('Your name').fill('Ann')
    await look('name')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
    await page.getByLabel('The same again').fill('another')
    await look('passphrase-differs')
    await page.getByLabel('The same again').fill(PASSPHRASE)
    await page.getByRole('button', { name: 'Use this passphrase' }).click()
    await page.getByRole('button', { name: 'I have written them down' }).waitFor()
    await look('words')
    const paper = [...(await page.locator('main').innerText()).matchAll(/^\s*\d+\s*\n?\s*([a-z]+)\s*$/gm)].map(([, word]) => word ?? '')
    await page.getByRole('button', { name: 'I have written them down' }).click()
    await look('confirm')
    for (const label of await page.locator('label').allInnerTexts()) {
      const place = Number(/\d+/.exec(label)?.[0])
      if (place > 0) await page.getByLabel(label, { exact: true }).fill(paper[place - 1] ?? '')
    }
    await page.getByRole('button', { name: 'They match' }).click()
    await page.getByText('You are ready').waitFor()
    await look('ready')
    await page.getByRole('button', { name: 'Later' }).click()
    await page.getByText('Pick a conversation').waitFor()
  })

  it('asks for it when its node was started again, and opens for nothing else', async () => {
    const { page } = ann
    await homes[0].end()
    await homes[0].startInPage()
    await page.getByText('Welcome back').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await barriers(page), [], colorScheme)
      await ann.picture(`locked-${colorScheme}`)
    }
    await page.getByLabel('Passphrase').fill('a kiln warms six bowls')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByText('That is not the passphrase.').waitFor()
    assert.ok(await page.getByText('Welcome back').isVisible())
    await page.getByLabel('Passphrase').fill(PASSPHRASE)
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByText('Welcome back').waitFor({ state: 'detached' })
    assert.doesNotMatch(page.url(), /kiln/)
  })

  it('tells the desktop that something came while nobody looked, what it was if wished, and goes there at a click', async () => {
    const { page } = ann
    const [own, other] = homes
    await other.start('Bob', '--no-dht')
    await pairHomes(other, own, { a: 'Bob', b: 'Ann' })
    await page.evaluate(() => {
      const desk = globalThis as Desk
      desk.told = []
      desk.looks = false
      class Told {
        static readonly permission = 'granted'
        static readonly requestPermission = async () => 'granted'
        onclick: () => void = () => undefined
        constructor(title: string, { body }: { body: string }) {
          desk.told.push({ title, body, click: () => this.onclick() })
        }
        close(): void {}
      }
      desk.Notification = Told
      desk.document.hasFocus = () => desk.looks
    })
    const told = (): Promise<string[]> => page.evaluate(() => (globalThis as Desk).told.map(({ title, body }) => `${title}: ${body}`))
    const go = (name: string) => page.getByRole('link', { name }).or(page.getByRole('button', { name })).first().click()
    await other.json('send', 'Ann', 'unasked')
    await page.getByText('unasked').first().waitFor()
    assert.deepEqual(await told(), [], 'nobody asked to be told')

    await go('Settings')
    await page.getByRole('switch', { name: 'Tell me of new messages' }).click()
    await other.json('send', 'Ann', 'the bowls are ready')
    await eventually(async () => (await told()).length === 1)
    assert.deepEqual(await told(), ['Dure: New message'], 'nothing of it, until the person wishes')

    await page.getByRole('switch', { name: 'Hide who wrote and what' }).click()
    await other.json('send', 'Ann', 'come by')
    await eventually(async () => (await told()).length === 2)
    assert.deepEqual((await told())[1], 'Bob: come by')

    await page.evaluate(() => (globalThis as Desk).told[1]?.click())
    await page.getByRole('textbox', { name: /^Write to/ }).waitFor()
    await page.evaluate(() => void ((globalThis as Desk).looks = true))
    await other.json('send', 'Ann', 'seen at once')
    await page.getByRole('log').or(page.locator('main')).getByText('seen at once', { exact: true }).first().waitFor()
    assert.equal((await told()).length, 2, 'who looks is not told')
  })

  it('had no error, and nothing the policy had to refuse', () => {
    assert.deepEqual(ann.faults, [])
  })
})
