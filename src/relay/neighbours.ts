/**
 * Other relays, called so that the DHTs know each other: those of relays that never met are islands, and followers of one channel who use
 * different relays do not find each other in them.
 */
const HOUR = 3600_000
/** Who was met stays in the table for as long as they answer. Relays come and go, and one that was alone joins the others. */
const MEET_INTERVAL = 6 * HOUR
/** Nobody was found: it may be our own network that is down. */
const MEET_RETRY = HOUR

export interface NeighboursOptions {
  /** multiaddrs with a peer id that the operator gave */
  readonly given: readonly string[]
  /** multiaddrs with a peer id of strangers' relays; undefined: none are looked for */
  readonly find: ((signal: AbortSignal) => Promise<readonly string[]>) | undefined
  /** Calls these. */
  readonly meet: (entryPoints: readonly string[]) => Promise<void>
}

/** @returns what ends it */
export function meetNeighbours({ given, find, meet }: NeighboursOptions): () => void {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined

  async function again(): Promise<void> {
    await meet(given)
    const found = (await find?.(stopping.signal).catch(() => [])) ?? []
    if (stopping.signal.aborted) return
    await meet(found)
    if (stopping.signal.aborted) return
    timer = setTimeout(() => void again(), found.length > 0 || !find ? MEET_INTERVAL : MEET_RETRY)
    timer.unref()
  }
  void again()

  return () => {
    stopping.abort()
    clearTimeout(timer)
  }
}
