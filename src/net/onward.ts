/**
 * How a relay of somebody else is reached without showing it where we are: a relay of ours opens a connection to it and passes bytes on. Noise
 * and yamux run from here to the far end inside, so our relay sees neither frames nor keys, and cannot answer in the other's place.
 */
import type { AbortOptions, Connection, Stream, Upgrader } from '@libp2p/interface'
import { AbstractMultiaddrConnection, byteStream } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Uint8ArrayList } from 'uint8arraylist'
import { MAX_ONWARD_ANSWER, ONWARD_TIMEOUT } from './limits.ts'
import { decodeAnswer, encodeOnward, ONWARD_PROTOCOL } from './onward-frames.ts'
import { within } from './within.ts'

/** The relay does not pass anything on, or none of the addresses answered through it. */
export class OnwardError extends Error {
  override readonly name = 'OnwardError'
}

/**
 * The first of these addresses that leads to its peer, through a relay we are connected to.
 * @param addresses each with the `/p2p/` of who is to be at the other end
 * @throws OnwardError; with an aborted `signal`, its reason
 */
export async function callOnward(upgrader: Upgrader, relay: Connection, addresses: readonly string[], signal: AbortSignal): Promise<Connection> {
  for (const address of addresses) {
    signal.throwIfAborted()
    try {
      return await within(ONWARD_TIMEOUT, (late) => open(upgrader, relay, multiaddr(address), AbortSignal.any([signal, late])))
    } catch {
      // the next address, or the next relay
    }
  }
  signal.throwIfAborted()
  throw new OnwardError('nothing answered through this relay')
}

async function open(upgrader: Upgrader, relay: Connection, address: Multiaddr, signal: AbortSignal): Promise<Connection> {
  const stream = await relay.newStream(ONWARD_PROTOCOL, { signal })
  try {
    const bytes = byteStream(stream, { maxBufferSize: MAX_ONWARD_ANSWER })
    await bytes.write(encodeOnward(withoutPeer(address)), { signal })
    const answer = decodeAnswer((await bytes.read({ bytes: 1, signal })).get(0))
    if (answer !== 'through') throw new OnwardError(answer)
    return await upgrader.upgradeOutbound(new OnwardConnection(bytes.unwrap() as Stream, address), { signal })
  } catch (error) {
    stream.abort(error as Error)
    throw error
  }
}

/** Who is to answer is no business of the relay in between. */
const withoutPeer = (address: Multiaddr): string => address.toString().replace(/\/p2p\/[^/]+$/, '')

/** What libp2p secures and multiplexes: here a stream takes the place of a socket. */
class OnwardConnection extends AbstractMultiaddrConnection {
  readonly #stream: Stream

  constructor(stream: Stream, remoteAddr: Multiaddr) {
    super({ remoteAddr, direction: 'outbound', log: stream.log.newScope('onward') })
    this.#stream = stream
    stream.addEventListener('message', ({ data }) => this.onData(data))
    stream.addEventListener('drain', () => this.safeDispatchEvent('drain'))
    stream.addEventListener('close', ({ error }) => this.onTransportClosed(error))
    stream.addEventListener('remoteCloseWrite', () => {
      this.onRemoteCloseWrite()
      this.close().catch((error: Error) => this.abort(error))
    })
  }

  override sendData(data: Uint8ArrayList): { sentBytes: number; canSendMore: boolean } {
    return { sentBytes: data.byteLength, canSendMore: this.#stream.send(data) }
  }

  override async sendClose(options?: AbortOptions): Promise<void> {
    await this.#stream.close(options)
  }

  override sendReset(error: Error): void {
    this.#stream.abort(error)
  }

  override sendPause(): void {
    this.#stream.pause()
  }

  override sendResume(): void {
    this.#stream.resume()
  }
}
