/**
 * Relays nobody told us about: while the person has chosen none, two that were found in the public network are used, so that a new person can be
 * reached and written to without being told anything first. They are strangers' (attack 78): sealed bytes are all they get, and they are given up
 * the moment the person chooses.
 */
import type { Context } from './context.ts'
import type { RelayAt, RelaySearch } from './ports.ts'

/** As many as a person is advised to use. */
const FOUND = 2
/** After the start, so that contacts are called first. */
const FIRST_SEARCH_MS = 20_000
/** A search that found too few is made again ever more rarely. */
const FIRST_RETRY_MS = 10 * 60_000
const LAST_RETRY_MS = 6 * 3600_000
const LOOK_MS = 3600_000
/** A found relay that had no place for us for so many looks, a day, is replaced. */
const MAX_LOOKS_AWAY = 24
/** One the person forgot is not taken again for so long. */
const FORGOTTEN_MS = 30 * 24 * 3600_000
const FORGOTTEN = 'forgottenRelays'

export interface FoundRelaysParts {
  /** undefined: no stranger is asked now */
  search(): RelaySearch | undefined
  /** of those in use, whether the person chose them */
  used(): readonly (RelayAt & { readonly found?: true })[]
  /** Puts these in the place of those that were found before. */
  take(found: readonly RelayAt[]): Promise<void>
  /** The person wants to be seen by no stranger. */
  hidden(): boolean
}

export class FoundRelays {
  readonly #context: Context
  readonly #parts: FoundRelaysParts
  readonly #away = new Map<string, number>()
  #failures = 0
  #cancel: (() => void) | undefined

  constructor(context: Context, parts: FoundRelaysParts) {
    this.#context = context
    this.#parts = parts
  }

  start(): void {
    this.#after(FIRST_SEARCH_MS)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** The network is another one now, or the person uses no relay any more. */
  retry(): void {
    this.#failures = 0
    if (this.#cancel) this.#after(FIRST_SEARCH_MS)
  }

  async forgotten(peer: string): Promise<void> {
    const now = this.#context.clock.now()
    const kept = Object.entries(this.#forgotten()).filter(([, at]) => now - at < FORGOTTEN_MS)
    await this.#context.store.commit([{ put: 'setting', key: FORGOTTEN, value: JSON.stringify({ ...Object.fromEntries(kept), [peer]: now }) }])
  }

  #forgotten(): Record<string, number> {
    return JSON.parse(this.#context.store.setting(FORGOTTEN) ?? '{}') as Record<string, number>
  }

  #after(delay: number): void {
    this.#cancel?.()
    this.#cancel = this.#context.clock.after(delay, () => {
      this.#look().then(
        (again) => this.#cancel && this.#after(again),
        () => this.#cancel && this.#after(FIRST_RETRY_MS),
      )
    })
  }

  /** @returns when to look again */
  async #look(): Promise<number> {
    const { used, take, hidden } = this.#parts
    const search = this.#parts.search()
    const here = used()
    if (!search || hidden() || here.some(({ found }) => found !== true)) return LOOK_MS
    const states = new Map(this.#context.courier.relays().map(({ peer, state }) => [peer, state]))
    for (const { peer } of here) this.#away.set(peer, states.get(peer) === 'reserved' ? 0 : (this.#away.get(peer) ?? 0) + 1)
    const good = here.filter(({ peer }) => (this.#away.get(peer) ?? 0) < MAX_LOOKS_AWAY)
    if (good.length >= FOUND) return LOOK_MS
    const refused = { ...this.#forgotten(), ...Object.fromEntries(here.map(({ peer }) => [peer, 0])) }
    const found = ((await search()) ?? []).filter(({ peer }) => !(peer in refused))
    // The person may have chosen one, or hidden, or keep to a private network, while strangers were asked.
    if (hidden() || !this.#parts.search() || used().some((each) => each.found !== true)) return LOOK_MS
    const next = [...good, ...found].slice(0, FOUND)
    if (next.length > good.length || good.length < here.length) await take(next)
    if (next.length >= FOUND) {
      this.#failures = 0
      return LOOK_MS
    }
    // Jitter of half: those who came on the network together do not ask together.
    const chance = (this.#context.random(1)[0] ?? 0) / 255
    return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++) * (0.5 + chance / 2)
  }
}
