import assert from 'node:assert/strict'
import fc from 'fast-check'
import { accountFingerprint, formatSafetyNumber, safetyNumber } from '../../../protocols/identity/index.ts'
import { openssl } from '../../../src/crypto/index.ts'

const account = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('the safety number', () => {
  it('is the same 60 digits from both sides, and others for any other pair (attacks 8, 38)', () => {
    fc.assert(
      fc.property(account, account, fc.nat({ max: 255 }), (a, b, bit) => {
        const number = safetyNumber(openssl, a, b)
        assert.match(number, /^\d{60}$/)
        assert.equal(safetyNumber(openssl, b, a), number)
        const other = b.slice()
        other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
        assert.notEqual(safetyNumber(openssl, a, other), number)
      }),
      { numRuns: 10 },
    )
  })

  it('is shown in twelve groups of five', () => {
    const number = safetyNumber(openssl, new Uint8Array(32), new Uint8Array(32).fill(1))
    assert.match(formatSafetyNumber(number), /^(\d{5} ){11}\d{5}$/)
    assert.equal(formatSafetyNumber(number).replaceAll(' ', ''), number)
  })
})

describe('the account fingerprint', () => {
  it('is four groups of four base32 letters', () => {
    fc.assert(fc.property(account, (a) => assert.match(accountFingerprint(openssl, a), /^([a-z2-7]{4}-){3}[a-z2-7]{4}$/)))
  })
})
