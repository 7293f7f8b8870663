/**
 * Two devices that start sessions at the same time, lose everything, crash, and hear each other late, twice, in any order or not at
 * all. The handshake is a stand-in that shares its secret with whoever reads the message; sessions, ratchets and envelopes are real.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Initiated, Responded } from '../../../protocols/handshake/index.ts'
import { decodeSession, encodeSession, open, type OpenResult, type Party, seal, SessionError, type SessionRecord, startSession } from '../../../protocols/session/index.ts'
import { concat, type Random, toHex, utf8 } from '../../../protocols/suite/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { toySuite } from '../ratchet/toy-suite.ts'

const SCHEDULES = 150
const STEPS = 40
const ROUNDS = 10

const suite = toySuite()
const bits = (message: Uint8Array, salt: number, length: number): Uint8Array => suite.hash(message, new Uint8Array([salt])).slice(0, length)

function secretOf(message: Uint8Array) {
  const dh = suite.importSecret('x25519', bits(message, 1, 32))
  const kem = suite.importSecret('ml-kem-768', bits(message, 2, 64))
  const secret = { root: bits(message, 3, 32), headerInitiator: bits(message, 4, 32), headerResponder: bits(message, 5, 32), transcript: bits(message, 6, 64) }
  return { secret, dh, kem }
}

class Device {
  readonly party: Party
  readonly #random: Random
  record: SessionRecord | undefined
  committed: Uint8Array | undefined
  now = 1_000_000
  readonly shown: string[] = []
  sent = 0

  constructor(name: string, random: Random) {
    this.party = { account: bits(utf8(name), 7, 32), device: bits(utf8(name), 8, 32) }
    this.#random = random
  }

  start(peer: Party): void {
    const message = concat(this.party.account, this.party.device, this.#random(64))
    const { secret, dh, kem } = secretOf(message)
    const handshake: Initiated = { message, secret: { ...secret, ratchet: { peerDh: dh.publicKey, peerKem: kem.publicKey } }, peer }
    this.record = startSession(suite, this.record, { handshake, self: this.party, peer, now: this.now })
  }

  seal(text: string): Uint8Array {
    const { record, envelope } = seal(suite, this.#random, this.record as SessionRecord, utf8(text), this.now)
    this.record = record
    this.commit()
    return envelope
  }

  open(envelope: Uint8Array, from: Party): OpenResult {
    return open(suite, this.record, envelope, {
      self: this.party,
      peer: from.device,
      now: this.now,
      respond: (message) => {
        const { secret, dh, kem } = secretOf(message)
        const [account, device] = [message.slice(0, 32), message.slice(32, 64)]
        return { secret: { ...secret, ratchet: { dh, kem } }, peer: { list: { list: { account } }, device } } as unknown as Responded
      },
    })
  }

  commit(): void {
    this.committed = this.record && encodeSession(suite, this.record)
  }

  crash(): void {
    this.record = this.committed && decodeSession(suite, this.committed)
  }

  get base(): string {
    return this.record ? toHex(this.record.active.base) : ''
  }
}

interface Flight {
  readonly to: 0 | 1
  readonly text: string
  readonly envelope: Uint8Array
}

class World {
  readonly random: Random
  readonly devices: readonly [Device, Device]
  readonly network: Flight[] = []
  readonly shown: [Set<string>, Set<string>] = [new Set(), new Set()]
  /** may be unreadable for good: its reader lost everything after it was written, or it was dropped */
  readonly excused = new Set<string>()

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.devices = [new Device('alice', this.random), new Device('bob', this.random)]
  }

  below(n: number): number {
    return ((this.random(1)[0] as number) * 256 + (this.random(1)[0] as number)) % n
  }

  other = (who: 0 | 1): 0 | 1 => (who === 0 ? 1 : 0)

  send(who: 0 | 1): void {
    const device = this.devices[who]
    device.now += this.below(5)
    if (!device.record) device.start(this.devices[this.other(who)].party)
    const text = `${who}/${device.sent++}`
    this.network.push({ to: this.other(who), text, envelope: device.seal(text) })
  }

  receive(index: number, keep: boolean): void {
    const flight = this.network[index] as Flight
    if (!keep) this.network.splice(index, 1)
    const device = this.devices[flight.to]
    device.now += this.below(5)
    try {
      const { record, content, historyBroken } = device.open(flight.envelope, this.devices[this.other(flight.to)].party)
      assert.equal(Buffer.from(content).toString(), flight.text)
      assert.equal(historyBroken, false, 'an honest history called broken')
      device.record = record
      if (this.below(10) === 0) {
        device.crash()
        if (!keep) this.network.push(flight)
        return
      }
      device.commit()
      assert.ok(!this.shown[flight.to].has(flight.text), 'shown twice')
      this.shown[flight.to].add(flight.text)
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      const known = this.shown[flight.to].has(flight.text) && error.code === 'duplicate'
      assert.ok(known || this.excused.has(flight.text), `${flight.text}: ${error.code}`)
    }
  }

  /** The device comes back with its identity and nothing else. What was under way to it is lost. */
  loseEverything(who: 0 | 1): void {
    const device = this.devices[who]
    device.record = undefined
    device.now += 1000 // restoring a phrase takes a while
    device.commit()
    device.start(this.devices[this.other(who)].party)
    device.commit()
  }

  deliverAll(): void {
    while (this.network.length > 0) this.receive(this.below(this.network.length), false)
  }

  /** Each writes, then everything arrives. */
  settled(): number {
    const [alice, bob] = this.devices
    for (let round = 0; round <= ROUNDS; round++) {
      if (alice.base !== '' && alice.base === bob.base && !alice.record?.active.first && !bob.record?.active.first) return round
      this.send(0)
      this.send(1)
      this.deliverAll()
    }
    return Infinity
  }
}

