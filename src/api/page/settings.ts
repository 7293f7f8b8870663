/** What the door of the page keeps between runs, beside the profile: its port, and the secret its sessions follow from. */
import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SECRET_BYTES = 32

export interface PageSettings {
  /** hex */
  readonly secret: string
  /** of the last run; 0 before the first */
  readonly port: number
}

const file = (home: string): string => join(home, 'page.json')

/** A file that is missing or damaged is made anew: all it costs is that browsers have to be let in again. */
export function pageSettings(home: string): PageSettings {
  try {
    const { secret, port } = JSON.parse(readFileSync(file(home), 'utf8')) as Partial<PageSettings>
    if (typeof secret === 'string' && /^[0-9a-f]{64}$/.test(secret) && Number.isInteger(port)) return { secret, port: Number(port) }
  } catch {
    // made below
  }
  return { secret: randomBytes(SECRET_BYTES).toString('hex'), port: 0 }
}

export function keepPageSettings(home: string, settings: PageSettings): void {
  writeFileSync(`${file(home)}.new`, `${JSON.stringify(settings)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file(home)}.new`, file(home))
}
