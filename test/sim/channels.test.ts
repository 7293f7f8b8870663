/**
 * Seeded worlds: a brand, staff with a log of their own, followers openly and in private, one node that lies; a network that loses
 * and reorders, processes that crash, people who are away for weeks. Whatever the schedule: no log forks by accident, everybody ends with
 * the same posts in the same order, nothing that was promised is lost, nothing is shown that nobody signed.
 */
import fc from 'fast-check'
import { Bazaar, DAY, HOUR, PEOPLE } from '../support/bazaar.ts'
import type { Lie } from '../support/lying-gossip.ts'

/** Bounded for `npm test`; DURE_SIM_RUNS asks for more. */
const RUNS = Number(process.env['DURE_SIM_RUNS'] ?? 30)
const WEATHER = { drop: 0.03, reorder: 0.3 }

const author = fc.constantFrom('Ann' as const, 'Ben' as const)
const anyone = fc.constantFrom(...PEOPLE)
const nth = fc.nat({ max: 50 })
const act = fc.oneof(
  { weight: 16, arbitrary: fc.record({ do: fc.constant('post' as const), by: author }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), by: author, nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), by: author, nth }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 8_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), days: fc.integer({ min: 1, max: 10 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const), who: anyone }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), who: anyone }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('comeBack' as const), who: anyone }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('part' as const), side: fc.subarray([...PEOPLE]) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('heal' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replay' as const), nth, to: anyone, forged: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('lie' as const), how: fc.constantFrom<Lie | undefined>('omit', 'invent', 'hide', 'stall', undefined) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('certify' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rotate' as const) }) },
)

/** Nobody is out of reach here: an entry that only one far away has seen is not heard of by asking two others. */
const actOfRestored = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('post' as const), by: author }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 8_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), days: fc.integer({ min: 1, max: 10 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('backUp' as const), who: author }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), who: author }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), who: author }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rotate' as const) }) },
)

/** Long ones: what goes wrong needs a few things to have happened. */
const long = { minLength: 10, maxLength: 80, size: 'max' } as const

type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never
type Act = Drawn<typeof act> | Drawn<typeof actOfRestored>

async function perform(bazaar: Bazaar, step: Act, number: number): Promise<void> {
  switch (step.do) {
    case 'post': return bazaar.post(step.by, `${step.by} ${number}`)
    case 'edit': return bazaar.edit(step.by, step.nth, `${step.by} ${number}, better`)
    case 'withdraw': return bazaar.withdraw(step.by, step.nth)
    case 'wait': return bazaar.settle(step.ms)
    case 'pass': return bazaar.pass(step.days * DAY)
    case 'crash': return bazaar.crash(step.who)
    case 'backUp': return bazaar.backUp(step.who)
    case 'restore': return bazaar.restore(step.who)
    case 'leave': return bazaar.leave(step.who)
    case 'comeBack': return bazaar.comeBack(step.who)
    case 'part': return bazaar.part(step.side)
    case 'heal': return bazaar.heal()
    case 'replay': return bazaar.replay(step.nth, step.to, step.forged)
    case 'lie': return bazaar.lie(step.how)
    case 'join': return bazaar.follow('Eve')
    case 'certify': return bazaar.certify()
    case 'revoke': return bazaar.revoke()
    case 'rotate': return bazaar.rotate()
  }
}

describe('a channel in a bad world', () => {
  it(`ends with the same posts in the same order for everybody, none lost and none invented, in ${RUNS} schedules (attack 75)`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, long), fc.nat(), async (acts, seed) => {
        const bazaar = new Bazaar(seed)
        await bazaar.begin()
        Object.assign(bazaar.world.gossip.faults, WEATHER)
        for (const [number, each] of acts.entries()) {
          await perform(bazaar, each, number)
          await bazaar.settle(0)
        }
        await bazaar.calm()
        await bazaar.assertSame()
        await bazaar.assertKept()
        bazaar.assertNoForks()
        bazaar.assertNobodyElseBlamed()
        bazaar.assertNothingWaits()
      }),
      { numRuns: RUNS },
    )
  }).timeout(600_000)

  it('forks no log when an author is put back to an older copy: what it had said is fetched before it says more (attack 53)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actOfRestored, long), fc.nat(), async (acts, seed) => {
        const bazaar = new Bazaar(seed)
        await bazaar.begin()
        for (const [number, each] of acts.entries()) {
          await perform(bazaar, each, number)
          await bazaar.settle(0)
        }
        await bazaar.calm()
        await bazaar.assertSame()
        await bazaar.assertKept()
        bazaar.assertNoForks()
        bazaar.assertNobodyElseBlamed()
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  }).timeout(600_000)

  it('freezes a log whose key is in two hands, with a proof that reaches everybody, until the brand ends it (attack 52)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(), async (posts, seed) => {
        const bazaar = new Bazaar(seed)
        await bazaar.begin()
        await bazaar.follow('Eve')
        await bazaar.twoHands('Ben', posts)
        await bazaar.pass(HOUR)
        await bazaar.settle(20_000)
        bazaar.assertForked()
        bazaar.post('Ann', 'we go on')
        await bazaar.settle(10_000)
        bazaar.revoke()
        await bazaar.calm()
        await bazaar.assertSame()
        await bazaar.assertKept()
      }),
      { numRuns: Math.ceil(RUNS / 6) },
    )
  }).timeout(600_000)
})
