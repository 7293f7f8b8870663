/** A registrar through which a service of libp2p serves only the peers it should. */
import type { IdentifyComponents } from '@libp2p/identify'
import type { Connection } from '@libp2p/interface'

export type Registrar = IdentifyComponents['registrar']

/**
 * Everybody else finds the stream reset. (Middleware of libp2p's registrar would be the place for the check, but 3.3.11 adds the handler to the
 * middleware list again for every stream.)
 */
export function guarded(registrar: Registrar, serves: (connection: Connection) => boolean): Registrar {
  const through: Pick<Registrar, 'handle' | 'unhandle' | 'register' | 'unregister'> = {
    handle: (protocol, handler, options) =>
      registrar.handle(protocol, (stream, connection) => {
        if (!serves(connection)) throw new Error('not served')
        return handler(stream, connection)
      }, options),
    unhandle: protocol => registrar.unhandle(protocol),
    register: (protocol, topology) => registrar.register(protocol, topology),
    unregister: id => registrar.unregister(id),
  }
  return through as Registrar
}
