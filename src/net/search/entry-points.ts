/** Where a search begins: addresses the person gave, or the well-known one. */
import { Resolver } from 'node:dns/promises'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { judgeAddress, reachOf, type Surroundings } from '../addresses.ts'
import { askNameServers, type LookUp, ownAddresses, resolveTarget } from '../surroundings.ts'
import { DNS_TIMEOUT, MAX_ENTRY_POINTS } from './limits.ts'

/** The only bootstrap node of the public DHT with an Ed25519 key; the others are of a kind we do not talk to (attack 85). */
export const WELL_KNOWN: readonly string[] = ['/dnsaddr/va1.bootstrap.libp2p.io/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8']

const ENTRY = /^(\/.+)\/p2p\/(12D3KooW[1-9A-HJ-NP-Za-km-z]{44})$/
const NAMED = /^\/dnsaddr\/([a-z0-9.-]{4,253})$/i

/** Whether it is an address with the Ed25519 peer id of who answers there. */
export function isEntryPoint(text: string): boolean {
  const [, base = '', peer] = ENTRY.exec(text) ?? []
  const around = { own: ownAddresses(), loopback: true }
  return peer !== undefined && (NAMED.test(base) || typeof judgeAddress(base, undefined, around) !== 'string')
}

/** Who begins on this machine, or in a network of its own, looks there too; nobody else is led there by what strangers say (attack 88). */
export function aroundOf(entryPoints: readonly string[]): Surroundings {
  const begins = new Set(entryPoints.map((text) => reachOf(ENTRY.exec(text)?.[1] ?? '')))
  return { own: begins.has('network') ? ownAddresses() : [], loopback: begins.has('machine') }
}

/** The multiaddrs to dial, names looked up and judged. Whatever cannot be looked up is left out. */
export async function dialableEntryPoints(entryPoints: readonly string[], around: Surroundings): Promise<string[]> {
  const spelled = (await Promise.all(entryPoints.slice(0, MAX_ENTRY_POINTS).map(spellOut))).flat().slice(0, MAX_ENTRY_POINTS)
  const resolved = await Promise.all(
    spelled.map(async (text) => {
      const [, base = '', peer = ''] = ENTRY.exec(text) ?? []
      const target = judgeAddress(base, undefined, around)
      return typeof target === 'string' ? [] : (await resolveTarget(target, around)).map((address) => `${address}/p2p/${peer}`)
    }),
  )
  return [...new Set(resolved.flat())].slice(0, MAX_ENTRY_POINTS)
}

/** Calls all of them at once; those that do not answer are left. */
export async function callAll(libp2p: Pick<Libp2p, 'dial'>, addresses: readonly string[], signal: AbortSignal): Promise<void> {
  await Promise.all(addresses.map((address) => libp2p.dial(multiaddr(address), { signal }).catch(() => undefined)))
}

/**
 * Our own addresses as others dial them who look up no name at our word: a name stands for what the name servers say, and for nothing inside. Not what
 * this machine says of its own name, which is often loopback. One that TLS needs stays.
 */
export async function withoutNames(addresses: readonly string[], find: LookUp = askNameServers(DNS_TIMEOUT)): Promise<string[]> {
  const outside = { own: [], loopback: false }
  const spelled = addresses.map(async (address) => {
    const target = judgeAddress(address, undefined, outside)
    return typeof target === 'string' || target.kind === 'ip' ? [address] : resolveTarget(target, outside, find)
  })
  return [...new Set((await Promise.all(spelled)).flat())]
}

/** What a `/dnsaddr` stands for, one step deep: a name that leads to names could lead anywhere for ever. */
async function spellOut(text: string): Promise<string[]> {
  const [, base = '', peer = ''] = ENTRY.exec(text) ?? []
  const name = NAMED.exec(base)?.[1]
  if (name === undefined) return [text]
  const resolver = new Resolver({ timeout: DNS_TIMEOUT, tries: 1 })
  const rows = await resolver.resolveTxt(`_dnsaddr.${name}`).catch(() => [])
  return rows
    .map((parts) => parts.join(''))
    .filter((row) => row.startsWith('dnsaddr=') && row.endsWith(`/p2p/${peer}`))
    .map((row) => row.slice('dnsaddr='.length))
    .filter((address) => !address.startsWith('/dnsaddr/'))
}
