/** The incoming half of `/dure/direct/1`: takes envelopes in order, answers with batched verdicts, stops reading when too much is unanswered. */
import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import type { CourierHandlers, DeviceKey } from '../messenger/ports.ts'
import { type Answer, decodeEnvelope, encodeVerdicts, FrameError, FrameReader } from './framing.ts'
import { FIRST_FRAME_TIMEOUT, FRAME_TIMEOUT, MAX_IN_FLIGHT, MAX_IN_FLIGHT_BYTES, RECEIVER_IDLE } from './limits.ts'

type Handlers = Pick<CourierHandlers, 'admits' | 'envelope'>

/** Returns at once; the stream lives on its events. */
export function receiveDirect(stream: Stream, connection: Connection, from: DeviceKey, handlers: Handlers): void {
  const reader = new FrameReader('envelope')
  let answers: Answer[] = []
  let expected = 0
  let began = false
  let unanswered = 0
  let unansweredBytes = 0
  let reading = true
  let resuming = false
  let over = false
  let flushing = false
  let deadline: NodeJS.Timeout | undefined
  let awaiting: 'first' | 'frame' | 'idle' | undefined

  /** The other side has finished sending, and all of it has been handed to us. */
  const ended = (): boolean => stream.remoteWriteStatus === 'closed' && stream.readBufferLength === 0
  const full = (): boolean => unanswered + answers.length >= MAX_IN_FLIGHT || unansweredBytes >= MAX_IN_FLIGHT_BYTES
  const roomy = (): boolean => unanswered + answers.length <= MAX_IN_FLIGHT / 2 && unansweredBytes <= MAX_IN_FLIGHT_BYTES / 2

  function fail(error: Error): void {
    if (over) return
    over = true
    clearTimeout(deadline)
    stream.abort(error)
  }

  /** Handles what is buffered until too much is unanswered. */
  function take(): void {
    try {
      while (!over && !full()) {
        const body = reader.next()
        if (!body) break
        const { counter, envelope } = decodeEnvelope(body)
        if (counter !== expected) throw new FrameError('counter')
        expected = (expected + 1) >>> 0
        began = true
        awaiting = undefined
        // Asked again for every envelope: a device can be blocked while its stream is open (attack 67).
        if (!handlers.admits(from)) {
          over = true
          clearTimeout(deadline)
          connection.abort(new Error('not admitted'))
          return
        }
        void answer(counter, envelope)
      }
      if (ended() && !full() && reader.buffered > 0) throw new FrameError('truncated')
    } catch (error) {
      fail(error as Error)
      return
    }
    setReading(!full())
    arm()
    finish()
  }

  async function answer(counter: number, envelope: Uint8Array): Promise<void> {
    const size = envelope.length
    unanswered++
    unansweredBytes += size
    try {
      const verdict = await handlers.envelope(from, envelope)
      answers.push({ counter, verdict })
    } catch (error) {
      flush()
      fail(error instanceof Error ? error : new Error('envelope refused'))
      return
    } finally {
      unanswered--
      unansweredBytes -= size
    }
    if (flushing) return
    flushing = true
    // One commit answers many envelopes in one turn: their verdicts go out together.
    setImmediate(() => {
      flushing = false
      flush()
      if (!over && !reading && roomy()) take()
      finish()
    })
  }

  function flush(): void {
    try {
      while (!over && answers.length > 0 && !stream.writableNeedsDrain) {
        stream.send(encodeVerdicts(answers.slice(0, MAX_IN_FLIGHT)))
        answers = answers.slice(MAX_IN_FLIGHT)
      }
    } catch (error) {
      fail(error as Error)
    }
  }

  function setReading(on: boolean): void {
    if (over || on === reading || resuming || stream.readStatus === 'closing' || stream.readStatus === 'closed') return
    reading = on
    if (!on) {
      stream.pause()
      return
    }
    // `resume` hands over what had piled up before it tells the other side to go on. Pausing inside it would be undone,
    // so a pause it calls for waits until it is done.
    resuming = true
    stream.resume()
    resuming = false
    if (full()) setReading(false)
  }

  function arm(): void {
    const next = over || !reading ? undefined : !began ? 'first' : reader.buffered > 0 ? 'frame' : 'idle'
    // A frame has its time from its first byte; more bytes of it do not extend it.
    if (next !== undefined && next === awaiting && next !== 'idle') return
    awaiting = next
    clearTimeout(deadline)
    if (next === undefined) return
    const limit = { first: FIRST_FRAME_TIMEOUT, frame: FRAME_TIMEOUT, idle: RECEIVER_IDLE }[next]
    deadline = setTimeout(() => fail(new Error(`nothing came in ${limit} ms`)), limit)
    deadline.unref()
  }

  function finish(): void {
    if (over || !ended() || unanswered > 0 || answers.length > 0 || reader.buffered > 0) return
    over = true
    clearTimeout(deadline)
    stream.close().catch((error: Error) => stream.abort(error))
  }

  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    if (over) return
    reader.push(data.subarray())
    take()
  })
  stream.addEventListener('drain', () => {
    flush()
    if (!reading && roomy()) take()
    finish()
  })
  stream.addEventListener('remoteCloseWrite', () => {
    // What came before it may still be on its way through the event.
    setImmediate(take)
  })
  stream.addEventListener('close', () => {
    over = true
    clearTimeout(deadline)
  })
  arm()
}
