/** Lets strangers find a relay: its record is written into the public DHT, and again before it is forgotten. */
import { withoutNames } from './entry-points.ts'
import * as limit from './limits.ts'
import { joinPublicDht } from './public-dht.ts'
import { RELAYS_KEY } from './relays-key.ts'

export interface AnnounceOptions {
  /** the relay's own, since a record is only taken from whom it names */
  readonly seed: Uint8Array
  readonly entryPoints: readonly string[]
  readonly addresses: readonly string[]
}

export interface Announcing {
  /** whether the last announcement reached somebody */
  readonly announced: boolean
  stop(): void
}

export function announceRelay({ seed, entryPoints, addresses }: AnnounceOptions): Announcing {
  const stopping = new AbortController()
  let announced = false
  let timer: NodeJS.Timeout | undefined

  async function write(): Promise<boolean> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(limit.ANNOUNCE_TIMEOUT)])
    const joined = await joinPublicDht({ seed, entryPoints, announce: await withoutNames(addresses), signal })
    if (!joined) return false
    try {
      return await joined.dht.provide(RELAYS_KEY, signal)
    } finally {
      await joined.stop()
    }
  }
  async function again(): Promise<void> {
    announced = await write().catch(() => false)
    if (stopping.signal.aborted) return
    timer = setTimeout(() => void again(), announced ? limit.ANNOUNCE_INTERVAL : limit.ANNOUNCE_RETRY)
    timer.unref()
  }
  void again()

  return {
    get announced() {
      return announced
    },
    stop() {
      stopping.abort()
      clearTimeout(timer)
    },
  }
}
