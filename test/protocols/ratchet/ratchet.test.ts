import assert from 'node:assert/strict'
import { decodeRatchet, encodeRatchet, KEEP_SKIPPED, MAX_REMEMBERED, MAX_SKIP, MAX_STORED_KEYS, RATCHET_OVERHEAD, RatchetError } from '../../../protocols/ratchet/index.ts'
import { noble, type Suite } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { NOW, snapshot, talk } from './talkers.ts'
import { toySuite } from './toy-suite.ts'

const code = (wanted: RatchetError['code']) => (error: unknown) => error instanceof RatchetError && error.code === wanted

describe('the ratchet', () => {
  const engines: [Suite, Suite][] = [
    [noble, openssl],
    [openssl, noble],
  ]
  for (const [a, b] of engines) {
    it(`talks both ways between ${a.name} and ${b.name}, with stored states`, () => {
      const { alice, bob } = talk(seededRandom(1), a, b)
      for (let i = 0; i < 3; i++) {
        assert.equal(bob.receive(alice.send(`to bob ${i}`)), `to bob ${i}`)
        assert.equal(bob.receive(alice.send('and again')), 'and again')
        alice.state = decodeRatchet(a, encodeRatchet(a, alice.state))
        bob.state = decodeRatchet(b, encodeRatchet(b, bob.state))
        assert.equal(alice.receive(bob.send(`to alice ${i}`)), `to alice ${i}`)
      }
    })
  }

  it('adds the same number of bytes to every message', () => {
    const { alice, bob } = talk(seededRandom(2), openssl)
    for (const length of [0, 1, 100, 5000]) {
      const message = alice.send('x'.repeat(length))
      assert.equal(message.length, length + RATCHET_OVERHEAD)
      bob.receive(message)
    }
    assert.equal(bob.send('').length, RATCHET_OVERHEAD)
  })

  it('shows a carrier which messages make a chain, and nothing else that any two have in common', () => {
    const { alice, bob } = talk(seededRandom(3), openssl)
    const chain = [alice.send('same'), alice.send('same')] as [Uint8Array, Uint8Array]
    bob.receive(chain[0])
    alice.receive(bob.send('same'))
    const next = alice.send('same')
    const repeats = (one: Uint8Array, two: Uint8Array): number[] => {
      const runs: number[] = []
      for (let at = 0; at + 4 <= one.length; at += 4) if (Buffer.compare(one.subarray(at, at + 4), two.subarray(at, at + 4)) === 0) runs.push(at)
      return runs
    }
    assert.deepEqual(repeats(chain[0], chain[1]), Array.from({ length: 2336 / 4 }, (_, i) => 68 + 4 * i), 'the sealed announcement and no number')
    assert.deepEqual(repeats(chain[0], next), [])
  })

  it('gives a responder nobody to write to before the first message', () => {
    assert.throws(() => talk(seededRandom(4), openssl).bob.send('early'), code('no-peer'))
  })

  it('refuses a replay, in the chain, after an answer, and after a restart (attack 15)', () => {
    const { alice, bob } = talk(seededRandom(5), openssl)
    const messages = [alice.send('one'), alice.send('two')]
    for (const message of messages) bob.receive(message)
    for (const message of messages) assert.throws(() => bob.receive(message), code('duplicate'))
    alice.receive(bob.send('answer'))
    bob.receive(alice.send('three'))
    bob.state = decodeRatchet(openssl, encodeRatchet(openssl, bob.state))
    for (const message of messages) assert.throws(() => bob.receive(message), code('duplicate'))
  })

  it('tells a message of a third party from a duplicate', () => {
    const { bob } = talk(seededRandom(6), openssl)
    const { alice: stranger } = talk(seededRandom(7), openssl)
    assert.throws(() => bob.receive(stranger.send('hello')), code('no-key'))
  })

  it('opens out of order, duplicated and 30 days late, each once (attack 18)', () => {
    const { alice, bob } = talk(seededRandom(8), openssl)
    const first = ['a', 'b', 'c', 'd'].map((text) => alice.send(text))
    bob.receive(first[2] as Uint8Array)
    alice.receive(bob.send('turn'))
    const second = ['e', 'f', 'g'].map((text) => alice.send(text))
    assert.equal(bob.receive(second[2] as Uint8Array), 'g')
    assert.equal(bob.receive(first[3] as Uint8Array, NOW + KEEP_SKIPPED), 'd')
    assert.throws(() => bob.receive(first[3] as Uint8Array), code('duplicate'))
    assert.equal(bob.receive(second[0] as Uint8Array), 'e')
    assert.equal(bob.receive(first[0] as Uint8Array), 'a')
    bob.receive(alice.send('later'), NOW + KEEP_SKIPPED + 1)
    assert.throws(() => bob.receive(first[1] as Uint8Array), (error) => error instanceof RatchetError)
    assert.throws(() => bob.receive(second[1] as Uint8Array), code('forgotten'), 'its key is past its time, and it was never opened')
  })

  it('skips as far as the limit and no further', () => {
    const { alice, bob } = talk(seededRandom(9), toySuite())
    for (let i = 0; i < MAX_SKIP; i++) alice.send('lost')
    const [last, tooFar] = [alice.send('just in reach'), alice.send('not')]
    assert.throws(() => bob.receive(tooFar), code('skip-limit'))
    assert.equal(bob.receive(last), 'just in reach')
    assert.equal(bob.receive(tooFar), 'not')
    assert.equal(bob.state.receiving?.skipped.length, MAX_STORED_KEYS)
  })

  for (const where of ['n', 'pn'] as const) {
    it(`refuses ${where} = 2^32-1 before any work (attack 16)`, () => {
      const { alice, bob } = talk(seededRandom(10), openssl)
      bob.receive(alice.send('hello'))
      alice.receive(bob.send('hello'))
      const hostile = alice.state
      assert.equal(hostile.turn.kind, 'ours')
      if (where === 'pn') alice.state = { ...hostile, turn: { ...hostile.turn, previous: 0xffffffff } as never }
      else {
        alice.send('starts the chain')
        const { turn } = alice.state
        assert.ok(turn.kind === 'theirs' && turn.sending)
        alice.state = { ...alice.state, turn: { ...turn, sending: { ...turn.sending, n: 0xfffffffe } } }
      }
      const message = alice.send('boom')
      const before = snapshot(openssl, bob.state)
      const times = Array.from({ length: 9 }, () => {
        const start = performance.now()
        assert.throws(() => bob.receive(message), code('skip-limit'))
        return performance.now() - start
      })
      assert.ok((times.sort((a, b) => a - b)[4] as number) < 5)
      assert.equal(snapshot(openssl, bob.state), before)
    })
  }

  it('ends a chain before its numbers run out', () => {
    const { alice } = talk(seededRandom(11), openssl)
    alice.send('starts the chain')
    const { turn } = alice.state
    assert.ok(turn.kind === 'theirs' && turn.sending)
    alice.state = { ...alice.state, turn: { ...turn, sending: { ...turn.sending, n: 0xffffffff } } }
    assert.throws(() => alice.send('one too many'), code('chain-limit'))
  })

  it('stores a bounded number of keys however many chains are left open, dropping the oldest (attack 17)', () => {
    const { alice, bob } = talk(seededRandom(12), toySuite())
    let oldest: Uint8Array | undefined
    let newest: Uint8Array | undefined
    for (let chain = 0; chain < 9; chain++) {
      const lost = Array.from({ length: 300 }, () => alice.send('hoard'))
      oldest ??= lost[0] as Uint8Array
      newest = lost[299] as Uint8Array
      bob.receive(alice.send('seen'))
      alice.receive(bob.send('turn'))
      const stored = [...bob.state.old, bob.state.receiving].reduce((sum, kept) => sum + (kept?.skipped.length ?? 0), 0)
      assert.ok(stored <= MAX_STORED_KEYS)
    }
    assert.throws(() => bob.receive(oldest as Uint8Array), code('forgotten'))
    assert.equal(bob.receive(newest as Uint8Array), 'hoard')
    assert.ok(encodeRatchet(bob.suite, bob.state).length < 100_000)
  })

  it('remembers a bounded number of messages, in one chain and in many, and calls none a repeat that it does not remember (attack 17)', () => {
    const { alice, bob } = talk(seededRandom(17), toySuite())
    const remembered = (): number => [...bob.state.old, bob.state.receiving].flatMap((chain) => chain?.taken ?? []).reduce((sum, run) => sum + run.length / 12, 0)
    const long = Array.from({ length: MAX_REMEMBERED + 32 }, () => alice.send('one way'))
    for (const message of long.slice(0, -32)) bob.receive(message)
    for (const message of long.slice(0, -32)) assert.throws(() => bob.receive(message), code('duplicate'))
    for (const message of long.slice(-32)) bob.receive(message)
    assert.equal(remembered(), MAX_REMEMBERED)
    for (const message of long.slice(0, 32)) assert.throws(() => bob.receive(message), code('forgotten'))
    for (const message of long.slice(32)) assert.throws(() => bob.receive(message), code('duplicate'))
    alice.receive(bob.send('turn'))
    const next = ['another', 'chain'].map((text) => alice.send(text))
    for (const message of next) bob.receive(message)
    bob.state = decodeRatchet(bob.suite, encodeRatchet(bob.suite, bob.state))
    assert.equal(remembered(), MAX_REMEMBERED - 32 + next.length)
    for (const message of long.slice(32, 64)) assert.throws(() => bob.receive(message), code('forgotten'), 'the oldest gave way')
    for (const message of [...long.slice(64), ...next]) assert.throws(() => bob.receive(message), code('duplicate'))
  })

  it('reads a state of the version that remembered no messages', () => {
    const { alice, bob } = talk(seededRandom(18), openssl)
    const [lost, message] = [alice.send('late'), alice.send('hello')]
    bob.receive(message)
    const bytes = encodeRatchet(openssl, bob.state)
    // The last are the number of messages, the one, and the number of old chains.
    const first = new Uint8Array([1, ...bytes.subarray(1, -15), 0])
    bob.state = decodeRatchet(openssl, first)
    assert.throws(() => bob.receive(message), code('forgotten'))
    assert.equal(bob.receive(lost), 'late')
    assert.throws(() => bob.receive(lost), code('duplicate'))
    for (let length = 0; length < first.length; length++) assert.throws(() => decodeRatchet(openssl, first.subarray(0, length)), code('state'))
  })

  it('keeps a bounded number of closed chains (attack 17)', () => {
    const { alice, bob } = talk(seededRandom(13), toySuite())
    for (let chain = 0; chain < 100; chain++) {
      if (chain % 2 === 0) alice.send('lost')
      bob.receive(alice.send('seen'))
      alice.receive(bob.send('turn'))
    }
    assert.ok(bob.state.old.length <= 64)
    assert.equal(bob.state.old.filter((chain) => chain.skipped.length === 0).length, 8)
  })

  it('refuses announced keys it could not answer', () => {
    const { alice, bob } = talk(seededRandom(14), openssl)
    const forged = (dh: Uint8Array, kem: (ek: Uint8Array) => Uint8Array): Suite => ({
      ...openssl,
      generate: (kind, random) => {
        const real = openssl.generate(kind, random)
        if (kind === 'x25519') return { ...real, publicKey: dh.length === 32 ? dh : real.publicKey }
        return { ...real, publicKey: kem(real.publicKey) }
      },
    })
    const beyondQ = (ek: Uint8Array): Uint8Array => ek.map((byte, i) => (i < 2 ? 0xff : byte))
    const same = (ek: Uint8Array): Uint8Array => ek
    const lowOrder = new Uint8Array(32)
    const highBit = new Uint8Array(32).fill(9)
    highBit[31] = 0x89
    for (const suite of [forged(new Uint8Array(), beyondQ), forged(lowOrder, same), forged(highBit, same)]) {
      // Its own DH must still work for a message to come out.
      const peer = talk(seededRandom(14), { ...suite, dh: () => new Uint8Array(32) }, openssl)
      peer.alice.state = alice.state
      const before = snapshot(openssl, bob.state)
      assert.throws(() => bob.receive(peer.alice.send('bad key')), code('key'))
      assert.equal(snapshot(openssl, bob.state), before)
    }
  })

  it('refuses bytes that are no state, whole or cut anywhere', () => {
    const { alice, bob } = talk(seededRandom(15), openssl)
    alice.send('lost')
    bob.receive(alice.send('hello'))
    for (const talker of [alice, bob]) {
      const bytes = encodeRatchet(openssl, talker.state)
      assert.deepEqual(encodeRatchet(openssl, decodeRatchet(openssl, bytes)), bytes)
      for (let length = 0; length < bytes.length; length++) assert.throws(() => decodeRatchet(openssl, bytes.subarray(0, length)), code('state'))
      assert.throws(() => decodeRatchet(openssl, new Uint8Array([...bytes, 0])), code('state'))
      assert.throws(() => decodeRatchet(openssl, new Uint8Array([9, ...bytes.subarray(1)])), code('state'))
    }
  })

  it('prints no secret key (attack 109)', () => {
    const { alice } = talk(seededRandom(16), openssl)
    alice.send('hello')
    const { turn } = alice.state
    assert.ok(turn.kind === 'theirs')
    const secret = Buffer.from(openssl.exportSecret(turn.dh)).toString('hex')
    assert.ok(!JSON.stringify(turn.dh).includes(secret))
  })
})
