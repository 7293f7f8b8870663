/** What is published and what it is made of: a list of all parts (CycloneDX) in dist/sbom.json, and the package packed in two places, which must be the same to the byte. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')
const run = (command: string, args: readonly string[], cwd = ROOT): string => execFileSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] })

/** @returns what the package of a fresh copy hashes to */
function packed(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'dure-supply-'))
  try {
    for (const file of run('git', ['ls-files', '-z']).split('\0').filter(Boolean)) cpSync(path.join(ROOT, file), path.join(copy, file))
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'))
    run('npm', ['pack', '--silent'], copy)
    const { version } = JSON.parse(readFileSync(path.join(copy, 'package.json'), 'utf8')) as { version: string }
    return createHash('sha256').update(readFileSync(path.join(copy, `dure-${version}.tgz`))).digest('hex')
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const [one, two] = [packed(), packed()]
console.log(`packed: sha256 ${one}`)
if (one !== two) {
  console.error(`packed again: sha256 ${two}: the two differ`)
  process.exitCode = 1
}
const sbom = run('npm', ['sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx'])
mkdirSync(path.join(ROOT, 'dist'), { recursive: true })
writeFileSync(path.join(ROOT, 'dist/sbom.json'), sbom)
console.log(`dist/sbom.json: ${(JSON.parse(sbom) as { components: unknown[] }).components.length} parts`)
