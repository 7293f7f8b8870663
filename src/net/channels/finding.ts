/** How peers of a channel are found: those named for it, the local network, the DHT. And how we are found in the DHT. */
import type { Libp2p } from '@libp2p/interface'
import { FIND_NONCE, findTag, MAX_FIND } from '../../../protocols/channel/index.ts'
import { fromHex, type Random, type Suite } from '../../../protocols/suite/index.ts'
import type { PeerKey } from '../../messenger/channels/ports.ts'
import { type Surroundings, subnetOf } from '../addresses.ts'
import { deviceKeyOf } from '../device-key.ts'
import { DIAL_TIMEOUT } from '../limits.ts'
import { callAll, dialableEntryPoints } from '../search/entry-points.ts'
import { timeout } from '../within.ts'
import type { AddressBook } from './address-book.ts'
import type { Calls } from './calls.ts'
import type { Dht } from './dht.ts'
import { askFind, FIND_PROTOCOL } from './find.ts'
import * as limit from './limits.ts'
import { type Network, openRosters } from './network.ts'
import type { Roster } from './roster.ts'

export interface Finding {
  /** Looks everywhere; or waits for the search that is under way. */
  search(roster: Roster, signal: AbortSignal | undefined): Promise<void>
  /** A device of the local network was seen. */
  seen(peer: PeerKey, addresses: string[]): void
  /** Our provider record is there, and not too old. */
  provide(roster: Roster): Promise<void>
}

export interface FindingParts {
  readonly network: Network
  readonly book: AddressBook
  readonly calls: Calls
  readonly suite: Suite
  readonly random: Random
  readonly entryPoints: () => readonly string[]
  surroundings(): Surroundings
  now(): number
}

export function createFinding({ network, book, calls, suite, random, entryPoints, surroundings, now }: FindingParts): Finding {
  const { node, self, rosters, holds } = network
  let entering: Promise<void> | undefined
  let enteredAt: number | undefined
  /** devices of the local network, and when each was last asked what it has */
  const nearby = new Map<PeerKey, { askedAt: number | undefined }>()
  const searches = new Map<Roster, Promise<void>>()
  const isJoined = (roster: Roster): boolean => rosters.get(roster.meeting.channel) === roster

  /** While nobody of the DHT is known, those we were told to begin at are called. */
  async function enterDht(): Promise<void> {
    const running = node()
    if (!running?.dht || running.dht.peers > 0) return
    if (enteredAt === undefined || now() - enteredAt >= limit.DHT_ENTER_INTERVAL) {
      enteredAt = now()
      entering = callEntryPoints(running.libp2p, running.dht).catch(() => undefined)
    }
    await entering
  }

  async function callEntryPoints(libp2p: Libp2p, dht: Dht): Promise<void> {
    const entries = await dialableEntryPoints(entryPoints(), surroundings())
    const peers = new Set(entries.map(entry => entry.split('/p2p/')[1])).size
    if (peers > 0) await dht.joined(peers, callAll(libp2p, entries, timeout(DIAL_TIMEOUT)), timeout(limit.DHT_FIND_TIMEOUT))
  }

  async function provide(roster: Roster): Promise<void> {
    const dht = node()?.dht
    if (!dht || roster.meeting.following !== 'open') return
    if (roster.providedAt !== undefined && now() - roster.providedAt < limit.REPROVIDE_INTERVAL) return
    const before = roster.providedAt
    roster.providedAt = now()
    if (dht.answers) await enterDht()
    if (!node() || !isJoined(roster)) return
    if (!(await dht.provide(roster.meeting.providerKey, timeout(limit.DHT_FIND_TIMEOUT)).catch(() => false))) roster.providedAt = before
  }

  /** Asks one peer which of these channels it serves. */
  async function inquire(peer: PeerKey, asked: readonly Roster[]): Promise<void> {
    const some = asked.filter(roster => !roster.holders.has(peer)).slice(0, MAX_FIND)
    if (some.length === 0) return
    const nonce = random(FIND_NONCE)
    const tags = some.map(({ meeting }) => findTag(suite, fromHex(meeting.channel), nonce))
    const answers = await askFind(await calls.openStream(peer, FIND_PROTOCOL), nonce, tags)
    some.forEach((roster, i) => {
      if (answers[i] && isJoined(roster)) holds(roster, peer)
    })
  }

  async function look(roster: Roster, signal: AbortSignal): Promise<void> {
    const { meeting } = roster
    const stopped = (): boolean => signal.aborted || !node() || !isJoined(roster)
    // Who only reads asks no stranger as long as there is anybody who was named for this very channel.
    const content = (): boolean => meeting.following === 'private' && roster.holders.size > 0
    const neighbours = (): Promise<void>[] => [...nearby.keys()].map(peer => inquire(peer, [roster]).catch(() => undefined))
    const hinted = [...roster.hints()].slice(-limit.PEERS_PER_CHANNEL).map(async ([peer]) => {
      if (roster.holders.has(peer)) return
      await calls.connect(peer).then(() => holds(roster, peer), () => undefined)
    })
    await Promise.all(meeting.following === 'private' ? hinted : [...hinted, ...neighbours()])
    if (stopped() || content()) return
    if (meeting.following === 'private') await Promise.all(neighbours())
    if (stopped() || content()) return
    await enterDht()
    const dht = node()?.dht
    if (stopped() || content() || !dht) return
    const subnets = new Map<string, number>()
    let found = 0
    for await (const { id, multiaddrs } of dht.find(meeting.providerKey, AbortSignal.any([signal, timeout(limit.DHT_FIND_TIMEOUT)]))) {
      if (stopped() || found >= limit.MAX_FOUND) break
      const peer = deviceKeyOf(id)
      const { usable, hosts } = book.sift(id, multiaddrs.map(String))
      // One party must not fill a search by itself (attack 78).
      const places = hosts.map(subnetOf)
      if (peer === undefined || usable.length === 0 || places.some(place => (subnets.get(place) ?? 0) >= limit.MAX_FOUND_PER_SUBNET)) continue
      for (const place of places) subnets.set(place, (subnets.get(place) ?? 0) + 1)
      found++
      if (peer !== self()) book.remember(peer, usable)
      if (roster.holders.has(peer)) continue
      // Anybody can write anything into the DHT: a record is a reason to ask, not yet to tell.
      await inquire(peer, [roster]).catch(() => undefined)
    }
  }

  return {
    async search(roster, signal = new AbortController().signal) {
      const standing = searches.get(roster)
      const searching = standing ?? look(roster, signal).catch(() => undefined).finally(() => searches.delete(roster))
      if (!standing) searches.set(roster, searching)
      await searching
    },
    seen(peer, addresses) {
      if (peer === self()) return
      book.remember(peer, addresses)
      const device = nearby.get(peer) ?? { askedAt: undefined }
      nearby.delete(peer)
      nearby.set(peer, device)
      for (const oldest of nearby.keys()) {
        if (nearby.size <= limit.MAX_LAN_PEERS) break
        nearby.delete(oldest)
      }
      const open = openRosters(network)
      if (open.length === 0 || (device.askedAt !== undefined && now() - device.askedAt < limit.LAN_ASK_INTERVAL)) return
      device.askedAt = now()
      void inquire(peer, open).catch(() => undefined)
    },
    provide,
  }
}
