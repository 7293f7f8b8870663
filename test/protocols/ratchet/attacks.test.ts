import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeRatchet, decrypt, encodeRatchet, encrypt, RatchetError } from '../../../protocols/ratchet/index.ts'
import { noble, type Suite, u32, utf8 } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { ASSOCIATED, introduced, NOW, snapshot, talk, Talker } from './talkers.ts'

describe('the ratchet under attack', () => {
  it('refuses any flipped bit of a message, and stays as it was (attack 14)', () => {
    const { alice, bob } = talk(seededRandom(1), openssl)
    bob.receive(alice.send('hello'))
    alice.receive(bob.send('hello'))
    const [newChain, sameChain, later] = [alice.send('a new chain'), alice.send('the same chain'), alice.send('not the next')]
    const waiting = bob.state
    const { state: inChain } = decrypt(openssl, waiting, newChain, ASSOCIATED, NOW)
    const stored = decodeRatchet(openssl, encodeRatchet(openssl, inChain))
    const cases = [
      { message: newChain, state: waiting },
      { message: sameChain, state: waiting },
      { message: sameChain, state: inChain },
      { message: sameChain, state: stored },
      { message: later, state: inChain },
    ].map((one) => ({ ...one, before: snapshot(openssl, one.state) }))
    /** Who cannot alter the commitment, the number or the announcement cannot make work; the salt and the body show at the end. */
    const expected = (at: number): RatchetError['code'] => (at < 16 ? 'commitment' : at < 68 + 2336 ? 'no-key' : 'body')
    const place = fc.oneof(fc.nat(), fc.nat(68 * 8 - 1))
    fc.assert(
      fc.property(fc.constantFrom(...cases), place, ({ message, state, before }, at) => {
        const flipped = message.slice()
        const bit = at % (message.length * 8)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        const code = expected(bit >> 3)
        assert.throws(() => decrypt(openssl, state, flipped, ASSOCIATED, NOW), (error) => error instanceof RatchetError && error.code === code)
        assert.equal(snapshot(openssl, state), before)
      }),
      { numRuns: 600 },
    )
    for (const { message, state } of cases) decrypt(openssl, state, message, ASSOCIATED, NOW)
  })

  it('does no work for a message whose number or announcement was altered: no chain is moved, no key agreed (attack 16)', () => {
    const { alice, bob } = talk(seededRandom(8), openssl)
    bob.receive(alice.send('hello'))
    alice.receive(bob.send('hello'))
    const fresh = alice.send('a new chain')
    const { state: inChain } = decrypt(openssl, bob.state, fresh, ASSOCIATED, NOW)
    for (let i = 0; i < 50; i++) alice.send('lost')
    const far = alice.send('far ahead')
    const idle: Suite = {
      ...openssl,
      hash(...parts) {
        assert.ok(!Buffer.from(parts[0] as Uint8Array).includes('ratchet/chain'), 'a chain was moved')
        return openssl.hash(...parts)
      },
      dh: () => assert.fail('a key was agreed'),
      decapsulate: () => assert.fail('a key was agreed'),
    }
    for (const [state, message] of [[bob.state, fresh], [inChain, far]] as const) {
      for (const at of [20, 48, 51, 52, 67, 68, 80, 1000, 2403]) {
        const altered = message.with(at, (message[at] as number) ^ 4)
        assert.throws(() => decrypt(idle, state, altered, ASSOCIATED, NOW), (error) => error instanceof RatchetError && error.code === 'no-key')
      }
    }
  })

  it('does not take the announcement of one chain for a message of another', () => {
    const { alice, bob } = talk(seededRandom(9), openssl)
    const first = alice.send('first chain')
    bob.receive(first)
    alice.receive(bob.send('turn'))
    const second = alice.send('second chain')
    bob.receive(second)
    for (const [head, announcement] of [[first, second], [second, first]] as const) {
      const spliced = head.slice()
      spliced.set(announcement.subarray(68, 68 + 2336), 68)
      assert.throws(() => bob.receive(spliced), (error) => error instanceof RatchetError && error.code === 'no-key')
    }
  })

  it('knows a second chain under one header key for a fork, in the newest chain and in an old one (attacks 20, 21)', () => {
    const { alice, bob } = talk(seededRandom(10), openssl)
    const clone = new Talker(openssl, seededRandom(11), alice.state)
    bob.receive(alice.send('mine'))
    const forged = clone.send('mine too')
    const isFork = (error: unknown): boolean => error instanceof RatchetError && error.code === 'forked'
    assert.throws(() => bob.receive(forged), isFork)
    alice.receive(bob.send('turn'))
    bob.receive(alice.send('on'))
    bob.state = decodeRatchet(openssl, encodeRatchet(openssl, bob.state))
    assert.throws(() => bob.receive(forged), isFork)
    assert.throws(() => bob.receive(clone.send('and more')), isFork)
    const cut = forged.with(52, (forged[52] as number) ^ 1)
    assert.throws(() => bob.receive(cut), (error) => error instanceof RatchetError && error.code === 'no-key')
  })

  it('knows a second message under one number for a fork: the last, one that was skipped, one of an old chain, also after a restart (attacks 20, 21)', () => {
    const { alice, bob } = talk(seededRandom(12), openssl)
    bob.receive(alice.send('begins the chain'))
    const earlier = alice.state
    const said = ['one', 'two', 'three'].map((text) => alice.send(text))
    for (const place of [2, 0, 1]) bob.receive(said[place] as Uint8Array)
    alice.receive(bob.send('turn'))
    const [next, last] = [alice.send('another chain'), alice.send('and its last')]
    const copy = new Talker(openssl, seededRandom(13), earlier)
    const second = ['one', 'not two', 'not three'].map((text) => copy.send(text))
    const judged = (message: Uint8Array): string => {
      try {
        return bob.receive(message)
      } catch (error) {
        return (error as RatchetError).code
      }
    }
    for (const stored of [false, true]) {
      if (stored) bob.state = decodeRatchet(openssl, encodeRatchet(openssl, bob.state))
      assert.deepEqual(said.map(judged), ['duplicate', 'duplicate', 'duplicate'])
      assert.deepEqual(second.map(judged), ['forked', 'forked', 'forked'], 'the same word is another message, too')
      if (!stored) assert.equal(bob.receive(next), 'another chain')
    }
    assert.equal(judged(copy.send('under a number of its own')), 'forgotten', 'four numbers, and the chain went no further: nobody knows that one')
    assert.equal(bob.receive(last), 'and its last')
  })

  it('cannot be told by who carries a repeat that its sender is in two places: what is altered is a repeat or nothing (attack 14)', () => {
    const { alice, bob } = talk(seededRandom(14), openssl)
    const old = [alice.send('one'), alice.send('two')]
    for (const message of old) bob.receive(message)
    alice.receive(bob.send('turn'))
    const recent = [alice.send('three'), alice.send('four')]
    for (const message of recent) bob.receive(message)
    const repeats = [...old, ...recent]
    const before = snapshot(openssl, bob.state)
    const refused = (message: Uint8Array, ...codes: RatchetError['code'][]): void =>
      assert.throws(() => bob.receive(message), (error) => error instanceof RatchetError && codes.includes(error.code))
    fc.assert(
      fc.property(fc.constantFrom(...repeats), fc.oneof(fc.nat(), fc.nat(68 * 8 - 1)), fc.constantFrom(...repeats), fc.nat(), (message, bit, other, at) => {
        const place = (bit >> 3) % message.length
        refused(message.with(place, (message[place] as number) ^ (1 << (bit & 7))), place >= 16 && place < 68 + 2336 ? 'no-key' : 'duplicate')
        // The beginning of one with the end of another: head and announcement of two chains, or a body of another number.
        const cut = at % message.length
        refused(new Uint8Array([...message.subarray(0, cut), ...other.subarray(cut)]), 'duplicate', 'no-key')
      }),
      { numRuns: 400 },
    )
    assert.equal(snapshot(openssl, bob.state), before)
  })

  it('refuses any other associated data, and any length (attack 14)', () => {
    const { alice, bob } = talk(seededRandom(2), openssl)
    const message = alice.send('hello')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64, size: 'max' }), fc.nat(message.length - 1), (associated, length) => {
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
      hash(...parts) {
        const out = openssl.hash(...parts)
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
    const lying: Suite = { ...openssl, seal: (key, ...rest) => openssl.seal(seals++ === 1 ? new Uint8Array(32) : key, ...rest) }
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
    assert.equal(keys.size, 1 + 4 + 4, 'one announcement, and the bodies of two places')
    // Clones whose generators differ: one header key, several announcements.
    for (let seed = 20; seed < 24; seed++) encrypt(watching, seededRandom(seed), alice, utf8('pay Bob'), ASSOCIATED)
    assert.equal(keys.size, 9 + 4 * 2)
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
