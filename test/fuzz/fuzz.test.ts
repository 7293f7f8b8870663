/** A bounded share of `npm run fuzz`: everything kept by it, and a few hundred inputs more for each target. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { seededRandom } from '../support/seeded.ts'
import { readCorpus } from './corpus.ts'
import { dice, mutated } from './mutate.ts'
import { fuzz, MAX_BYTES } from './loop.ts'
import { door, imports } from './living.ts'
import { type Target, targets } from './targets.ts'

const RUNS = 200
const seed = Date.now() % 2 ** 31

describe('what takes bytes from outside (attack 30)', function () {
  this.timeout(120_000)
  before(() => console.log(`      seed ${seed}`))

  for (const target of targets()) {
    it(`says what was wrong with any of them, holds little and never hangs: ${target.name}`, async () => {
      const { findings } = await fuzz(target, readCorpus(target.name), { random: seededRandom(seed), goesOn: (runs) => runs < RUNS })
      assert.deepEqual(findings, [])
    })
  }

  it('says what was wrong with an archive or a log that is imported, and with what a program asks of the door (attack 110)', async () => {
    const asked = await door()
    for (const target of [...(await imports()), asked]) {
      const { findings } = await fuzz(target, readCorpus(target.name), { random: seededRandom(seed), goesOn: (runs) => runs < RUNS })
      assert.deepEqual(findings, [])
    }
    await asked.close()
  })
})

describe('the fuzzer', () => {
  const target = (take: Target['take']): Target => ({ name: 'x', seeds: [Uint8Array.of(1, 2, 3, 4)], take })
  const options = { random: seededRandom(1), goesOn: (runs: number) => runs < 2_000 }

  it('finds an error that is no verdict, an input that was changed, and memory that is held', async () => {
    const held: ArrayBuffer[] = []
    const faults: readonly [string, Target['take']][] = [
      ['TypeError', (input) => {
        if (input[0] === 0xff) throw new TypeError('undefined is not an object')
      }],
      ['changed its input', (input) => {
        if (input.length > 1) input[0] = 9
      }],
      ['bytes', (input) => {
        if (input.length !== 4) held.push(new ArrayBuffer(2 * MAX_BYTES))
      }],
    ]
    for (const [what, take] of faults) {
      const { findings } = await fuzz(target(take), [], { ...options, goesOn: (runs) => runs < (what === 'bytes' ? 3 : 2_000) })
      held.length = 0
      assert.ok(findings.some((finding) => finding.what.includes(what)), what)
    }
  })

  // In a process of its own: V8 ends a long-lived one whose functions it had put away when it is asked to count them.
  it('gets further by what it keeps than by chance', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-flush-bytecode', path.join(import.meta.dirname, 'deeper.ts')])
    const { kept, deeper, shallower } = JSON.parse(stdout) as { kept: number; deeper: number; shallower: number }
    assert.ok(kept > 0 && deeper > shallower, stdout)
  })

  it('draws the same inputs from the same seed, and leaves what it makes them from as it was', () => {
    const [a, b] = [Uint8Array.of(1, 2, 3, 4, 5, 6), Uint8Array.of(7, 8)]
    const draw = (): string[] => {
      const chance = dice(seededRandom(4))
      return Array.from({ length: 500 }, () => Buffer.from(mutated(a, b, chance)).toString('hex'))
    }
    assert.deepEqual(draw(), draw())
    assert.ok(new Set(draw()).size > 200)
    assert.deepEqual([a, b], [Uint8Array.of(1, 2, 3, 4, 5, 6), Uint8Array.of(7, 8)])
  })
})
