/** The built page, read once: a request can name nothing that was not there when the node started. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

export interface PageFile {
  readonly bytes: Buffer
  readonly type: string
  readonly etag: string
  /** its name changes with its content */
  readonly immutable: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** By path; `/` is the page itself. Empty when the page was not built. */
export function readPage(root: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const entry of listed(root)) {
    const path = `/${relative(root, entry).split(sep).join('/')}`
    const type = TYPES[extname(entry)]
    if (type === undefined) continue
    const bytes = readFileSync(entry)
    const file = { bytes, type, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`, immutable: path.startsWith('/assets/') }
    files.set(path, file)
    if (path === '/index.html') files.set('/', file)
  }
  return files
}

function listed(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}
