/** The page as two people use it: real nodes, real browser, from the first run to a conversation that outlives its node. */
import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { barriers, buildPage, draftKept, hasBrowser, openBrowser, openWindow, type Window } from '../support/browser.ts'
import { eventually, Home } from '../support/processes.ts'

const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const
const WIDE = { viewport: { width: 1280, height: 800 } } as const
const SCRIPT = '<img src=x onerror=alert(1)><script>alert(1)</script>'

/** Name, phrase on paper, three words of it: as a person goes through it. */
async function firstRun({ page, picture }: Window, name: string): Promise<readonly string[]> {
  await page.getByRole('button', { name: 'Start anew' }).click()
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Without a passphrase' }).click()
  await page.getByRole('button', { name: 'I have written them down' }).waitFor()
  await picture(`words-${name.slice(0, 3)}`)
  const paper = [...(await page.locator('main').innerText()).matchAll(/^\s*\d+\s*\n?\s*([a-z]+)\s*$/gm)].map(([, word]) => word ?? '')
  assert.equal(paper.length, 24)
  await page.reload() // closed by mistake: they are shown until they are on paper
  await page.getByRole('button', { name: 'I have written them down' }).click()
  for (const label of await page.locator('label').allInnerTexts()) {
    const place = Number(/\d+/.exec(label)?.[0])
    if (place > 0) await page.getByLabel(label, { exact: true }).fill(paper[place - 1] ?? '')
  }
  await page.getByRole('button', { name: 'They match' }).click()
  await page.getByText('You are ready').waitFor()
  return paper
}

const write = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('textbox', { name: /^Write to/ }).fill(text)
  await page.keyboard.press('Enter')
}
const bubble = (page: Page, text: string) => page.getByRole('log').or(page.locator('main')).getByText(text, { exact: true }).first()

