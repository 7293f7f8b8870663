import assert from 'node:assert/strict'
import fc from 'fast-check'
import { all, asText, decodeFields, encodeFields, type Field, FieldError, type FieldRules, limits, one } from '../../../protocols/channel/index.ts'
import { fromHex, toHex, utf8 } from '../../../protocols/suite/index.ts'

const RULES: FieldRules = {
  1: { least: 32, most: 32, required: true },
  2: { least: 1, most: 8, text: true },
  5: { least: 0, most: 4, times: 2 },
}
const KEY = new Uint8Array(32).fill(7)
const KEY_FIELD = `0100000020${toHex(KEY)}`

function verdict(hex: string): string {
  try {
    decodeFields(fromHex(hex), RULES)
    return 'accepted'
  } catch (error) {
    assert.ok(error instanceof FieldError, String(error))
    return error.code
  }
}

describe('fields', () => {
  it('are tags in ascending order, each with the length of its value', () => {
    const fields: Field[] = [{ tag: 1, value: KEY }, { tag: 2, value: utf8('안녕') }, { tag: 5, value: new Uint8Array() }, { tag: 5, value: new Uint8Array([9]) }]
    const bytes = encodeFields(fields, RULES)
    assert.equal(toHex(bytes), `${KEY_FIELD}0200000006ec9588eb8595050000000005${'00000001'}09`)
    assert.deepEqual(decodeFields(bytes, RULES), fields)
    assert.deepEqual(one(fields, 1), KEY)
    assert.equal(one(fields, 3), undefined)
    assert.deepEqual(all(fields, 5), [new Uint8Array(), new Uint8Array([9])])
    assert.equal(asText(one(fields, 2) as Uint8Array, 2), '안녕')
  })

  it('of a newer version are kept, however often they are there', () => {
    const bytes = fromHex(`00000000${'00'}${KEY_FIELD}0300000001aa0300000001aaff00000000`)
    assert.deepEqual(encodeFields(decodeFields(bytes, RULES), RULES), bytes)
  })

  const refused: [string, string, 'body' | 'non-canonical'][] = [
    ['out of order', `0500000000${KEY_FIELD}`, 'non-canonical'],
    ['of a newer version out of order', `${KEY_FIELD}04000000000300000000`, 'non-canonical'],
    ['one that may be there once, twice', KEY_FIELD + KEY_FIELD, 'body'],
    ['three of what may be there twice', `${KEY_FIELD}${'0500000000'.repeat(3)}`, 'body'],
    ['none that is required', '0200000001aa', 'body'],
    ['nothing', '', 'body'],
    ['a key of 31 bytes', `010000001f${'07'.repeat(31)}`, 'body'],
    ['a text that is too long', `${KEY_FIELD}0200000009${'61'.repeat(9)}`, 'body'],
    ['an empty text', `${KEY_FIELD}0200000000`, 'body'],
    ['a text that is not UTF-8', `${KEY_FIELD}0200000001ff`, 'body'],
    ['a text in overlong UTF-8', `${KEY_FIELD}0200000002c1a1`, 'body'],
    ['half a surrogate', `${KEY_FIELD}0200000003eda080`, 'body'],
    ['a tag alone', `${KEY_FIELD}05`, 'body'],
    ['half a length', `${KEY_FIELD}050000`, 'body'],
    ['a value that is cut', `${KEY_FIELD}050000000201`, 'body'],
    ['a length above all', `${KEY_FIELD}05ffffffff01`, 'body'],
    ['too many', `${KEY_FIELD}${'0900000000'.repeat(limits.MAX_FIELDS)}`, 'body'],
  ]
  for (const [name, hex, code] of refused) it(`are refused: ${name} (attack 57)`, () => assert.equal(verdict(hex), code))

  it('are not written when they would not be read', () => {
    for (const fields of [[], [{ tag: 1, value: KEY }, { tag: 0, value: KEY }], [{ tag: 1, value: new Uint8Array(31) }]]) {
      assert.throws(() => encodeFields(fields, RULES), FieldError)
    }
  })

  it('say with the text which is not text', () => assert.throws(() => asText(new Uint8Array([0xff]), 17), { name: 'FieldError', code: 'body', tag: 17 }))

  it('have one encoding: whatever is accepted is what would be written (attack 57)', () => {
    const field = fc.tuple(fc.constantFrom(0, 2, 3, 5, 9, 255), fc.uint8Array({ maxLength: 9 }))
    const noise = fc.oneof(
      fc.array(field, { maxLength: 6 }).map((fields) => [[1, KEY] as const, ...fields].toSorted(([a], [b]) => a - b)),
      fc.array(fc.oneof(field, fc.constant([1, KEY] as [number, Uint8Array])), { maxLength: 6 }),
    )
    fc.assert(
      fc.property(noise, fc.nat(), fc.nat(255), (fields, place, byte) => {
        const bytes = fields.flatMap(([tag, value]) => [tag, 0, 0, 0, value.length, ...value])
        for (const input of [bytes, bytes.map((each, i) => (i === place % bytes.length ? byte : each))]) {
          const hex = toHex(new Uint8Array(input))
          if (verdict(hex) === 'accepted') assert.equal(toHex(encodeFields(decodeFields(fromHex(hex), RULES), RULES)), hex)
        }
      }),
      { numRuns: 500 },
    )
  })
})
