/** Who may connect and what may be dialled, before a protocol is spoken. */
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { DeviceKey } from '../messenger/ports.ts'
import { hostOf, judgeAddress, judgeCircuit, type Surroundings, subnetOf } from './addresses.ts'
import { deviceKeyOf } from './device-key.ts'
import { MAX_PENDING_PER_HOST, MAX_STRANGERS, MAX_STRANGERS_PER_SUBNET } from './limits.ts'
import { createPending } from './pending.ts'

export interface GaterQuestions {
  admits(device: DeviceKey): boolean
  /** IP addresses of the connected devices that are not admitted */
  strangers(): string[]
  surroundings(): Surroundings
  /** a relay the person chose, and an address of it */
  ownRelay(address: string): boolean
  /** nobody else is to see where we are */
  hidden(): boolean
}

export const ipOf = ({ remoteAddr }: Pick<MultiaddrConnection, 'remoteAddr'>): string =>
  remoteAddr.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value ?? ''

export function createGater({ admits, strangers, surroundings, ownRelay, hidden }: GaterQuestions): ConnectionGater {
  const pending = createPending(MAX_PENDING_PER_HOST)

  const mayStay = (peer: PeerId, ip: string): boolean => {
    const device = deviceKeyOf(peer)
    // Other key types mean other parsers and slower verification before anyone is known (attack 85).
    if (device === undefined) return false
    if (admits(device)) return true
    const others = strangers()
    return others.length < MAX_STRANGERS && others.filter(other => subnetOf(other) === subnetOf(ip)).length < MAX_STRANGERS_PER_SUBNET
  }
  // A name is only dialled after `resolveTarget` has looked at what is behind it, and then by address unless TLS needs the name.
  const mayDial = (address: string, device: string | undefined): boolean => {
    if (ownRelay(address)) return true
    if (address.includes('/p2p-circuit')) return device !== undefined && typeof judgeCircuit(address, device, surroundings()) !== 'string'
    // Also what libp2p would do by itself: its relay transport calls a relay again that has hung up.
    if (hidden()) return false
    const target = judgeAddress(address, device, surroundings())
    return typeof target !== 'string' && (target.kind === 'ip' || target.secure)
  }

  return {
    denyDialMultiaddr: address => !mayDial(address.toString(), undefined),
    filterMultiaddrForPeer: (peer, address) => mayDial(address.toString(), peer.toString()),
    denyInboundConnection: connection => !pending.add(hostOf(ipOf(connection)), connection),
    denyInboundEncryptedConnection: (peer, connection) => !mayStay(peer, ipOf(connection)),
    denyOutboundEncryptedConnection: peer => deviceKeyOf(peer) === undefined,
    denyInboundUpgradedConnection(_, connection) {
      pending.settle(connection)
      return false
    },
  }
}
