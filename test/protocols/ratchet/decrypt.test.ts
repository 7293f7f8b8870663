import assert from 'node:assert/strict'
import { decodeRatchet, decrypt, encodeRatchet, MAX_SKIP, MAX_STORED_KEYS, RatchetError } from '../../../protocols/ratchet/index.ts'
import { assemble } from '../../../protocols/ratchet/header.ts'
import { MAX_CHAIN } from '../../../protocols/ratchet/limits.ts'
import type { RatchetState, SendingChain } from '../../../protocols/ratchet/state.ts'
import type { Suite } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { ASSOCIATED, NOW, snapshot, talk, type Talker } from './talkers.ts'
import { toySuite } from './toy-suite.ts'

const code = (wanted: RatchetError['code']) => (error: unknown) => error instanceof RatchetError && error.code === wanted
const sendingOf = ({ turn }: RatchetState): SendingChain => (turn.kind === 'theirs' && turn.sending) || assert.fail('no chain')
/** So many messages that never arrive. */
const lose = (talker: Talker, count: number): void => {
  for (let i = 0; i < count; i++) talker.send('lost')
}
/** The next message gets that number. */
const jump = (talker: Talker, n: number): void => {
  talker.state = { ...talker.state, turn: { ...talker.state.turn, sending: { ...sendingOf(talker.state), n } } as RatchetState['turn'] }
}

describe('a message of the ratchet', () => {
  it('is refused when it is shorter than any', () => {
    const { alice, bob } = talk(seededRandom(1), openssl)
    assert.throws(() => bob.receive(alice.send('').slice(1)), code('malformed'))
  })

  it('is known for one of the chain before by what it announces, which is hashed once, and once more after a restart', () => {
    let hashed = 0
    const counting: Suite = {
      ...openssl,
      sha256(...parts) {
        if (Buffer.concat(parts).includes('ratchet/announcement')) hashed++
        return openssl.sha256(...parts)
      },
    }
    const { alice, bob } = talk(seededRandom(2), openssl, counting)
    for (const restart of [false, true]) {
      if (restart) bob.state = decodeRatchet(openssl, encodeRatchet(openssl, bob.state))
      hashed = 0
      for (const text of ['one', 'two', 'three']) {
        const message = alice.send(text)
        assert.equal(bob.receive(message), text)
        message.fill(0) // a state holds no view of what arrived
      }
      assert.equal(hashed, 1)
    }
    assert.deepEqual([bob.state.receiving?.n, bob.state.receiving?.skipped], [6, []])
  })

  it('changes nothing of the state before, also when it skips, and copies nothing when it does not', () => {
    const { alice, bob } = talk(seededRandom(3), openssl)
    bob.receive(alice.send('first'))
    lose(alice, 2)
    const [far, next] = [alice.send('far'), alice.send('next')] as const
    const before = bob.state
    const shown = snapshot(openssl, before)
    bob.receive(far)
    assert.equal(snapshot(openssl, before), shown)
    const { skipped } = bob.state.receiving!
    assert.equal(skipped.length, 2)
    bob.receive(next)
    assert.equal(bob.state.receiving?.skipped, skipped)
  })

  it('may be as far ahead in a chain as may be skipped, and no further', () => {
    const { alice, bob } = talk(seededRandom(4), toySuite())
    bob.receive(alice.send('first'))
    lose(alice, MAX_SKIP)
    const [last, tooFar] = [alice.send('just in reach'), alice.send('not')]
    assert.throws(() => bob.receive(tooFar), code('skip-limit'))
    assert.equal(bob.receive(last), 'just in reach')
    assert.equal(bob.receive(tooFar), 'not')
  })

  it('may say that as many are missing of the chain before, counted from the last that came', () => {
    const { alice, bob } = talk(seededRandom(5), toySuite())
    bob.receive(alice.send('first'))
    alice.receive(bob.send('turn'))
    lose(alice, 1_000)
    bob.receive(alice.send('seen'))
    lose(alice, MAX_SKIP)
    alice.receive(bob.send('turn'))
    assert.equal(bob.receive(alice.send('in a new chain')), 'in a new chain')
    assert.equal(bob.state.old.reduce((sum, { skipped }) => sum + skipped.length, 0), MAX_STORED_KEYS)
  })

  it('is refused before a key is agreed when it is too far ahead in a new chain', () => {
    const { alice, bob } = talk(seededRandom(6), openssl)
    alice.send('starts the chain')
    jump(alice, MAX_SKIP + 1)
    const idle: Suite = { ...openssl, dh: () => assert.fail('a key was agreed'), decapsulate: () => assert.fail('a key was agreed') }
    assert.throws(() => decrypt(idle, bob.state, alice.send('far'), ASSOCIATED, NOW), code('skip-limit'))
  })

  it('has a number up to the last, which leaves one for the state to count with', () => {
    const { alice, bob } = talk(seededRandom(7), openssl)
    bob.receive(alice.send('first'))
    jump(alice, MAX_CHAIN)
    bob.state = { ...bob.state, receiving: { ...bob.state.receiving!, n: MAX_CHAIN, chainKey: sendingOf(alice.state).chainKey } }
    const last = alice.send('last')
    const beyond = assemble(openssl, { ...sendingOf(alice.state), n: MAX_CHAIN + 1 }, { salt: last.slice(0, 16), commitment: last.slice(16, 48), body: last.slice(-21) })
    assert.throws(() => bob.receive(beyond), code('skip-limit'))
    assert.equal(bob.receive(last), 'last')
    assert.equal(bob.state.receiving?.n, MAX_CHAIN + 1)
  })

  it('begins no chain out of turn: a peer that steps twice is not followed before we answered', () => {
    const { alice, bob } = talk(seededRandom(8), openssl)
    bob.receive(alice.send('first'))
    const { turn } = bob.state
    alice.receive(bob.send('answer'))
    bob.state = { ...bob.state, turn }
    const twice = bob.send('another step')
    assert.throws(() => alice.receive(twice), code('no-key'))
  })

  it('is not blamed for a fault of ours', () => {
    const { alice, bob } = talk(seededRandom(9), openssl)
    const broken: Suite = { ...openssl, dh: () => assert.fail('a fault of ours') }
    assert.throws(() => decrypt(broken, bob.state, alice.send('first'), ASSOCIATED, NOW), { message: 'a fault of ours' })
  })
})
