/**
 * npm run crash: plays streets for so many minutes, as many at once as there are cores for, or the one of a seed, with real processes that are killed,
 * and prints how many kills there were and what was promised meanwhile. A seed chooses what is done and who is killed when; how far a process has come
 * by then no seed chooses. Of a street that fails the profiles are kept. Exits 1 when one did. A signal ends it at any time, and leaves nothing behind.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { clockTurner } from '../support/clock-turner.ts'
import { argumentsOf, exitOnSignals, numberAbove0, wholeNumberAbove0 } from '../support/command.ts'
import { failingDisk } from '../support/failing-disk.ts'
import { drawRounds } from './draw.ts'
import { pack } from './packed.ts'
import { play } from './play.ts'

/** Of one street: enough to become contacts and to talk, and a folder that somebody can look through. */
const ROUNDS = 25
/** What a street keeps busy, measured: its processes wait for disks and for each other. */
const CORES_OF_A_STREET = 1.5

const { values } = argumentsOf({ options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' }, from: { type: 'string' }, rounds: { type: 'string', default: String(ROUNDS) } } })
const first = wholeNumberAbove0('--seed', values.seed ?? values.from ?? String(1 + (Date.now() % 2 ** 31)))
const rounds = wholeNumberAbove0('--rounds', values.rounds)
const most = numberAbove0('--minutes', values.minutes)
exitOnSignals()
const folder = mkdtempSync(path.join(tmpdir(), 'dure-crash-'))
const disk = failingDisk()
let failed = 0
process.once('exit', () => {
  disk?.remove()
  rmSync(path.join(folder, failed > 0 ? 'dure' : ''), { recursive: true, force: true, maxRetries: 5 })
})
const world = { program: await pack(path.join(folder, 'dure')), disk, turned: clockTurner() }
if (!world.disk) console.log('fiu-utils is not installed: no disk fails (Debian: apt-get install fiu-utils)')
if (!world.turned) console.log('faketime is not installed: no clock is wrong (Debian: apt-get install faketime)')

const began = performance.now()
const minutes = (): number => (performance.now() - began) / 60_000
let [streets, kills, promised, faults] = [0, 0, 0, 0]

async function one(seed: number): Promise<void> {
  const where = path.join(folder, String(seed))
  const played = await play(drawRounds(seed, rounds), where, world)
  streets++
  kills += played.kills
  promised += played.promised
  faults += played.faults
  if (!played.failure) return console.log(`seed ${seed}: ${played.kills} kills, ${played.faults} faults, ${played.promised} promises kept`)
  failed++
  console.log(`seed ${seed} fails after ${played.kills} kills, profiles in ${where}: ${played.failure.stack}`)
}

console.log(`from seed ${first}`)
if (values.seed !== undefined) await one(first)
else {
  let next = first
  const lane = async (): Promise<void> => {
    while (minutes() < most) await one(next++)
  }
  await Promise.all(Array.from({ length: Math.ceil(availableParallelism() / CORES_OF_A_STREET) }, lane))
}

console.log(`${streets} streets, ${kills} kills, ${faults} faults of disks and clocks in ${minutes().toFixed(1)} minutes: ${(kills / minutes()).toFixed(0)} kills a minute; ${promised} promises, ${failed} streets in which one was broken`)
process.exitCode = failed > 0 ? 1 : 0