function play(seed: number): void {
  const world = new World(seed)
  for (let step = 0; step < STEPS; step++) {
    const who = world.below(2) as 0 | 1
    if (world.below(3) > 0) world.send(who)
    if (world.below(25) === 0) {
      // On purpose, with the old one still there.
      world.devices[who].start(world.devices[world.other(who)].party)
      world.devices[who].commit()
    }
    const inbox = world.network.flatMap(({ to }, index) => (to === who ? [index] : []))
    if (inbox.length === 0 || world.below(3) === 0) continue
    const index = inbox[world.below(inbox.length)] as number
    const fate = world.below(10)
    if (fate < 2) world.excused.add((world.network.splice(index, 1)[0] as Flight).text)
    else world.receive(index, fate === 2)
  }
  world.deliverAll()
  const rounds = world.settled()
  assert.ok(rounds <= ROUNDS, 'two sessions still')
}

describe('two devices that start at once', () => {
  it(`settle on one session within ${ROUNDS} rounds, and lose and repeat nothing, in ${SCHEDULES} schedules (attack 19)`, function () {
    this.timeout(60_000)
    fc.assert(fc.property(fc.nat(), play), { numRuns: SCHEDULES })
  })

  /** Which of the first messages never arrive: Alice's, Bob's; and after that each one's answer. */
  const cases = [
    { name: 'nothing is lost', lost: [] },
    { name: "Alice's first message is lost", lost: ['0/0'] },
    { name: "Bob's first message is lost", lost: ['1/0'] },
    { name: 'both first messages are lost', lost: ['0/0', '1/0'] },
    { name: 'the first answers are lost too', lost: ['0/0', '1/1', '0/2'] },
  ]
  for (const { name, lost } of cases) {
    it(`settle when ${name} (attack 19)`, () => {
      for (let seed = 0; seed < 8; seed++) {
        const world = new World(seed)
        world.devices[0].start(world.devices[1].party)
        world.devices[1].start(world.devices[0].party)
        for (let turn = 0; turn < 3; turn++) {
          world.send(0)
          world.send(1)
          for (let i = world.network.length - 1; i >= 0; i--) if (lost.includes((world.network[i] as Flight).text)) world.network.splice(i, 1)
          world.deliverAll()
        }
        assert.ok(world.settled() <= ROUNDS)
      }
    })
  }

  it('keep the session of the lower base as soon as both first messages arrived (attack 19)', () => {
    for (let seed = 0; seed < 8; seed++) {
      const world = new World(seed)
      const [alice, bob] = world.devices
      alice.start(bob.party)
      bob.start(alice.party)
      const lower = [alice.base, bob.base].sort()[0]
      for (const who of [0, 1] as const) world.send(who)
      while (world.network.length > 0) {
        const [{ to, envelope }] = world.network.splice(0, 1) as [Flight]
        const device = world.devices[to]
        device.record = device.open(envelope, world.devices[world.other(to)].party).record
      }
      assert.deepEqual([alice.base, bob.base], [lower, lower])
    }
  })

  it('settle after one lost everything, and nothing written after that is lost', () => {
    for (let seed = 100; seed < 140; seed++) {
      const world = new World(seed)
      for (let i = 0; i < 6; i++) world.send(world.below(2) as 0 | 1)
      world.deliverAll()
      world.settled()
      const loser = world.below(2) as 0 | 1
      for (let i = 0; i < 4; i++) world.send(world.below(2) as 0 | 1)
      for (const { to, text } of world.network) if (to === loser) world.excused.add(text)
      world.loseEverything(loser)
      world.send(loser)
      world.deliverAll()
      assert.ok(world.settled() <= ROUNDS)
    }
  })

  it('follow a peer whose first messages they could not have read, when theirs go unanswered', () => {
    for (let seed = 0; seed < 8; seed++) {
      const world = new World(seed)
      const [alice, bob] = world.devices
      alice.start(bob.party)
      bob.start(alice.party)
      // Bob's first messages never reach Alice (her prekeys are gone); only hers arrive.
      for (let i = 0; i < 6; i++) {
        world.send(1)
        world.network.pop()
        world.send(0)
        world.deliverAll()
      }
      assert.equal(bob.base, alice.base)
    }
  })
})
