/** Emits dist/ for publishing: what tsc makes, the generated wire schemas that it does not copy, and the page. */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, rmSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')
rmSync(path.join(ROOT, 'dist'), { recursive: true, force: true })
execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', path.join(ROOT, 'tsconfig.build.json')], { stdio: 'inherit' })
for (const file of globSync('protocols/*/wire.{js,d.ts}', { cwd: ROOT })) cpSync(path.join(ROOT, file), path.join(ROOT, 'dist', file))
execFileSync(process.execPath, [path.join(ROOT, 'scripts/page.ts')], { stdio: 'inherit' })
