import assert from 'node:assert/strict'
import fc from 'fast-check'
import { besideLanded, type Board, drawn, lineOf, type Machine, merged } from '../../bench/scoreboard.ts'

const machine: Machine = { node: 'v24.0.0', cores: 2, processor: 'A & B' }
const board = (figures: Board['figures']): Board => ({ machine, figures })

describe('the scoreboard', () => {
  const landed = board({
    net: [
      { name: 'a round trip', value: 10, unit: 'ms' },
      { name: 'sent', value: 1_000, unit: '/s' },
      { name: '  the same', value: 4, unit: 'ms' },
      { name: '  the same', value: 8, unit: 'ms' },
    ],
  })
  const now = board({
    net: [
      { name: 'a round trip', value: 30, unit: 'ms', note: '2.0 times bare' },
      { name: 'sent', value: 2_000, unit: '/s' },
      { name: '  the same', value: 4, unit: 'ms' },
      { name: '  the same', value: 8, unit: 'ms' },
      { name: 'a figure nobody had', value: 1, unit: 'ms' },
    ],
  })

  it('says how much worse a figure is than what landed: slower is worse, more a second is better, the same name twice is told apart', () => {
    assert.deepEqual(besideLanded(now, landed).map(({ worse }) => worse), [3, 0.5, 1, 1, undefined])
    const lines = besideLanded(now, landed).map(lineOf)
    assert.match(lines[0] ?? '', /30\.0 ms +3\.00x worse +2\.0 times bare$/)
    assert.match(lines[1] ?? '', /2,000 \/s +2\.00x better$/)
    assert.match(lines[2] ?? '', /as landed$/)
    assert.match(lines[4] ?? '', /1\.00 ms$/)
  })

  it('compares nothing where nothing landed, and no figure with one of another unit', () => {
    assert.deepEqual(besideLanded(now, undefined).map(({ worse }) => worse), Array.from({ length: 5 }))
    assert.equal(besideLanded(now, board({ net: [{ name: 'a round trip', value: 10, unit: 's' }] }))[0]?.worse, undefined)
  })

  it('keeps the figures of parts that were not run again', () => {
    const page = [{ name: 'a click', value: 1, unit: 'ms' }]
    assert.deepEqual(merged(board({ net: landed.figures['net'] ?? [], page: [] }), board({ page })).figures, { net: landed.figures['net'], page })
    assert.deepEqual(merged(undefined, now), now)
  })

  it('is drawn with a bar for each figure, to the right as far as it is worse, within the picture whatever it is', () => {
    const picture = drawn(besideLanded(now, landed), machine)
    assert.match(picture, /A &#38; B, 2 cores/)
    assert.equal(picture.match(/fill="#c0392b"/g)?.length, 1)
    assert.equal(picture.match(/fill="#2e8b57"/g)?.length, 1)
    assert.equal(picture.match(/>new</g)?.length, 1)
    const positive = fc.double({ min: 1e-9, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(positive, positive, fc.constantFrom('ms', '/s'), (a, b, unit) => {
        const one = (value: number): Board => board({ part: [{ name: 'x', value, unit }] })
        const svg = drawn(besideLanded(one(a), one(b)), machine)
        const [, x, width] = /<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/.exec(svg) ?? []
        assert.ok(Number(x) >= 0 && Number(x) + Number(width) <= 980, svg)
      }),
    )
  })
})
