import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { MACHINES, machineFile, testFile, WITHOUT } from './machines.ts'
import { changeOf, isReasoned, type Mutant, reasonsOf, stale } from './reasons.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const here = (file: string): string => path.join(ROOT, file)

describe('mutants of the state machines', () => {
  it('are made of files that are there, and are held by tests that are there', () => {
    const tests = new Set<string>()
    for (const [room, machines] of Object.entries(MACHINES)) {
      for (const machine of Object.keys(machines)) assert.ok(existsSync(here(machineFile(room, machine))), `${room}/${machine}`)
      for (const test of Object.values(machines).flat()) tests.add(readFileSync(here(testFile(room, test)), 'utf8'))
    }
    for (const title of WITHOUT) assert.ok([...tests].some((text) => text.includes(title)), `no test has "${title}" in its title`)
  })

  it('live only with a written reason, which falls with the line it speaks of', () => {
    for (const [room, machines] of Object.entries(MACHINES)) {
      for (const [machine, reasons] of Object.entries(reasonsOf(room))) {
        assert.ok(machine in machines, `${room}/${machine} is no machine`)
        const lines = new Set(readFileSync(here(machineFile(room, machine)), 'utf8').split('\n').map((line) => line.trim()))
        for (const { code, mutants, why } of reasons) {
          assert.ok(lines.has(code), `${room}/${machine} has no line ${code}`)
          assert.ok(mutants.length > 0 && why.length > 20, `${room}/${machine}: ${code}`)
        }
      }
    }
  })

  it('are told by the text of their line: another survivor needs a reason of its own, and a reason needs its survivor', () => {
    const source = 'const one = 1\n  return count < limit\n'
    const mutant: Mutant = { fileName: 'x.ts', location: { start: { line: 2, column: 10 }, end: { line: 2, column: 23 } }, replacement: 'count <= limit', status: 'Survived' }
    const change = changeOf(source, mutant)
    assert.deepEqual(change, { code: 'return count < limit', mutant: 'return count <= limit' })
    const reasons = [{ code: 'return count < limit', mutants: ['return count <= limit'], why: 'nobody counts so far' }]
    assert.ok(isReasoned(reasons, change))
    assert.ok(!isReasoned(reasons, { ...change, mutant: 'return true' }))
    assert.deepEqual([stale(reasons, [change]), stale(reasons, [])], [[], [change]])
  })

  it('fall: those of the smallest machine, which Stryker makes now', function () {
    this.timeout(300_000)
    const said = execFileSync(process.execPath, ['scripts/mutants.ts', 'mailbox/seen'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const [, mutants, fell] = /ok {3}mailbox\/seen: (\d+) mutants, (\d+) fell, 0 live/.exec(said) ?? []
    assert.ok(Number(mutants) >= 5 && fell === mutants, said)
  })
})
