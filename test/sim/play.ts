/** Plays a schedule from its morning to the end of quiet. */
import { Bazaar } from './bazaar.ts'
import type { Schedule } from './events.ts'
import { FRIENDS, HONEST } from './events.ts'
import { Meetings } from './meetings.ts'
import { perform } from './perform.ts'
import { Village } from './village.ts'
import { Witness } from './witness.ts'

const UNCAUGHT = ['unhandledRejection', 'uncaughtException'] as const

export interface Played {
  /** what was not as promised */
  readonly failure: Error | undefined
  /** events that happened until then */
  readonly events: number
  readonly met: ReadonlyMap<string, number>
}

export async function play(schedule: Schedule): Promise<Played> {
  const { village, witness } = await Village.wake(schedule, (each) => new Witness(each))
  const bazaar = new Bazaar(village)
  const meetings = new Meetings(village)
  const uncaught: unknown[] = []
  const catching = (error: unknown): void => void uncaught.push(error)
  for (const event of UNCAUGHT) process.on(event, catching)
  let events = 0
  try {
    for (const [number, event] of schedule.events.entries()) {
      await perform({ village, witness, bazaar, meetings }, event, number)
      await village.settle(0)
      await village.pass()
      events++
      witness.check()
      if (uncaught.length > 0) throw uncaught[0]
    }
    await village.calm()
    const met = await meetings.settled()
    witness.settled(schedule.apart ? ['Ann', 'Ben'] : HONEST)
    if (!schedule.apart) await bazaar.settled()
    await witness.farewell(schedule.apart, schedule.apart ? FRIENDS.slice(0, 1) : [...FRIENDS, ...met])
    if (uncaught.length > 0) throw uncaught[0]
    return { failure: undefined, events, met: village.met }
  } catch (error) {
    return { failure: error instanceof Error ? error : new Error(String(error)), events, met: village.met }
  } finally {
    await village.end()
    for (const event of UNCAUGHT) process.off(event, catching)
  }
}
