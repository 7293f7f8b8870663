/** One street from its first day through all its rounds to a quiet end, in a folder of its own. */
import { rmSync } from 'node:fs'
import type { FailingDisk } from '../support/failing-disk.ts'
import { smallDisk } from '../support/small-disk.ts'
import { type Blow, CRAMPED, type Name, PEOPLE, type Round } from './draw.ts'
import type { Resident, Weather } from './resident.ts'
import { Street } from './street.ts'

export interface Played {
  /** kill -9 that met a running process */
  readonly kills: number
  /** what was acknowledged, or shown, and was there in the end */
  readonly promised: number
  /** faults of a disk, clocks turned */
  readonly faults: number
  readonly failure: Error | undefined
}

export interface World {
  /** what is run: `pack` */
  readonly program: string
  /** undefined where libfiu is not installed */
  readonly disk: FailingDisk | undefined
  /** the environment of a process whose clock is wrong; undefined where faketime is not installed */
  readonly turned: ((shift: string) => NodeJS.ProcessEnv) | undefined
}

/** Of the small disk: its database and twice the log beside it fit. */
const MEGABYTES = 32

/** @param folder is made, and removed unless something fails */
export async function play(rounds: readonly Round[], folder: string, { program, disk, turned }: World, people: readonly Name[] = PEOPLE): Promise<Played> {
  const street = new Street(folder, program, disk?.environment, people)
  const away = new Map<Name | 'relay', number>()
  const small = smallDisk(street.person(CRAMPED).home.directory, MEGABYTES)
  let faults = 0

  /** Everybody who is not away, at the same time. */
  async function wake({ blows, dooms, clock }: Pick<Round, 'blows' | 'dooms' | 'clock'>): Promise<void> {
    const again = (whom: Name | 'relay'): number | undefined => blows.find((blow) => blow.whom === whom)?.again
    await Promise.all(street.people.filter(({ name }) => !away.has(name as Name)).map(async (person) => {
      const name = person.name as Name
      const wrong = name === 'Cat' && clock !== undefined && !person.home.isRunning ? turned?.(clock) : undefined
      if (wrong) faults++
      const weather: Weather = { doom: dooms[name], ...(wrong && { environment: joined(wrong, disk?.environment) }) }
      await person.wake(weather, again(name))
    }))
    if (!away.has('relay')) await street.wakeRelay()
  }

  async function spoil(person: Resident, fault: NonNullable<Blow['disk']>): Promise<void> {
    if (!person.home.isRunning) return
    person.sicken()
    faults++
    if (fault === 'full') return small?.fill()
    try {
      await disk?.fail(person.home.pid, fault.call, fault.errno, fault.oneIn)
    } catch (error) {
      if (person.home.isRunning) throw error // its doom may have come first
    }
  }

  async function strike({ whom, after, away: rounds, disk: fault }: Blow): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, after))
    if (whom === 'relay') await street.killRelay()
    else if (!fault || !(fault === 'full' ? small : disk)) await street.person(whom).kill()
    else await spoil(street.person(whom), fault)
    if (rounds > 0) away.set(whom, rounds)
  }

  try {
    await wake({ blows: [], dooms: {}, clock: undefined })
    for (const round of rounds) {
      for (const [whom, left] of away) if (left > 1) away.set(whom, left - 1)
        else away.delete(whom)
      await Promise.all([...round.acts.map((act) => street.act(act)), ...round.blows.map(strike)])
      await Promise.all(street.people.filter(({ isIll }) => isIll).map((person) => person.kill()))
      small?.free()
      await wake(round)
    }
    away.clear()
    // The last dooms and wrong clocks go with their processes.
    await Promise.all(street.people.map((person) => person.kill()))
    await wake({ blows: [], dooms: {}, clock: undefined })
    await street.settle()
    await street.end()
    small?.remove()
    rmSync(folder, { recursive: true })
    return { kills: street.kills, promised: street.history.promised, faults, failure: undefined }
  } catch (error) {
    await street.end()
    small?.keep()
    return { kills: street.kills, promised: street.history.promised, faults, failure: error as Error }
  }
}

/** Two libraries may stand before the C library. */
function joined(one: NodeJS.ProcessEnv, other: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...other, ...one, LD_PRELOAD: [one['LD_PRELOAD'], other['LD_PRELOAD']].filter(Boolean).join(':') }
}
