/** Unfinished inbound upgrades of one host: what holds a socket without saying who it is (attack 83). */
import type { MultiaddrConnection } from '@libp2p/interface'

export interface Pending {
  /** False when the host has too many already. */
  add(host: string, connection: MultiaddrConnection): boolean
  /** The upgrade came to its end; also by itself when the connection closes. */
  settle(connection: MultiaddrConnection): void
}

export function createPending(mostPerHost: number): Pending {
  const pending = new Map<string, number>()
  const settled = new WeakMap<MultiaddrConnection, () => void>()
  return {
    add(host, connection) {
      const before = pending.get(host) ?? 0
      if (before >= mostPerHost) return false
      pending.set(host, before + 1)
      const settle = (): void => {
        if (!settled.delete(connection)) return
        const rest = (pending.get(host) ?? 1) - 1
        if (rest > 0) pending.set(host, rest)
        else pending.delete(host)
      }
      settled.set(connection, settle)
      connection.addEventListener('close', settle)
      return true
    },
    settle: connection => settled.get(connection)?.(),
  }
}
