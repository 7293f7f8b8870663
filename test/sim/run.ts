/**
 * npm run sim: plays schedules for so many minutes on every core, or the one of a seed, prints how many and what they met, and each that fails
 * with a smaller one that fails as well, to be kept in `regressions/`. Exits 1 when one did.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { argumentsOf, exitOnSignals, misused, numberAbove0, wholeNumberAbove0 } from '../support/command.ts'
import { isRecipe } from './draw.ts'
import type { Schedule } from './events.ts'
import type { Order, Report } from './player.ts'

const { values } = argumentsOf({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' }, from: { type: 'string' }, recipe: { type: 'string' }, keep: { type: 'string' } },
})
const recipe = values.recipe !== undefined && isRecipe(values.recipe) ? values.recipe : undefined
if (recipe !== values.recipe) misused(`there is no recipe ${values.recipe} in test/sim/draw.ts`)
const first = wholeNumberAbove0('--seed', values.seed ?? values.from ?? String(1 + (Date.now() % 2 ** 31)))
const most = numberAbove0('--minutes', values.minutes) * 60
exitOnSignals()

const began = performance.now()
const seconds = (): number => (performance.now() - began) / 1000
const met = new Map<string, number>()
const reasons = new Map<string, number>()
let [schedules, events] = [0, 0]

/** @throws Error when the player ended instead */
async function ask(player: ChildProcess, order: Order): Promise<unknown> {
  const answered = new AbortController()
  const ended = once(player, 'exit', answered).then(([code, signal]) => {
    throw new Error(`the process that played seed ${order.seed} ended with ${code ?? signal}`)
  })
  try {
    player.send(order)
    const [answer] = (await Promise.race([once(player, 'message', answered), ended])) as [unknown]
    return answer
  } finally {
    answered.abort()
  }
}

async function one(player: ChildProcess, seed: number): Promise<void> {
  const played = (await ask(player, { seed, recipe })) as Report
  schedules++
  events += played.events
  for (const [fault, times] of played.met) met.set(fault, (met.get(fault) ?? 0) + times)
  if (!played.failure) return
  const { message, stack, reason } = played.failure
  const before = reasons.get(reason) ?? 0
  reasons.set(reason, before + 1)
  console.log(`seed ${seed} (${played.recipe}) fails: ${message}`)
  if (before > 0) return // one of each kind is enough to look at
  const small = (await ask(player, { seed, recipe, shrinkFor: reason })) as Schedule
  const text = JSON.stringify(small, undefined, 1)
  console.log(`${stack}\nseed ${seed}, smaller:\n${text}`)
  if (values.keep === undefined) return
  mkdirSync(values.keep, { recursive: true })
  writeFileSync(path.join(values.keep, `${played.recipe}-${seed}.json`), `${text}\n`)
}

let next = first
const isOver = (): boolean => (values.seed === undefined ? seconds() >= most : next > first)

async function playOn(): Promise<void> {
  const player = fork(path.join(import.meta.dirname, 'player.ts'), { serialization: 'advanced' })
  while (!isOver()) await one(player, next++)
  player.disconnect()
}

console.log(`from seed ${first}`)
await Promise.all(Array.from({ length: values.seed === undefined ? availableParallelism() : 1 }, playOn))

console.log(`${schedules} schedules, ${events} events in ${seconds().toFixed(0)} s: ${(schedules / seconds()).toFixed(1)} schedules and ${(events / seconds()).toFixed(0)} events a second`)
for (const [fault, times] of [...met].toSorted(([a], [b]) => (a < b ? -1 : 1))) console.log(`${String(times).padStart(8)}  ${fault}`)
if (reasons.size > 0) {
  console.log('failed:')
  for (const [reason, times] of reasons) console.log(`${String(times).padStart(8)}  ${reason}`)
  process.exitCode = 1
}
