import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fromHex, isAcceptableSignature, KeyError, type Label, labelled, noble, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/suite.ts'
import { openssl } from '../../../src/crypto/index.ts'

const text = readFileSync(new URL('../../../protocols/suite/vectors.json', import.meta.url), 'utf8')
const stored = JSON.parse(text) as ReturnType<typeof vectors>

describe('the vectors of the suite', () => {
  it('are what the readable twin makes', () => {
    assert.equal(text, `${JSON.stringify(vectors(), null, 2)}\n`)
  })

  it('encode labels and fields as we do', () => {
    for (const test of stored.labelled) assert.equal(toHex(labelled(test.label as Label, ...test.fields.map(fromHex))), test.bytes)
  })

  it('list the points of small order, each of which is refused as a key (attack 3)', () => {
    const good = noble.sign(noble.importSecret('ed25519', new Uint8Array(32)).secretKey, new Uint8Array())
    assert.equal(new Set(stored.smallOrderPoints).size, 8)
    for (const point of stored.smallOrderPoints) assert.equal(isAcceptableSignature(fromHex(point), good), false)
    assert.equal(isAcceptableSignature(fromHex(stored.ed25519BasePoint), good), true)
  })

  for (const suite of [noble, openssl]) {
    it(`hold for ${suite.name}`, () => {
      for (const test of stored.hmac) assert.equal(toHex(suite.hmac(fromHex(test.key), fromHex(test.message))), test.tag)
      for (const test of stored.hkdf) {
        assert.equal(toHex(suite.hkdf(fromHex(test.salt), fromHex(test.ikm), fromHex(test.info), test.length)), test.output)
      }
      for (const test of stored.aead) {
        const [key, nonce, associated, plaintext] = [fromHex(test.key), fromHex(test.nonce), fromHex(test.associated), fromHex(test.plaintext)]
        assert.equal(toHex(suite.seal(key, nonce, plaintext, associated)), test.sealed)
        assert.deepEqual(suite.open(key, nonce, fromHex(test.sealed), associated), plaintext)
      }
    })

    it(`give ${suite.name}'s verdict on every key and signature (attacks 1, 2, 3)`, () => {
      for (const test of stored.x25519) {
        const { secretKey } = suite.importSecret('x25519', fromHex(test.secret))
        const agree = () => suite.dh(secretKey, fromHex(test.publicKey))
        if ('shared' in test) assert.equal(toHex(agree()), test.shared, test.name)
        else assert.throws(agree, (error) => error instanceof KeyError && error.code === test.refused, test.name)
      }
      const names = stored.ed25519.filter((test) => suite.verify(fromHex(test.publicKey), fromHex(test.message), fromHex(test.signature)))
      assert.deepEqual(
        names.map((test) => test.name),
        stored.ed25519.filter((test) => test.valid).map((test) => test.name),
      )
    })

    it(`fix the seed and the implicit rejection of ${suite.name}'s ML-KEM (attack 4)`, () => {
      for (const test of stored.mlKem) {
        const pair = suite.importSecret(test.kind, fromHex(test.seed))
        assert.equal(toHex(suite.hash(pair.publicKey)), test.publicKeySha512)
        const { ciphertext } = noble.encapsulate(test.kind, pair.publicKey, () => fromHex(test.coins))
        assert.equal(toHex(suite.hash(ciphertext)), test.ciphertextSha512)
        assert.equal(toHex(suite.decapsulate(pair.secretKey, ciphertext)), test.sharedSecret)
        assert.equal(toHex(suite.decapsulate(pair.secretKey, new Uint8Array(ciphertext.length))), test.sharedSecretOfZeroCiphertext)
      }
    })
  }
})
