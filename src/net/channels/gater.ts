/** Who may connect to the channel network and what it may dial. Everybody is a stranger here, so what counts is where they come from. */
import type { ConnectionGater, PeerId } from '@libp2p/interface'
import { hostOf, isLoopback, judgeAddress, type Surroundings } from '../addresses.ts'
import { deviceKeyOf } from '../device-key.ts'
import { ipOf } from '../gater.ts'
import { createPending } from '../pending.ts'
import { MAX_PENDING_PER_HOST } from './limits.ts'
import type { Places } from './places.ts'

export interface GaterQuestions {
  banned(peer: string): boolean
  hasRoomFor: Places['hasRoomFor']
  surroundings(): Surroundings
  /** addresses of a transport that was put in place of ours */
  foreign(address: string): boolean
}

export function createGater({ banned, hasRoomFor, surroundings, foreign }: GaterQuestions): ConnectionGater {
  const pending = createPending(MAX_PENDING_PER_HOST)

  const mayTalk = (id: PeerId): boolean => {
    const peer = deviceKeyOf(id)
    // Other key types mean other parsers and slower verification (attack 85).
    return peer !== undefined && !banned(peer)
  }
  const mayDial = (address: string, peer: string | undefined): boolean => {
    if (foreign(address)) return true
    const target = judgeAddress(address, peer, surroundings())
    return typeof target !== 'string' && (target.kind === 'ip' || target.secure)
  }

  return {
    denyDialPeer: peer => banned(deviceKeyOf(peer) ?? ''),
    denyDialMultiaddr: address => !mayDial(address.toString(), undefined),
    filterMultiaddrForPeer: (peer, address) => mayDial(address.toString(), peer.toString()),
    denyInboundConnection(connection) {
      const ip = ipOf(connection)
      return ip !== '' && !isLoopback(ip) && !pending.add(hostOf(ip), connection)
    },
    denyInboundEncryptedConnection: (peer, connection) => !mayTalk(peer) || !hasRoomFor(ipOf(connection)),
    denyOutboundEncryptedConnection: peer => !mayTalk(peer),
    denyInboundUpgradedConnection(_, connection) {
      pending.settle(connection)
      return false
    },
  }
}
