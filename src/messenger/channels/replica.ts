/**
 * Channels as they are held and handed on: followed, verified, kept, brought up to date and served, for whoever has a reason to. A person's
 * channels are built on this; a mirror is this and nobody who reads.
 */
import { Arrivals } from './arrivals.ts'
import { CatchUp } from './catch-up.ts'
import type { ReplicaContext } from './context.ts'
import { Keeping } from './keeping.ts'
import { Library } from './library.ts'
import { Network } from './network.ts'
import { Peers } from './peers.ts'
import { Pictures } from './pictures.ts'
import type { ChannelId } from './ports.ts'
import { Shelf } from './shelf.ts'

export interface ReplicaOptions {
  /** newest entries of a log that are kept whatever anybody reads */
  readonly keep: number
  /** the command that shows what the channels are called */
  readonly lists: string
  /** a peer that has the channel can be asked now */
  readonly appeared: (id: ChannelId) => void
}

export interface Replica {
  readonly shelf: Shelf
  readonly peers: Peers
  readonly pictures: Pictures
  readonly keeping: Keeping
  readonly arrivals: Arrivals
  readonly library: Library
  readonly network: Network
  readonly catchUp: CatchUp
  start(): Promise<void>
  /** Resolves when nothing is on its way any more. */
  stop(): Promise<void>
}

export function createReplica(context: ReplicaContext, { keep, lists, appeared }: ReplicaOptions): Replica {
  const shelf = new Shelf(context, lists)
  const peers = new Peers(context)
  const pictures = new Pictures(context, peers)
  const keeping = new Keeping(context, shelf)
  const arrivals = new Arrivals(context, { shelf, keeping })
  const library = new Library(context, shelf)
  const network = new Network(context, shelf, {
    message: (id, from, message) => arrivals.message(id, from, message),
    answer: (_, request) => library.answer(request),
    recognises: (nonce, tags) => library.recognises(nonce, tags),
    peer(id, peer) {
      catchUp.appeared(id, peer)
      appeared(id)
    },
    addressesChanged: () => undefined, // links are made when they are asked for
  })
  const catchUp = new CatchUp(context, { shelf, peers, network, keeping, arrivals }, keep)
  arrivals.join((id, why) => catchUp.wake(id, why))
  context.store.onRollback(() => shelf.reload())

  return {
    shelf, peers, pictures, keeping, arrivals, library, network, catchUp,
    async start() {
      await network.start()
      catchUp.start()
    },
    async stop() {
      catchUp.stop()
      await network.stop()
      await catchUp.settled()
    },
  }
}
