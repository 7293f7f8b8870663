import assert from 'node:assert/strict'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import fc from 'fast-check'
import { entropyOf, PhraseError, recoveryPhrase, rootKey } from '../../../protocols/identity/index.ts'
import { noble, toHex } from '../../../protocols/suite/index.ts'
import { publicVectors } from '../suite/public-vectors.ts'

const entropy = fc.uint8Array({ minLength: 32, maxLength: 32 })
const codeOf = (phrase: string): string => {
  try {
    entropyOf(phrase)
    return 'none'
  } catch (error) {
    assert.ok(error instanceof PhraseError)
    return error.code
  }
}

describe('the recovery phrase', () => {
  it('gives its entropy back, however it is typed', () => {
    const space = fc.constantFrom(' ', '  ', '\n', '\t', '\u3000', '\u00a0', '\r\n ')
    fc.assert(
      fc.property(entropy, fc.array(space, { minLength: 26, maxLength: 26 }), fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }), (bytes, spaces, upper) => {
        const words = recoveryPhrase(bytes).split(' ')
        assert.equal(words.length, 24)
        const typed = words.map((word, i) => (spaces[i] as string) + (upper[i] ? word.toUpperCase() : word)).join('') + spaces[25]
        assert.deepEqual(entropyOf(typed), bytes)
        const fullWidth = words.join(' ').replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0))
        assert.deepEqual(entropyOf(fullWidth), bytes)
      }),
    )
  })

  it('refuses another number of words', () => {
    const words = recoveryPhrase(new Uint8Array(32)).split(' ')
    for (const phrase of ['', ' ', words.slice(1).join(' '), [...words, 'abandon'].join(' '), words.slice(0, 12).join(' ')]) {
      assert.equal(codeOf(phrase), 'word-count')
    }
  })

  it('says which word it does not know, and keeps it out of the message (attack 109)', () => {
    const words = recoveryPhrase(new Uint8Array(32)).split(' ')
    words[6] = 'Abandonn'
    assert.throws(
      () => entropyOf(words.join(' ')),
      (error) => error instanceof PhraseError && error.code === 'unknown-word' && error.position === 7 && error.word === 'abandonn' && !error.message.includes('abandonn'),
    )
    words[6] = '__proto__'
    assert.equal(codeOf(words.join(' ')), 'unknown-word')
  })

  it('catches nearly every wrong word by the checksum', () => {
    let missed = 0
    fc.assert(
      fc.property(entropy, fc.nat({ max: 23 }), fc.nat({ max: 2047 }), (bytes, at, other) => {
        const words = recoveryPhrase(bytes).split(' ')
        fc.pre(words[at] !== wordlist[other])
        words[at] = wordlist[other] as string
        const code = codeOf(words.join(' '))
        if (code === 'none') missed++
        else assert.equal(code, 'checksum')
      }),
      { numRuns: 400 },
    )
    assert.ok(missed < 20, `${missed} of 400 wrong words were not noticed; one in 256 is expected`)
  })

  it('has 32 bytes behind it and no other number', () => {
    for (const size of [0, 16, 31, 33]) {
      assert.throws(() => recoveryPhrase(new Uint8Array(size)), RangeError)
      assert.throws(() => rootKey(noble, new Uint8Array(size)), RangeError)
    }
  })

  const files = {
    vectors: publicVectors<Record<string, [string, string][]>>('bip39/vectors.json')?.['english'],
    test_EN_BIP39: mnemonics('bip39/test_EN_BIP39.json'),
  }
  for (const [file, cases] of Object.entries(files)) {
    if (!cases) continue
    it(`reads and writes the 24-word cases of BIP39's ${file} (${cases.length} cases), and asks for 24 words in the others`, () => {
      let long = 0
      for (const [hex, phrase] of cases) {
        if (hex.length === 64) {
          long++
          assert.equal(recoveryPhrase(Buffer.from(hex, 'hex')), phrase)
          assert.equal(toHex(entropyOf(phrase)), hex)
        } else assert.equal(codeOf(phrase), 'word-count')
      }
      assert.ok(long > 0)
    })
  }

  const japanese = mnemonics('bip39/test_JP_BIP39.json')
  if (japanese) {
    it('does not know Japanese words, in whichever Unicode form they come: phrases are English', () => {
      const long = japanese.filter(([hex]) => hex.length === 64)
      assert.ok(long.length > 0)
      for (const [, phrase] of long) {
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) assert.equal(codeOf(phrase.normalize(form)), 'unknown-word')
      }
    })
  }
})

/** The bip32JP files: the entropy and mnemonic of each case. */
function mnemonics(path: string): [string, string][] | undefined {
  return publicVectors<{ entropy: string; mnemonic: string }[]>(path)?.map((test) => [test.entropy, test.mnemonic])
}
