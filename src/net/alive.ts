/** After a sleep, or on another network, a connection looks open until something is lost on it: whether the other end is still there has to be asked. */
import type { Connection } from '@libp2p/interface'
import { PING_PROTOCOL } from '@libp2p/ping'
import { ALIVE_TIMEOUT } from './limits.ts'
import { within } from './within.ts'

/** One question at a time: more would be refused, and look like silence. */
const asked = new WeakSet<Connection>()

/** Ends a connection on which nobody answers. An answer to what we would like to speak is enough, whatever it is. */
export async function endUnlessAlive(connection: Connection): Promise<void> {
  if (asked.has(connection)) return
  asked.add(connection)
  try {
    const stream = await within(ALIVE_TIMEOUT, signal => connection.newStream(PING_PROTOCOL, { signal, runOnLimitedConnection: true }))
    stream.close().catch((error: Error) => stream.abort(error))
  } catch (error) {
    if ((error as Error).name !== 'UnsupportedProtocolError') connection.abort(error as Error)
  } finally {
    asked.delete(connection)
  }
}
