/** Who may connect to a relay, and what it dials. Everybody is a stranger, so what counts is where they come from. */
import type { Connection, ConnectionGater } from '@libp2p/interface'
import { hostOf, isLoopback, judgeAddress, type Surroundings, subnetOf } from '../addresses.ts'
import { deviceKeyOf } from '../device-key.ts'
import { ipOf } from '../gater.ts'
import { createPending } from '../pending.ts'
import { MAX_PENDING_PER_HOST, MAX_PER_SUBNET_4, MAX_PER_SUBNET_6 } from './limits.ts'

export interface GaterQuestions {
  connections(): readonly Connection[]
  surroundings(): Surroundings
}

export type Admission = Required<
  Pick<
    ConnectionGater,
    | 'denyDialMultiaddr'
    | 'filterMultiaddrForPeer'
    | 'denyInboundConnection'
    | 'denyInboundEncryptedConnection'
    | 'denyOutboundEncryptedConnection'
    | 'denyInboundUpgradedConnection'
  >
>

/** @param refused counts who was turned away */
export function createAdmission({ connections, surroundings }: GaterQuestions, refused: () => void): Admission {
  const pending = createPending(MAX_PENDING_PER_HOST)

  const mayStay = (peer: string | undefined, ip: string): boolean => {
    // Other key types mean other parsers and slower verification (attack 85).
    if (peer === undefined) return false
    // Nobody rents loopback; what comes through a proxy on this machine is the proxy's to limit.
    if (ip === '' || isLoopback(ip)) return true
    const subnet = subnetOf(ip)
    const most = subnet.includes(':') ? MAX_PER_SUBNET_6 : MAX_PER_SUBNET_4
    return connections().filter(connection => connection.direction === 'inbound' && subnetOf(ipOf(connection)) === subnet).length < most
  }
  const mayDial = (address: string, peer: string | undefined): boolean => {
    const target = judgeAddress(address, peer, surroundings())
    return typeof target !== 'string' && (target.kind === 'ip' || target.secure)
  }
  const counted = (denied: boolean): boolean => {
    if (denied) refused()
    return denied
  }

  return {
    denyDialMultiaddr: address => !mayDial(address.toString(), undefined),
    filterMultiaddrForPeer: (peer, address) => mayDial(address.toString(), peer.toString()),
    denyInboundConnection: connection => counted(!pending.add(hostOf(ipOf(connection)), connection)),
    denyInboundEncryptedConnection: (peer, connection) => counted(!mayStay(deviceKeyOf(peer), ipOf(connection))),
    denyOutboundEncryptedConnection: peer => deviceKeyOf(peer) === undefined,
    denyInboundUpgradedConnection(_, connection) {
      pending.settle(connection)
      return false
    },
  }
}
