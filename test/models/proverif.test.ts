/** What can be held of the models for ProVerif without it, and a share of what it says. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { libraries, libraryOf, models, type ModelRun, outcomesOf, proverif, queriesOf, runs } from './proverif.ts'

const ROOMS = ['channel', 'handshake', 'mailbox', 'pairing', 'ratchet']
/** A second each, and the others of `npm run models` up to half a minute. */
const QUICK = ['channel', 'mailbox']

const readmeOf = (room: string): string => readFileSync(path.join(import.meta.dirname, '..', '..', 'protocols', room, 'README.md'), 'utf8')
const nameOf = (file: string): string => path.basename(file).replace(/\.pvl?$/, '')
const title = ({ file, variant }: ModelRun): string => `${file}, ${variant}`

describe('the models for ProVerif', () => {
  it('are there for every room that agrees on keys or judges who may', () => {
    assert.deepEqual([...new Set(runs().map(({ room }) => room))], ROOMS)
  })

  for (const file of models()) {
    const own = runs().filter((run) => run.file === file)

    it(`${file} says of every query what comes out, in every variant`, () => {
      assert.ok(own.length > 1)
      for (const run of own) assert.equal(run.recorded.length, queriesOf(file), title(run))
    })

    it(`${file} has a variant in which something fails that holds as specified`, () => {
      const [specified, ...variants] = own
      assert.ok(variants.some(({ recorded }) => recorded.some((outcome, i) => outcome === 'false' && specified!.recorded[i] === 'true')))
    })

    it(`${file} stands in the README of its room with every variant and every outcome`, () => {
      const readme = readmeOf(own[0]!.room)
      for (const run of own) assert.match(readme, new RegExp(`^\\| \`${run.variant}\` \\|.*\\| ${run.recorded.join(' \\| ')} \\|$`, 'm'), title(run))
      assert.ok(readme.includes(`model/${nameOf(file)}.pv`), file)
    })
  }

  it('have no library that nothing uses, and use none that is not there', () => {
    assert.deepEqual([...new Set(runs().map(libraryOf))].sort(), libraries())
  })

  const program = proverif()
  for (const run of runs().filter(({ room }) => QUICK.includes(room))) {
    it(`${title(run)}: ${program === undefined ? 'not checked, for there is no proverif here' : 'comes out as recorded'}`, () => {
      if (program !== undefined) assert.deepEqual(outcomesOf(program, run), run.recorded)
    })
  }
})
