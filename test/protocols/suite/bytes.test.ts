import assert from 'node:assert/strict'
import fc from 'fast-check'
import { concat, fromHex, fromUtf8, LABEL, labelled, Reader, toHex, u32, u64, utf8 } from '../../../protocols/suite/index.ts'

const bytes = fc.uint8Array({ maxLength: 40, size: 'max' })
const startsWith = (text: Uint8Array, start: Uint8Array): boolean => toHex(text).startsWith(toHex(start))

describe('labels', () => {
  const labels = Object.values(LABEL)

  it('are unique, and none is the beginning of another as it is encoded', () => {
    assert.equal(new Set(labels).size, labels.length)
    for (const a of labels) {
      for (const b of labels) if (a !== b) assert.equal(startsWith(labelled(a), labelled(b)), false, `${a} / ${b}`)
    }
  })

  it('name the project, the version, the room and the purpose', () => {
    for (const label of labels) assert.match(label, /^dure\/v1\/[a-z]+\/[a-z-]+$/)
  })
})

describe('labelled input', () => {
  it('reads the same only for the same label and fields (attack 24)', () => {
    const label = fc.constantFrom(...Object.values(LABEL))
    const input = fc.tuple(label, fc.array(bytes, { maxLength: 4 }))
    fc.assert(
      fc.property(input, input, (a, b) => {
        const same = a[0] === b[0] && a[1].length === b[1].length && a[1].every((field, i) => toHex(field) === toHex(b[1][i] as Uint8Array))
        assert.equal(toHex(labelled(a[0], ...a[1])) === toHex(labelled(b[0], ...b[1])), same)
      }),
    )
    const moved = [labelled(LABEL.bundle, utf8('ab'), utf8('c')), labelled(LABEL.bundle, utf8('a'), utf8('bc')), labelled(LABEL.bundle, utf8('abc'))]
    assert.equal(new Set(moved.map(toHex)).size, 3)
  })
})

describe('byte helpers', () => {
  it('join, and copy what they join', () => {
    fc.assert(fc.property(fc.array(bytes), (parts) => assert.equal(toHex(concat(...parts)), parts.map(toHex).join(''))))
    const part = new Uint8Array([1])
    const joined = concat(part)
    part[0] = 2
    assert.deepEqual(joined, new Uint8Array([1]))
  })

  it('write big-endian numbers and refuse what does not fit', () => {
    assert.equal(toHex(u32(0x01020304)), '01020304')
    assert.equal(toHex(u64(Number.MAX_SAFE_INTEGER)), '001fffffffffffff')
    for (const value of [-1, 0.5, 2 ** 32, NaN]) assert.throws(() => u32(value), RangeError)
    for (const value of [-1, 0.5, 2 ** 53, NaN, Infinity]) assert.throws(() => u64(value), RangeError)
  })

  it('read back every number they wrote', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 0xffffffff }), (long, short) => {
        const reader = new Reader(concat(u64(long), u32(short)), () => new Error('short'))
        assert.equal(reader.u64(), long)
        assert.equal(reader.u32(), short)
        reader.end()
      }),
    )
    fc.assert(fc.property(bytes, (value) => assert.deepEqual(fromHex(toHex(value)), value)))
  })

  it('keep every UTF-8 text as it is, byte order mark included, and refuse other bytes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(fromUtf8(utf8(text)), text.toWellFormed())))
    assert.equal(fromUtf8(utf8('\ufeffname')), '\ufeffname')
    for (const wrong of ['ff', 'c0af', 'eda080', 'f4908080', 'e282']) assert.throws(() => fromUtf8(fromHex(wrong)), TypeError)
  })
})

describe('Reader', () => {
  class Short extends Error {}
  const reader = (value: Uint8Array) => new Reader(value, () => new Short())

  it('refuses to read past the end, numbers above 2^53 - 1 and trailing bytes', () => {
    assert.throws(() => reader(new Uint8Array(3)).u32(), Short)
    assert.throws(() => reader(new Uint8Array(3)).take(4), Short)
    assert.throws(() => reader(fromHex('0020000000000000')).u64(), Short)
    assert.throws(() => reader(new Uint8Array(8).fill(0xff)).u64(), Short)
    const left = reader(new Uint8Array(3))
    left.u16()
    assert.equal(left.done, false)
    assert.throws(() => left.end(), Short)
    assert.equal(left.rest().length, 1)
    left.end()
  })

  it('hands out copies', () => {
    const source = new Uint8Array([1, 2, 3])
    const taken = reader(source).take(2)
    source.fill(9)
    assert.deepEqual(taken, new Uint8Array([1, 2]))
  })
})
