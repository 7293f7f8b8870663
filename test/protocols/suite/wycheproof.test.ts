/**
 * Wycheproof on both engines. Where its verdict is 'acceptable', ours is in the test: refused for keys that are not
 * canonical or of low order, accepted for points on the twist, which X25519 is built to allow.
 */
import assert from 'node:assert/strict'
import { fromHex, KeyError, noble, SIZE, type Suite } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { caseName, wycheproof, type WycheproofCase } from './public-vectors.ts'

const bytes = (test: WycheproofCase, field: string): Uint8Array => fromHex(test[field] as string)
const P = 2n ** 255n - 19n

function eachCase(file: string, title: string, check: (suite: Suite, test: WycheproofCase) => void): void {
  const cases = wycheproof(file)
  if (!cases) return
  for (const suite of [noble, openssl]) {
    it(`${suite.name}: ${title} (${cases.length} cases of ${file})`, () => {
      assert.ok(cases.length > 0)
      for (const test of cases) {
        try {
          check(suite, test)
        } catch (error) {
          throw new Error(caseName(test), { cause: error })
        }
      }
    })
  }
}

const refused = (code: KeyError['code']) => (error: unknown) => error instanceof KeyError && error.code === code

describe('the engines on the Wycheproof vectors', () => {
  eachCase('x25519', 'agrees, or refuses keys that are not canonical or of low order (attacks 1, 2)', (suite, test) => {
    const publicKey = bytes(test, 'public')
    const { secretKey } = suite.importSecret('x25519', bytes(test, 'private'))
    const u = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`)
    if (u >= P) {
      assert.throws(() => suite.dh(secretKey, publicKey), refused('non-canonical'))
    } else if (test.flags.includes('ZeroSharedSecret')) {
      assert.throws(() => suite.dh(secretKey, publicKey), refused('low-order'))
    } else {
      assert.deepEqual(suite.dh(secretKey, publicKey), bytes(test, 'shared'))
    }
  })

  eachCase('ed25519', 'gives the verdict of the vectors (attack 3)', (suite, test) => {
    const publicKey = fromHex((test['publicKey'] as { pk: string }).pk)
    assert.equal(suite.verify(publicKey, bytes(test, 'msg'), bytes(test, 'sig')), test.result === 'valid')
  })

  eachCase('chacha20_poly1305', 'seals and opens', (suite, test) => {
    const [key, nonce, associated, plaintext] = ['key', 'iv', 'aad', 'msg'].map((field) => bytes(test, field)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    const sealed = fromHex(`${test['ct'] as string}${test['tag'] as string}`)
    if (test.flags.includes('InvalidNonceSize')) {
      assert.throws(() => suite.seal(key, nonce, plaintext, associated))
      assert.equal(suite.open(key, nonce, sealed, associated), undefined)
    } else if (test.result === 'valid') {
      assert.deepEqual(suite.seal(key, nonce, plaintext, associated), sealed)
      assert.deepEqual(suite.open(key, nonce, sealed, associated), plaintext)
    } else {
      assert.equal(suite.open(key, nonce, sealed, associated), undefined)
    }
  })

  eachCase('hkdf_sha512', 'derives, or refuses to give more than 16320 bytes', (suite, test) => {
    const derive = () => suite.hkdf(bytes(test, 'salt'), bytes(test, 'ikm'), bytes(test, 'info'), test['size'] as number)
    if (test.result === 'valid') assert.deepEqual(derive(), bytes(test, 'okm'))
    else assert.throws(derive, RangeError)
  })

  eachCase('hmac_sha512', 'computes the tag, truncated where the vector is', (suite, test) => {
    const tag = bytes(test, 'tag')
    const ours = suite.hmac(bytes(test, 'key'), bytes(test, 'msg')).subarray(0, tag.length)
    assert.equal(suite.equal(ours, tag), test.result === 'valid')
  })

  for (const [file, kind] of [['768', 'ml-kem-768'] as const, ['1024', 'ml-kem-1024'] as const]) {
    eachCase(`mlkem_${file}`, 'expands the seed and decapsulates, implicit rejection included (attack 4)', (suite, test) => {
      const run = () => {
        const pair = suite.importSecret(kind, bytes(test, 'seed'))
        return { publicKey: pair.publicKey, shared: suite.decapsulate(pair.secretKey, bytes(test, 'c')) }
      }
      if (test.result === 'invalid') {
        assert.throws(run, refused('length'))
      } else {
        const { publicKey, shared } = run()
        assert.deepEqual(publicKey, bytes(test, 'ek'))
        assert.deepEqual(shared, bytes(test, 'K'))
      }
    })

    eachCase(`mlkem_${file}_encaps`, 'encapsulates, or refuses a key of wrong length or above the modulus (attack 4)', (suite, test) => {
      const coins = bytes(test, 'm')
      const encapsulate = () => suite.encapsulate(kind, bytes(test, 'ek'), () => coins)
      if (test.result === 'invalid') {
        assert.throws(encapsulate, refused(bytes(test, 'ek').length === SIZE[kind].publicKey ? 'modulus' : 'length'))
        return
      }
      const { ciphertext, sharedSecret } = encapsulate()
      if (suite === noble) assert.deepEqual({ ciphertext, sharedSecret }, { ciphertext: bytes(test, 'c'), sharedSecret: bytes(test, 'K') })
      else assert.equal(ciphertext.length, bytes(test, 'c').length) // OpenSSL draws its own coins: only the verdict compares
    })
  }
})
