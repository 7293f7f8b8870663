/** What every part of the channels shares: the messenger's own, and the network channels travel on. */
import type { Suite } from '../../../protocols/suite/index.ts'
import type { Context, Log } from '../context.ts'
import type { Clock, Random, Store } from '../ports.ts'
import type { ChannelStore, Gossip, Web } from './ports.ts'

export interface ChannelContext extends Context {
  readonly gossip: Gossip
  readonly web: Web
}

/** What it takes to hold channels and hand them on: rows, a network and a clock. There is no person in it. */
export interface ReplicaContext {
  readonly suite: Suite
  readonly store: ChannelStore & Pick<Store, 'commit' | 'settled' | 'onRollback'>
  readonly gossip: Gossip
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
