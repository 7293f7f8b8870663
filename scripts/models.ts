/**
 * Explores every state of the models in test/models, and has ProVerif check those in protocols, each query against the outcome that its file records: minutes.
 * Exits 1 when something is otherwise than expected.
 */
import { asText, explore } from '../test/models/explore.ts'
import { type ModelRun, outcomesOf, proverif, runs } from '../test/models/proverif.ts'
import { type Explorable, LIMITS, LONG, LONG_LIMITS, MISTAKES, SOUND } from '../test/models/worlds.ts'

let wrong = 0

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

function verify(program: string, run: ModelRun): void {
  const from = performance.now()
  const outcomes = outcomesOf(program, run).join(' ')
  const recorded = run.recorded.join(' ')
  if (outcomes !== recorded) wrong++
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  console.log(`${outcomes === recorded ? 'ok  ' : 'FAIL'} ${run.file}, ${run.variant}: ${outcomes}${outcomes === recorded ? '' : `, recorded ${recorded}`}, ${seconds} s`)
}

exploreAll('As specified: every state holds', [...SOUND, ...LONG])
exploreAll('Done wrong: found', MISTAKES)
exploreAll('Known limits: found', [...LIMITS, ...LONG_LIMITS])

const program = proverif()
console.log(program === undefined ? '\nNOT CHECKED for want of ProVerif (DURE_PROVERIF, or proverif on the PATH):' : '\nModels for ProVerif: what comes out is what is recorded')
for (const run of runs()) {
  if (program === undefined) console.log(`     ${run.file}, ${run.variant}`)
  else verify(program, run)
}

console.log(`\n${wrong === 0 ? 'nothing is otherwise than expected' : `${wrong} are otherwise than expected`}`)
process.exitCode = wrong > 0 ? 1 : 0
