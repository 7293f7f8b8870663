/** What a relay passes on, and time. */
import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { MessageStream } from '@libp2p/interface'
import { utf8 } from '../../../protocols/suite/index.ts'
import { join } from '../../../src/net/relay/joined.ts'
import { ONWARD_BYTES, ONWARD_IDLE, ONWARD_LIFETIME } from '../../../src/net/relay/limits.ts'

const OPENING = utf8('\x13/multistream/1.0.0\n\x07/noise\n')

/** A stream whose other side is the test. */
class FakeStream extends EventTarget {
  sent = 0
  aborted: string | undefined

  receive(data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  abort(error: Error): void {
    if (this.aborted !== undefined) return
    this.aborted = error.message
    this.dispatchEvent(Object.assign(new Event('close'), { error }))
  }
  send(data: Uint8Array): boolean {
    this.sent += data.byteLength
    return true
  }
  async close(): Promise<void> {}
}

describe('two ends a relay has joined', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  function joined(): { near: FakeStream; far: FakeStream } {
    const [near, far] = [new FakeStream(), new FakeStream()]
    join(near as unknown as MessageStream, far as unknown as MessageStream, () => undefined)
    near.receive(OPENING)
    far.receive(OPENING)
    return { near, far }
  }

  it('are parted when nothing moves, and when something moves for too long (attack 83)', () => {
    const idle = joined()
    mock.timers.tick(ONWARD_IDLE - 1)
    assert.equal(idle.far.aborted, undefined)
    mock.timers.tick(1)
    assert.deepEqual([idle.near.aborted, idle.far.aborted], ['nothing moved', 'nothing moved'])
    const dripping = joined()
    for (let time = 0; time < ONWARD_LIFETIME; time += 1000) {
      assert.equal(dripping.far.aborted, undefined, `at ${time}`)
      dripping.near.receive(new Uint8Array(1))
      mock.timers.tick(1000)
    }
    assert.deepEqual([dripping.near.aborted, dripping.far.aborted], ['its time is up', 'its time is up'])
  })

  it('have one share for both ways (attack 82)', () => {
    const { near, far } = joined()
    const half = new Uint8Array(ONWARD_BYTES / 2 - OPENING.length)
    near.receive(half)
    far.receive(half)
    assert.deepEqual([near.sent, far.sent, far.aborted], [ONWARD_BYTES / 2, ONWARD_BYTES / 2, undefined])
    far.receive(new Uint8Array(1))
    assert.deepEqual([near.aborted, near.sent], ['its share is used up', ONWARD_BYTES / 2])
  })

  it('need not begin in one piece', () => {
    const [near, far] = [new FakeStream(), new FakeStream()]
    join(near as unknown as MessageStream, far as unknown as MessageStream, () => undefined)
    for (const from of [far, near]) for (const byte of OPENING) from.receive(Uint8Array.of(byte))
    near.receive(new Uint8Array(100))
    assert.deepEqual([near.sent, far.sent], [OPENING.length, OPENING.length + 100])
  })
})
