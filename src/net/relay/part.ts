/** One service of a relay: what it does with the node, and figures for its operator. */
import type { Libp2p } from '@libp2p/interface'

export interface RelayPart {
  /** one word; the figures are shown and exported under it */
  readonly name: string
  /** Called before the node starts to listen: handlers are in place when the first peer comes. */
  start(libp2p: Libp2p): Promise<void>
  /** Called while the node still runs. */
  stop(): Promise<void>
  /** Counts and sums; never who. A name ends in `_total` when it only grows. */
  status(): Readonly<Record<string, number>>
}
