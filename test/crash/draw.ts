/** What a run does, out of its seed: what people do, who is killed and when, who stays away, whose disk fails and whose clock is wrong. */
import { Dice } from '../support/dice.ts'
import type { Call, Errno } from '../support/failing-disk.ts'
import { type Moment, MOMENTS } from './recorder.ts'

/** Ann has a bakery and its channel. */
export const PEOPLE = ['Ann', 'Ben', 'Cat'] as const
export type Name = (typeof PEOPLE)[number]
export type Victim = Name | 'relay'

export type Act =
  | { readonly does: 'say'; readonly who: Name; readonly to: Name; readonly times: number; readonly length: number }
  | { readonly does: 'read'; readonly who: Name; readonly whom: Name }
  | { readonly does: 'pair'; readonly who: Name; readonly whom: Name }
  | { readonly does: 'use relay' | 'follow' | 'look'; readonly who: Name }
  | { readonly does: 'post'; readonly who: 'Ann'; readonly times: number; readonly length: number }

export interface Blow {
  readonly whom: Victim
  /** ms after everybody began to act */
  readonly after: number
  /** rounds until it is started again; 0: before the next */
  readonly away: number
  /** kill -9 again, so many ms into that start */
  readonly again: number | undefined
  /** from `after` on the disk fails in one of so many calls, or is full; until a kill at the end of the round */
  readonly disk: { readonly call: Call; readonly errno: Errno; readonly oneIn: number } | 'full' | undefined
}

export interface Round {
  readonly acts: readonly Act[]
  readonly blows: readonly Blow[]
  /** for whoever is started after this round */
  readonly dooms: Readonly<Partial<Record<Name, { readonly moment: Moment; readonly nth: number }>>>
  /** Cat's clock, as faketime takes it, when her node is started after this round */
  readonly clock: string | undefined
}

/** The first rounds are about becoming contacts, the rest about talking. */
const ACQUAINTANCE = 4
const FAULTS: readonly { call: Call; errno: Errno }[] = [
  { call: 'rw/pwrite', errno: 'ENOSPC' },
  { call: 'rw/pwrite', errno: 'EIO' },
  { call: 'sync/*', errno: 'EIO' },
  { call: 'oc/open', errno: 'EMFILE' },
]
/** Whose home lies on a disk that is small. */
export const CRAMPED: Name = 'Ben'
/** Long enough for the log beside the database to be written back now and then, and for a mailbox to need several blocks. */
const LENGTHS = [20, 20, 20, 3_000, 30_000]

export function drawRounds(seed: number, rounds: number, people: readonly Name[] = PEOPLE): Round[] {
  const dice = new Dice(`crash ${seed}`)
  return Array.from({ length: rounds }, (_, n) => drawRound(dice, n, people))
}

function drawRound(dice: Dice, n: number, people: readonly Name[]): Round {
  // One after the other on each way, or nobody could say in which order it was said.
  const acts = new Map(Array.from({ length: dice.between(3, 6) }, () => drawAct(dice, n < ACQUAINTANCE, people)).map((act) => [placeOf(act), act]))
  const victims = new Set<Victim>(Array.from({ length: dice.between(1, 3) }, () => (dice.chance(0.2) ? 'relay' : dice.one(people))))
  return {
    acts: [...acts.values()],
    blows: [...victims].map((whom) => drawBlow(dice, whom)),
    dooms: Object.fromEntries(people.filter(() => dice.chance(0.5)).map((name) => [name, { moment: dice.one(MOMENTS), nth: dice.between(1, dice.one([5, 30])) }])),
    clock: dice.chance(0.1) ? dice.one(['+2d', '-2d', '+90m', '-90m']) : undefined,
  }
}

function placeOf(act: Act): string {
  if (act.who === 'Ann' && (act.does === 'post' || act.does === 'follow')) return 'the channel' // either makes it, the first time
  if (act.does === 'pair') return `pair ${[act.who, act.whom].toSorted().join(' ')}`
  return [act.does, act.who, 'to' in act ? act.to : '', 'whom' in act ? act.whom : ''].join(' ')
}

function drawAct(dice: Dice, early: boolean, people: readonly Name[]): Act {
  const who = dice.one(people)
  const whom = dice.one(people.filter((name) => name !== who))
  if (dice.chance(early ? 0.4 : 0.05)) return { does: 'pair', who, whom }
  if (dice.chance(early ? 0.4 : 0.05)) return { does: 'use relay', who }
  if (dice.chance(early ? 0.4 : 0.1)) return { does: 'follow', who }
  if (dice.chance(0.2)) return { does: 'read', who, whom }
  if (dice.chance(0.15)) return { does: 'look', who }
  if (dice.chance(0.3)) return { does: 'post', who: 'Ann', times: dice.between(1, 5), length: dice.one([20, 20, 2_000]) }
  return { does: 'say', who, to: whom, times: dice.between(1, 8), length: dice.one(LENGTHS) }
}

function drawBlow(dice: Dice, whom: Victim): Blow {
  return {
    whom,
    after: dice.chance(0.6) ? dice.below(120) : dice.below(900),
    away: dice.chance(0.3) ? dice.between(1, 3) : 0,
    again: dice.chance(0.25) ? dice.between(50, 3_000) : undefined,
    disk: whom !== 'relay' && dice.chance(0.15) ? (whom === CRAMPED && dice.chance(0.5) ? 'full' : { ...dice.one(FAULTS), oneIn: dice.one([1, 3, 20]) }) : undefined,
  }
}
