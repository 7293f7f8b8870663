/** Compiles every ```ts block of the documents, so that no example in them can rot. Prints what fails and exits 1. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')
const OUT = path.join(ROOT, 'test', 'docs-compiled')
const tracked = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean)

rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
let examples = 0
try {
  for (const document of tracked) {
    const text = readFileSync(path.join(ROOT, document), 'utf8')
    for (const [, block] of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
      const name = `${document.replaceAll(/[^\w]/g, '_')}_${examples++}.ts`
      // Examples import as a package user would; here the package is this checkout.
      const code = (block ?? '').replaceAll(/from 'dure\/protocols\/([\w-]+)'/g, "from '../../protocols/$1/index.ts'").replaceAll("from 'dure/client'", "from '../../src/client/index.ts'")
      writeFileSync(path.join(OUT, name), `${code}\nexport {}\n`)
    }
  }
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false },
    include: ['./*.ts'],
  }
  writeFileSync(path.join(OUT, 'tsconfig.json'), JSON.stringify(config))
  if (examples > 0) execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '-p', OUT], { stdio: 'inherit' })
  console.log(`docs: ${examples} examples compile`)
} catch {
  process.exitCode = 1
} finally {
  rmSync(OUT, { recursive: true, force: true })
}
