/** `/dure/pairing/1`: one request, one reply, one stream each. The only protocol a stranger is answered on. */
import type { Connection, Stream } from '@libp2p/interface'
import { byteStream, RateLimiter } from '@libp2p/utils'
import { CourierError, type CourierHandlers, type DeviceKey } from '../messenger/ports.ts'
import { hostOf } from './addresses.ts'
import { encodeFrame, FRAME_HEADER, FrameError, FrameReader, type FrameType } from './framing.ts'
import { ipOf } from './gater.ts'
import { MAX_PAIRING_FRAME, PAIRING_PER_DEVICE_PER_MINUTE, PAIRING_PER_HOST_PER_MINUTE, PAIRING_TIMEOUT } from './limits.ts'

type Respond = (stream: Stream, connection: Connection, from: DeviceKey) => Promise<void>

/** Answers one stream. Rejects, and with that resets the stream, for anything but one whole request and a willing handler. */
export function createPairingResponder(handlers: Pick<CourierHandlers, 'pairing'>): Respond {
  const perDevice = new RateLimiter({ points: PAIRING_PER_DEVICE_PER_MINUTE, duration: 60 })
  // Device keys cost nothing, addresses do.
  const perHost = new RateLimiter({ points: PAIRING_PER_HOST_PER_MINUTE, duration: 60 })
  return async (stream, connection, from) => {
    perHost.consume(hostOf(ipOf(connection)))
    perDevice.consume(from)
    const signal = AbortSignal.timeout(PAIRING_TIMEOUT)
    const expire = (): void => stream.abort(new Error('pairing took too long'))
    signal.addEventListener('abort', expire)
    try {
      const request = await readOnly(stream, 'request', signal)
      const reply = await handlers.pairing(from, request)
      stream.send(encodeFrame('reply', reply))
      await stream.close({ signal })
    } finally {
      signal.removeEventListener('abort', expire)
    }
  }
}

/** Asks over a fresh stream. @throws CourierError */
export async function requestPairing(stream: Stream, request: Uint8Array): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(PAIRING_TIMEOUT)
  try {
    stream.send(encodeFrame('request', request))
    const reply = await readOnly(stream, 'reply', signal)
    stream.close({ signal }).catch((error: Error) => stream.abort(error))
    return reply
  } catch (error) {
    const hungUp = stream.status === 'reset' || (error as Error).name === 'StreamResetError' || error instanceof FrameError
    stream.abort(error as Error)
    if (signal.aborted) throw new CourierError('timeout', 'no reply in time')
    if (hungUp) throw new CourierError('refused', 'the other side hung up')
    throw new CourierError('unreachable', 'the connection was lost')
  }
}

/** Exactly one frame. @throws FrameError */
async function readOnly(stream: Stream, type: FrameType, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = byteStream(stream, { maxBufferSize: FRAME_HEADER + MAX_PAIRING_FRAME })
  const reader = new FrameReader(type)
  for (;;) {
    const chunk = await bytes.read({ signal })
    if (!chunk) throw new FrameError('truncated')
    reader.push(chunk.subarray())
    const body = reader.next()
    if (!body) continue
    if (reader.buffered > 0) throw new FrameError('trailing')
    bytes.unwrap()
    return body
  }
}
