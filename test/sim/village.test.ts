/**
 * The simulated world: five people, a liar, two relays and a channel; whole messengers over ports that fail. The share of it that fits into
 * `npm test`; `npm run sim -- --minutes N` plays on. Schedules that once failed are kept in `regressions/` and played first.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Bazaar } from './bazaar.ts'
import { drawSchedule, type RecipeName } from './draw.ts'
import type { Schedule } from './events.ts'
import { play } from './play.ts'
import { HOUR, Village } from './village.ts'

const KEPT = path.join(import.meta.dirname, 'regressions')
/** Schedules of each recipe: the same ones every time, `npm run sim` looks for others. */
const SEEDS = [1, 2, 3]

async function holds(schedule: Schedule): Promise<void> {
  const { failure, events } = await play(schedule)
  if (failure) throw new Error(`seed ${schedule.seed} after ${events} events: ${failure.message}`, { cause: failure })
}

async function hold(recipe: RecipeName): Promise<void> {
  for (const seed of SEEDS) await holds(drawSchedule(seed, recipe))
}

describe('the village', function () {
  this.timeout(600_000)

  for (const file of readdirSync(KEPT).toSorted()) {
    it(`still holds where it once did not: ${path.basename(file, '.json')}`, () => holds(JSON.parse(readFileSync(path.join(KEPT, file), 'utf8')) as Schedule))
  }

  it('loses nothing, repeats nothing and keeps the order when roads break, processes are killed, disks fill and clocks jump (attacks 97, 98, 103, 105)', () => hold('roads'))
  it('hears and writes nothing of whom somebody blocked, and all of it afterwards', () => hold('blocked'))
  it('loses and repeats nothing where single envelopes are lost, repeated and overtaken (attacks 15, 18, 59)', () => hold('storm'))
  it('meets in the end, however a pairing was broken off, and loses nothing that was said since', () => hold('meetings'))
  it('loses nothing and keeps the order when there is never a road but mailboxes (attacks 59, 64)', () => hold('mailboxes'))
  it('loses and repeats nothing when a relay drops, keeps back, repeats, reorders, replays or forgets (attacks 59, 60)', () => hold('cheats'))
  it('talks again after profiles were put back or salvaged, and no key is used twice (attacks 21, 100, 101)', () => hold('backups'))
  it('loses nothing, and acknowledges nothing it has not, when a copy of a device goes on under used numbers and nothing notices (attacks 20, 21)', () => hold('copies'))
  it('nor when those two only have mailboxes (attacks 20, 21)', () => hold('copiesApart'))
  it('is shown the same posts in the same order, none lost and none that nobody signed (attack 75)', () => hold('channel'))
  it('forks no log when an author is put back: what it had said is fetched before it says more (attack 53)', () => hold('restoredAuthor'))
  it('keeps all of that at once', () => hold('all'))

  it('freezes a log whose key is in two hands, with a proof that reaches everybody, until the brand ends it (attack 52)', async () => {
    const { village } = await Village.wake({ seed: 1, apart: false }, () => ({ joined: () => undefined, rewound: () => undefined }))
    const bazaar = new Bazaar(village)
    await bazaar.follow('Eve')
    await bazaar.twoHands('Ben', 3)
    await village.sleep(HOUR)
    await village.settle(20_000)
    bazaar.assertForked()
    bazaar.post('Ann', 'we go on')
    await village.settle(10_000)
    bazaar.revoke()
    await village.calm()
    await bazaar.same()
    await bazaar.kept()
    await village.end()
  })
})
