import assert from 'node:assert/strict'
import fc from 'fast-check'
import { channelIdOf, decodeEntry, EntryError, type Head, leafHash, limits, logIdOf } from '../../../protocols/channel/index.ts'
import { type Draft, isSignedBy, signEntry } from '../../../protocols/channel/entry.ts'
import { concat, noble, toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { keyOf } from './people.ts'

const suite = openssl
const key = keyOf(suite, 1)

/** Plain objects, as decoders make them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> => fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const heads: fc.Arbitrary<Head[]> = fc
  .uniqueArray(record({ log: hash, size: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), root: hash }), { maxLength: limits.MAX_SEEN, size: 'max', selector: ({ log }) => toHex(log) })
  .map((all) => all.sort((a, b) => (toHex(a.log) < toHex(b.log) ? -1 : 1)))
const draft: fc.Arbitrary<Draft> = record({
  kind: fc.integer({ min: 1, max: 255 }),
  channel: hash,
  log: hash,
  seq: whole,
  time: whole,
  root: hash,
  certificate: hash,
  seen: heads,
  body: fc.uint8Array({ maxLength: 300, size: 'max' }),
})

const rule = (read: () => unknown): string => {
  try {
    read()
    return 'read'
  } catch (error) {
    if (error instanceof EntryError) return error.rule
    throw error
  }
}

describe('an entry', () => {
  it('reads as it was written, and is signed by who signed it', () => {
    fc.assert(
      fc.property(draft, (said) => {
        const bytes = signEntry(suite, key, said)
        const { signature, bytes: own, id, ...rest } = decodeEntry(suite, bytes)
        assert.deepEqual(rest, said)
        assert.deepEqual(own, bytes)
        assert.deepEqual(id, leafHash(noble, bytes))
        assert.deepEqual(signature, bytes.slice(-64))
        assert.equal(isSignedBy(suite, key.publicKey, decodeEntry(suite, bytes)), true)
        assert.equal(isSignedBy(suite, keyOf(suite, 2).publicKey, decodeEntry(suite, bytes)), false)
      }),
      { numRuns: 60 },
    )
  })

  it('has one encoding: what is read is written back as the same bytes, whatever was altered (attack 57)', () => {
    fc.assert(
      fc.property(draft, fc.nat(), fc.nat(255), (said, at, value) => {
        const bytes = signEntry(suite, key, said)
        const altered = bytes.with(at % bytes.length, value)
        try {
          const again = signEntry(suite, key, decodeEntry(suite, altered))
          assert.deepEqual(again.slice(0, -64), altered.slice(0, -64))
        } catch (error) {
          assert(error instanceof EntryError)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('has its fields where the table says', () => {
    const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
    const said = { kind: 16, channel: fill(1), log: fill(2), seq: 0x0102, time: 0x0a0b, root: fill(3), certificate: fill(4), seen: [{ log: fill(5), size: 9, root: fill(6) }], body: new Uint8Array([7, 7]) }
    const bytes = signEntry(suite, key, said)
    assert.equal(bytes.length, 147 + 72 + 4 + 2 + 64)
    assert.deepEqual([bytes[0], bytes[1], bytes[2], bytes[34], bytes[73], bytes[81], bytes[82], bytes[114], bytes[146], bytes[147], bytes[186], bytes[187], bytes[222], bytes[223]], [1, 16, 1, 2, 2, 0x0b, 3, 4, 1, 5, 9, 6, 2, 7])
  })

  it('is refused where it is not the table', () => {
    const said: Draft = { kind: 16, channel: new Uint8Array(32), log: new Uint8Array(32), seq: 1, time: 1, root: new Uint8Array(32), certificate: new Uint8Array(32), seen: [], body: new Uint8Array(10) }
    const bytes = signEntry(suite, key, said)
    for (let length = 0; length < bytes.length; length++) assert.equal(rule(() => decodeEntry(suite, bytes.slice(0, length))), 'malformed')
    assert.equal(rule(() => decodeEntry(suite, concat(bytes, new Uint8Array(1)))), 'malformed')
    assert.equal(rule(() => decodeEntry(suite, bytes.with(0, 0))), 'version')
    assert.equal(rule(() => decodeEntry(suite, bytes.with(1, 0))), 'kind')
    assert.equal(rule(() => decodeEntry(suite, bytes.with(146, 1))), 'malformed')
    assert.equal(rule(() => decodeEntry(suite, bytes.with(66, 0x80))), 'malformed')
    assert.equal(rule(() => decodeEntry(suite, bytes.with(150, 11))), 'malformed')
  })

  it('is 65,536 bytes at the most, and names 32 heads', () => {
    const zeros = new Uint8Array(32)
    const said = (body: number, seen: Head[] = []): Draft => ({ kind: 16, channel: zeros, log: zeros, seq: 1, time: 1, root: zeros, certificate: zeros, seen, body: new Uint8Array(body) })
    const largest = limits.MAX_ENTRY - 147 - 4 - 64
    assert.equal(decodeEntry(suite, signEntry(suite, key, said(largest))).body.length, largest)
    assert.equal(rule(() => signEntry(suite, key, said(largest + 1))), 'too-large')
    assert.equal(rule(() => decodeEntry(suite, new Uint8Array(limits.MAX_ENTRY + 1))), 'too-large')
    const many = Array.from({ length: 33 }, (_, i) => ({ log: zeros.with(0, i), size: 1, root: zeros }))
    assert.equal(decodeEntry(suite, signEntry(suite, key, said(0, many.slice(1)))).seen.length, 32)
    assert.equal(rule(() => signEntry(suite, key, said(0, many))), 'seen')
    const bytes = signEntry(suite, key, said(72, many.slice(1)))
    const grown = concat(bytes.slice(0, 146), new Uint8Array([33]), bytes.slice(147, 147 + 32 * 72), zeros.fill(0xff), new Uint8Array(40), new Uint8Array([0, 0, 0, 0]), bytes.slice(-64))
    assert.equal(rule(() => decodeEntry(suite, grown)), 'seen')
  })

  it('is in a channel and a log whose names follow from bytes nobody can choose freely', () => {
    assert.notDeepEqual(channelIdOf(suite, new Uint8Array([1])), channelIdOf(suite, new Uint8Array([2])))
    assert.notDeepEqual(logIdOf(suite, new Uint8Array(32), key.publicKey), logIdOf(suite, key.publicKey, new Uint8Array(32)))
  })
})
