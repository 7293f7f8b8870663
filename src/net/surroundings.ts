/** What the operating system says about this machine's network. */
import { lookup } from 'node:dns/promises'
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

/**
 * The multiaddrs to dial for a target. A name is looked up here, not by the dialler, so that what it resolves to is judged
 * and then dialled as it was judged. Only a TLS target keeps its name: its certificate must match it.
 */
export async function resolveTarget(target: Target, around: Surroundings): Promise<string[]> {
  if (target.kind === 'ip') return [target.address.toString()]
  const found = await lookup(target.host, { all: true }).catch(() => [])
  const allowed = found.slice(0, MAX_RESOLVED).filter(({ address }) => judgeIp(address, target.port, around) === undefined)
  if (target.secure) return allowed.length === found.length && allowed.length > 0 ? [target.address.toString()] : []
  const path = target.address.toString().split('/').slice(3).join('/')
  return allowed.map(({ address, family }) => `/ip${family}/${address}/${path}`)
}
