import { existsSync, readFileSync } from 'node:fs'

/** From the package's own manifest, which stands two folders up in a checkout and three when packed. */
export function version(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    const url = new URL(up, import.meta.url)
    if (existsSync(url)) return (JSON.parse(readFileSync(url, 'utf8')) as { version: string }).version
  }
  return 'unknown'
}
