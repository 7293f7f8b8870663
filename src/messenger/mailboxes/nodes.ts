/** Which of the relays a person uses keep their mailboxes: the first two that do. Another steps in for one that does not, and stays. */
import { relayName } from '../ids.ts'
import type { MailboxContext } from './context.ts'
import type { MailboxNode } from './ports.ts'

/** Nodes with queues of ours at once: one may vanish or lie. Others we use as relays are spare. */
const NODES = 2
/** A relay that is repaired, moved or full for a night comes back; every move makes all contacts learn new queues. */
const PATIENCE_MS = 24 * 3600_000
/** Hung up before hello, so often on end: with the pauses between them most of an hour, longer than a restart takes. */
const REFUSALS = 16
/** Failures that follow each other without a gap before one counts: a device that has just woken up finds nobody. */
const TRIES = 5
/** No pause between two calls is so long; the device slept, or was off. */
const GAP_MS = 3600_000
/** When too few are left, one that was given up is asked again, so often. */
const REST_MS = 24 * 3600_000
const SETTING = 'mailboxNodes'

/**
 * `unreachable`: it does not answer, or not to the end. `refused`: it answers and hangs up, as a relay does that keeps no mailboxes. `denied`: it
 * says that it makes no queues for us. `busy`: it makes none now, and has none of ours.
 */
export type Failure = 'unreachable' | 'refused' | 'denied' | 'busy'

export interface UsedRelay extends MailboxNode {
  /** when the person last gave its link */
  readonly addedAt: number
}

/** What is remembered of a node over restarts. */
interface Health {
  /** fails since */
  readonly since?: number
  /** another one was to step in */
  readonly givenUp?: number
}

export class Nodes {
  readonly #context: MailboxContext
  /** in the order in which the person came to use them */
  readonly #relays: () => readonly UsedRelay[]
  /** Others are used now. */
  readonly #changed: () => void
  readonly #tries = new Map<string, { at: number; count: number; refusals: number }>()
  readonly #told = new Set<string>()
  #cancelRest: (() => void) | undefined

  constructor(context: MailboxContext, parts: { relays: () => readonly UsedRelay[]; changed: () => void }) {
    this.#context = context
    this.#relays = parts.relays
    this.#changed = parts.changed
  }

  start(): void {
    this.#waitForRest()
  }

  stop(): void {
    this.#cancelRest?.()
    this.#tries.clear()
  }

  /** Those that keep queues of ours, the preferred first. One that was given up comes back only when there are too few others. */
  used(): UsedRelay[] {
    const health = this.#health()
    const isGivenUp = ({ peer }: UsedRelay): boolean => health[peer]?.givenUp !== undefined
    const rested = this.#relays().filter(({ peer }) => this.#context.clock.now() - (health[peer]?.givenUp ?? Infinity) >= REST_MS)
    return [...this.#relays().filter((relay) => !isGivenUp(relay)), ...rested].slice(0, NODES)
  }

  /** `none`: it was tried, and keeps none. */
  part(peer: string): 'keeps' | 'spare' | 'none' {
    const { since, givenUp } = this.#health()[peer] ?? {}
    if (givenUp !== undefined || this.#isOverdue(since)) return 'none'
    return this.used().some((node) => node.peer === peer) ? 'keeps' : 'spare'
  }

  /** One that was given up works, too, while it is emptied: that changes nothing, or queues would move to and fro. */
  async works(peer: string): Promise<void> {
    if (!this.used().some((node) => node.peer === peer)) return
    this.#tries.delete(peer)
    this.#told.delete(peer)
    if (this.#health()[peer]) await this.#keep(peer, undefined)
  }

  /** @param online others answered meanwhile, so it is not our own network that fails */
  async failed(peer: string, failure: Failure, online: boolean): Promise<void> {
    const now = this.#context.clock.now()
    const node = this.used().find((each) => each.peer === peer)
    if (!node) return
    const tries = this.#tried(peer, failure)
    const health = this.#health()[peer]
    const since = health?.since ?? now
    const certain = failure === 'denied' || tries.refusals >= REFUSALS
    const overdue = this.#isOverdue(since) && (failure === 'busy' || (online && tries.count >= TRIES))
    if (!certain && !overdue) {
      if (health?.since === undefined) await this.#keep(peer, { ...health, since })
      return
    }
    this.#warn(node)
    // One that may come back is better than none.
    if (!certain && !this.#standIn()) return
    this.#context.log.info('a relay keeps no mailboxes for us', { failure })
    this.#tries.delete(peer)
    await this.#keep(peer, { givenUp: now })
    this.#waitForRest()
    this.#changed()
  }

  #tried(peer: string, failure: Failure): { count: number; refusals: number } {
    const at = this.#context.clock.now()
    const before = this.#tries.get(peer)
    const follows = before !== undefined && at - before.at < GAP_MS
    const tries = { at, count: follows ? before.count + 1 : 1, refusals: failure === 'refused' ? (follows ? before.refusals : 0) + 1 : 0 }
    this.#tries.set(peer, tries)
    return tries
  }

  #isOverdue(since: number | undefined): boolean {
    return since !== undefined && this.#context.clock.now() - since >= PATIENCE_MS
  }

  /** Somebody who could step in. */
  #standIn(): boolean {
    const used = this.used()
    const health = this.#health()
    return this.#relays().some(({ peer }) => health[peer]?.givenUp === undefined && !used.some((node) => node.peer === peer))
  }

  #warn(node: UsedRelay): void {
    const others = this.#relays().filter(({ peer }) => peer !== node.peer && this.part(peer) !== 'none').length
    if (others >= NODES || this.#told.has(node.peer)) return
    this.#told.add(node.peer)
    const left = others === 0 ? 'no other does' : 'only one other does'
    const text = `the relay ${relayName(node.peer)} keeps no mailboxes for you, and ${left}. Use a second one of another operator: dure relay use LINK`
    this.#context.events.emit({ type: 'warning', code: 'mailboxes-few', text })
  }

  /** Time alone may bring one back. */
  #waitForRest(): void {
    this.#cancelRest?.()
    const now = this.#context.clock.now()
    const ends = Object.values(this.#health()).flatMap(({ givenUp }) => (givenUp !== undefined && givenUp + REST_MS > now ? [givenUp + REST_MS] : []))
    if (ends.length === 0) return
    this.#cancelRest = this.#context.clock.after(Math.min(...ends) - now, () => {
      this.#waitForRest()
      this.#changed()
    })
  }

  /** What was known before the person gave its link again does not count. */
  #health(): Record<string, Health> {
    const kept = JSON.parse(this.#context.store.setting(SETTING) ?? '{}') as Record<string, Health>
    const known = this.#relays().filter(({ peer, addedAt }) => (kept[peer]?.givenUp ?? kept[peer]?.since ?? -Infinity) >= addedAt)
    return Object.fromEntries(known.map(({ peer }) => [peer, kept[peer] as Health]))
  }

  async #keep(peer: string, health: Health | undefined): Promise<void> {
    const { [peer]: _, ...others } = this.#health()
    await this.#context.store.commit([{ put: 'setting', key: SETTING, value: JSON.stringify(health ? { ...others, [peer]: health } : others) }])
  }
}
