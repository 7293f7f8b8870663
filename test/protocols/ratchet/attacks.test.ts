import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decrypt, encrypt, RatchetError } from '../../../protocols/ratchet/index.ts'
import { noble, type Suite, u32, utf8 } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { ASSOCIATED, introduced, NOW, snapshot, talk } from './talkers.ts'

describe('the ratchet under attack', () => {
  it('refuses any flipped bit of a message, as not its own, and stays as it was (attack 14)', () => {
    const { alice, bob } = talk(seededRandom(1), openssl)
    bob.receive(alice.send('hello'))
    alice.receive(bob.send('hello'))
    const [newChain, sameChain] = [alice.send('a new chain'), alice.send('the same chain')]
    const waiting = bob.state
    const { state: inChain } = decrypt(openssl, waiting, newChain, ASSOCIATED, NOW)
    const cases = [
      { message: newChain, state: waiting },
      { message: sameChain, state: waiting },
      { message: sameChain, state: inChain },
    ].map((one) => ({ ...one, before: snapshot(openssl, one.state) }))
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.nat(), ({ message, state, before }, at) => {
        const flipped = message.slice()
        const bit = at % (message.length * 8)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        assert.throws(() => decrypt(openssl, state, flipped, ASSOCIATED, NOW), (error) => error instanceof RatchetError && error.code === 'no-key')
        assert.equal(snapshot(openssl, state), before)
      }),
      { numRuns: 400 },
    )
    for (const { message, state } of cases) decrypt(openssl, state, message, ASSOCIATED, NOW)
  })

  it('refuses any other associated data, and any length (attack 14)', () => {
    const { alice, bob } = talk(seededRandom(2), openssl)
    const message = alice.send('hello')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(message.length - 1), (associated, length) => {
        assert.throws(() => decrypt(openssl, bob.state, message, associated, NOW), RatchetError)
        assert.throws(() => decrypt(openssl, bob.state, message.subarray(0, length), ASSOCIATED, NOW), RatchetError)
      }),
      { numRuns: 100 },
    )
    assert.equal(bob.receive(message), 'hello')
  })

  it('refuses a body made to open under another key: the commitment does not match (attack 31)', () => {
    const { alice, bob } = introduced(seededRandom(3), openssl)
    // The peer itself deviates: it commits to one key and seals the body under another.
    const lying: Suite = {
      ...openssl,
      hmac(key, ...parts) {
        const out = openssl.hmac(key, ...parts)
        if (Buffer.from(parts[0] as Uint8Array).includes('ratchet/message')) out.fill(7, 32)
        return out
      },
    }
    const { message } = encrypt(lying, seededRandom(4), alice, utf8('salamander'), ASSOCIATED)
    assert.throws(() => decrypt(openssl, bob, message, ASSOCIATED, NOW), (error) => error instanceof RatchetError && error.code === 'commitment')
  })

  it('refuses a body that does not open although all else is right', () => {
    const { alice, bob } = introduced(seededRandom(5), openssl)
    let seals = 0
    const lying: Suite = { ...openssl, seal: (key, ...rest) => openssl.seal(seals++ === 0 ? new Uint8Array(32) : key, ...rest) }
    const { message } = encrypt(lying, seededRandom(6), alice, utf8('other key'), ASSOCIATED)
    assert.throws(() => decrypt(openssl, bob, message, ASSOCIATED, NOW), (error) => error instanceof RatchetError && error.code === 'body')
  })

  it('never meets one key with two plaintexts when state and random generator are cloned (attack 106)', () => {
    const stuck = (n: number): Uint8Array => new Uint8Array(n).fill(5)
    const keys = new Map<string, string>()
    const watching: Suite = {
      ...noble,
      seal(key, nonce, plaintext, associated) {
        const pair = Buffer.concat([key, nonce]).toString('hex')
        const said = Buffer.concat([plaintext, u32(plaintext.length), associated]).toString('hex')
        assert.equal(keys.get(pair) ?? said, said, 'one key and nonce, two plaintexts')
        keys.set(pair, said)
        return noble.seal(key, nonce, plaintext, associated)
      },
    }
    const { alice } = introduced(stuck, watching)
    const once = encrypt(watching, stuck, alice, utf8('pay Bob'), ASSOCIATED)
    for (const text of ['pay Eve', 'pay Bo', '', 'pay Bob']) {
      encrypt(watching, stuck, alice, utf8(text), ASSOCIATED)
      encrypt(watching, stuck, once.state, utf8(text), ASSOCIATED)
    }
    assert.ok(keys.size >= 14)
  })

  it('gives a device that was cloned nothing to read after one honest round trip (attack 20)', () => {
    const { alice, bob } = talk(seededRandom(7), openssl)
    bob.receive(alice.send('before'))
    const clone = bob.state
    alice.receive(bob.send('round'))
    bob.receive(alice.send('trip'))
    alice.receive(bob.send('and on'))
    const secret = alice.send('not for the clone')
    assert.throws(() => decrypt(openssl, clone, secret, ASSOCIATED, NOW), RatchetError)
    assert.equal(bob.receive(secret), 'not for the clone')
  })

})
