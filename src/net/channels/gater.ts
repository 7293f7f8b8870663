/** Who may connect to the channel network and what it may dial. Everybody is a stranger here, so what counts is where they come from. */
import type { Connection, ConnectionGater, MultiaddrConnection } from '@libp2p/interface'
import { isPrivateIp } from '@libp2p/utils'
import { hostOf, isLoopback, judgeAddress, type Surroundings, subnetOf } from '../addresses.ts'
import { deviceKeyOf } from '../device-key.ts'
import { ipOf } from '../gater.ts'
import { MAX_INBOUND, MAX_PENDING_PER_HOST, MAX_PER_PRIVATE_SUBNET, MAX_PER_SUBNET } from './limits.ts'

export interface GaterQuestions {
  banned(peer: string): boolean
  connections(): readonly Connection[]
  surroundings(): Surroundings
  /** addresses of a transport that was put in place of ours */
  foreign(address: string): boolean
}

/** Addresses nobody rents: nodes of this machine, and transports without addresses. */
const uncounted = (ip: string): boolean => ip === '' || isLoopback(ip)

export function createGater({ banned, connections, surroundings, foreign }: GaterQuestions): ConnectionGater {
  const pending = new Map<string, number>()
  const settled = new WeakMap<MultiaddrConnection, () => void>()

  const mayStay = (peer: string | undefined, ip: string): boolean => {
    // Other key types mean other parsers and slower verification (attack 85).
    if (peer === undefined || banned(peer)) return false
    const inbound = connections().filter(({ direction }) => direction === 'inbound')
    if (inbound.length >= MAX_INBOUND) return false
    if (uncounted(ip)) return true
    const most = isPrivateIp(ip) ? MAX_PER_PRIVATE_SUBNET : MAX_PER_SUBNET
    return inbound.filter(connection => subnetOf(ipOf(connection)) === subnetOf(ip)).length < most
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
      if (uncounted(ip)) return false
      const host = hostOf(ip)
      const before = pending.get(host) ?? 0
      if (before >= MAX_PENDING_PER_HOST) return true
      pending.set(host, before + 1)
      const settle = (): void => {
        if (!settled.delete(connection)) return
        const rest = (pending.get(host) ?? 1) - 1
        if (rest > 0) pending.set(host, rest)
        else pending.delete(host)
      }
      settled.set(connection, settle)
      connection.addEventListener('close', settle)
      return false
    },
    denyInboundEncryptedConnection: (peer, connection) => !mayStay(deviceKeyOf(peer), ipOf(connection)),
    denyOutboundEncryptedConnection: peer => banned(deviceKeyOf(peer) ?? '') || deviceKeyOf(peer) === undefined,
    denyInboundUpgradedConnection(_, connection) {
      settled.get(connection)?.()
      return false
    },
  }
}
