import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')
const read = <T>(file: string): T => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as T

interface Package {
  readonly dependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
  readonly allowScripts: Record<string, boolean>
}
interface Lock {
  readonly packages: Record<string, { version?: string; integrity?: string; resolved?: string; license?: string; dev?: boolean; hasInstallScript?: boolean; link?: boolean; inBundle?: boolean }>
}

describe('what we depend on (attack 108)', () => {
  const own = read<Package>('package.json')
  const lock = read<Lock>('package-lock.json')
  const locked = Object.entries(lock.packages).filter(([name]) => name !== '')

  it('is pinned to exact versions, each with its hash in the lockfile', () => {
    for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name)
    }
    for (const [name, entry] of locked) assert.ok(entry.integrity !== undefined || entry.inBundle, `${name} has no hash`)
  })

  it('comes from no address written into the lockfile', () => {
    for (const [name, entry] of locked) assert.equal(entry.resolved, undefined, name)
  })

  it('runs no install script but that of the pinned Node', () => {
    const allowed = Object.entries(own.allowScripts).flatMap(([name, allowed]) => (allowed ? [name] : []))
    assert.deepEqual(allowed, ['node'])
  })

  it('is not older than the fixes we rely on', () => {
    const floor = (name: string): number[] => (own.dependencies[name] ?? '0.0.0').split('.').map(Number)
    assert.ok((floor('libp2p')[0] ?? 0) >= 3, 'libp2p 2 and older lack the stream limits we set')
    assert.ok((floor('better-sqlite3-multiple-ciphers')[0] ?? 0) >= 13, '13 ships its binaries in the package')
    assert.equal(floor('node')[0], 24)
    const [major = 0, minor = 0, patch = 0] = floor('@libp2p/gossipsub')
    assert.ok(major > 17 || (major === 17 && (minor > 1 || (minor === 1 && patch >= 1))), 'older ones forward before they verified, or fall to a flood of subscriptions (CVE-2026-46679)')
  })

  it('may be passed on by who passes Dure on', () => {
    const FREE = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'BlueOak-1.0.0', 'CC0-1.0'])
    for (const [name, { license = 'none', dev }] of locked) {
      if (!dev) assert.ok(license.replace(/[()]/g, '').split(' OR ').some((one) => FREE.has(one)), `${name}: ${license}`)
    }
  })

  it('is a week old before it is taken', () => {
    assert.match(readFileSync(path.join(ROOT, '.npmrc'), 'utf8'), /^min-release-age=7$/m)
  })
})

/** Of made-up people, for every later version to open. */
const KEPT_PROFILES = 'test/fixtures/profiles/'

describe('what is committed', () => {
  it('names no path of a machine, and no secret file', () => {
    if (!existsSync(path.join(ROOT, '.git'))) return // an unpacked package holds only what npm chose
    const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean)
    for (const file of files) {
      if (!file.startsWith(KEPT_PROFILES)) assert.doesNotMatch(file, /(^|\/)(key\.json|.*\.db|.*\.sqlite|recovery-phrase.*)$/)
      if (/\.(ts|js|md|json|svelte|sh)$/.test(file) && file !== 'package-lock.json') {
        assert.doesNotMatch(readFileSync(path.join(ROOT, file), 'utf8'), new RegExp(`(^|["'\`\\s])(/root/|${path.dirname(ROOT)}/)`, 'm'), file)
      }
    }
  })
})
