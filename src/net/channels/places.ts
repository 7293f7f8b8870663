/** The places for connections: who may come in, who makes room for whom, and what is closed because nobody needs it (eclipse, attack 71). */
import type { Connection } from '@libp2p/interface'
import { isPrivateIp } from '@libp2p/utils'
import type { PeerKey } from '../../messenger/channels/ports.ts'
import { isLoopback, subnetOf } from '../addresses.ts'
import { deviceKeyOf } from '../device-key.ts'
import { ipOf } from '../gater.ts'
import { PROTOCOL_NEGOTIATION_TIMEOUT } from '../limits.ts'
import { timeout } from '../within.ts'
import * as limit from './limits.ts'
import type { Roster } from './roster.ts'

export interface Places {
  /** Whether who calls from this IP address finds a place: a free one, or that of somebody who would make room. */
  hasRoomFor(ip: string): boolean
  /** Somebody called and has come in. When that was one too many, one of them is hung up on. */
  entered(connection: Connection): void
  /** Closes what nobody needs, and above `SETTLED_CONNECTIONS` those who make room first. */
  trim(): void
}

export interface PlacesQuestions {
  /** the open ones */
  connections(): Connection[]
  rosters(): Roster[]
  /** how a peer behaves in the gossip of a channel; below 0: badly */
  rank(roster: Roster, peer: PeerKey): number
  /** a question of ours to the peer is under way */
  busy(peer: PeerKey): boolean
  /** a question of the peer's is being answered */
  answered(connection: Connection): boolean
  /** ms since 1970, as libp2p dates its connections */
  now(): number
}

/** What a connection is worth to us: what makes room first stands first. */
const WORTHS = [
  'shares nothing', 'behaves badly', 'is answered', 'called us', 'called us for a channel few have', 'called us and stays', 'was called', 'is asked',
] as const
type Worth = (typeof WORTHS)[number]

interface Placed {
  readonly connection: Connection
  readonly group: string
  readonly since: number
  readonly worth: Worth
}

/** Addresses nobody rents: nodes of this machine, and transports without addresses. */
const UNCOUNTED = 'uncounted'
const groupOf = (ip: string): string => (ip === '' || isLoopback(ip) ? UNCOUNTED : subnetOf(ip))
const shareOf = (ip: string): number => (groupOf(ip) === UNCOUNTED ? Infinity : isPrivateIp(ip) ? limit.MAX_PER_PRIVATE_SUBNET : limit.MAX_PER_SUBNET)

export function createPlaces({ connections, rosters, rank, busy, answered, now }: PlacesQuestions): Places {
  const peerOf = ({ remotePeer }: Connection): PeerKey => deviceKeyOf(remotePeer) ?? ''
  const isCaller = ({ direction }: Connection): boolean => direction === 'inbound'
  // Two bad moments of a slow line are no bad behaviour.
  const isBad = (roster: Roster, peer: PeerKey): boolean => rank(roster, peer) < -limit.SCORE.faultTolerance
  const sharedWith = (peer: PeerKey): Roster[] => rosters().filter(roster => roster.holders.has(peer))

  function worthOf(connection: Connection, staying: ReadonlySet<Connection>): Worth {
    const peer = peerOf(connection)
    const shared = sharedWith(peer)
    if (busy(peer)) return 'is asked'
    if (staying.has(connection)) return 'called us and stays'
    if (shared.length === 0) return answered(connection) ? 'is answered' : 'shares nothing'
    if (shared.every(roster => isBad(roster, peer))) return 'behaves badly'
    if (!isCaller(connection)) return 'was called'
    return shared.some(({ holders }) => holders.size <= limit.MESH.D) ? 'called us for a channel few have' : 'called us'
  }

  /**
   * Callers who make room for nobody. Keys, calls and subscriptions cost nothing, so those count for nothing. What does cost something is to be the first to
   * bring what a channel says, and to have been here before the others; and who has just come must have had the time to show what it is good for.
   */
  function stayingOf(callers: readonly Connection[]): Set<Connection> {
    const decent = callers.filter(connection => sharedWith(peerOf(connection)).some(roster => !isBad(roster, peerOf(connection))))
    const channels = rosters().filter(({ meeting }) => meeting.following === 'open')
    const bringers = channels.flatMap(roster => {
      const brought = decent.map(connection => ({ connection, count: roster.brought(peerOf(connection)) })).filter(({ count }) => count > 0)
      return brought.toSorted((a, b) => b.count - a.count).slice(0, Math.max(1, Math.floor(limit.PLACES_FOR_BRINGERS / channels.length)))
    }).map(({ connection }) => connection)
    const others = decent.filter(connection => !bringers.includes(connection)).toSorted((a, b) => a.timeline.open - b.timeline.open)
    const newcomers = callers.filter(({ timeline }) => now() - timeline.open < limit.FIRST_STAY)
    return new Set([...bringers, ...others.slice(0, limit.PLACES_FOR_THE_OLDEST), ...newcomers])
  }

  function placed(): Placed[] {
    const all = connections()
    const staying = stayingOf(all.filter(isCaller))
    return all.map(connection => ({ connection, group: groupOf(ipOf(connection)), since: connection.timeline.open, worth: worthOf(connection, staying) }))
  }

  /** Those who make room first come first: of equal worth one of the most crowded subnet, and of that who has had the longest time to show something. */
  function inOrder(some: readonly Placed[], crowd: (group: string) => number): Placed[] {
    return some.toSorted((a, b) => WORTHS.indexOf(a.worth) - WORTHS.indexOf(b.worth) || crowd(b.group) - crowd(a.group) || a.since - b.since)
  }

  /** Who has to go when a caller from there comes in: `undefined` when nobody may be asked to, 'nobody' when there is room. */
  function roomFor(ip: string, callers: readonly Placed[]): Placed | 'nobody' | undefined {
    const group = groupOf(ip)
    const crowd = (of: string): number => callers.filter(each => each.group === of).length + (of === group ? 1 : 0)
    const isFull = crowd(group) > shareOf(ip)
    if (!isFull && callers.length < limit.MAX_INBOUND) return 'nobody'
    // A subnet takes places from itself, and from others that have no fewer: one that calls again and again pushes its own out, and nobody who is alone.
    const rivals = callers.filter(each => (isFull ? each.group === group : crowd(each.group) >= crowd(group)))
    return inOrder(rivals, crowd).find(({ worth }) => WORTHS.indexOf(worth) < WORTHS.indexOf('called us and stays'))
  }

  return {
    hasRoomFor: ip => roomFor(ip, placed().filter(({ connection }) => isCaller(connection))) !== undefined,
    entered(newcomer) {
      const others = placed().filter(({ connection }) => connection !== newcomer && isCaller(connection))
      const leaving = roomFor(ipOf(newcomer), others)
      if (leaving === 'nobody') return
      // Nobody: others that were upgraded at the same time took what there was.
      ;(leaving?.connection ?? newcomer).abort(new Error('its place was needed'))
    },
    trim() {
      const all = placed()
      const crowd = (group: string): number => all.filter(each => each.group === group).length
      let surplus = all.length - limit.SETTLED_CONNECTIONS
      for (const { connection, worth, since } of inOrder(all, crowd)) {
        const isIdle = worth === 'shares nothing' && now() - since > limit.UNSHARED_LIFETIME
        if (worth === 'is asked' || (!isIdle && surplus <= 0)) continue
        surplus--
        void connection.close({ signal: timeout(PROTOCOL_NEGOTIATION_TIMEOUT) }).catch((error: Error) => connection.abort(error))
      }
    },
  }
}
