/**
 * Feeds everything that takes bytes from outside with wrong ones, and keeps those that reach code nothing else reached. `--minutes N` shares the time among the targets
 * (10 without); `--target PART` takes only those whose name has it; `--seed N` draws the same inputs again. Ends with 1 and the inputs when something is wrong.
 */
import { readCorpus, writeCorpus } from '../test/fuzz/corpus.ts'
import { watchCoverage } from '../test/fuzz/coverage.ts'
import { type Finding, fuzz } from '../test/fuzz/loop.ts'
import { argumentsOf, misused, numberAbove0 } from '../test/support/command.ts'
import { seededRandom } from '../test/support/seeded.ts'

const { values } = argumentsOf({ options: { minutes: { type: 'string', default: '10' }, target: { type: 'string', default: '' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) } } })
const seed = Number(values.seed)
const minutes = numberAbove0('--minutes', values.minutes)
// Before what is to be covered is loaded.
const coverage = watchCoverage(/\/(protocols|src)\//)
const { door, imports } = await import('../test/fuzz/living.ts')
const { targets } = await import('../test/fuzz/targets.ts')
const behindDoor = await door()
const all = [...targets(), ...(await imports()), behindDoor]
const chosen = all.filter(({ name }) => name.includes(values.target))
if (chosen.length === 0) misused(`no target has "${values.target}" in its name: ${all.map(({ name }) => name).join(', ')}`)
const share = (minutes * 60_000) / chosen.length

const random = seededRandom(seed)
const findings: Finding[] = []
console.log(`seed ${seed}`)
for (const target of chosen) {
  const kept = readCorpus(target.name)
  const until = (end: number) => (): boolean => performance.now() < end
  const slow = await fuzz(target, kept, { random, goesOn: until(performance.now() + share / 2), coverage })
  // Without being asked what ran it is many times as fast.
  const fast = await fuzz(target, [...kept, ...slow.found], { random, goesOn: until(performance.now() + share / 2) })
  const wrong = [...slow.findings, ...fast.findings]
  findings.push(...wrong)
  const size = writeCorpus(target.name, [...kept, ...slow.found])
  console.log(`${target.name.padEnd(32)} ${String(slow.runs + fast.runs).padStart(9)} inputs, ${slow.found.length} reached something new, ${size} kept${wrong.length > 0 ? `, ${wrong.length} WRONG` : ''}`)
}
coverage.end()
await behindDoor.close()
for (const { target, input, what } of findings) console.error(`\n${target}, fed ${input}\n${what}`)
process.exitCode = findings.length > 0 ? 1 : 0
