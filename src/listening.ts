/** Where a node listens: on the ports of its last run where they are free, so that who missed our absence finds us where we were. */
import { createServer } from 'node:net'
import { ConfigError } from './config.ts'
import type { Store } from './messenger/ports.ts'
import { isListenable } from './net/index.ts'

const PORTS = 'listenPorts'
const DEFAULT_LISTEN = ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws']
/** An address that leaves the port open, and what follows it. */
const ANY_PORT = /^(\/ip[46]\/([^/]+)\/tcp\/)0(\/ws)?$/
const ANY_PORT_OF_HOST = /^(\/ip[46]\/([^/]+)\/tcp\/)\d+(\/ws)?$/

/** @throws ConfigError when nothing can listen at one of them */
export function refuseUnlistenable(addresses: readonly string[]): void {
  const unfit = addresses.find((address) => !isListenable(address))
  if (unfit !== undefined) throw new ConfigError(`nothing can listen at ${unfit}`, 'give an address of this machine: /ip4/0.0.0.0/tcp/4001, or /ip4/0.0.0.0/tcp/4002/ws')
}

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

const CHANNEL_PORTS = 'channelListenPorts'

/**
 * Where the channel network listens: at the same hosts as the device, on ports of its own that are chosen once, so that a link on a
 * poster leads here also after a restart.
 * @param wished multiaddrs to use as they are; none means the hosts of `listen`
 */
export async function whereChannelsListen(store: Store, listen: readonly string[], wished: readonly string[]): Promise<string[]> {
  if (wished.length > 0) return [...wished]
  const kept = (store.setting(CHANNEL_PORTS) ?? '').split(',')
  const forms = (listen.length > 0 ? listen : DEFAULT_LISTEN).map((address) => ANY_PORT_OF_HOST.exec(address))
  const chosen = await Promise.all(forms.map(async (form, i) => (form ? (await freePort(form[2] ?? '', kept[i])) || (await anyPort(form[2] ?? '')) : 0)))
  const value = chosen.join(',')
  if (store.setting(CHANNEL_PORTS) !== value) await store.commit([{ put: 'setting', key: CHANNEL_PORTS, value }])
  return forms.flatMap((form, i) => (form ? [`${form[1]}${chosen[i]}${form[3] ?? ''}`] : []))
}

/** A port nobody listens at now; 0 when the host is not ours. */
export function anyPort(host: string): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(0, host, () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
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
