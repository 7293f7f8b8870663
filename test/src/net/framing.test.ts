import assert from 'node:assert/strict'
import fc from 'fast-check'
import { concat, u32 } from '../../../protocols/suite/index.ts'
import {
  decodeEnvelope, decodeVerdicts, encodeEnvelope, encodeFrame, encodeVerdicts, FrameError, FrameReader, type FrameType,
} from '../../../src/net/framing.ts'
import { MAX_ENVELOPE, MAX_IN_FLIGHT, MAX_PAIRING_FRAME } from '../../../src/net/limits.ts'

const refused = (code: FrameError['code']) => (error: unknown) => error instanceof FrameError && error.code === code
const read = (type: FrameType, ...chunks: Uint8Array[]) => {
  const reader = new FrameReader(type)
  const bodies: Uint8Array[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let body = reader.next(); body; body = reader.next()) bodies.push(body)
  }
  return { bodies, rest: reader.buffered }
}

describe('frames', () => {
  it('has the layout the specification shows', () => {
    assert.equal(Buffer.from(encodeEnvelope(7, new Uint8Array([0xaa, 0xbb]))).toString('hex'), '00000007' + '01' + '00000007' + 'aabb')
    assert.equal(
      Buffer.from(encodeVerdicts([{ counter: 1, verdict: 'stored' }, { counter: 258, verdict: 'no-session' }])).toString('hex'),
      '0000000b' + '02' + '00000001' + '01' + '00000102' + '02',
    )
    assert.equal(Buffer.from(encodeFrame('request', new Uint8Array([1]))).toString('hex'), '00000002' + '03' + '01')
    assert.equal(Buffer.from(encodeFrame('reply', new Uint8Array([1]))).toString('hex'), '00000002' + '04' + '01')
  })

  it('reads the same frames however the bytes were cut', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300, size: 'max' }), { maxLength: 8 }), fc.array(fc.nat(40), { maxLength: 60, size: 'max' }), (envelopes, cuts) => {
      const wire = concat(...envelopes.map((envelope, i) => encodeEnvelope(i, envelope)))
      const chunks: Uint8Array[] = []
      let at = 0
      for (const cut of cuts) {
        chunks.push(wire.subarray(at, at + cut))
        at += cut
      }
      chunks.push(wire.subarray(at))
      const { bodies, rest } = read('envelope', ...chunks)
      assert.deepEqual(bodies.map(decodeEnvelope), envelopes.map((envelope, counter) => ({ counter, envelope })))
      assert.equal(rest, 0)
    }))
  })

  it('never does anything but read or refuse, whatever comes', () => {
    fc.assert(fc.property(fc.constantFrom<FrameType>('envelope', 'verdicts', 'request', 'reply'), fc.array(fc.uint8Array({ maxLength: 64, size: 'max' })), (type, chunks) => {
      try {
        read(type, ...chunks).bodies.forEach(body => type === 'verdicts' && decodeVerdicts(body))
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
      }
    }))
  })

  it('refuses a length over its limit from four bytes, before any of it is buffered (attack 30)', () => {
    const limits: [FrameType, number][] = [['envelope', 4 + MAX_ENVELOPE], ['verdicts', 5 * MAX_IN_FLIGHT], ['request', MAX_PAIRING_FRAME], ['reply', MAX_PAIRING_FRAME]]
    for (const [type, limit] of limits) {
      assert.throws(() => read(type, u32(limit + 2)), refused('oversized'), type)
      assert.throws(() => read(type, u32(0xffffffff)), refused('oversized'), type)
      assert.deepEqual(read(type, u32(limit + 1)), { bodies: [], rest: 4 }, type)
      assert.throws(() => read(type, u32(0)), refused('undersized'), type)
      assert.throws(() => read(type, u32(1)), refused('undersized'), type)
    }
    assert.throws(() => encodeEnvelope(0, new Uint8Array(MAX_ENVELOPE + 1)), refused('oversized'))
    assert.throws(() => encodeEnvelope(0, new Uint8Array()), refused('undersized'))
  })

  it('refuses a frame of another type in each direction (attack 24)', () => {
    const frames: Record<FrameType, Uint8Array> = {
      envelope: encodeEnvelope(0, new Uint8Array(5)),
      verdicts: encodeVerdicts([{ counter: 0, verdict: 'stored' }, { counter: 1, verdict: 'stored' }]),
      request: encodeFrame('request', new Uint8Array(9)),
      reply: encodeFrame('reply', new Uint8Array(9)),
    }
    for (const [type, frame] of Object.entries(frames)) {
      for (const expected of Object.keys(frames) as FrameType[]) {
        if (type !== expected) assert.throws(() => read(expected, frame), refused('type'), `${type} for ${expected}`)
      }
    }
  })

  it('refuses verdicts that are cut or that nobody defined', () => {
    assert.throws(() => decodeVerdicts(new Uint8Array(4)), refused('verdict'))
    for (const byte of [0, 3, 255]) assert.throws(() => decodeVerdicts(new Uint8Array([0, 0, 0, 0, byte])), refused('verdict'))
  })

  it('reads the largest frame in time when it comes byte by byte (attack 16)', () => {
    const frame = encodeEnvelope(0, new Uint8Array(MAX_ENVELOPE))
    const reader = new FrameReader('envelope')
    const begun = performance.now()
    let bodies = 0
    for (let i = 0; i < frame.length; i++) {
      reader.push(frame.subarray(i, i + 1))
      if (reader.next()) bodies++
    }
    assert.equal(bodies, 1)
    assert.ok(performance.now() - begun < 2000)
  })
})
