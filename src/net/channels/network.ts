/** What the parts of the channel network know of the whole. */
import type { Connection } from '@libp2p/interface'
import { type ChannelId, GossipError, type PeerKey } from '../../messenger/channels/ports.ts'
import type { ChannelNode } from './node.ts'
import type { Roster } from './roster.ts'

export interface Network {
  /** undefined while it does not run */
  node(): ChannelNode | undefined
  self(): PeerKey
  readonly rosters: ReadonlyMap<ChannelId, Roster>
  /** The open ones, to a peer. */
  connectionsOf(peer: PeerKey): Connection[]
  banned(peer: PeerKey): boolean
  /** The peer has the channel; if it is connected, it can be asked now. */
  holds(roster: Roster, peer: PeerKey): void
}

export const openRosters = ({ rosters }: Pick<Network, 'rosters'>): Roster[] => [...rosters.values()].filter(({ meeting }) => meeting.following === 'open')

export const stoppedError = (): GossipError => new GossipError('stopped', 'the channel network is stopped')
