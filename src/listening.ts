/** Where a node listens: on the ports of its last run where they are free, so that who missed our absence finds us where we were. */
import { createServer } from 'node:net'
import type { Store } from './messenger/ports.ts'

const PORTS = 'listenPorts'
const DEFAULT_LISTEN = ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws']
/** An address that leaves the port open, and what follows it. */
const ANY_PORT = /^(\/ip[46]\/([^/]+)\/tcp\/)0(\/ws)?$/

/** @param wished multiaddrs; none means every interface. One with port 0 gets the port of the last run when nobody else has it. */
export async function whereWeListened(store: Store, wished: readonly string[]): Promise<string[]> {
  const [tcp, ws] = (store.setting(PORTS) ?? '').split(',')
  return Promise.all(
    (wished.length > 0 ? wished : DEFAULT_LISTEN).map(async (address) => {
      const [, before, host = '', after = ''] = ANY_PORT.exec(address) ?? []
      return before === undefined ? address : `${before}${await freePort(host, after === '' ? tcp : ws)}${after}`
    }),
  )
}

export async function rememberPorts(store: Store, addresses: readonly string[]): Promise<void> {
  const port = (form: RegExp): string => addresses.map((address) => form.exec(address)?.[1]).find(Boolean) ?? ''
  const value = `${port(/\/tcp\/(\d+)$/)},${port(/\/tcp\/(\d+)\/ws$/)}`
  if (store.setting(PORTS) !== value) await store.commit([{ put: 'setting', key: PORTS, value }])
}

/** The wish when nobody listens there, else 0: any. */
function freePort(host: string, wish: string | undefined): Promise<number> {
  const port = Number(wish ?? 0)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return Promise.resolve(0)
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(port, host, () => probe.close(() => resolve(port)))
  })
}
