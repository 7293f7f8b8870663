/** Which devices are connected. Tells when the first connection of an admitted device comes and when its last one goes. */
import type { Connection } from '@libp2p/interface'
import type { DeviceKey } from '../messenger/ports.ts'
import { ipOf } from './gater.ts'
import { MAX_CONNECTIONS_PER_DEVICE, STRANGER_LIFETIME } from './limits.ts'

export interface Connections {
  /** True when the device is admitted. */
  add(device: DeviceKey, connection: Connection): boolean
  remove(device: DeviceKey, connection: Connection): void
  /** The one to talk over: a direct one where there is one. */
  newest(device: DeviceKey): Connection | undefined
  /** IP addresses of connected devices that are not admitted, one for each connection. */
  strangers(): string[]
  /** Tells of devices admitted since they connected, and closes what the others have held too long. */
  review(): void
  /** Devices, not connections. */
  count(): number
}

interface Entry {
  /** oldest first, with the time each was opened */
  readonly open: Map<Connection, number>
  /** `appeared` was told, so `vanished` must be */
  told: boolean
}

/** Of the direct ones the newest, else of those through relays; sorting keeps the order of equals. */
const directLast = (a: Connection, b: Connection): number => Number(a.limits === undefined) - Number(b.limits === undefined)

export function createConnections({ admits, serves, appeared, vanished, now }: {
  admits(device: DeviceKey): boolean
  /** a relay of ours, or one that carries a call now: neither contact nor stranger */
  serves(device: DeviceKey): boolean
  appeared(device: DeviceKey): void
  vanished(device: DeviceKey): void
  now(): number
}): Connections {
  const devices = new Map<DeviceKey, Entry>()

  const newest = (device: DeviceKey): Connection | undefined =>
    [...(devices.get(device)?.open.keys() ?? [])].filter(({ status }) => status === 'open').toSorted(directLast).at(-1)

  function tell(device: DeviceKey, entry: Entry): boolean {
    if (!admits(device)) return false
    if (!entry.told) {
      entry.told = true
      // libp2p may still be inside its own event.
      queueMicrotask(() => {
        if (devices.get(device) === entry) appeared(device)
      })
    }
    return true
  }

  return {
    newest,
    add(device, connection) {
      const entry = devices.get(device) ?? { open: new Map(), told: false }
      devices.set(device, entry)
      entry.open.set(connection, now())
      for (const [oldest] of entry.open) {
        if (entry.open.size <= MAX_CONNECTIONS_PER_DEVICE) break
        entry.open.delete(oldest)
        oldest.abort(new Error('replaced by a newer connection'))
      }
      return tell(device, entry)
    },
    remove(device, connection) {
      const entry = devices.get(device)
      if (!entry?.open.delete(connection) || entry.open.size > 0) return
      devices.delete(device)
      if (entry.told) queueMicrotask(() => vanished(device))
    },
    strangers: () => [...devices].flatMap(([device, { open }]) => (admits(device) || serves(device) ? [] : [...open.keys()].map(ipOf))),
    review() {
      for (const [device, entry] of devices) {
        if (tell(device, entry) || serves(device)) continue
        for (const [connection, since] of entry.open) {
          if (now() - since > STRANGER_LIFETIME) void connection.close().catch((error: Error) => connection.abort(error))
        }
      }
    },
    count: () => [...devices.keys()].filter(device => !serves(device)).length,
  }
}
