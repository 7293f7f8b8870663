/** Builds the page into dist/web when its sources changed since the last build, and is instant otherwise. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')
const SOURCES = path.join(ROOT, 'src/web')
const TARGET = path.join(ROOT, 'dist/web')
/** Beside the page, not in it: everything in it is served. */
const STAMP = path.join(ROOT, 'dist/web.stamp')

/** What of the house runs in it (scripts/walls.ts). */
const SHARED = path.join(ROOT, 'src/press')

/** Everything that decides what the built page is. */
function fingerprint(): string {
  const hash = createHash('sha256')
  const files = [SOURCES, SHARED]
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
  for (const file of [...files, path.join(ROOT, 'package-lock.json'), import.meta.filename]) {
    hash.update(`${path.relative(ROOT, file)}\0`).update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

const wanted = fingerprint()
const built = existsSync(path.join(TARGET, 'index.html')) && existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : ''
if (built !== wanted) {
  console.error('Building the page...')
  const [{ build }, { svelte }] = await Promise.all([import('vite'), import('@sveltejs/vite-plugin-svelte')])
  await build({
    configFile: false,
    root: SOURCES,
    logLevel: 'warn',
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
    build: { outDir: TARGET, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  })
  writeFileSync(STAMP, wanted)
}
