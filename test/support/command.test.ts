import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '../..')

/** A process that puts a small disk over the folder, says so, and stays. */
const holder = (folder: string): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '--eval', `
    import { exitOnSignals } from './test/support/command.ts'
    import { smallDisk } from './test/support/small-disk.ts'
    exitOnSignals()
    console.log(smallDisk(${JSON.stringify(folder)}, 1) ? 'mounted' : 'none')
    setInterval(() => undefined, 1000)
  `], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
const isMounted = (folder: string): boolean => readFileSync('/proc/self/mounts', 'utf8').includes(` ${folder} `)

describe('a script that npm runs', function () {
  this.timeout(60_000)

  for (const [script, ...wrong] of [
    ['test/attacks/run.ts', '--wrong'],
    ['test/crash/run.ts', '--minutes', 'none'],
    ['scripts/mutants.ts', 'no-such-room'],
    ['scripts/keep-profiles.ts', '--wrong'],
  ] as const) {
    it(`says in plain words that it cannot be asked for this: ${script} ${wrong.join(' ')}`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...wrong], { cwd: ROOT, encoding: 'utf8' })
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, /^[^\n]+\n$/)
    })
  }

  it('sets a fresh clone up first, whichever of the README it is', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
    const named = readFileSync(path.join(ROOT, 'README.md'), 'utf8').matchAll(/^\| `(?:\w+=\S+ )?npm (?:run )?(?:--silent )?(\w+)/gm)
    const names = [...named].map(([, name]) => name ?? '')
    assert.ok(names.includes('sim') && names.includes('test'), names.join())
    for (const name of names) assert.equal(scripts[`pre${name}`], 'node scripts/setup.js', `npm run ${name}`)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`leaves no small disk behind when ${signal} ends it`, async function () {
      const folder = mkdtempSync(path.join(tmpdir(), 'dure-'))
      const child = holder(folder)
      try {
        const [said] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string]
        if (said === 'none\n') this.skip()
        assert.ok(isMounted(folder))
        child.kill(signal)
        const [code] = (await once(child, 'exit')) as [number | null]
        assert.equal(code, signal === 'SIGINT' ? 130 : 143)
        assert.ok(!isMounted(folder))
      } finally {
        child.kill('SIGKILL')
        rmSync(folder, { recursive: true })
      }
    })
  }
})
