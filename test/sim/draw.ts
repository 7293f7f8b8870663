/**
 * Draws schedules. Each has a recipe, and of that only some kinds of events ("swarm testing": what a fault hides only shows where that fault
 * does not happen), each with a weight of its own, and a length up to MAX_EVENTS. What a recipe leaves out would make a promise void that the
 * others keep, so that nothing needs to be judged less strictly for all of them.
 */
import { Dice } from '../support/dice.ts'
import { AUTHORS, type Event, FRIENDS, HONEST, type Name, NODES, PEOPLE, type Schedule, STRANGERS } from './events.ts'

export const MAX_EVENTS = 400
const SECOND = 1_000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR
const YEAR = 365 * DAY

type Draw = (dice: Dice, who: readonly Name[]) => Event

const twoOf = (pairs: readonly (readonly [Name, Name])[]) => (dice: Dice, who: readonly Name[]): { who: Name; to: Name } => {
  const [a, b] = dice.one(pairs.filter((pair) => pair.every((name) => who.includes(name))))
  return dice.chance(0.5) ? { who: a, to: b } : { who: b, to: a }
}
const friend = twoOf(FRIENDS)
const stranger = twoOf(STRANGERS)
const honest = (dice: Dice, who: readonly Name[]): Name => dice.one(HONEST.filter((name) => who.includes(name)))

const KINDS = {
  talk: (dice, who) => ({ do: 'send', ...friend(dice, who), times: dice.chance(0.1) ? dice.between(2, 20) : 1 }),
  talkNew: (dice, who) => ({ do: 'send', ...stranger(dice, who), times: 1 }),
  invite: (dice, who) => ({ do: 'invite', who: honest(dice, who) }),
  pair: (dice, who) => ({ do: 'pair', ...stranger(dice, who) }),
  accept: (dice, who) => ({ do: 'accept', who: honest(dice, who) }),
  read: (dice, who) => ({ do: 'read', ...friend(dice, who) }),
  change: (dice, who) => ({ do: dice.one(['edit', 'remove', 'react']), who: honest(dice, who), nth: dice.below(50) }),
  block: (dice, who) => ({ do: dice.one(['block', 'unblock']), ...friend(dice, who) }),
  wait: (dice) => ({ do: 'wait', ms: dice.one([500, 2_000, 9_000, 20_000, 100_000]) }),
  sleep: (dice) => ({ do: 'sleep', ms: dice.one([HOUR, 7 * HOUR, DAY, 10 * DAY]) }),
  longSleep: (dice) => ({ do: 'sleep', ms: dice.one([22 * DAY, 60 * DAY, YEAR]) }),
  clock: (dice, who) => ({ do: 'skew', who: honest(dice, who), ms: dice.one([0, 0, HOUR, -HOUR, 30 * DAY, -30 * DAY, 10 * YEAR, -10 * YEAR]) }),
  readersClock: (dice) => ({ do: 'skew', who: dice.one(['Cho', 'Dan', 'Eve']), ms: dice.one([0, 0, HOUR, -HOUR, 30 * DAY, -30 * DAY, 10 * YEAR, -10 * YEAR]) }),
  restart: (dice, who) => ({ do: dice.one(['restart', 'kill', 'kill']), who: dice.one(who) }),
  die: (dice, who) => ({ do: 'die', who: dice.one(who), nth: dice.one([1, 1, 1, 2, 3, 5]), moment: dice.one(['before', 'after']), back: dice.one([0, 0, 1, 3, 10]) }),
  busy: (dice, who) => ({ do: 'busy', who: dice.one(who), turns: dice.one([0, 1, 2, 5, 20]) }),
  full: (dice, who) => ({ do: 'full', who: honest(dice, who) }),
  damage: (dice, who) => ({ do: 'damage', who: honest(dice, who) }),
  lose: (dice, who) => ({ do: 'lose', who: honest(dice, who) }),
  misdirect: (dice, who) => ({ do: 'misdirect', who: honest(dice, who), share: dice.one([0.1, 0.3, 1]) }),
  backUp: (dice, who) => ({ do: 'backUp', who: honest(dice, who) }),
  restore: (dice, who) => ({ do: 'restore', who: honest(dice, who), noticed: true }),
  putBack: (dice, who) => ({ do: 'restore', who: honest(dice, who), noticed: false }),
  swap: (dice, who) => ({ do: 'swap', who: honest(dice, who) }),
  leave: (dice, who) => ({ do: dice.one(['leave', 'comeBack', 'comeBack']), who: dice.one(who) }),
  unreachable: (dice, who) => ({ do: dice.one(['unreachable', 'comeBack']), who: dice.one(who) }),
  turn: (dice, who) => ({ do: dice.one(['leave', 'unreachable']), who: dice.one(who) }),
  move: (dice, who) => ({ do: 'move', who: dice.one(who) }),
  part: (dice, who) => (dice.chance(0.4) ? { do: 'part', side: who.filter(() => dice.chance(0.5)) } : { do: 'heal' }),
  deafen: (dice, who) => (dice.chance(0.6) ? { do: 'deafen', from: dice.one(who), to: dice.one(who) } : { do: 'heal' }),
  meet: (dice, who) => ({ do: 'meet', ...friend(dice, who) }),
  lag: (dice) => ({ do: 'weather', drop: 0, duplicate: 0, reorder: 0, lag: dice.one([0, 0.1, 0.5]), gossip: dice.one([0, 0.03]) }),
  storm: (dice) => ({ do: 'weather', drop: dice.one([0, 0.15, 0.4]), duplicate: dice.one([0, 0.15]), reorder: dice.one([0, 0.3, 1]), lag: dice.one([0, 0.2]), gossip: dice.one([0, 0.03]) }),
  gossipWeather: (dice) => ({ do: 'weather', drop: 0, duplicate: 0, reorder: 0, lag: 0, gossip: dice.one([0, 0.03, 0.1]) }),
  cut: (dice) => ({ do: dice.one(['cut', 'cut', 'down']), node: dice.one(NODES) }),
  cheat: (dice) => ({ do: 'cheat', node: 'M', how: dice.one(['lose', 'reorder', 'delay', 'duplicate']), share: dice.one([0, 0.4, 1]) }),
  mischief: (dice) => ({ do: dice.one(['replay', 'vanish', 'shuffle', 'fill', 'steal', 'release']), node: 'M' }),
  post: (dice) => ({ do: 'post', by: dice.one(AUTHORS) }),
  changePost: (dice) => ({ do: dice.one(['editPost', 'editPost', 'withdraw']), by: dice.one(AUTHORS), nth: dice.below(50) }),
  prove: (dice) => ({ do: 'prove', who: dice.one(HONEST) }),
  rule: (dice) => ({ do: dice.one(['follow', 'certify', 'revoke', 'rotate']) }),
  rotate: () => ({ do: 'rotate' }),
  lie: (dice) => ({ do: 'lie', how: dice.one(['omit', 'invent', 'hide', 'stall', 'none']) }),
  echo: (dice) => ({ do: 'echo', nth: dice.below(50), to: dice.one(PEOPLE), forged: dice.chance(0.5) }),
} as const satisfies Record<string, Draw>

