/** A real browser on the page of real nodes: Debian's Chromium, driven by Playwright. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Home } from './processes.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const CHROMIUM = '/usr/bin/chromium'
/** Nothing is asked of the world outside: no updates, no names looked up. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
/** For what another node does, too: a machine that checks may be busy. */
const PATIENCE_MS = 60_000
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Where `npm test` has no browser it says so; CI must have one. */
export function hasBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true
  if (process.env.CI === 'true') throw new Error(`${CHROMIUM} is not there: .ci/run installs it`)
  return false
}

export function buildPage(): void {
  execFileSync(process.execPath, ['scripts/page.ts'], { cwd: ROOT, stdio: 'ignore' })
}

export const openBrowser = (args: readonly string[] = []): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...args] })

/** A browser with a profile on the disk: what browsers do only for who stays, such as answering links of a scheme, they do in none of the others. */
export const openProfile = (directory: string, options: BrowserContextOptions = {}): Promise<BrowserContext> =>
  chromium.launchPersistentContext(directory, { executablePath: CHROMIUM, args: [...FLAGS], locale: 'en-GB', ...options })

/** A page as one person has it, and everything that went wrong in it. */
export interface Window {
  readonly page: Page
  /** errors of scripts, and what the policy of the page refused */
  readonly faults: string[]
  /** A picture of it, kept where CI keeps what it made; looked at by people. */
  picture(name: string): Promise<void>
}

/** Opens a browser window on a home's node, by an address that works once. */
export async function openWindow(browser: Browser, home: Home, options: BrowserContextOptions = {}): Promise<Window> {
  return openWindowIn(await browser.newContext({ locale: 'en-GB', ...options }), home)
}

export async function openWindowIn(context: BrowserContext, home: Home): Promise<Window> {
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // What the network refuses while a node is away is no fault of the page's.
    if (message.type() === 'error' && !/Failed to load resource|net::ERR/.test(message.text())) faults.push(message.text())
  })
  const [{ link = '' } = {}] = await home.json<{ link: string }>('open')
  await page.goto(link)
  return {
    page,
    faults,
    async picture(name) {
      const folder = path.join(ROOT, 'coverage/pictures')
      mkdirSync(folder, { recursive: true })
      await page.screenshot({ path: path.join(folder, `${name}.png`) })
    },
  }
}

/** The node has what was begun to be written; an earlier part of it would not do. */
export async function draftKept(page: Page, text: string): Promise<void> {
  await page.waitForResponse((response) => response.url().includes('/v1/notes/draft') && response.request().postData()?.includes(text) === true)
}

/** What a reader of screens would stumble over: rule and place, one a line. */
export async function barriers(page: Page): Promise<string[]> {
  // While something fades in, its contrast is not the one it will have.
  await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))')
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    interface Found {
      readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
    }
    const { violations } = await (globalThis as unknown as { axe: { run(): Promise<Found> } }).axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
  })
}
