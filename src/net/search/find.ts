/**
 * Relays nobody told us about. What the DHT names are strangers' claims (attack 78): few are taken, each is asked itself whether it is
 * a relay, and one subnet gives one (attack 79).
 */
import { randomBytes } from 'node:crypto'
import type { IdentifyResult, PeerId, PeerInfo } from '@libp2p/interface'
import type { RelayAt } from '../../messenger/ports.ts'
import { blockOf } from '../addresses.ts'
import { deviceKeyOf } from '../device-key.ts'
import { ipOf } from '../gater.ts'
import { MAILBOX_PROTOCOL } from '../mailbox-frames.ts'
import { shuffled } from '../shuffled.ts'
import * as limit from './limits.ts'
import { type Joined, joinPublicDht } from './public-dht.ts'
import { RELAYS_KEY } from './relays-key.ts'

const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'

/** Undefined when nobody of the DHT answered. Ends within `SEARCH_TIMEOUT`. */
export async function findRelays(entryPoints: readonly string[], signal: AbortSignal): Promise<RelayAt[] | undefined> {
  const whole = AbortSignal.any([signal, AbortSignal.timeout(limit.SEARCH_TIMEOUT)])
  const joined = await joinPublicDht({ seed: randomBytes(32), entryPoints, announce: [], signal: whole })
  if (!joined) return undefined
  try {
    return await askThem(joined, shuffled(await claims(joined, whole)), whole)
  } finally {
    await joined.stop()
  }
}

async function claims({ dht }: Joined, signal: AbortSignal): Promise<PeerInfo[]> {
  const found = new Map<string, PeerInfo>()
  for await (const claim of dht.find(RELAYS_KEY, AbortSignal.any([signal, AbortSignal.timeout(limit.RECORDS_TIMEOUT)]))) {
    if (deviceKeyOf(claim.id) !== undefined) found.set(claim.id.toString(), claim)
    if (found.size === limit.MAX_CLAIMS) break
  }
  return [...found.values()]
}

async function askThem(joined: Joined, asked: readonly PeerInfo[], signal: AbortSignal): Promise<RelayAt[]> {
  const relays = new Map<string, RelayAt>()
  const left = asked.values()
  const asker = async (): Promise<void> => {
    for (const claim of left) {
      if (signal.aborted || relays.size >= limit.ENOUGH) return
      const answer = await ask(joined, claim, AbortSignal.any([signal, AbortSignal.timeout(limit.ASK_TIMEOUT)])).catch(() => undefined)
      if (answer && !relays.has(answer.block)) relays.set(answer.block, answer.relay)
    }
  }
  await Promise.all(Array.from({ length: limit.ASKED_AT_ONCE }, asker))
  return [...relays.values()]
}

/** One that answers as a relay, at the address where it did: others it may have made up. */
async function ask({ libp2p }: Joined, { id, multiaddrs }: PeerInfo, signal: AbortSignal): Promise<{ block: string; relay: RelayAt } | undefined> {
  if (multiaddrs.length > 0) await libp2p.peerStore.merge(id, { multiaddrs })
  const said = saidBy(libp2p, id, signal)
  const connection = await libp2p.dial(id, { signal })
  const { protocols: before } = await libp2p.peerStore.get(id)
  const protocols = before.length > 0 ? before : await said
  const peer = deviceKeyOf(id)
  if (peer === undefined || !protocols.includes(HOP_PROTOCOL) || !protocols.includes(MAILBOX_PROTOCOL)) return undefined
  const address = connection.remoteAddr.toString().replace(/\/p2p\/[^/]+$/, '')
  const ip = ipOf(connection)
  return { block: ip === '' ? address : blockOf(ip), relay: { peer, addresses: [address] } }
}

/** The library asks every new peer once what it speaks; to ask again meanwhile would be one stream too many for it. */
function saidBy(libp2p: Joined['libp2p'], id: PeerId, signal: AbortSignal): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const heard = ({ detail }: CustomEvent<IdentifyResult>): void => {
      if (detail.peerId.equals(id)) end(detail.protocols)
    }
    const end = (protocols: readonly string[]): void => {
      libp2p.removeEventListener('peer:identify', heard)
      resolve(protocols)
    }
    libp2p.addEventListener('peer:identify', heard)
    signal.addEventListener('abort', () => end([]), { once: true })
  })
}