type Kind = keyof typeof KINDS

interface Recipe {
  readonly who: readonly Name[]
  readonly apart?: true
  /** always there, and how often */
  readonly base: Partial<Record<Kind, number>>
  /** each with a chance of three in five */
  readonly some: Partial<Record<Kind, number>>
}

const PROCESS = { die: 2, full: 1, restart: 2, busy: 1 } as const
const ROADS = { leave: 2, unreachable: 2, move: 1, part: 1, deafen: 1, lag: 1, meet: 1 } as const
const CHANNEL = { changePost: 3, prove: 2, rule: 3, echo: 2, lie: 3, gossipWeather: 2 } as const

const RECIPES = {
  /** roads that stand or break, as streams do: nothing lost, and the order kept */
  roads: { who: ['Ann', 'Ben', 'Cho', 'Dan', 'Eve'], base: { talk: 12, wait: 4 }, some: { ...PROCESS, ...ROADS, read: 2, change: 2, cut: 2, sleep: 1, clock: 1, damage: 1 } },
  blocked: { who: ['Ann', 'Ben', 'Cho'], base: { talk: 10, wait: 4, block: 3 }, some: { ...PROCESS, ...ROADS, read: 1, change: 1, cut: 1 } },
  storm: { who: ['Ann', 'Ben', 'Cho'], base: { talk: 10, wait: 3, storm: 2 }, some: { ...PROCESS, ...ROADS, read: 1, change: 2, block: 1, clock: 1, cut: 1 } },
  /** no wrong clocks: a hello is heard before what waits, which then is late, and is placed by its times */
  meetings: {
    who: ['Ann', 'Ben', 'Cho', 'Dan', 'Eve'],
    base: { invite: 4, pair: 6, accept: 5, talkNew: 6, wait: 5 },
    some: { ...PROCESS, ...ROADS, talk: 3, cut: 2, sleep: 1, damage: 1 },
  },
  mailboxes: { who: ['Ann', 'Ben'], apart: true, base: { talk: 8, wait: 5, turn: 4 }, some: { ...PROCESS, cut: 2, read: 1, change: 1, sleep: 1, longSleep: 1, clock: 1 } },
  cheats: { who: ['Ann', 'Ben'], apart: true, base: { talk: 8, wait: 5, turn: 4, cheat: 2, mischief: 1 }, some: { ...PROCESS, cut: 2, read: 1, change: 1, sleep: 1 } },
  backups: {
    who: ['Ann', 'Ben', 'Cho'],
    base: { talk: 12, wait: 4, backUp: 1 },
    some: { ...PROCESS, ...ROADS, restore: 1, misdirect: 1, damage: 1, storm: 1, cut: 1, clock: 1 },
  },
  backupsApart: { who: ['Ann', 'Ben'], apart: true, base: { talk: 8, wait: 5, turn: 4, backUp: 1 }, some: { ...PROCESS, restore: 1, misdirect: 1, cut: 1 } },
  /** a whole folder put back, a copy that runs, writes that a disk forgot: nothing notices, and the next words take numbers that were used */
  copies: { who: ['Ann', 'Ben', 'Cho'], base: { talk: 12, wait: 4, backUp: 1 }, some: { ...PROCESS, ...ROADS, restore: 1, putBack: 1, swap: 1, lose: 1, cut: 1 } },
  copiesApart: { who: ['Ann', 'Ben'], apart: true, base: { talk: 8, wait: 5, turn: 4, backUp: 1 }, some: { ...PROCESS, restore: 1, putBack: 1, swap: 1, lose: 1, cut: 1 } },
  channel: { who: PEOPLE, base: { post: 12, wait: 4 }, some: { ...CHANNEL, ...PROCESS, leave: 3, part: 1, sleep: 1, readersClock: 1 } },
  /** nobody is out of reach here: an entry that only one far away has seen is not heard of by asking two others */
  restoredAuthor: { who: AUTHORS, base: { post: 8, wait: 3, backUp: 2, restore: 2 }, some: { restart: 1, prove: 1, sleep: 1, rotate: 1 } },
  all: { who: PEOPLE, base: { talk: 8, post: 6, wait: 4 }, some: { ...PROCESS, ...ROADS, ...CHANNEL, read: 1, change: 2, cut: 2, sleep: 1, readersClock: 1, block: 1, damage: 1 } },
} as const satisfies Record<string, Recipe>

