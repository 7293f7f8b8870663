import assert from 'node:assert/strict'
import { EnvelopeError } from '../../../protocols/envelope/index.ts'
import { HandshakeError, respond } from '../../../protocols/handshake/index.ts'
import { MAX_REMEMBERED, RatchetError } from '../../../protocols/ratchet/index.ts'
import { hasSession, hello as sayHello, MAX_OLD_SESSIONS, open, type OpenContext, SessionError, type SessionErrorCode, type SessionRecord, startSession } from '../../../protocols/session/index.ts'
import type { Suite } from '../../../protocols/suite/index.ts'
import { openssl as suite } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { NOW, Person } from './people.ts'

const people = (seed: number): [Person, Person, Person] => [0, 1, 2].map((i) => new Person(suite, seededRandom(seed + 100 * i))) as [Person, Person, Person]
const contextOf = (owner: Person, peer: Person): OpenContext => ({
  self: owner.party,
  peer: peer.party.device,
  now: NOW,
  respond: (message) => respond(suite, { device: owner.device, prekeys: owner.prekeys, message, now: NOW }),
})
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes.at(at) as number) ^ 1)
const refusal = (code: SessionErrorCode, cause?: new (...args: never[]) => Error) => (error: unknown) => error instanceof SessionError && error.code === code && (cause === undefined || error.cause instanceof cause)

describe('an envelope', () => {
  it('is told from others by what is wrong with it, and by whose fault that is', () => {
    const [alice, bob] = people(1)
    alice.start(bob)
    const first = alice.send('hello')
    assert.throws(() => bob.look(first.subarray(1), alice), refusal('malformed', EnvelopeError))
    assert.throws(() => bob.look(flipped(first, 10), alice), refusal('handshake', HandshakeError))
    const announcement = 4 + (first[2]! << 8) + first[3]! + 100
    for (const at of [first.length - 1, announcement]) assert.throws(() => bob.look(flipped(first, at), alice), refusal('decrypt'), 'the handshake is right and the message is not')
    bob.receive(first, alice)
    alice.receive(bob.send('hello'), bob)
    const later = alice.send('later')
    assert.throws(() => bob.look(flipped(later, later.length - 1), alice), refusal('decrypt', RatchetError))
    assert.throws(() => bob.look(flipped(later, 1_000), alice), refusal('decrypt'))
  })

  it('is told from a repeat as long as it is remembered, and is no repeat after that', () => {
    const [alice, bob] = people(9)
    alice.start(bob)
    bob.receive(alice.send('hello'), alice)
    alice.receive(bob.send('hello'), bob)
    const first = alice.send('first')
    bob.receive(first, alice)
    assert.throws(() => bob.look(first, alice), refusal('duplicate'))
    for (let i = 0; i < MAX_REMEMBERED; i++) bob.receive(alice.send('more'), alice)
    assert.throws(() => bob.look(first, alice), refusal('forgotten'))
  })

  it('is not blamed for a fault of ours', () => {
    const [alice, bob] = people(2)
    alice.start(bob)
    const first = alice.send('hello')
    const context = contextOf(bob, alice)
    assert.throws(() => open(suite, undefined, undefined as never, context), TypeError)
    assert.throws(() => open(suite, undefined, first, { ...context, respond: () => assert.fail('a fault of ours') }), { message: 'a fault of ours' })
    const broken: Suite = { ...suite, decapsulate: () => assert.fail('a fault of ours') }
    assert.throws(() => open(broken, undefined, first, context), { message: 'a fault of ours' })
  })

  it('is of the peer whose session this is, its device and its account (attack 25)', () => {
    const [alice, bob, mallory] = people(3)
    alice.start(bob)
    bob.receive(alice.send('hello'), alice)
    assert.throws(() => bob.look(bob.send('x'), mallory), refusal('other-peer'))
    alice.record = undefined
    alice.start(bob)
    const again = alice.send('again')
    const context = contextOf(bob, alice)
    const inOtherName = (message: Uint8Array) => {
      const answered = context.respond!(message)!
      const { list } = answered.peer.list
      return { ...answered, peer: { ...answered.peer, list: { ...answered.peer.list, list: { ...list, account: mallory.party.account } } } }
    }
    assert.throws(() => open(suite, bob.record, again, { ...context, respond: inOtherName }), refusal('other-peer'), 'a device that says it has another account')
    assert.equal(open(suite, bob.record, again, context).isNewSession, true)
  })

  it('says whether it was written before something that was opened, in whichever session', () => {
    const [alice, bob] = people(4)
    alice.start(bob)
    const [one, two, three] = ['one', 'two', 'three'].map((text) => alice.send(text)) as [Uint8Array, Uint8Array, Uint8Array]
    assert.deepEqual([two, one, three].map((envelope) => bob.receive(envelope, alice).late), [false, true, false])
    const { wroteAt } = alice.record as SessionRecord
    const old = alice.record
    alice.start(bob)
    const [soon, other, more] = [alice.send('in a new session'), alice.send('and on'), alice.send('and on')]
    alice.record = old
    const ahead = alice.send('in the old one')
    assert.equal(bob.receive(ahead, alice).late, false)
    assert.equal(bob.receive(soon, alice).late, false, 'written in the same moment')
    assert.deepEqual([other, more].map((envelope) => bob.receive(envelope, alice).late), [false, false])
    alice.record = undefined
    alice.now = wroteAt + 2
    alice.start(bob)
    assert.equal(bob.receive(alice.send('with the clock behind'), alice).late, true, 'before the last of one of them')
  })
})

