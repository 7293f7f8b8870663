/** What every part of the channels shares: the messenger's own, and the network channels travel on. */
import type { Context } from '../context.ts'
import type { Gossip, Web } from './ports.ts'

export interface ChannelContext extends Context {
  readonly gossip: Gossip
  readonly web: Web
}
