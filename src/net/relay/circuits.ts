/**
 * Circuit relay v2 with the limits the library has no options for: reservations of one address (attack 81), circuits of one
 * address, and the bytes of a request. It also counts. The library is reached through fields it calls private; when an update
 * renames one, creating it fails loudly and the tests with it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { circuitRelayServer, type RelayReservation } from '@libp2p/circuit-relay-v2'
import type { Connection, ConnectionGater, PeerId, Stream } from '@libp2p/interface'
import { RateLimiter } from '@libp2p/utils'
import { hostOf } from '../addresses.ts'
import { ipOf } from '../gater.ts'
import { CLOSE_TIMEOUT } from '../limits.ts'
import * as limit from './limits.ts'
import type { RelayPart } from './part.ts'

type Components = Parameters<ReturnType<typeof circuitRelayServer>>[0]
type Reservations = Iterable<[PeerId, RelayReservation]> & { readonly size: number }

interface Inside {
  readonly reservations: Reservations
  readonly reservationStore: { removeReservation(peer: PeerId): void; get(peer: PeerId): (RelayReservation & { signal: { clear(): void } }) | undefined }
  onHop(stream: Stream, connection: Connection): Promise<void>
  stopHop(...args: unknown[]): Promise<Stream | undefined>
}

/** One question of a peer, from its stream to the answer. */
interface Question {
  readonly stream: Stream
  readonly host: string
  /** the other end took the call: the stream is a circuit from now on */
  taken: boolean
}

export interface Circuits extends Pick<RelayPart, 'name' | 'status'> {
  readonly service: (components: Components) => unknown
  /** A place is held by who is here: others may have it as soon as they are gone. */
  forget(peer: PeerId): void
  holds(peer: PeerId): boolean
  readonly gater: Required<Pick<ConnectionGater, 'denyInboundRelayReservation' | 'denyOutboundRelayedConnection'>>
}

/** @param perHost reservations one IP address may hold */
export function createCircuits(perHost: number): Circuits {
  let server: Inside | undefined
  const asked = new RateLimiter({ points: limit.CIRCUITS_PER_HOST_PER_MINUTE, duration: 60 })
  const figures = { reserved: 0, refusedReservations: 0, opened: 0, refused: 0, bytes: 0 }

  /** What the library asks while it handles a question belongs to that question. */
  const asking = new AsyncLocalStorage<Question>()
  /** circuits, and calls on their way to become one; with the host that asked */
  const circuits = new Map<Stream, string>()

  function mayReserve(peer: PeerId): boolean {
    const host = asking.getStore()?.host
    const others = [...(server?.reservations ?? [])].filter(([holder, { addr }]) => !holder.equals(peer) && hostOf(ipOf({ remoteAddr: addr })) === host)
    return others.length < perHost
  }

  function mayConnect(): boolean {
    const question = asking.getStore()
    if (!question || circuits.size >= limit.MAX_CIRCUITS) return false
    if ([...circuits.values()].filter(host => host === question.host).length >= limit.CIRCUITS_PER_HOST) return false
    try {
      asked.consume(question.host)
    } catch {
      return false
    }
    circuits.set(question.stream, question.host)
    question.stream.addEventListener('close', () => circuits.delete(question.stream))
    return true
  }

  /** The library leaves a stream open that it has answered: an idle place for who never closes it. */
  function leave(stream: Stream): void {
    circuits.delete(stream)
    if (stream.status !== 'open') return
    stream.close().catch((error: Error) => stream.abort(error))
    setTimeout(() => stream.abort(new Error('answered')), CLOSE_TIMEOUT).unref()
  }

  function counted(allowed: boolean, yes: 'reserved' | 'opened', no: 'refusedReservations' | 'refused'): boolean {
    figures[allowed ? yes : no]++
    return !allowed
  }

  return {
    name: 'relay',
    gater: {
      denyInboundRelayReservation: peer => counted(mayReserve(peer), 'reserved', 'refusedReservations'),
      denyOutboundRelayedConnection: () => counted(mayConnect(), 'opened', 'refused'),
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
      const stopHop = inside.stopHop?.bind(inside)
      if (!onHop || !stopHop || !inside.reservationStore?.removeReservation || !inside.reservations) {
        throw new TypeError('@libp2p/circuit-relay-v2 changed inside: it can not be confined')
      }
      inside.onHop = async (stream, connection) => {
        watch(stream, size => {
          figures.bytes += size
        })
        const question = { stream, host: hostOf(ipOf(connection)), taken: false }
        try {
          await asking.run(question, () => onHop(stream, connection))
        } finally {
          if (!question.taken) leave(stream)
        }
      }
      inside.stopHop = async (...args) => {
        const end = await stopHop(...args)
        const question = asking.getStore()
        if (question) question.taken = end !== undefined
        return end
      }
      server = inside
      return made
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
      circuits: circuits.size,
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