describe('a session record', () => {
  it('is there when something was started or opened, and says who began', () => {
    const [alice, bob] = people(5)
    assert.equal(hasSession(alice.record), false)
    alice.start(bob)
    bob.receive(alice.send('hello'), alice)
    assert.deepEqual([alice, bob].map(({ record }) => [hasSession(record), record?.active.own, record?.active.superseded]), [[true, true, false], [true, false, false]])
  })

  it('marks what was left on purpose, and what comes of it does not lead back', () => {
    const [alice, bob] = people(6)
    for (let i = 0; i < 3; i++) alice.start(bob)
    const { active, old } = alice.record as SessionRecord
    assert.deepEqual([active, ...old].map(({ superseded }) => superseded), [false, true, true])
  })

  it('has a hello of ours beside what is in use, as left now, and goes on where it was: what is said meanwhile opens without it', () => {
    const [alice, bob] = people(8)
    alice.start(bob)
    bob.receive(alice.send('one'), alice)
    alice.receive(bob.send('two'), bob)
    alice.now += 5
    const before = alice.record as SessionRecord
    const hello = alice.hello(bob, 'hello once more')
    const { active, old } = alice.record as SessionRecord
    assert.deepEqual([active.base, old.length, old[0]?.own, old[0]?.superseded, old[0]?.leftAt, old[0]?.sent.count], [before.active.base, 1, true, false, alice.now, 1])
    assert.equal(bob.receive(alice.send('three'), alice).isNewSession, false)
    assert.equal(bob.receive(hello, alice).isNewSession, true)
    assert.equal(alice.receive(bob.answer(hello, 'yes?'), bob).isNewSession, false)
    assert.equal(bob.receive(alice.send('four'), alice).isNewSession, false)
    for (let n = 0; n < 10; n++) alice.hello(bob, 'and again')
    assert.equal((alice.record as SessionRecord).old.length, MAX_OLD_SESSIONS, 'within the limit')
  })

  it('is of one device of one account: a handshake with another of either is not begun', () => {
    const [alice, bob, mallory] = people(7)
    alice.start(bob)
    const begun = (party: Person['party']) => () =>
      startSession(suite, alice.record, { handshake: { message: new Uint8Array(1), secret: {} as never, peer: party }, self: alice.party, peer: party, now: NOW })
    assert.throws(begun({ account: bob.party.account, device: mallory.party.device }), refusal('other-peer'))
    assert.throws(begun({ account: mallory.party.account, device: bob.party.device }), refusal('other-peer'))
    assert.throws(() => alice.hello(mallory, 'to somebody else'), refusal('other-peer'))
    assert.throws(() => sayHello(suite, seededRandom(9), alice.record as SessionRecord, new Uint8Array(9), new Uint8Array(1), NOW), refusal('no-session'))
  })
})
