/**
 * libp2p's relay transport, confined: it would take calls through, and reserve a place at, whatever peer opens the right stream, remember for
 * ever that a relay failed once, and announce what a relay says. Reservations are made only where `relays.ts` wants them. It is
 * reached through fields it calls private; when an update renames one, creating it fails loudly and the tests with it. Without the topology it
 * would register it looks for no relays of its own.
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { Connection, PeerId, Transport } from '@libp2p/interface'
import { guarded } from './guarded.ts'
import { MAX_RESERVING, MAX_STOP_STREAMS, PROTOCOL_NEGOTIATION_TIMEOUT } from './limits.ts'

type Components = Parameters<ReturnType<typeof circuitRelayTransport>>[0]

export interface Reservations {
  /** Over the connection that stands; kept fresh from then on. */
  reserve(relay: PeerId): Promise<void>
  /** Called when a reservation ended: the relay is gone, or did not renew it. */
  onLost(listener: (relay: PeerId) => void): void
}

interface Store {
  relayFilter: { has(): boolean; add(): boolean }
  addRelay(relay: PeerId, type: 'configured'): Promise<unknown>
  addEventListener(type: 'relay:removed', listener: (event: { detail: { relay: PeerId } }) => void): void
}

/** @param serves whether calls may come through this connection */
export function relayTransport(serves: (connection: Connection) => boolean, made: (reservations: Reservations) => void): (components: Components) => Transport {
  return components => {
    const { registrar, ...rest } = named(components)
    const transport = circuitRelayTransport({
      maxInboundStopStreams: MAX_STOP_STREAMS,
      maxOutboundStopStreams: MAX_STOP_STREAMS,
      // One relay that says nothing keeps none of the others waiting.
      reservationConcurrency: MAX_RESERVING,
      reservationCompletionTimeout: PROTOCOL_NEGOTIATION_TIMEOUT,
    })({ ...rest, registrar: { ...guarded(registrar, serves), register: async () => '' } })
    const { reservationStore: store } = transport as unknown as { reservationStore?: Store }
    if (!store?.relayFilter || !store.addRelay || !store.addEventListener) {
      throw new TypeError('@libp2p/circuit-relay-v2 changed inside: it can not be confined')
    }
    store.relayFilter = { has: () => false, add: () => true }
    made({
      reserve: async relay => void (await store.addRelay(relay, 'configured')),
      onLost: listener => store.addEventListener('relay:removed', ({ detail: { relay } }) => listener(relay)),
    })
    return transport as Transport
  }
}

/** libp2p hands out a proxy that answers by name only. */
function named({ peerId, registrar, connectionManager, upgrader, transportManager, addressManager, peerStore, connectionGater, events, randomWalk, logger }: Components): Components {
  return { peerId, registrar, connectionManager, upgrader, transportManager, addressManager, peerStore, connectionGater, events, randomWalk, logger }
}
