/**
 * Circuit relay v2 with the limits the library has no options for: reservations of one address (attack 81), circuits of one
 * address, and the bytes of a request. It also counts. The library is reached through fields it calls private; when an update
 * renames one, creating it fails loudly and the tests with it.
 */
import { circuitRelayServer, type RelayReservation } from '@libp2p/circuit-relay-v2'
import type { Connection, ConnectionGater, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { RateLimiter } from '@libp2p/utils'
import { hostOf } from '../addresses.ts'
import { ipOf } from '../gater.ts'
import * as limit from './limits.ts'
import type { RelayPart } from './part.ts'

const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'

type Components = Parameters<ReturnType<typeof circuitRelayServer>>[0]
type Reservations = Iterable<[PeerId, RelayReservation]> & { readonly size: number }

interface Inside {
  readonly reservations: Reservations
  readonly reservationStore: { removeReservation(peer: PeerId): void; get(peer: PeerId): (RelayReservation & { signal: { clear(): void } }) | undefined }
  onHop(stream: Stream, connection: Connection): Promise<void>
}

export interface Circuits extends RelayPart {
  readonly service: (components: Components) => unknown
  /** A place is held by who is here: others may have it as soon as they are gone. */
  forget(peer: PeerId): void
  holds(peer: PeerId): boolean
  readonly gater: Required<Pick<ConnectionGater, 'denyInboundRelayReservation' | 'denyOutboundRelayedConnection'>>
}

/** @param perHost reservations one IP address may hold */
export function createCircuits(perHost: number): Circuits {
  let server: Inside | undefined
  let libp2p: Libp2p | undefined
  const asked = new RateLimiter({ points: limit.CIRCUITS_PER_HOST_PER_MINUTE, duration: 60 })
  const figures = { reserved: 0, refusedReservations: 0, opened: 0, refused: 0, bytes: 0 }

  const connectionsOf = (peer: PeerId): Connection[] => libp2p?.getConnections(peer) ?? []
  const hostOfPeer = (peer: PeerId): string => hostOf(connectionsOf(peer).map(ipOf)[0] ?? '')
  const hopStreams = (connections: readonly Connection[]): number =>
    connections.reduce((sum, { streams }) => sum + streams.filter(({ protocol }) => protocol === HOP_PROTOCOL).length, 0)

  function mayReserve(peer: PeerId): boolean {
    const host = hostOfPeer(peer)
    const others = [...(server?.reservations ?? [])].filter(([holder, { addr }]) => !holder.equals(peer) && hostOf(ipOf({ remoteAddr: addr })) === host)
    return others.length < perHost
  }

  /** The stream that asks is among those counted. */
  function mayConnect(source: PeerId): boolean {
    const all = libp2p?.getConnections() ?? []
    const host = hostOfPeer(source)
    if (hopStreams(all) > limit.MAX_CIRCUITS) return false
    if (hopStreams(all.filter(connection => hostOf(ipOf(connection)) === host)) > limit.CIRCUITS_PER_HOST) return false
    try {
      asked.consume(host)
      return true
    } catch {
      return false
    }
  }

  function counted(allowed: boolean, yes: 'reserved' | 'opened', no: 'refusedReservations' | 'refused'): boolean {
    figures[allowed ? yes : no]++
    return !allowed
  }

  return {
    name: 'relay',
    gater: {
      denyInboundRelayReservation: peer => counted(mayReserve(peer), 'reserved', 'refusedReservations'),
      denyOutboundRelayedConnection: source => counted(mayConnect(source), 'opened', 'refused'),
    },
    service(components) {
      const made = circuitRelayServer({
        hopTimeout: limit.HOP_TIMEOUT,
        maxInboundHopStreams: limit.MAX_HOP_STREAMS,
        maxOutboundHopStreams: limit.MAX_HOP_STREAMS,
        maxOutboundStopStreams: limit.MAX_STREAMS,
        reservations: {
          maxReservations: limit.MAX_RESERVATIONS,
          reservationTtl: limit.RESERVATION_LIFETIME,
          defaultDataLimit: BigInt(limit.CIRCUIT_BYTES),
          defaultDurationLimit: limit.CIRCUIT_LIFETIME,
        },
      })(components)
      const inside = made as unknown as Inside
      const { onHop } = inside
      if (!onHop || !inside.reservationStore?.removeReservation || !inside.reservations) {
        throw new TypeError('@libp2p/circuit-relay-v2 changed inside: it can not be confined')
      }
      inside.onHop = (stream, connection) => {
        watch(stream, size => {
          figures.bytes += size
        })
        return onHop(stream, connection)
      }
      server = inside
      return made
    },
    async start(node) {
      libp2p = node
    },
    async stop() {
      libp2p = undefined
    },
    holds: peer => server?.reservationStore.get(peer) !== undefined,
    forget(peer) {
      // The library would let the timer of this reservation end the next one of the same peer.
      server?.reservationStore.get(peer)?.signal.clear()
      server?.reservationStore.removeReservation(peer)
    },
    status: () => ({
      reservations: server?.reservations.size ?? 0,
      reservations_limit: limit.MAX_RESERVATIONS,
      circuits: hopStreams(libp2p?.getConnections() ?? []),
      circuits_limit: limit.MAX_CIRCUITS,
      reserved_total: figures.reserved,
      reservations_refused_total: figures.refusedReservations,
      circuits_opened_total: figures.opened,
      circuits_refused_total: figures.refused,
      bytes_total: figures.bytes,
    }),
  }
}

/** Counts both directions, and resets a stream that says more than a request before it was answered. */
function watch(stream: Stream, count: (bytes: number) => void): void {
  let unanswered = 0
  let answered = false
  stream.addEventListener('message', ({ data }) => {
    count(data.byteLength)
    unanswered += data.byteLength
    if (!answered && unanswered > limit.MAX_HOP_REQUEST) stream.abort(new Error('more than a request'))
  })
  const send = stream.send.bind(stream)
  stream.send = data => {
    answered = true
    count(data.byteLength)
    return send(data)
  }
}
