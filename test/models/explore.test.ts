/** A share of `npm run models` that takes seconds: every state of small worlds, and every mistake found. */
import assert from 'node:assert/strict'
import { asText, explore, type Model } from './explore.ts'
import { type Explorable, LIMITS, MISTAKES, SOUND } from './worlds.ts'

/** The largest world takes 10 s of a quiet core. */
const PATIENCE_MS = 120_000

const exploredIn = (room: Explorable['room'], all: readonly Explorable[]): Explorable[] => all.filter((each) => each.room === room)

function holds({ name, model }: Explorable): void {
  it(name, () => {
    const { counterexample } = explore(model())
    assert.equal(counterexample && asText(counterexample), undefined)
  }).timeout(PATIENCE_MS)
}

function isFound({ name, model, finds }: Explorable): void {
  it(`finds what is wrong where ${name}`, () => {
    const { counterexample } = explore(model())
    assert.ok(counterexample?.what.startsWith(finds!), counterexample ? asText(counterexample) : 'nothing was found')
  }).timeout(PATIENCE_MS)
}

/** Two counters below `most` that are counted up in turn or not. */
const counters = (most: number): Model<readonly [number, number]> => ({
  initial: [0, 0],
  moves: ([a, b]) => [...(a < most ? [{ name: 'a', to: [a + 1, b] as const }] : []), ...(b < most ? [{ name: 'b', to: [a, b + 1] as const }] : [])],
  key: String,
  broken: () => undefined,
  rests: ([a, b]) => a + b === 2 * most,
})

describe('the explorer', () => {
  it('comes to every state by every move, once', () => {
    assert.deepEqual(explore(counters(3)), { states: 16, transitions: 24, depth: 6, counterexample: undefined })
    assert.throws(() => explore(counters(3), 15), RangeError)
  })

  it('shows the shortest way to what is wrong', () => {
    const { counterexample } = explore({ ...counters(3), broken: ([a, b]) => (a === 1 && b === 2 ? 'here' : undefined) })
    assert.deepEqual(counterexample, { what: 'here', traces: [['a', 'b', 'b']] })
  })

  it('shows from where nothing comes to rest, and takes no fault for a way out', () => {
    const trap: Model<string> = {
      initial: 'start',
      moves: (state) => (state === 'start' ? [{ name: 'on', to: 'end' }, { name: 'in', to: 'trap' }] : state === 'trap' ? [{ name: 'out', to: 'end', fault: true }] : []),
      key: (state) => state,
      broken: () => undefined,
      rests: (state) => state === 'end',
    }
    assert.deepEqual(explore(trap).counterexample, { what: 'no way to rest', traces: [['in']] })
  })

  it('shows both ways to two states that contradict each other', () => {
    const { counterexample } = explore({ ...counters(1), agrees: ([a, b]) => ({ about: `${a + b}`, is: `${a}` }) })
    assert.deepEqual(counterexample, { what: '1, and 0', traces: [['a'], ['b']] })
  })
})

describe('every state of a mailbox: nothing acknowledged before it is durable, lost, or shown twice (attacks 59, 60, 61, 63, 64)', () => {
  exploredIn('mailbox', SOUND).forEach(holds)
  exploredIn('mailbox', MISTAKES).forEach(isFound)
  exploredIn('mailbox', LIMITS).forEach(isFound)
})

describe('every state of a channel: the same for all in whatever order it comes, every fork proven, nothing behind an end (attacks 52, 53, 58)', () => {
  exploredIn('channel', SOUND).forEach(holds)
  exploredIn('channel', MISTAKES).forEach(isFound)
})
