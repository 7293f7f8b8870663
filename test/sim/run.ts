/**
 * npm run sim: plays schedules for so many minutes, or the one of a seed, prints how many and what they met, and each that fails with a
 * smaller one that fails as well, to be kept in `regressions/`. Exits 1 when one did.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { argumentsOf, misused, numberAbove0, wholeNumberAbove0 } from '../support/command.ts'
import { drawSchedule, isRecipe } from './draw.ts'
import { play } from './play.ts'
import { reasonOf, shrink } from './shrink.ts'

/** Smaller schedules that are tried for a failing one. */
const PATIENCE = 100

const { values } = argumentsOf({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' }, from: { type: 'string' }, recipe: { type: 'string' }, keep: { type: 'string' } },
})
const recipe = values.recipe !== undefined && isRecipe(values.recipe) ? values.recipe : undefined
if (recipe !== values.recipe) misused(`there is no recipe ${values.recipe} in test/sim/draw.ts`)
const first = wholeNumberAbove0('--seed', values.seed ?? values.from ?? String(1 + (Date.now() % 2 ** 31)))
const most = numberAbove0('--minutes', values.minutes) * 60

const began = performance.now()
const seconds = (): number => (performance.now() - began) / 1000
const met = new Map<string, number>()
const reasons = new Map<string, number>()
let [schedules, events] = [0, 0]

async function one(seed: number): Promise<void> {
  const schedule = drawSchedule(seed, recipe)
  const played = await play(schedule)
  schedules++
  events += played.events
  for (const [fault, times] of played.met) met.set(fault, (met.get(fault) ?? 0) + times)
  if (!played.failure) return
  const reason = reasonOf(played.failure)
  const before = reasons.get(reason) ?? 0
  reasons.set(reason, before + 1)
  console.log(`seed ${seed} (${schedule.recipe}) fails: ${played.failure.message.split('\n')[0]}`)
  if (before > 0) return // one of each kind is enough to look at
  console.log(played.failure.stack)
  const small = await shrink(schedule, reason, PATIENCE)
  const text = JSON.stringify(small, undefined, 1)
  console.log(text)
  if (values.keep === undefined) return
  mkdirSync(values.keep, { recursive: true })
  writeFileSync(path.join(values.keep, `${schedule.recipe}-${seed}.json`), `${text}\n`)
}

console.log(`from seed ${first}`)
if (values.seed !== undefined) await one(first)
else for (let seed = first; seconds() < most; seed++) await one(seed)

console.log(`${schedules} schedules, ${events} events in ${seconds().toFixed(0)} s: ${(schedules / seconds()).toFixed(1)} schedules and ${(events / seconds()).toFixed(0)} events a second`)
for (const [fault, times] of [...met].toSorted(([a], [b]) => (a < b ? -1 : 1))) console.log(`${String(times).padStart(8)}  ${fault}`)
if (reasons.size > 0) {
  console.log('failed:')
  for (const [reason, times] of reasons) console.log(`${String(times).padStart(8)}  ${reason}`)
  process.exitCode = 1
}
