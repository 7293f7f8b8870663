/** Makes a schedule that fails smaller, as long as it fails for the same reason: fewer events first, then gentler ones. */
import type { Event, Schedule } from './events.ts'
import { play } from './play.ts'

/** What a failure is told by: names and numbers in it may be others in a smaller schedule. */
export const reasonOf = (error: Error): string => (error.message.split('\n')[0] ?? '').replaceAll(/"[^"]*"|\b(?:Ann|Ben|Cho|Dan|Eve|Mal)\b|[0-9a-f]{8,}|\d+(?:\.\d+)?/g, '_').slice(0, 60)

/** @param patience how many schedules may be played for it */
export async function shrink(schedule: Schedule, reason: string, patience: number): Promise<Schedule> {
  let left = patience
  const fails = async (events: readonly Event[]): Promise<boolean> => {
    if (left-- <= 0) return false
    const { failure } = await play({ ...schedule, events })
    return failure !== undefined && reasonOf(failure) === reason
  }
  const fewer = await without(schedule.events, fails)
  return { ...schedule, events: await gentler(fewer, fails) }
}

type Fails = (events: readonly Event[]) => Promise<boolean>

/** Delta debugging: takes out runs of events, half of them at first, one in the end. */
async function without(events: readonly Event[], fails: Fails): Promise<readonly Event[]> {
  let kept = events
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = kept.length - size; at > -size; at -= size) {
      const tried = [...kept.slice(0, Math.max(0, at)), ...kept.slice(at + size)]
      if (tried.length < kept.length && (await fails(tried))) kept = tried
    }
  }
  return kept
}

async function gentler(events: readonly Event[], fails: Fails): Promise<readonly Event[]> {
  let kept = events
  for (const at of events.keys()) {
    for (const milder of milderThan(kept[at]!)) {
      const tried = kept.with(at, milder)
      if (!(await fails(tried))) continue
      kept = tried
      break
    }
  }
  return kept
}

function milderThan(event: Event): Event[] {
  switch (event.do) {
    case 'send': return event.times > 1 ? [{ ...event, times: 1 }, { ...event, times: 2 }] : []
    case 'wait': return event.ms > 500 ? [{ ...event, ms: 500 }, { ...event, ms: 9_000 }] : []
    case 'busy': return event.turns > 1 ? [{ ...event, turns: 1 }] : []
    case 'die': return event.back > 0 ? [{ ...event, back: 0 }] : []
    case 'weather': return (['drop', 'duplicate', 'reorder', 'lag', 'gossip'] as const).flatMap((fault) => (event[fault] > 0 ? [{ ...event, [fault]: 0 }] : []))
    default: return []
  }
}
