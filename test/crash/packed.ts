/**
 * The command line with recorded ports, as a few files in a folder of its own beside the same bin/dure.js: a node reads 1,700 files at its start, and a
 * run that kills thousands would spend most of its time on that. Packages with native or WASM parts are found in the checkout.
 */
import { cpSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'

const ROOT = path.join(import.meta.dirname, '../..')
const COMPOSITION = path.join(ROOT, 'src/app.ts')
/** What the composition asks for, and what it gets. */
const RECORDED: Readonly<Record<string, string>> = {
  './store/index.ts': path.join(import.meta.dirname, 'recorded-store.ts'),
  './net/index.ts': path.join(import.meta.dirname, 'recorded-net.ts'),
}
const AS_THEY_ARE = ['better-sqlite3-multiple-ciphers', 'zxing-wasm', '@jsquash/webp', 'pg', '@libp2p/mdns']

/** @returns the path to run in the place of bin/dure.js */
export async function pack(folder: string): Promise<string> {
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    plugins: [{ name: 'recorded', enforce: 'pre', resolveId: (specifier, importer) => (importer === COMPOSITION ? RECORDED[specifier] : undefined) }],
    resolve: { conditions: ['source'] },
    ssr: { noExternal: true, external: AS_THEY_ARE },
    build: {
      ssr: 'src/cli/main.ts', outDir: path.join(folder, 'dist/src/cli'), emptyOutDir: true, minify: false, target: 'node24',
      rollupOptions: { output: { entryFileNames: 'main.js' } },
    },
  })
  for (const part of ['bin', 'package.json']) cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true })
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
  return path.join(folder, 'bin/dure.js')
}
