/** From a button on a website to a message at a friend's: the example of `examples/share-button`, a real browser, two real nodes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { barriers, buildPage, hasBrowser, openProfile, openWindowIn, type Window } from '../support/browser.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

const EXAMPLE = readFileSync(path.join(import.meta.dirname, '../../examples/share-button/index.html'))
const BAKERY = 'Seoul Bakery'

describe('a website with a button to share with Dure', function () {
  this.timeout(120_000)
  const homes = [new Home(), new Home()] as const
  let browser: BrowserContext
  let website: Server
  let asked: string[]
  let ann: Window
  /** of the website */
  let address: string

  before(async function () {
    if (!hasBrowser()) this.skip()
    buildPage()
    website = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(200, { 'content-type': 'text/html' }).end(EXAMPLE)
    }).listen(0, '127.0.0.1')
    await once(website, 'listening')
    address = `http://127.0.0.1:${(website.address() as AddressInfo).port}/bread?from=8&with=butter`
    browser = await openProfile(path.join(homes[0].directory, 'browser'), { viewport: { width: 1000, height: 860 } })
    await Promise.all([homes[0].startInPage('--name', 'Ann'), homes[1].startInPage('--name', 'Bob')])
    await pairHomes(homes[0], homes[1], { a: 'Ann', b: 'Bob' })
    await homes[0].json('channel', 'create', BAKERY)
    ann = await openWindowIn(browser, homes[0])
  })
  beforeEach(() => (asked = []))
  after(async () => {
    await browser?.close()
    website?.close()
    await Promise.all(homes.map((home) => home.remove()))
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await ann.picture('failed-share')
  })

  const said = async (): Promise<string[]> => (await homes[1].json<{ text: string; kind: string }>('history', 'Ann')).filter(({ kind }) => kind === 'text').map(({ text }) => text)
  const receiver = (page: Page, name: string) => page.getByRole('radio', { name })

  it('is answered by the page, once the person has said so in its settings', async () => {
    const { page } = ann
    const session = await page.context().newCDPSession(page)
    await session.send('Page.enable')
    await session.send('Page.setRPHRegistrationMode', { mode: 'autoAccept' }) // the question the browser asks of the person
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Open Dure links here' }).click()
    await page.goto(address)
    await page.getByRole('link', { name: 'Share with Dure' }).click()
    await page.getByRole('heading', { name: 'Send to…' }).waitFor()
    await page.getByText('Fresh bread from 8').waitFor()
    await page.getByText(new URL(address).host, { exact: false }).first().waitFor()
    assert.doesNotMatch(page.url(), /bread|butter/)
  })

  it('shows what would be sent without asking anybody for it (attack 96), and sends nothing by itself (attack 90)', async () => {
    const { page } = ann
    assert.deepEqual(asked, [])
    assert.equal(await page.getByRole('button', { name: 'Choose who gets it' }).isDisabled(), true)
    for (const key of ['Enter', 'Space', 'Escape', 'Enter']) await page.keyboard.press(key)
    assert.equal(await receiver(page, BAKERY).count(), 1)
    assert.deepEqual(await barriers(page), [])
    await ann.picture('share-chooser')
    await page.reload()
    await page.getByText('Fresh bread from 8').waitFor()
    assert.deepEqual(await said(), [])
    assert.deepEqual(asked, [])
  })

  it('reaches a friend by the person’s click, with words of their own', async () => {
    const { page } = ann
    await page.getByLabel('Your own words').fill('shall we?')
    await page.getByLabel('Find by name').fill('bo')
    assert.equal(await receiver(page, BAKERY).count(), 0)
    await receiver(page, 'Bob').check()
    await page.getByRole('button', { name: /^Send to/ }).click()
    await page.getByRole('log').getByText('shall we?').waitFor()
    const message = `shall we?\nFresh bread from 8\n${address}`
    await eventually(async () => (await said()).includes(message))
    assert.deepEqual(asked, [])
  })

  it('becomes the draft of a post, below what was begun, and is not published', async () => {
    const { page } = ann
    await page.goto(address)
    await page.getByRole('link', { name: 'Share with Dure' }).click()
    await receiver(page, BAKERY).check()
    await page.getByRole('button', { name: /^Write a post in/ }).click()
    await page.getByLabel('What do you want to say?').waitFor()
    assert.equal(await page.getByLabel('What do you want to say?').inputValue(), 'Fresh bread from 8')
    assert.equal(await page.getByLabel('Links, one a line').inputValue(), address)
    assert.equal((await homes[0].json<{ last?: unknown }>('channel', 'list'))[0]?.last, undefined)
  })

  it('may be hostile: what runs is refused in words, and look-alikes and bidi are shown as what they are (attacks 93, 95)', async () => {
    const { page } = ann
    const open = async (query: string): Promise<void> => {
      await page.goto(address)
      await page.getByRole('link').evaluate((link, href) => link.setAttribute('href', href), `web+dure:share?${query}`)
      await page.getByRole('link').click()
    }
    for (const url of ['javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'https://bank.example@evil.example']) {
      await open(new URLSearchParams({ text: 'x', url }).toString())
      await page.getByRole('alert').getByText('This address is refused').waitFor()
      assert.equal(await page.getByRole('button', { name: /^Send/ }).count(), 0)
    }
    const script = '<img src=x onerror=alert(1)>\u202egnp.exe'
    await open(new URLSearchParams({ text: script, url: 'https://\u0430pple.com' }).toString())
    await page.getByText(script).waitFor()
    await page.getByText('xn--pple-43d.com', { exact: false }).first().waitFor()
    await page.getByText('could be taken for others').waitFor()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
    assert.deepEqual(await barriers(page), [])
    await ann.picture('share-hostile')
    await open(new URLSearchParams({ text: 'x'.repeat(5_000) }).toString())
    await page.getByText('too long to be shared').waitFor()
  })

  it('cannot hand anything to the node itself, whatever it tries (attacks 89, 90)', async () => {
    const { page } = ann
    const origin = new URL(page.url()).origin
    await page.goto(address)
    const tried = await page.evaluate(async (node) => {
      const attempts: RequestInit[] = [
        { method: 'POST', body: '{"text":"x"}', headers: { 'content-type': 'application/json' }, credentials: 'include' },
        { method: 'POST', body: '{"text":"x"}', headers: { 'content-type': 'text/plain' }, credentials: 'include' },
        { method: 'POST', body: '{"text":"x"}', mode: 'no-cors', credentials: 'include' },
      ]
      const told: string[] = []
      for (const attempt of attempts) {
        told.push(await fetch(`${node}/v1/share`, attempt).then(({ type, status }) => `${type} ${status}`, () => 'refused'))
      }
      return told
    }, origin)
    assert.deepEqual(tried, ['refused', 'refused', 'refused'])
    const form = page.waitForResponse(`${origin}/v1/share`)
    await page.evaluate(`{
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', action: '${origin}/v1/share', enctype: 'text/plain' })
      document.body.append(form)
      form.submit()
    }`)
    assert.equal((await form).status(), 403)
    assert.equal((await said()).length, 1)
  })

  it('says what to do where no Dure answers', async () => {
    const { page } = ann
    await page.goto(address)
    await page.getByRole('link').evaluate((link) => link.setAttribute('href', 'web+none:share?'))
    await page.getByRole('link').click()
    await page.getByText('Nothing opened?').waitFor()
  })

  it('had no error in the page, and nothing the policy had to refuse', () => {
    assert.deepEqual(ann.faults.filter((fault) => !/CORS policy/.test(fault)), [])
  })
})
