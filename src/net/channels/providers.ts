/** Provider records we keep for the DHT, bounded in every direction (attack 76). The library keeps them in its datastore without any limit. */
import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { KEYS_PER_PROVIDER, MAX_PROVIDER_RECORDS, PROVIDER_LIFETIME, PROVIDERS_PER_KEY } from './limits.ts'

export interface Providers {
  addProvider(cid: CID, provider: PeerId): Promise<void>
  removeProvider(cid: CID, provider: PeerId): Promise<void>
  getProviders(cid: CID): Promise<PeerId[]>
  readonly size: number
}

export function createProviders(now: () => number): Providers {
  /** key of the DHT -> provider -> when it said so; oldest first */
  const records = new Map<string, Map<string, { peer: PeerId; at: number }>>()
  const keysOf = new Map<string, number>()
  let size = 0

  const keyOf = (cid: CID): string => Buffer.from(cid.multihash.bytes).toString('base64')

  function remove(key: string, provider: string): void {
    const found = records.get(key)
    if (!found?.delete(provider)) return
    size--
    if (found.size === 0) records.delete(key)
    const rest = (keysOf.get(provider) ?? 1) - 1
    if (rest > 0) keysOf.set(provider, rest)
    else keysOf.delete(provider)
  }

  function expire(key: string): void {
    for (const [provider, { at }] of records.get(key) ?? []) if (now() - at > PROVIDER_LIFETIME) remove(key, provider)
  }

  return {
    async addProvider(cid, provider) {
      const [key, id] = [keyOf(cid), provider.toString()]
      expire(key)
      const known = records.get(key)?.has(id) ?? false
      // Full: who was there first stays, so a flood of new keys pushes nobody out.
      if (!known && (size >= MAX_PROVIDER_RECORDS || (keysOf.get(id) ?? 0) >= KEYS_PER_PROVIDER || (records.get(key)?.size ?? 0) >= PROVIDERS_PER_KEY)) {
        if (size >= MAX_PROVIDER_RECORDS) for (const each of records.keys()) expire(each)
        return
      }
      remove(key, id)
      const providers = records.get(key) ?? new Map()
      records.set(key, providers)
      providers.set(id, { peer: provider, at: now() })
      keysOf.set(id, (keysOf.get(id) ?? 0) + 1)
      size++
    },
    async removeProvider(cid, provider) {
      remove(keyOf(cid), provider.toString())
    },
    async getProviders(cid) {
      expire(keyOf(cid))
      return [...(records.get(keyOf(cid))?.values() ?? [])].map(({ peer }) => peer)
    },
    get size() {
      return size
    },
  }
}
