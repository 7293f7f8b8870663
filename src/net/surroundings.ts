/** What the operating system says about this machine's network. */
import { lookup, Resolver } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { multiaddr } from '@multiformats/multiaddr'
import { isLoopback, judgeIp, type OwnAddress, type Surroundings, type Target } from './addresses.ts'
import { MAX_RESOLVED } from './limits.ts'

export function ownAddresses(): OwnAddress[] {
  return Object.values(networkInterfaces()).flatMap(addresses =>
    (addresses ?? []).map(({ address, cidr }) => ({ address, prefix: Number(cidr?.split('/')[1]) })).filter(({ prefix }) => Number.isInteger(prefix)))
}

/** True when one of the configured listen addresses is loopback itself, not a wildcard that includes it. */
export function asksForLoopback(listen: readonly string[]): boolean {
  return listen.some(text => {
    const host = multiaddr(text).getComponents()[0]
    return host?.value !== undefined && host.name.startsWith('ip') && isLoopback(host.value)
  })
}

export type LookUp = (host: string) => Promise<{ address: string; family: number }[]>

const askSystem: LookUp = host => lookup(host, { all: true }).catch(() => [])

/**
 * Only name servers, and only for so many ms. The system's way holds one of few threads for as long as a name server likes: not at a stranger's word,
 * for the same threads do the work on files.
 */
export function askNameServers(timeout: number): LookUp {
  const resolver = new Resolver({ timeout, tries: 1 })
  const those = (found: Promise<string[]>, family: number): Promise<{ address: string; family: number }[]> =>
    found.then(all => all.map(address => ({ address, family })), () => [])
  return async host => (await Promise.all([those(resolver.resolve4(host), 4), those(resolver.resolve6(host), 6)])).flat()
}

/**
 * The multiaddrs to dial for a target. A name is looked up here, not by the dialler, so that what it resolves to is judged
 * and then dialled as it was judged. Only a TLS target keeps its name: its certificate must match it.
 */
export async function resolveTarget(target: Target, around: Surroundings, find: LookUp = askSystem): Promise<string[]> {
  if (target.kind === 'ip') return [target.address.toString()]
  const found = await find(target.host)
  const allowed = found.slice(0, MAX_RESOLVED).filter(({ address }) => judgeIp(address, target.port, around) === undefined)
  if (target.secure) return allowed.length === found.length && allowed.length > 0 ? [target.address.toString()] : []
  const path = target.address.toString().split('/').slice(3).join('/')
  return allowed.map(({ address, family }) => `/ip${family}/${address}/${path}`)
}
