/** The outgoing half of `/dure/direct/1`: one kept stream to one device, many envelopes in flight. */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { concat } from '../../protocols/suite/index.ts'
import { CourierError, type Verdict } from '../messenger/ports.ts'
import { decodeVerdicts, encodeEnvelope, FrameError, FrameReader } from './framing.ts'
import { CLOSE_TIMEOUT, MAX_BATCH_BYTES, MAX_ENVELOPE, MAX_IN_FLIGHT, MAX_IN_FLIGHT_BYTES, MAX_RELAYED_IN_FLIGHT_BYTES, SENDER_IDLE, VERDICT_TIMEOUT } from './limits.ts'

interface Item {
  readonly envelope: Uint8Array
  readonly hints: readonly string[]
  resolve(verdict: Verdict): void
  reject(error: CourierError): void
}

/** Opens a stream to the device, over a connection that a relay will cut or not; rejects with a CourierError. */
export type OpenStream = (hints: readonly string[]) => Promise<{ stream: Stream; relayed: boolean }>

export interface DirectSender {
  send(hints: readonly string[], envelope: Uint8Array): Promise<Verdict>
  stop(): void
}

/** `onRest`: nothing is queued, in flight or open any more. */
export function createDirectSender(open: OpenStream, onRest: () => void): DirectSender {
  const queue: Item[] = []
  const inFlight = new Map<number, Item>()
  let inFlightBytes = 0
  let counter = 0
  let stream: Stream | undefined
  let mostBytes = MAX_IN_FLIGHT_BYTES
  let opening = false
  let stopped = false
  let scheduled = false
  let timer: NodeJS.Timeout | undefined

  /** Everything unanswered fails together: what follows a lost envelope must not overtake its second attempt. */
  function failAll(error: CourierError): void {
    const items = [...inFlight.values(), ...queue.splice(0)]
    inFlight.clear()
    inFlightBytes = 0
    clearTimeout(timer)
    for (const item of items) item.reject(error)
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    // Sends of one turn share a write.
    queueMicrotask(() => {
      scheduled = false
      pump()
    })
  }

  function pump(): void {
    if (stopped) return
    const current = stream
    if (!current) {
      if (!opening && queue[0]) void openFor(queue[0])
      return
    }
    try {
      while (stream === current && mayTake() && !current.writableNeedsDrain) current.send(concat(...takeBatch()))
    } catch {
      lose(current, new CourierError('unreachable', 'the connection was lost'))
    }
    watch()
  }

  const mayTake = (): boolean => queue.length > 0 && inFlight.size < MAX_IN_FLIGHT && inFlightBytes < mostBytes

  function takeBatch(): Uint8Array[] {
    const frames: Uint8Array[] = []
    let bytes = 0
    while (mayTake() && bytes < MAX_BATCH_BYTES) {
      const item = queue.shift() as Item
      const frame = encodeEnvelope(counter, item.envelope)
      inFlight.set(counter, item)
      inFlightBytes += item.envelope.length
      bytes += frame.length
      frames.push(frame)
      counter = (counter + 1) >>> 0
    }
    return frames
  }

  async function openFor(first: Item): Promise<void> {
    opening = true
    try {
      const opened = await open(first.hints)
      opening = false
      mostBytes = opened.relayed ? MAX_RELAYED_IN_FLIGHT_BYTES : MAX_IN_FLIGHT_BYTES
      if (stopped) opened.stream.abort(new Error('stopped'))
      else attach(opened.stream)
    } catch (error) {
      opening = false
      failAll(error instanceof CourierError ? error : new CourierError('unreachable', 'no stream could be opened'))
      rest()
    }
  }

  function attach(opened: Stream): void {
    const reader = new FrameReader('verdicts')
    stream = opened
    counter = 0
    const onMessage = ({ data }: StreamMessageEvent): void => {
      if (stream !== opened) return
      try {
        reader.push(data.subarray())
        for (let body = reader.next(); body; body = reader.next()) settle(body)
      } catch (error) {
        lose(opened, new CourierError('refused', 'the other side does not speak the protocol'), error as Error)
        return
      }
      schedule()
    }
    const onClose = (event: StreamCloseEvent): void => {
      const reset = event.error?.name === 'StreamResetError'
      lose(opened, new CourierError(reset ? 'refused' : 'unreachable', reset ? 'the other side hung up' : 'the connection was lost'))
    }
    opened.addEventListener('message', onMessage)
    opened.addEventListener('close', onClose)
    opened.addEventListener('remoteCloseWrite', () => lose(opened, new CourierError('refused', 'the other side hung up')))
    opened.addEventListener('drain', schedule)
    if (opened.status === 'open') pump()
    else lose(opened, new CourierError('unreachable', 'the connection was lost'))
  }

  function settle(body: Uint8Array): void {
    for (const { counter, verdict } of decodeVerdicts(body)) {
      const item = inFlight.get(counter)
      if (!item) throw new FrameError('counter')
      inFlight.delete(counter)
      inFlightBytes -= item.envelope.length
      item.resolve(verdict)
    }
    clearTimeout(timer)
    timer = undefined
  }

  /** One timer: while something is in flight for its verdict, otherwise until the idle stream is closed. */
  function watch(): void {
    const waiting = inFlight.size > 0
    if (waiting && timer !== undefined) return
    clearTimeout(timer)
    const current = stream
    if (!current) return
    timer = setTimeout(() => {
      timer = undefined
      if (waiting) lose(current, new CourierError('timeout', 'no verdict in time'))
      else if (inFlight.size === 0 && queue.length === 0) retire(current)
    }, waiting ? VERDICT_TIMEOUT : SENDER_IDLE)
    timer.unref()
  }

  function retire(idle: Stream): void {
    stream = undefined
    idle.close().catch((error: Error) => idle.abort(error))
    // Half of it stays until the other side closes too.
    setTimeout(() => idle.abort(new Error('not closed')), CLOSE_TIMEOUT).unref()
    rest()
  }

  function lose(lost: Stream, error: CourierError, cause: Error = error): void {
    if (stream !== lost) return
    stream = undefined
    lost.abort(cause)
    failAll(error)
    rest()
  }

  function rest(): void {
    if (!stream && !opening && queue.length === 0) onRest()
  }

  return {
    send(hints, envelope) {
      if (stopped) return Promise.reject(new CourierError('stopped', 'the courier is stopped'))
      if (envelope.length === 0 || envelope.length > MAX_ENVELOPE) return Promise.reject(new FrameError('oversized', MAX_ENVELOPE))
      return new Promise<Verdict>((resolve, reject) => {
        // The idle timer must not close under it.
        if (inFlight.size === 0) {
          clearTimeout(timer)
          timer = undefined
        }
        queue.push({ envelope, hints, resolve, reject })
        schedule()
      })
    },
    stop() {
      stopped = true
      const last = stream
      stream = undefined
      last?.abort(new Error('stopped'))
      failAll(new CourierError('stopped', 'the courier is stopped'))
    },
  }
}
