/** The relays a person chose: a place is kept at each, and asked for again, ever more rarely, where there is none. */
import type { DeviceKey, RelayAt, RelayState } from '../messenger/ports.ts'
import { FIRST_RELAY_RETRY, LAST_RELAY_RETRY, LAST_RELAY_RETRY_ALONE } from './limits.ts'

export interface Relays {
  use(relays: readonly RelayAt[]): void
  start(): void
  stop(): void
  /** The network may be another one now: nobody waits any longer. */
  retryNow(): void
  /** Our place there ended. */
  lost(peer: DeviceKey): void
  knows(peer: DeviceKey): boolean
  /** Its addresses, as the person gave them; undefined: it is none of theirs. */
  addressesOf(peer: DeviceKey): readonly string[] | undefined
  /** An address of one of them, as the person gave it. */
  has(address: string): boolean
  /** Those at which we can be called, in the order they were given. */
  reserved(): RelayAt[]
  states(): { readonly peer: DeviceKey; readonly state: RelayState }[]
}

export interface RelayQuestions {
  /** Connects and reserves a place. Rejects when either fails. */
  reserve(relay: RelayAt): Promise<void>
  /** We can be called at more or fewer relays than before. */
  changed(): void
  /** Nobody is connected. */
  alone(): boolean
  /** Runs once after the delay, unless the returned function is called first. */
  after(delay: number, run: () => void): () => void
  /** 0 .. 1 */
  chance(): number
}

interface Entry {
  readonly relay: RelayAt
  state: RelayState
  failures: number
  trying: boolean
  cancel: (() => void) | undefined
}

export function createRelays({ reserve, changed, alone, after, chance }: RelayQuestions): Relays {
  let entries = new Map<DeviceKey, Entry>()
  let running = false
  /** counts the starts: what an attempt of an earlier one finds out is of no use */
  let run = 0

  async function attempt(entry: Entry): Promise<void> {
    if (entry.trying || !running) return
    entry.trying = true
    entry.cancel?.()
    entry.cancel = undefined
    const mine = run
    let reserved = false
    try {
      await reserve(entry.relay)
      reserved = true
    } catch {
      // away, full, or not a relay: the same to us
    }
    if (mine !== run) return
    entry.trying = false
    if (!running || entries.get(entry.relay.peer) !== entry) return
    if (reserved) {
      entry.failures = 0
      entry.state = 'reserved'
      changed()
    } else {
      entry.state = 'away'
      retryLater(entry)
    }
  }

  /** Jitter of half: those a relay lost together do not come back together. */
  function retryLater(entry: Entry): void {
    const last = alone() ? LAST_RELAY_RETRY_ALONE : LAST_RELAY_RETRY
    const delay = Math.min(last, FIRST_RELAY_RETRY * 2 ** entry.failures++) * (0.5 + chance())
    entry.cancel?.()
    entry.cancel = after(delay, () => {
      entry.cancel = undefined
      void attempt(entry)
    })
  }

  const release = (entry: Entry): void => {
    entry.cancel?.()
    entry.cancel = undefined
  }

  return {
    use(relays) {
      const before = entries
      entries = new Map(relays.map(relay => {
        const known = before.get(relay.peer)
        const same = known !== undefined && known.relay.addresses.join() === relay.addresses.join()
        return [relay.peer, same ? known : { relay, state: 'trying', failures: 0, trying: false, cancel: undefined }]
      }))
      for (const entry of before.values()) if (!entries.has(entry.relay.peer) || entries.get(entry.relay.peer) !== entry) release(entry)
      if (!running) return
      for (const entry of entries.values()) if (entry.state === 'trying') void attempt(entry)
      changed()
    },
    start() {
      running = true
      run++
      for (const entry of entries.values()) void attempt(entry)
    },
    stop() {
      running = false
      for (const entry of entries.values()) {
        release(entry)
        Object.assign(entry, { state: 'trying', failures: 0, trying: false })
      }
    },
    retryNow() {
      for (const entry of entries.values()) {
        if (entry.state === 'reserved') continue
        entry.failures = 0
        void attempt(entry)
      }
    },
    lost(peer) {
      const entry = entries.get(peer)
      if (!running || entry?.state !== 'reserved') return
      entry.state = 'trying'
      retryLater(entry)
      changed()
    },
    knows: peer => entries.has(peer),
    addressesOf: peer => entries.get(peer)?.relay.addresses,
    has: address => [...entries.values()].some(({ relay }) => relay.addresses.includes(address)),
    reserved: () => [...entries.values()].filter(({ state }) => state === 'reserved').map(({ relay }) => relay),
    states: () => [...entries.values()].map(({ relay: { peer }, state }) => ({ peer, state })),
  }
}
