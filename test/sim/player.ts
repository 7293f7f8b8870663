/** A process that plays schedules for `npm run sim`, one after the other: a world takes one core. */
import { drawSchedule, type RecipeName } from './draw.ts'
import type { Schedule } from './events.ts'
import { play } from './play.ts'
import { reasonOf, shrink } from './shrink.ts'

/** Smaller schedules that are tried for a failing one. */
const PATIENCE = 100

interface Drawn {
  readonly seed: number
  readonly recipe: RecipeName | undefined
}

/** A schedule to play, or one that failed, to be made smaller while it fails for the same reason. */
export type Order = Drawn & { readonly shrinkFor?: string }

export interface Report {
  readonly recipe: RecipeName
  readonly events: number
  readonly met: ReadonlyMap<string, number>
  readonly failure: { readonly message: string; readonly stack: string; readonly reason: string } | undefined
}

async function report({ seed, recipe }: Drawn): Promise<Report> {
  const schedule = drawSchedule(seed, recipe)
  const { events, met, failure } = await play(schedule)
  const failed = failure && { message: failure.message.split('\n')[0] ?? '', stack: failure.stack ?? '', reason: reasonOf(failure) }
  return { recipe: schedule.recipe, events, met, failure: failed }
}

const smaller = ({ seed, recipe }: Drawn, reason: string): Promise<Schedule> => shrink(drawSchedule(seed, recipe), reason, PATIENCE)

process.on('message', (order: Order) => void (order.shrinkFor === undefined ? report(order) : smaller(order, order.shrinkFor)).then((answer) => process.send?.(answer)))
// Whoever gave the orders is gone.
process.on('disconnect', () => process.exit())
