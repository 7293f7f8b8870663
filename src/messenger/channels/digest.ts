/**
 * How many posts are told one by one: as many a day and channel as the follower allows, the rest as one digest when the day is
 * over. A publisher never decides how often somebody is disturbed.
 */
import { channelText } from '../../../protocols/channel/index.ts'
import { fromHex } from '../../../protocols/suite/index.ts'
import { commit, newStep, type Step } from '../context.ts'
import type { ChannelContext } from './context.ts'
import type { ChannelId } from './ports.ts'
import type { Shelf } from './shelf.ts'

/** Survives a restart: a node that starts often does not tell more. */
const SETTING = 'channelDigest'
const DAY_MS = 24 * 3600_000
/** Timers are looked at again at least this often: a clock may jump. */
const LONGEST_WAIT_MS = 3600_000

interface Day {
  /** when it began: with the first post after the last digest */
  readonly since: number
  /** posts of the day: told one by one, and more than that */
  readonly channels: Readonly<Record<ChannelId, { readonly told: number; readonly more: number }>>
}

export class Digest {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  #day: Day | undefined
  #cancel: (() => void) | undefined
  #running = false

  constructor(context: ChannelContext, shelf: Shelf) {
    this.#context = context
    this.#shelf = shelf
    this.reload()
  }

  reload(): void {
    const stored = this.#context.store.setting(SETTING)
    this.#day = stored ? (JSON.parse(stored) as Day) : undefined
  }

  start(): void {
    this.#running = true
    this.#schedule()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  /** So many fresh posts came: how many of them may be told one by one. */
  count(step: Step, id: ChannelId, posts: number): number {
    const known = this.#shelf.get(id)
    if (!known || known.row.muted || known.row.following === undefined || posts === 0) return 0
    const day = this.#day ?? { since: this.#context.clock.now(), channels: {} }
    const { told, more } = day.channels[id] ?? { told: 0, more: 0 }
    const tell = Math.min(posts, Math.max(0, known.row.dailyLimit - told))
    this.#put(step, { ...day, channels: { ...day.channels, [id]: { told: told + tell, more: more + posts - tell } } })
    step.afterwards.push(() => this.#schedule())
    return tell
  }

  forget(step: Step, id: ChannelId): void {
    if (this.#day?.channels[id] === undefined) return
    const { [id]: _, ...channels } = this.#day.channels
    this.#put(step, { ...this.#day, channels })
  }

  #put(step: Step, day: Day | undefined): void {
    this.#day = day
    step.changes.push({ put: 'setting', key: SETTING, value: day ? JSON.stringify(day) : '' })
  }

  #schedule(): void {
    if (!this.#running) return
    this.#cancel?.()
    this.#cancel = undefined
    if (!this.#day) return
    const { clock, log } = this.#context
    const wait = Math.max(0, this.#day.since + DAY_MS - clock.now())
    this.#cancel = clock.after(Math.min(wait, LONGEST_WAIT_MS), () => {
      this.#tell()
        .catch(() => log.warn('the digest was not told; tried again later'))
        .finally(() => this.#schedule())
    })
  }

  async #tell(): Promise<void> {
    const { clock, events } = this.#context
    const day = this.#day
    // Also a clock set back ends the day: better one digest too early than none for years.
    if (!day || (clock.now() >= day.since && clock.now() < day.since + DAY_MS)) return
    const step = newStep()
    this.#put(step, undefined)
    for (const [id, { more }] of Object.entries(day.channels)) {
      const row = this.#shelf.get(id)?.row
      // Muted since: what came before is not told either.
      if (row && !row.muted && more > 0) step.afterwards.push(() => events.emit({ type: 'digest', channel: channelText(fromHex(id)), name: row.name, posts: more }))
    }
    await commit(this.#context, step)
  }
}
