import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BUCKETS } from '../../../protocols/envelope/index.ts'
import { decrypt, encrypt } from '../../../protocols/ratchet/index.ts'
import { decodeSession, encodeSession, hasSession, KEEP_OLD, MAX_OLD_SESSIONS, open, SessionError, type SessionRecord } from '../../../protocols/session/index.ts'
import { noble, type Suite } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { snapshot } from '../ratchet/talkers.ts'
import { NOW, Person } from './people.ts'

const code = (...wanted: SessionError['code'][]) => (error: unknown) => error instanceof SessionError && wanted.includes(error.code)
const people = (seed: number, a: Suite = openssl, b: Suite = a): [Person, Person] => [new Person(a, seededRandom(seed)), new Person(b, seededRandom(seed + 1000))]

/** Both in one session, each has answered. */
function talking(seed: number): [Person, Person] {
  const [alice, bob] = people(seed)
  alice.start(bob)
  bob.receive(alice.send('hello'), alice)
  alice.receive(bob.send('hello'), bob)
  return [alice, bob]
}

describe('a session', () => {
  for (const [a, b] of [[noble, openssl], [openssl, noble]] as const) {
    it(`starts and goes on between ${a.name} and ${b.name}, stored in between`, () => {
      const [alice, bob] = people(1, a, b)
      assert.ok(!hasSession(bob.record))
      alice.start(bob)
      const first = bob.receive(alice.send('hello'), alice)
      assert.deepEqual([first.text, first.isNewSession, first.historyBroken], ['hello', true, false])
      for (const person of [alice, bob]) person.record = decodeSession(person.suite, encodeSession(person.suite, person.record as SessionRecord))
      const answer = alice.receive(bob.send('hello yourself'), bob)
      assert.deepEqual([answer.text, answer.isNewSession, answer.historyBroken], ['hello yourself', false, false])
      assert.equal(bob.receive(alice.send('and on'), alice).text, 'and on')
    })
  }

  it('carries the handshake until the peer has answered, then no more', () => {
    const [alice, bob] = people(2)
    alice.start(bob)
    const firsts = [alice.send('one'), alice.send('two')]
    assert.deepEqual(firsts.map((envelope) => envelope[1]), [1, 1])
    assert.equal(bob.receive(firsts[1] as Uint8Array, alice).isNewSession, true)
    assert.equal(bob.receive(firsts[0] as Uint8Array, alice).isNewSession, false)
    const answer = bob.send('answer')
    assert.equal(answer[1], 2)
    alice.receive(answer, bob)
    assert.equal(alice.send('three')[1], 2)
  })

  it('puts only bucket sizes on the wire (attack 28)', () => {
    const [alice, bob] = talking(3)
    fc.assert(
      fc.property(fc.nat(70_000), (length) => {
        const envelope = alice.send('x'.repeat(length))
        assert.ok(BUCKETS.includes(envelope.length))
        assert.equal(bob.receive(envelope, alice).content.length, length)
      }),
      { numRuns: 30 },
    )
  })

  it('ignores a first message that comes again: no session, no prekey used (attack 9)', () => {
    const [alice, bob] = people(4)
    alice.start(bob)
    const first = alice.send('hello')
    bob.receive(first, alice)
    assert.throws(() => bob.receive(first, alice), code('duplicate'))
    alice.receive(bob.send('answer'), bob)
    bob.receive(alice.send('on'), alice)
    assert.throws(() => bob.receive(first, alice), code('duplicate'))
    assert.equal(bob.responses, 1)
    for (let i = 0; i <= MAX_OLD_SESSIONS + 1; i++) {
      bob.start(alice)
      alice.receive(bob.send('another'), bob)
      bob.receive(alice.send('answer'), alice)
    }
    assert.throws(() => bob.receive(first, alice), code('forgotten'), 'also when its session is gone, but then it is not called a repeat')
    assert.equal(bob.responses, 1)
  })

  it('makes nothing of a first message with any byte changed, and still opens the real one (attacks 10, 14)', () => {
    const [alice, bob] = people(5)
    alice.start(bob)
    const first = alice.send('hello')
    fc.assert(
      fc.property(fc.nat(first.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = first.slice()
        changed[at] = (changed[at] as number) ^ change
        assert.throws(() => bob.receive(changed, alice), code('malformed', 'decrypt', 'handshake', 'no-session'))
        assert.equal(bob.record, undefined)
      }),
      { numRuns: 300 },
    )
    assert.equal(bob.receive(first, alice).text, 'hello')
  })

  it('refuses any flipped bit later on, and the record stays as it was (attack 14)', () => {
    const [alice, bob] = talking(6)
    const envelope = alice.send('later')
    const before = snapshot(openssl, bob.record)
    fc.assert(
      fc.property(fc.nat(envelope.length * 8 - 1), (bit) => {
        const changed = envelope.slice()
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
        assert.throws(() => bob.look(changed, alice), SessionError)
        assert.equal(snapshot(openssl, bob.record), before)
      }),
      { numRuns: 200 },
    )
  })

  it('says one thing of every fault inside the AEAD: padding, prefix, length (attack 27)', () => {
    const [alice, bob] = talking(7)
    const { active } = alice.record as SessionRecord
    const size = 4096 - 2 - 2420
    const plaintexts = [0, 1, 27, 28].map((length) => new Uint8Array(length))
    plaintexts.push(new Uint8Array(size), new Uint8Array(size).fill(0x80), new Uint8Array(size).fill(0xff))
    for (const plaintext of plaintexts) {
      const { message } = encrypt(openssl, seededRandom(8), active.ratchet, plaintext, active.associated.send)
      const envelope = new Uint8Array(4096)
      envelope.set([1, 2])
      if (message.length !== 4094) {
        assert.throws(() => bob.look(new Uint8Array([1, 2, ...message]), alice), code('malformed'))
        continue
      }
      envelope.set(message, 2)
      assert.throws(() => bob.look(envelope, alice), code('decrypt'))
    }
  })

  it('refuses a first message under another name than that of its sender (attacks 25, 40)', () => {
    const [alice, bob] = people(9)
    const mallory = new Person(openssl, seededRandom(99))
    alice.start(bob)
    assert.throws(() => bob.receive(alice.send('hello'), mallory), code('other-peer'))
    assert.equal(bob.record, undefined)
  })

  it('refuses a handshake with somebody else than the peer meant', () => {
    const [alice, bob] = talking(10)
    const mallory = new Person(openssl, seededRandom(98))
    assert.throws(() => alice.start(mallory), code('other-peer'))
    assert.equal(bob.receive(alice.send('still here'), alice).text, 'still here')
  })

  it('opens nothing that was sealed for the other direction (attack 24)', () => {
    const [alice, bob] = talking(11)
    assert.throws(() => alice.receive(alice.send('reflected'), bob), code('decrypt'))
    const a = (alice.record as SessionRecord).active.associated
    const b = (bob.record as SessionRecord).active.associated
    assert.deepEqual([a.send, a.receive], [b.receive, b.send])
    assert.notDeepEqual(a.send, a.receive)
  })

  it('needs a session, and may not start one without the means', () => {
    const [alice, bob] = talking(12)
    const context = { self: alice.party, peer: bob.party.device, now: NOW }
    assert.throws(() => open(openssl, undefined, bob.send('x'), context), code('no-session'))
    const [carol, dave] = people(13)
    carol.start(dave)
    assert.throws(() => open(openssl, undefined, carol.send('x'), context), code('no-session'))
    assert.throws(() => open(openssl, undefined, carol.send('x'), { ...context, respond: () => undefined }), code('no-session'))
  })

  it('answers a hello in the session it began, also where the other of two that cross is the active one', () => {
    const actives = new Set<string>()
    for (let seed = 50; seed < 58; seed++) {
      const [alice, bob] = people(seed)
      alice.start(bob)
      bob.start(alice)
      const hello = alice.send('hello')
      bob.receive(hello, alice)
      const { active } = bob.record as SessionRecord
      actives.add(active.own ? 'its own' : 'the one it answers in')
      const context = { self: alice.party, peer: bob.party.device, now: NOW }
      for (const text of ['and who are you?', 'well?']) {
        const { content, historyBroken, record } = open(openssl, alice.record, bob.answer(hello, text), context)
        assert.deepEqual([Buffer.from(content).toString(), historyBroken], [text, false])
        alice.record = record
      }
      assert.deepEqual((bob.record as SessionRecord).active.base, active.base, 'which it goes on to send in')
      assert.equal(alice.receive(bob.send('hello'), bob).text, 'hello')
      assert.equal(bob.receive(alice.send('found you'), alice).text, 'found you')
    }
    assert.equal(actives.size, 2)
  })

  it('answers no hello that it did not open', () => {
    const [alice, bob] = talking(59)
    const before = snapshot(openssl, bob.record)
    for (const other of [alice.send('not the first'), (alice.start(bob), alice.send('another start'))]) {
      assert.throws(() => bob.answer(other, 'x'), code('no-session'))
    }
    assert.throws(() => bob.answer(new Uint8Array(9), 'x'), { name: 'EnvelopeError' })
    assert.equal(snapshot(openssl, bob.record), before)
  })

  it('keeps old sessions open for 30 days, eight at most', () => {
    const [alice, bob] = talking(14)
    const late = alice.send('late')
    const lost = alice.send('too late')
    alice.start(bob)
    bob.receive(alice.send('new session'), alice)
    bob.now += KEEP_OLD
    assert.equal(bob.receive(late, alice).text, 'late')
    bob.now += 1
    bob.receive(alice.send('time passes'), alice)
    assert.throws(() => bob.receive(lost, alice), code('decrypt'))
    for (let i = 0; i < 20; i++) alice.start(bob)
    assert.equal((alice.record as SessionRecord).old.length, MAX_OLD_SESSIONS)
  })

  it('follows a peer that lost everything and starts again, and late messages do not lead it back', () => {
    for (let seed = 20; seed < 30; seed++) {
      const [alice, bob] = talking(seed)
      const inFlight = [alice.send('from before'), alice.send('from before')]
      alice.now += 1000
      alice.record = undefined
      alice.start(bob)
      assert.equal(bob.receive(alice.send('it is me'), alice).isNewSession, true)
      for (const envelope of inFlight) bob.receive(envelope, alice)
      assert.equal(alice.receive(bob.send('welcome back'), bob).text, 'welcome back')
    }
  })

  it('shows a sender that went back to an older state of the same chain (attacks 20, 21)', () => {
    const [alice, bob] = talking(40)
    bob.receive(alice.send('zero'), alice)
    const earlier = alice.record
    bob.receive(alice.send('one'), alice)
    bob.receive(alice.send('two'), alice)
    alice.record = earlier
    assert.throws(() => bob.receive(alice.send('one, but another'), alice), code('forked'))
    assert.throws(() => bob.receive(alice.send('two, but another'), alice), code('forked'))
    assert.equal(bob.receive(alice.send('three'), alice).historyBroken, true, 'a number that nobody used')
    assert.equal(bob.receive(alice.send('four'), alice).historyBroken, false)
    alice.record = earlier
    alice.start(bob)
    for (const text of ['one, but another', 'two, but another']) assert.equal(bob.receive(alice.send(text), alice).text, text, 'said anew in a new session')
  })

  it('shows a sender that went back to before its chain, whatever it writes, and a new session heals it (attack 21)', () => {
    const [alice, bob] = talking(41)
    const earlier = alice.record
    bob.receive(alice.send('one'), alice)
    alice.record = earlier
    for (const text of ['one again', 'two']) assert.throws(() => bob.receive(alice.send(text), alice), code('forked'))
    alice.start(bob)
    assert.equal(bob.receive(alice.send('healed'), alice).text, 'healed')
    assert.equal(alice.receive(bob.send('welcome back'), bob).text, 'welcome back')
  })

  it('shows a clone that writes, and shuts it out after a round trip (attack 20)', () => {
    const [alice, bob] = talking(42)
    bob.receive(alice.send('honest'), alice)
    const clone = new Person(openssl, seededRandom(43))
    clone.record = alice.record
    const news = bob.send('to whoever reads')
    alice.receive(news, bob)
    clone.receive(news, bob)
    const fromClone = clone.send('clone')
    assert.equal(bob.receive(alice.send('honest again'), alice).historyBroken, false)
    assert.throws(() => bob.receive(fromClone, alice), code('forked'))
    alice.receive(bob.send('round trip'), bob)
    bob.receive(alice.send('done'), alice)
    assert.throws(() => clone.receive(bob.send('not for the clone'), bob), code('decrypt'))
  })

  it('takes messages out of order for no clone', () => {
    const [alice, bob] = talking(43)
    const envelopes = Array.from({ length: 20 }, (_, i) => alice.send(`${i}`))
    const random = seededRandom(44)
    const order = envelopes.map((envelope) => ({ envelope, key: random(4).join() })).sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const { envelope } of order) assert.equal(bob.receive(envelope, alice).historyBroken, false)
  })

  it('refuses bytes that are no record, cut anywhere', () => {
    const [alice, bob] = talking(45)
    alice.start(bob)
    const bytes = encodeSession(openssl, alice.record as SessionRecord)
    assert.deepEqual(encodeSession(openssl, decodeSession(openssl, bytes)), bytes)
    for (let length = 0; length < bytes.length; length += 7) assert.throws(() => decodeSession(openssl, bytes.subarray(0, length)), code('record'))
    assert.throws(() => decodeSession(openssl, new Uint8Array([...bytes, 0])), code('record'))
  })

  it('binds the session to the ratchet message: it opens under no other associated data', () => {
    const [alice, bob] = talking(46)
    const envelope = alice.send('bound')
    const { active } = bob.record as SessionRecord
    assert.throws(() => decrypt(openssl, active.ratchet, envelope.subarray(2), active.associated.send, NOW))
    decrypt(openssl, active.ratchet, envelope.subarray(2), active.associated.receive, NOW)
  })
})