describe('two people and their pages', function () {
  this.timeout(120_000)
  const homes = [new Home(), new Home()] as const
  let browser: Browser
  let ann: Window
  let bob: Window
  let paper: readonly string[] = []

  before(async function () {
    if (!hasBrowser()) this.skip()
    buildPage()
    browser = await openBrowser()
    await Promise.all(homes.map((home) => home.startInPage()))
    ann = await openWindow(browser, homes[0], { ...WIDE, permissions: ['clipboard-read', 'clipboard-write'] })
    bob = await openWindow(browser, homes[1], PHONE)
  })
  after(async () => {
    await browser?.close()
    await Promise.all(homes.map((home) => home.remove()))
  })

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await Promise.all([ann.picture(`failed-ann`), bob.picture('failed-bob')])
  })

  it('leave no ticket in the address (attack 92)', () => {
    for (const { page } of [ann, bob]) assert.doesNotMatch(page.url(), /open=/)
  })

  it('make their identities, and see the phrase until it is on paper', async () => {
    await ann.page.getByRole('button', { name: 'Start anew' }).waitFor()
    assert.deepEqual(await barriers(ann.page), [])
    await ann.picture('welcome')
    paper = await firstRun(ann, 'Ann')
    await firstRun(bob, SCRIPT)
    const again = await homes[0].dure('start')
    assert.match(again.stderr, /running already/)
  })

  it('meet by a link, compare the digits, and one says yes', async () => {
    await ann.page.getByRole('button', { name: 'Show my code' }).or(ann.page.getByRole('link', { name: 'Show my code' })).first().click()
    await ann.page.getByRole('button', { name: /Copy a link/ }).click()
    await ann.page.getByText(/A link to send/).waitFor()
    assert.deepEqual(await barriers(ann.page), [])
    await ann.picture('my-code')
    const link = await ann.page.evaluate<string>('navigator.clipboard.readText()')
    assert.match(link, /^DURE:/)
    await bob.page.getByRole('button', { name: 'Scan a code' }).or(bob.page.getByRole('link', { name: 'Scan a code' })).first().click()
    await bob.page.getByLabel('Link').waitFor()
    assert.deepEqual(await barriers(bob.page), [])
    await bob.page.getByLabel('Link').fill(link.slice(0, -8))
    await bob.page.getByRole('button', { name: 'Connect' }).last().click()
    await bob.page.getByText('This code cannot be used.').waitFor()
    await bob.page.getByLabel('Link').fill(link)
    await bob.page.getByRole('button', { name: 'Connect' }).last().click()
    await bob.page.getByText('Do you both see this?').waitFor()
    await ann.page.getByRole('button', { name: 'They match' }).waitFor()
    const digits = async ({ page }: Window): Promise<string | undefined> => /\d{3} \d{3}/.exec(await page.locator('body').innerText())?.[0]
    assert.ok(await digits(ann))
    assert.equal(await digits(ann), await digits(bob))
    await Promise.all([ann.picture('digits-wide'), bob.picture('digits-phone')])
    await ann.page.getByRole('button', { name: 'They match' }).click()
    await bob.page.getByRole('button', { name: 'Say hello' }).click()
  })

  it('talk: what one writes stands with the other, as text and nothing else (attack 93)', async () => {
    await write(bob.page, 'hello Ann')
    await bubble(ann.page, 'hello Ann').waitFor()
    await write(ann.page, SCRIPT)
    await bubble(bob.page, SCRIPT).waitFor()
    assert.equal(await ann.page.locator('img[src="x"]').count(), 0)
    await write(bob.page, '안녕하세요 👋')
    await bubble(ann.page, '안녕하세요 👋').waitFor()
    for (const { page } of [ann, bob]) assert.deepEqual(await barriers(page), [])
    await Promise.all([ann.picture('talk-wide'), bob.picture('talk-phone')])
  })

  it('answer, change, mark and take back what was said, from the menu of a message', async () => {
    const choose = async ({ page }: Window, text: string, name: string): Promise<void> => {
      await page.locator('article .bubble').filter({ hasText: text }).first().click({ button: 'right' })
      await page.getByRole('menuitem', { name, exact: true }).click()
    }
    const said = ({ page }: Window, text: string) => page.locator('article').filter({ hasText: text })
    const before = await bob.page.locator('article').count()
    await write(ann.page, 'at seven')
    await choose(ann, 'at seven', 'Edit')
    await ann.page.keyboard.press('ControlOrMeta+a')
    await ann.page.keyboard.type('at eight')
    await ann.page.keyboard.press('Enter')
    await said(bob, 'at eight').getByText('edited').waitFor()
    await choose(bob, 'at eight', 'React with \u2068👍\u2069')
    await said(ann, 'at eight').getByText('👍').waitFor()
    await choose(bob, 'at eight', 'Reply')
    await bob.page.keyboard.type('I will be there')
    await bob.page.keyboard.press('Enter')
    await said(ann, 'I will be there').getByRole('button', { name: /at eight/ }).waitFor()
    await choose(ann, 'at eight', 'Delete for both')
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete for both' }).click()
    await bob.page.locator('article .gone').waitFor()
    assert.equal(await bob.page.locator('article').count(), before + 2)
  })

  it('open a web address only after they saw where it leads (attack 96)', async () => {
    await write(bob.page, 'see http://127.0.0.1:1/menu')
    await ann.page.getByRole('link', { name: 'http://127.0.0.1:1/menu' }).click()
    await ann.page.getByRole('dialog').getByText('127.0.0.1:1', { exact: true }).waitFor()
    const opened = ann.page.waitForEvent('popup')
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click()
    await (await opened).close()
  })

  it('keep what was begun to be written over a reload', async () => {
    await ann.page.getByRole('textbox', { name: /^Write to/ }).fill('half a thought')
    await draftKept(ann.page, 'half a thought')
    await ann.page.reload()
    await bubble(ann.page, 'hello Ann').waitFor()
    await eventually(async () => (await ann.page.getByRole('textbox', { name: /^Write to/ }).inputValue()) === 'half a thought')
  })

  it('go on by themselves when a node was restarted under an open page', async () => {
    await homes[0].end('SIGKILL')
    await bob.page.getByText(/^hello Ann$/).first().waitFor()
    await write(bob.page, 'are you there?')
    await homes[0].startInPage()
    await bubble(ann.page, 'are you there?').waitFor({ timeout: 60_000 })
    await write(ann.page, 'back again')
    await bubble(bob.page, 'back again').waitFor({ timeout: 60_000 })
  })

  it('find what was said', async () => {
    await ann.page.keyboard.press('Escape')
    await ann.page.getByRole('button', { name: 'Search' }).or(ann.page.getByRole('link', { name: 'Search' })).first().click()
    await ann.page.getByRole('searchbox').or(ann.page.getByRole('textbox', { name: 'Search' })).first().fill('안녕')
    await ann.page.getByText('안녕하세요 👋').last().waitFor()
    assert.deepEqual(await barriers(ann.page), [])
    await ann.picture('search')
  })

  it('say whether strangers are asked for relays, and are told when this run was started otherwise', async () => {
    const { page } = ann
    await page.getByRole('button', { name: 'Settings' }).first().click()
    const finding = page.getByRole('switch', { name: 'Find relays by itself' })
    assert.equal(await finding.getAttribute('aria-checked'), 'false', 'the test starts its nodes with --network private')
    const saving = page.waitForRequest((request) => request.method() === 'PATCH')
    await finding.click()
    assert.deepEqual((await saving).postDataJSON(), { network: 'public' })
    await page.getByText(/This run was started with another network/).waitFor()
    assert.equal(await finding.getAttribute('aria-checked'), 'false')
    await ann.picture('settings-network')
  })

  it('see which relays are in use while they look, whichever door chose them', async () => {
    await ann.page.getByText('You use no relay yet.').waitFor()
    const [relay] = await homes[0].json<{ id: string }>('relay', 'use', 'DURE:AECQQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCABBAAX6AAAAEDQAAI')
    await ann.page.getByText(relay?.id ?? '').waitFor()
    await homes[0].json('relay', 'forget', relay?.id ?? '')
    await ann.page.getByText('You use no relay yet.').waitFor()
  })

  it('come back on another device from the paper and a file, and a wrong word costs no other', async () => {
    await ann.page.getByRole('button', { name: 'Settings' }).first().click()
    const saving = ann.page.waitForEvent('download')
    await ann.page.getByRole('button', { name: 'Export everything' }).click()
    const file = await (await saving).path()
    await homes[0].end()
    const other = new Home()
    try {
      await other.startInPage()
      const { page, faults } = await openWindow(browser, other)
      await page.getByRole('button', { name: 'Bring my account back' }).click()
      await page.locator('input[type=file]').setInputFiles(file)
      await page.getByLabel('Your name').fill('Ann')
      for (const words of [['wrong', ...paper.slice(1)], paper]) {
        await page.getByLabel('24 words').fill(words.join(' '))
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByRole('button', { name: 'Without a passphrase' }).click()
        if (words === paper) continue
        await page.getByText(/These are not 24 words/).waitFor()
        assert.equal(await page.getByLabel('24 words').inputValue(), words.join(' '))
      }
      await page.getByRole('button', { name: 'Later' }).click()
      await page.locator('[data-line]').first().click()
      await bubble(page, 'hello Ann').waitFor()
      assert.deepEqual(faults, [])
    } finally {
      await other.remove()
    }
  })

  it('had no error in either page, and nothing the policy had to refuse', () => {
    assert.deepEqual([...ann.faults, ...bob.faults], [])
  })
})