export type RecipeName = keyof typeof RECIPES
export const isRecipe = (name: string): name is RecipeName => name in RECIPES

export function drawSchedule(seed: number, only?: RecipeName): Schedule & { readonly recipe: RecipeName } {
  const dice = new Dice(`schedule ${seed}`)
  const name = only ?? dice.one(Object.keys(RECIPES) as RecipeName[])
  const recipe: Recipe = RECIPES[name]
  const chosen = Object.entries(recipe.some).filter(() => dice.chance(0.6))
  const bag = [...Object.entries(recipe.base), ...chosen].flatMap(([kind, weight]) => Array<Kind>(weight).fill(kind as Kind))
  const length = dice.between(1, dice.one([20, 60, 60, 120, MAX_EVENTS]))
  const events = Array.from({ length }, () => KINDS[dice.one(bag)](dice, recipe.who))
  return { recipe: name, seed, apart: recipe.apart ?? false, events: recipe.apart ? onceWoundBack(events) : events }
}

const BACK: ReadonlySet<Event['do']> = new Set(['restore', 'misdirect', 'swap', 'lose'])

/**
 * Two who only have mailboxes wait for a meeting when one was put back to before the other, put back itself, told of its new queue and it was used:
 * a limit of the mailbox room. So the first that happens is all that happens; what they come through beside it is told one by one in
 * src/messenger/mailboxes/renewal.
 */
function onceWoundBack(events: readonly Event[]): Event[] {
  const saved = new Set<Name>()
  let isOver = false
  return events.filter((event) => {
    if (event.do === 'backUp') saved.add(event.who)
    if (!BACK.has(event.do)) return true
    const isNow = !isOver && 'who' in event && (event.do === 'misdirect' || event.do === 'lose' || saved.has(event.who))
    isOver ||= isNow
    return isNow
  })
}
