import assert from 'node:assert/strict'
import { nonceCommitment, shortCode } from '../../../protocols/pairing/index.ts'
import { u32 } from '../../../protocols/suite/index.ts'
import { openssl as suite } from '../../../src/crypto/index.ts'

const filled = (length: number, counter: number): Uint8Array => {
  const out = new Uint8Array(length)
  out.set(u32(counter))
  return out
}

describe('the short code', () => {
  it('is six digits in two groups', () => {
    for (let i = 0; i < 1000; i++) assert.match(shortCode(suite, filled(64, i), filled(32, i)), /^[0-9]{3} [0-9]{3}$/)
  })

  it('is spread evenly over its digits', () => {
    const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0))
    const samples = 20_000
    for (let i = 0; i < samples; i++) {
      const digits = shortCode(suite, filled(64, i), filled(32, 0)).replace(' ', '')
      for (const [place, digit] of [...digits].entries()) (counts[place] as number[])[Number(digit)]! += 1
    }
    for (const place of counts) {
      const chi2 = place.reduce((sum, count) => sum + (count - samples / 10) ** 2 / (samples / 10), 0)
      assert.ok(chi2 < 40, `chi squared ${chi2}`) // nine degrees of freedom: 40 is passed once in 100,000; the inputs are fixed
    }
  })

  it('differs for somebody between the two, and for another nonce (attack 33)', () => {
    const nonce = filled(32, 1)
    const seen = new Set<string>()
    for (let i = 0; i < 100; i++) {
      seen.add(shortCode(suite, filled(64, i), nonce))
      seen.add(shortCode(suite, filled(64, 0), filled(32, 1000 + i)))
    }
    assert.ok(seen.size > 195, `${seen.size} of 200`)
  })

  it('could be ground by a responder free to choose its nonce; the commitment is what stops it (attack 33)', () => {
    // Mallory relays between two people; one code is settled, and she looks for a nonce that gives the other the same last digits.
    const settled = shortCode(suite, filled(64, 1), filled(32, 1))
    let tries = 0
    let found = filled(32, 0)
    while (shortCode(suite, filled(64, 2), found).slice(4) !== settled.slice(4)) found = filled(32, ++tries)
    assert.ok(tries < 20_000, 'three digits fall in a moment')
    const committed = nonceCommitment(suite, filled(32, 0xffff))
    assert.notDeepEqual(nonceCommitment(suite, found), committed, 'what she found is not what she had said before')
  })
})
