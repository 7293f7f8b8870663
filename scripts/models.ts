/**
 * Explores every state of the models in test/models, and has ProVerif check those in protocols, each query against the outcome that its file says.
 * Exits 1 when something is not as expected, and 2 when something was not checked, for want of ProVerif.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { asText, explore } from '../test/models/explore.ts'
import { type Explorable, LIMITS, LONG, LONG_LIMITS, MISTAKES, SOUND } from '../test/models/worlds.ts'

const ROOT = path.join(import.meta.dirname, '..')
/** Of one file: all of them take seconds. */
const PATIENCE_MS = 10 * 60_000

let wrong = 0
let unchecked = 0

function exploreAll(title: string, all: readonly Explorable[]): void {
  console.log(`\n${title}`)
  for (const { room, name, model, finds } of all) {
    const from = performance.now()
    const { states, transitions, depth, counterexample } = explore(model())
    const right = finds === undefined ? !counterexample : counterexample?.what.startsWith(finds)
    if (!right) wrong++
    const figures = `${states} states, ${transitions} transitions, depth ${depth}, ${((performance.now() - from) / 1000).toFixed(1)} s`
    console.log(`${right ? 'ok  ' : 'FAIL'} ${room}: ${name}: ${figures}`)
    if (counterexample) console.log(asText(counterexample).replaceAll(/^/gm, '       '))
  }
}

/** The outcomes a file expects of its queries, in their order: `(* expected: true *)`. */
const expectedIn = (text: string): string[] => [...text.matchAll(/\(\* expected: (true|false)\b/g)].map(([, outcome]) => outcome as string)

function verify(file: string): void {
  const expected = expectedIn(readFileSync(path.join(ROOT, file), 'utf8'))
  const { stdout, status } = spawnSync('proverif', [path.join(ROOT, file)], { encoding: 'utf8', timeout: PATIENCE_MS, maxBuffer: 2 ** 28 })
  const results = [...stdout.matchAll(/^RESULT (.*?) (is true|is false|cannot be proved)\b/gm)].map(([, query, said]) => ({ query, said: (said as string).replace('is ', '') }))
  if (status !== 0 || results.length !== expected.length || expected.length === 0) {
    wrong++
    console.log(`FAIL ${file}: ${expected.length} outcomes expected, ${results.length} came\n${stdout.split('\n').slice(-12).join('\n')}`)
  }
  for (const [i, { query, said }] of results.entries()) {
    if (said !== expected[i]) wrong++
    console.log(`${said === expected[i] ? 'ok  ' : 'FAIL'} ${file}: ${query}: ${said}${said === expected[i] ? '' : `, expected ${expected[i]}`}`)
  }
}

exploreAll('As specified: every state holds', [...SOUND, ...LONG])
exploreAll('Done wrong: found', MISTAKES)
exploreAll('Known limits: found', [...LIMITS, ...LONG_LIMITS])

const files = globSync('protocols/*/model/*.pv', { cwd: ROOT }).sort()
const version = spawnSync('proverif', ['--help'], { encoding: 'utf8' })
if (files.length > 0 && version.error) {
  unchecked = files.length
  console.log(`\nNOT CHECKED, for there is no proverif on the PATH: ${files.join(', ')}`)
} else if (files.length > 0) {
  console.log(`\n${version.stdout.split('.  ')[0]?.split('. C')[0] ?? ''}`)
  files.forEach(verify)
}
console.log(`\n${wrong === 0 ? 'nothing is otherwise than expected' : `${wrong} are otherwise than expected`}${unchecked > 0 ? `; ${unchecked} files were not checked` : ''}`)
process.exitCode = wrong > 0 ? 1 : unchecked > 0 ? 2 : 0
