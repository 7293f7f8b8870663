import assert from 'node:assert/strict'
import { decodeBundle, signBundle } from '../../../protocols/handshake/bundle.ts'
import { HandshakeError, verifyBundle } from '../../../protocols/handshake/index.ts'
import { decodeMessage, encodeMessage } from '../../../protocols/handshake/message.ts'
import { fromHex, noble } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { answer, listNaming, NOW, person, publish, shared, start } from './people.ts'

/** X25519 inputs with an all-zero result, and encodings that are not the one of their value. */
const BAD_SHARES = {
  'zero': '0000000000000000000000000000000000000000000000000000000000000000',
  'one': '0100000000000000000000000000000000000000000000000000000000000000',
  'order 8': 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  'the other of order 8': '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'p - 1': 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'p': 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'p + 1': 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'nine with the high bit set': '0900000000000000000000000000000000000000000000000000000000000080',
  'all ones': 'ff'.repeat(32),
}

for (const suite of [noble, openssl]) {
  describe(`keys in the handshake on ${suite.name}`, () => {
    const alice = person(suite, 'alice')
    const bob = person(suite, 'bob')
    const published = publish(suite, bob)
    const real = decodeBundle(published.bundle)
    const hers = start(suite, alice, published.bundle)
    const signed = (change: Partial<typeof real>): Uint8Array => signBundle(suite, bob.device.signing.secretKey, { ...real, ...change })

    const refusedKey = (run: () => unknown): void => assert.throws(run, { name: 'HandshakeError', code: 'key' })

    for (const [name, hex] of Object.entries(BAD_SHARES)) {
      const bad = fromHex(hex)
      it(`refuses ${name} in every DH position (attacks 1, 2)`, () => {
        refusedKey(() => start(suite, alice, signed({ signedPrekey: { id: 7, key: bad } })))
        refusedKey(() => start(suite, alice, signed({ oneTimePrekey: { id: 10, key: bad } })))
        refusedKey(() => start(suite, alice, signed({ deviceList: listNaming(suite, bob, bob.device.signing.publicKey, bad) })))
        const message = decodeMessage(hers.message)
        refusedKey(() => answer(suite, bob, published.secrets, encodeMessage({ ...message, ephemeral: bad })))
        const deviceList = listNaming(suite, alice, alice.device.signing.publicKey, bad)
        refusedKey(() => answer(suite, bob, published.secrets, encodeMessage({ ...message, deviceList })))
      })
    }

    it('refuses a KEM prekey with a coefficient above the modulus (attack 4)', () => {
      const key = real.pqPrekey.key.slice()
      key.set([0xff, 0xff])
      refusedKey(() => start(suite, alice, signed({ pqPrekey: { ...real.pqPrekey, key } })))
    })

    it('has no room for a KEM key of another length (attack 4)', () => {
      for (const key of [real.pqPrekey.key.slice(1), new Uint8Array(1600)]) {
        assert.throws(() => verifyBundle(suite, signed({ pqPrekey: { ...real.pqPrekey, key } }), NOW), HandshakeError)
      }
    })

    it('answers a wrong KEM ciphertext with another secret and no error (attack 4)', () => {
      const message = decodeMessage(hers.message)
      const ciphertext = message.ciphertext.slice()
      ciphertext[100] = (ciphertext[100] as number) ^ 1
      const his = answer(suite, bob, published.secrets, encodeMessage({ ...message, ciphertext }))
      assert.notEqual(shared(his.secret)[0], shared(hers.secret)[0])
    })
  })
}
