/** Whom we call: those we have something to ask, and peers of channels that lack some. */
import type { Connection, Stream } from '@libp2p/interface'
import { GossipError, type PeerKey } from '../../messenger/channels/ports.ts'
import { peerIdOf } from '../device-key.ts'
import { DIAL_TIMEOUT, PROTOCOL_NEGOTIATION_TIMEOUT } from '../limits.ts'
import { timeout } from '../within.ts'
import type { AddressBook } from './address-book.ts'
import { DIALS_AT_ONCE, PEERS_PER_CHANNEL, SETTLED_CONNECTIONS } from './limits.ts'
import { type Network, openRosters, stoppedError } from './network.ts'

export interface Calls {
  /** The connection that is there, or a new one. @throws GossipError */
  connect(peer: PeerKey): Promise<Connection>
  /** @throws GossipError */
  openStream(peer: PeerKey, protocol: string): Promise<Stream>
  /** Calls hints of open channels that lack peers. */
  fill(): void
}

export function createCalls(network: Network, book: AddressBook): Calls {
  const { node, self, rosters, connectionsOf, banned, holds } = network

  async function connect(peer: PeerKey): Promise<Connection> {
    const [standing] = connectionsOf(peer)
    if (standing) return standing
    const libp2p = node()?.libp2p
    if (!libp2p) throw stoppedError()
    const id = peerIdOf(peer)
    if (!id || peer === self() || banned(peer)) throw new GossipError('unreachable', 'not a peer to talk to')
    const hints = [...new Set([...[...rosters.values()].flatMap(roster => roster.hinted(peer) ?? []), ...(book.of(peer) ?? [])])]
    try {
      const addresses = await book.resolve(id, hints)
      if (addresses.length === 0) throw new GossipError('unreachable', 'no address to try')
      const connection = connectionsOf(peer)[0] ?? await libp2p.dial(addresses, { signal: timeout(DIAL_TIMEOUT) })
      book.remember(peer, hints)
      return connection
    } catch (error) {
      if (!node()) throw stoppedError()
      throw error instanceof GossipError ? error : new GossipError('unreachable', 'no address answered')
    }
  }

  async function openStream(peer: PeerKey, protocol: string): Promise<Stream> {
    const connection = await connect(peer)
    try {
      return await connection.newStream(protocol, { signal: timeout(PROTOCOL_NEGOTIATION_TIMEOUT), negotiateFully: false })
    } catch (error) {
      if (!node()) throw stoppedError()
      const hungUp = ['StreamResetError', 'UnsupportedProtocolError'].includes((error as Error).name)
      throw new GossipError(hungUp ? 'refused' : 'unreachable', hungUp ? 'the other side hung up' : 'no stream could be opened')
    }
  }

  const called = (peer: PeerKey): boolean => connectionsOf(peer).some(({ direction }) => direction === 'outbound')

  function fill(): void {
    const libp2p = node()?.libp2p
    if (!libp2p) return
    const open = openRosters(network)
    const each = Math.max(1, Math.min(PEERS_PER_CHANNEL, Math.floor(SETTLED_CONNECTIONS / Math.max(1, open.length))))
    let dials = Math.min(DIALS_AT_ONCE, SETTLED_CONNECTIONS - libp2p.getConnections().length)
    for (const roster of open.toSorted((a, b) => a.holders.size - b.holders.size)) {
      // Those who called us do not count: they may be all of one hand (eclipse, attack 71).
      let wanted = each - [...roster.holders].filter(called).length
      for (const peer of roster.due()) {
        if (wanted <= 0 || dials <= 0) break
        if (peer === self() || banned(peer)) continue
        wanted--
        if (connectionsOf(peer).length > 0) {
          holds(roster, peer)
          continue
        }
        dials--
        roster.dialled(peer)
        void connect(peer).then(() => holds(roster, peer), () => undefined)
      }
    }
  }

  return { connect, openStream, fill }
}
