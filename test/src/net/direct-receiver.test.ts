import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { Connection, Stream } from '@libp2p/interface'
import type { Verdict } from '../../../src/messenger/ports.ts'
import { receiveDirect } from '../../../src/net/direct-receiver.ts'
import { encodeEnvelope } from '../../../src/net/framing.ts'
import { FIRST_FRAME_TIMEOUT, FRAME_TIMEOUT, RECEIVER_IDLE, SENDER_IDLE } from '../../../src/net/limits.ts'

/** A stream whose other side is the test. */
class FakeStream extends EventTarget {
  readonly readBufferLength = 0
  readStatus = 'readable'
  remoteWriteStatus = 'writable'
  writableNeedsDrain = false
  aborted: string | undefined

  receive(data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  abort(error: Error): void {
    this.aborted ??= error.message
  }
  send(): boolean {
    return true
  }
  pause(): void {
    this.readStatus = 'paused'
  }
  resume(): void {
    this.readStatus = 'readable'
  }
}

describe('a direct stream and time (attack 83)', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  function open(envelope: () => Promise<Verdict> = async () => 'stored'): FakeStream {
    const stream = new FakeStream()
    receiveDirect(stream as unknown as Stream, {} as Connection, 'aa', { admits: () => true, envelope })
    return stream
  }

  it('is dropped when nothing comes after it was opened', () => {
    const stream = open()
    mock.timers.tick(FIRST_FRAME_TIMEOUT - 1)
    assert.equal(stream.aborted, undefined)
    mock.timers.tick(1)
    assert.match(stream.aborted ?? '', /nothing came/)
  })

  it('is dropped when a frame comes byte by byte, however regularly', () => {
    const stream = open()
    const frame = encodeEnvelope(0, new Uint8Array(1000))
    stream.receive(encodeEnvelope(0, new Uint8Array(1)))
    for (let i = 0, time = 0; time < FRAME_TIMEOUT; i++, time += 1000) {
      assert.equal(stream.aborted, undefined, `at ${time}`)
      stream.receive(frame.subarray(i, i + 1))
      mock.timers.tick(1000)
    }
    assert.match(stream.aborted ?? '', /nothing came/)
  })

  it('is kept while idle for longer than an honest sender keeps it, and dropped after that', () => {
    assert.ok(RECEIVER_IDLE > SENDER_IDLE)
    const stream = open()
    stream.receive(encodeEnvelope(0, new Uint8Array(1)))
    mock.timers.tick(RECEIVER_IDLE - 1)
    assert.equal(stream.aborted, undefined)
    stream.receive(encodeEnvelope(1, new Uint8Array(1)))
    mock.timers.tick(RECEIVER_IDLE - 1)
    assert.equal(stream.aborted, undefined)
    mock.timers.tick(1)
    assert.match(stream.aborted ?? '', /nothing came/)
  })

  it('is not dropped for a frame that waits because we do not read', () => {
    const stream = open(() => new Promise<Verdict>(() => {}))
    for (let i = 0; i < 128; i++) stream.receive(encodeEnvelope(i, new Uint8Array(1)))
    stream.receive(encodeEnvelope(128, new Uint8Array(9)).subarray(0, 7))
    assert.equal(stream.readStatus, 'paused')
    mock.timers.tick(RECEIVER_IDLE * 2)
    assert.equal(stream.aborted, undefined)
  })
})
