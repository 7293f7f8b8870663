/**
 * Mutation testing of the state machines of protocols/ (test/mutants/machines.ts): Stryker changes one thing at a time, and a test must fail.
 * `node scripts/mutants.ts [ROOM | ROOM/MACHINE]...`. Exits 1 when a mutant lives for which test/mutants/ROOM.json has no reason, or a reason has no mutant.
 */
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { MACHINES, machineFile, testFile, WITHOUT } from '../test/mutants/machines.ts'
import { type Change, changeOf, fell, isReasoned, type Mutant, reasonsOf, stale } from '../test/mutants/reasons.ts'
import type { Tests } from '../test/mutants/runner.ts'
import { argumentsOf, misused } from '../test/support/command.ts'

const ROOT = path.join(import.meta.dirname, '..')
const NICE = 10 // it runs for an hour, beside what somebody else does

/** @returns the machines that were named, each with its room */
function chosen(names: readonly string[]): [string, string][] {
  const all = Object.entries(MACHINES).flatMap(([room, machines]) => Object.keys(machines).map((machine): [string, string] => [room, machine]))
  const found = all.filter(([room, machine]) => names.length === 0 || names.includes(room) || names.includes(`${room}/${machine}`))
  if (found.length === 0) misused(`no such machine. There are ${all.map((each) => each.join('/')).join(', ')}`)
  return found
}

interface Tally {
  readonly mutants: number
  readonly fell: number
  readonly reasoned: number
  readonly unexplained: readonly (Change & { readonly line: number; readonly status: string })[]
  readonly stale: readonly Change[]
}

function tally(room: string, machine: string, mutants: readonly Mutant[]): Tally {
  const source = readFileSync(path.join(ROOT, machineFile(room, machine)), 'utf8')
  const reasons = reasonsOf(room)[machine] ?? []
  const survivors = mutants.filter((mutant) => !fell(mutant)).map((mutant) => ({ ...changeOf(source, mutant), line: mutant.location.start.line, status: mutant.status }))
  const unexplained = survivors.filter((each) => !isReasoned(reasons, each))
  return { mutants: mutants.length, fell: mutants.length - survivors.length, reasoned: survivors.length - unexplained.length, unexplained, stale: stale(reasons, survivors) }
}

const { positionals } = argumentsOf({ allowPositionals: true })
os.setPriority(NICE)
const summary: string[] = []
for (const [room, machine] of chosen(positionals)) {
  const tests: Tests = { files: (MACHINES[room]?.[machine] ?? []).map((test) => testFile(room, test)), without: WITHOUT }
  const options = { mutate: [machineFile(room, machine)], tests }
  const { mutants, fell, reasoned, unexplained, stale } = tally(room, machine, await new Stryker(options).runMutationTest())
  const right = unexplained.length + stale.length === 0
  summary.push(`${right ? 'ok  ' : 'FAIL'} ${room}/${machine}: ${mutants} mutants, ${fell} fell, ${reasoned} live with a reason, ${unexplained.length} without`)
  for (const { line, status, code, mutant } of unexplained) summary.push(`       ${machineFile(room, machine)}:${line} ${status}`, `       - ${code}`, `       + ${mutant}`)
  for (const { code, mutant } of stale) summary.push('       there is a reason for it, and it does not live', `       - ${code}`, `       + ${mutant}`)
  if (!right) process.exitCode = 1
}
console.log(`\n${summary.join('\n')}`)
