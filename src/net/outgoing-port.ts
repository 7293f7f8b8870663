/**
 * TCP calls that leave from one local port. A router that keeps one outside port for each inside one then shows the port a relay sees to everybody we
 * call, which is what hole punching needs. Sockets that are bound by name share a port as long as none of them listens; where the system
 * does not allow it, the call leaves from any port.
 */
import { randomInt } from 'node:crypto'
import type { tcp } from '@libp2p/tcp'
import type { Transport, Upgrader } from '@libp2p/interface'
import { reachOf } from './addresses.ts'
import { FIRST_OUTGOING_PORT, LAST_OUTGOING_PORT } from './limits.ts'

type Factory = ReturnType<typeof tcp>

const TAKEN = /\b(EADDRINUSE|EADDRNOTAVAIL)\b/

export function fromOnePort(factory: Factory): Factory {
  let port = randomInt(FIRST_OUTGOING_PORT, LAST_OUTGOING_PORT)
  return components => {
    const transport = factory(components) as Transport
    const dial = transport.dial.bind(transport)
    transport.dial = async (address, given) => {
      const options = (given as { initiator?: boolean }).initiator === false ? { ...given, upgrader: asAnswering(given.upgrader) } : given
      const reach = reachOf(address.toString())
      if (reach !== 'internet' && reach !== 'name') return dial(address, options)
      try {
        return await dial(address, { ...options, localPort: port } as typeof options)
      } catch (error) {
        if (!TAKEN.test((error as Error).message)) throw error
        // The same call ended a moment ago, or another program has the port.
        port = randomInt(FIRST_OUTGOING_PORT, LAST_OUTGOING_PORT)
        return dial(address, { ...options, localPort: port } as typeof options)
      }
    }
    return transport as ReturnType<Factory>
  }
}

/**
 * Of two calls that meet, one side must act as the one that was called. The library knows it for the handshake, but tells its
 * multiplexer that both of them called.
 */
function asAnswering(upgrader: Upgrader): Upgrader {
  const upgradeOutbound: Upgrader['upgradeOutbound'] = (connection, options) =>
    upgrader.upgradeOutbound(Object.assign(connection, { direction: 'inbound' }), options)
  return Object.assign(Object.create(upgrader), { upgradeOutbound })
}
