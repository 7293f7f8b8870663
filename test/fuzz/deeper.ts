/** How deep the fuzzer gets into a door of seven locks, each opened by one right byte, with what it keeps and without. Prints one JSON line. */
import { seededRandom } from '../support/seeded.ts'
import { type Coverage, watchCoverage } from './coverage.ts'
import { fuzz } from './loop.ts'

const RUNS = 8_000

const coverage = watchCoverage(/\/locks\.ts$/)
const { locks } = await import('./locks.ts')

async function depth(led: Coverage | undefined): Promise<{ deepest: number; kept: number }> {
  let deepest = 0
  const target = { name: 'locks', seeds: [new Uint8Array(7)], take: (input: Uint8Array) => (deepest = Math.max(deepest, locks(input))) }
  const { found } = await fuzz(target, [], { random: seededRandom(3), goesOn: (runs) => runs < RUNS, ...(led && { coverage: led }) })
  return { deepest, kept: found.length }
}

const led = await depth(coverage)
const chance = await depth(undefined)
coverage.end()
console.log(JSON.stringify({ kept: led.kept, deeper: led.deepest, shallower: chance.deepest }))
