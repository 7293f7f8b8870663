/** AutoNAT, the answering half only: tells others whether they can be called. What the relay itself is, its operator knows. */
import { type AutoNATComponents, autoNAT } from '@libp2p/autonat'
import type { Startable } from '@libp2p/interface'
import { PROTOCOL_NEGOTIATION_TIMEOUT } from '../limits.ts'
import { AUTONAT_STREAMS, MAX_AUTONAT_MESSAGE } from './limits.ts'

export function autonatServer(components: AutoNATComponents): Startable {
  const { registrar, addressManager, transportManager, connectionManager, peerId, peerStore, logger, events } = components
  return autoNAT({
    maxInboundStreams: AUTONAT_STREAMS,
    maxOutboundStreams: AUTONAT_STREAMS,
    maxMessageSize: MAX_AUTONAT_MESSAGE,
    timeout: PROTOCOL_NEGOTIATION_TIMEOUT,
  })({
    addressManager,
    transportManager,
    connectionManager,
    peerId,
    peerStore,
    logger,
    events,
    // Without peers that are told of, and none to walk to, the asking half has nothing to do.
    registrar: {
      handle: (protocol, handler, options) => registrar.handle(protocol, handler, options),
      unhandle: protocol => registrar.unhandle(protocol),
      register: async () => '',
    } as Partial<typeof registrar> as typeof registrar,
    randomWalk: { async *walk() {} },
  }) as Startable
}
