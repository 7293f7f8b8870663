import assert from 'node:assert/strict'
import fc from 'fast-check'
import { CONFUSABLES } from '../../../protocols/lookalike/confusables.ts'
import { appearances, lookalikeOf, mixedScript, skeleton } from '../../../protocols/lookalike/index.ts'
import { prototypes } from '../../../protocols/lookalike/skeleton.ts'

const known = ['Ann', 'Bob', 'PayPal', 'Tom', 'Вася', '김철수', 'José']

describe('a name that looks like another (attack 95)', () => {
  const forgeries: [string, string, string][] = [
    ['Bоb', 'Bob', 'a Cyrillic о'],
    ['ＢＯＢ', 'Bob', 'full-width letters'],
    ['𝔹𝕠𝕓', 'Bob', 'mathematical letters'],
    ['B0b', 'Bob', 'a zero'],
    ['bob', 'Bob', 'other capitals'],
    ['Bo\u200bb', 'Bob', 'a space of no width'],
    ['\u202eBob', 'Bob', 'an override of the direction'],
    [' Bob ', 'Bob', 'spaces around it'],
    ['Bob', 'Bob', 'nothing: the very same'],
    ['paypaI', 'PayPal', 'a capital I'],
    ['PayPa1', 'PayPal', 'a one'],
    ['рaураl', 'PayPal', 'three Cyrillic letters'],
    ['Torn', 'Tom', 'two letters that look like one'],
    ['ВАСЯ', 'Вася', 'other capitals, whose shapes are others'],
    ['Bacя', 'Вася', 'Latin letters among Cyrillic ones'],
    ['Jos\u0065\u0301', 'José', 'the accent written apart'],
    ['김철수'.normalize('NFD'), '김철수', 'syllables taken apart'],
  ]
  for (const [forged, name, by] of forgeries) {
    it(`is told by ${by}: ${JSON.stringify(forged)}`, () => assert.equal(lookalikeOf(forged, known), name))
  }

  it('is not every name that is near', () => {
    for (const other of ['Anna', 'Rob', 'Jose', 'Timo', 'Петя', '김철호', '기며철수', 'Pay Pal', 'Bob Smith', '밥']) assert.equal(lookalikeOf(other, known), undefined, other)
  })

  it('is none where nothing is shown', () => {
    assert.deepEqual(appearances('\u200b\u3164 '), [])
    assert.equal(lookalikeOf('', ['', '\u200d']), undefined)
  })

  it('is the same seen from either side, and quick, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        assert.equal(lookalikeOf(a, [b]) === undefined, lookalikeOf(b, [a]) === undefined)
        mixedScript(a)
      }),
    )
    const endless = 'Bоb'.repeat(50_000)
    assert.equal(lookalikeOf(endless, [endless.replaceAll('о', 'o')])?.length, endless.length)
    assert.equal(mixedScript(endless), true)
  })
})

describe('the skeleton of UTS #39', () => {
  it('puts its prototype in the place of every letter of the table', () => {
    let letters = 0
    for (const group of CONFUSABLES.trim().split(/\s/)) {
      const [prototype = '', ...like] = group.split(/[:,]/).map((hex) => String.fromCodePoint(...hex.split('+').map((code) => parseInt(code, 16))))
      for (const letter of like) {
        assert.equal(prototypes(letter), prototype.normalize('NFD'), letter)
        assert.equal(lookalikeOf(`A ${letter}`, [`A ${prototype}`]), `A ${prototype}`, letter)
        letters++
      }
    }
    assert.equal(letters, 5_290)
  })

  it('is that of the standard for its own examples', () => {
    assert.equal(prototypes('ρ⍺у𝓅𝒂ן'), prototypes('𝔭𝒶ỿ𝕡𝕒ℓ'))
    assert.equal(prototypes('paypal'), 'paypal')
    assert.equal(prototypes('scope'), prototypes('ѕсоре'))
    assert.equal(prototypes('µ'), prototypes('μ'))
  })

  it('keeps Hangul syllables whole, and finds their letters standing alone', () => {
    assert.notEqual(prototypes('악가'), prototypes('아까'))
    assert.equal(prototypes('ㄱ'), prototypes('ᄀ'))
  })

  it('is one for a capital I, an l and an i', () => {
    assert.equal(new Set(['Ian', 'ian', 'lan', 'IAN', '1an'].map(skeleton)).size, 1)
  })
})

describe('a word of mixed scripts (attack 95)', () => {
  it('is one whose letters are not written together anywhere', () => {
    for (const word of ['Bоb', 'Аnna', 'Ωmega', 'ㅇб', '中ㄅあ', 'Ann Bоb', 'ひ한']) assert.equal(mixedScript(word), true, word)
  })

  it('is not Japanese, Korean or Chinese in its own letters and Latin, nor a name whose words have a script each', () => {
    for (const name of ['山田たろう', 'カーラ', '金철수', 'ㄅ中', 'Bob씨', 'Bob 김철수', 'Анна Smith', "O'Neil", 'naïve', 'i\u0307x', '👩‍💻 Ann 2', 'ا۱', 'ಕನ್ನಡ', '한국어'.normalize('NFD'), '']) {
      assert.equal(mixedScript(name), false, name)
    }
  })
})
