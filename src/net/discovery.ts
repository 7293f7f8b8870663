/**
 * Devices on the local network, by mDNS under our own service name. Not registered as a libp2p discovery: that would store
 * every peer anyone on the network announces. Here a found device is only handed to a listener, which knows whom we know.
 */
import { type MulticastDNSComponents, mdns } from '@libp2p/mdns'
import type { Startable } from '@libp2p/interface'
import type { DeviceKey } from '../messenger/ports.ts'
import { deviceKeyOf } from './device-key.ts'
import { DISCOVERY_BACKOFF, DISCOVERY_COURTESY, MAX_DISCOVERED } from './limits.ts'

const SERVICE = '_dure._udp.local'

export type Found = (device: DeviceKey, addresses: string[]) => void

export function lanDiscovery(found: Found, serviceTag = SERVICE): (components: MulticastDNSComponents) => Startable {
  return components => {
    const service = mdns({ serviceTag })(components)
    service.addEventListener('peer', ({ detail: { id, multiaddrs } }) => {
      const device = deviceKeyOf(id)
      if (device !== undefined) found(device, multiaddrs.map(String))
    })
    const { start, stop } = service as unknown as Required<Pick<Startable, 'start' | 'stop'>>
    return { start: start.bind(service), stop: stop.bind(service) }
  }
}

export interface DiscoveryPolicy {
  readonly self: DeviceKey
  admits(device: DeviceKey): boolean
  connected(device: DeviceKey): boolean
  dial(device: DeviceKey, addresses: string[]): void
  now(): number
  after(delay: number, run: () => void): void
}

/** Calls found devices that we admit and are not connected to, each at most once per back-off. */
export function createDiscovery({ self, admits, connected, dial, now, after }: DiscoveryPolicy): Found {
  const called = new Map<DeviceKey, number>()
  return (device, addresses) => {
    if (device === self || !admits(device) || connected(device)) return
    const last = called.get(device)
    if (last !== undefined && now() - last < DISCOVERY_BACKOFF) return
    called.delete(device)
    called.set(device, now())
    for (const oldest of called.keys()) {
      if (called.size <= MAX_DISCOVERED) break
      called.delete(oldest)
    }
    if (self < device) dial(device, addresses)
    else after(DISCOVERY_COURTESY, () => {
      if (admits(device) && !connected(device)) dial(device, addresses)
    })
  }
}
