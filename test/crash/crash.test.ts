/** The share of `npm run crash` that fits into `npm test`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { clockTurner } from '../support/clock-turner.ts'
import { failingDisk } from '../support/failing-disk.ts'
import { drawRounds } from './draw.ts'
import { pack } from './packed.ts'
import { play } from './play.ts'

const ROUNDS = 4
/** The same every time: `npm run crash` looks for others. */
const SEED = 8

describe('a street of real processes', function () {
  this.timeout(600_000)

  it('keeps what it promised, once and in order, and uses no key twice, when it is killed at any moment, also in the middle of its commits (attack 97)', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dure-crash-'))
    const disk = failingDisk()
    const world = { program: await pack(path.join(folder, 'dure')), disk, turned: clockTurner() }
    const { kills, promised, failure } = await play(drawRounds(SEED, ROUNDS, ['Ann', 'Ben']), path.join(folder, 'street'), world, ['Ann', 'Ben'])
    disk?.remove()
    if (failure) throw new Error(`seed ${SEED}, profiles in ${folder}: ${failure.message}`, { cause: failure })
    rmSync(folder, { recursive: true })
    console.log(`      ${kills} kills, ${promised} promises`)
  })
})
