/**
 * Seeded worlds: three people, whole messengers, a network that loses, repeats and reorders, stores that fail, processes that
 * crash, profiles that are put back to an older copy. Whatever the schedule: what was accepted for sending arrives once, in the
 * order of its author; nothing is shown twice; no message key is used for two envelopes; everybody talks again at the end.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createMemoryStore, type MemorySnapshot } from '../support/memory-store.ts'
import type { Faults } from '../support/memory-courier.ts'
import { type Person, talk, World } from '../support/world.ts'

/** Bounded for `npm test`; DURE_SIM_RUNS asks for more. */
const RUNS = Number(process.env['DURE_SIM_RUNS'] ?? 250)
/** Worse than a stream can do, as mailboxes will: each envelope has a fate of its own. */
const BAD_WEATHER = { drop: 0.15, duplicate: 0.15, reorder: 0.3 }
const NAMES = ['Ann', 'Bob', 'Cho'] as const

const who = fc.nat({ max: 2 })
const act = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), who, to: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('away' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), who }) },
)
const restore = fc.record({ do: fc.constant('restore' as const), who })

type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never
type Act = Drawn<typeof act>
type Restore = Drawn<typeof restore>

/** Envelope bytes after the two-byte head: the ratchet's salt, then the commitment to a message key (protocols/ratchet). */
const COMMITMENT = { from: 2 + 16, to: 2 + 16 + 32 }

class Simulation {
  readonly world: World
  readonly people: Person[] = []
  readonly backups: MemorySnapshot[] = []
  /** what each person was promised to have sent, by recipient */
  readonly sent = new Map<string, string[]>()

  constructor(seed: number) {
    this.world = new World({ seed })
  }

  async begin(faults: Partial<Faults>): Promise<void> {
    for (const name of NAMES) this.people.push(await this.world.person(name))
    for (const [a, b] of [[0, 1], [1, 2], [0, 2]] as const) await this.world.pair(this.#person(a), this.#person(b))
    for (const person of this.people) this.backups.push(person.store.snapshot())
    Object.assign(this.world.network.faults, faults)
  }

  async run(step: Act | Restore, number: number): Promise<void> {
    if (step.do === 'wait') return this.world.settle(step.ms)
    const person = this.#person(step.who)
    switch (step.do) {
      case 'send': {
        const to = NAMES[(step.who + step.to) % 3] ?? 'Ann'
        const text = `${person.name} to ${to} ${number}`
        const promised = await person.messenger.send(to, text).then(
          () => true,
          () => false,
        )
        if (promised) this.#promises(person.name, to).push(text)
        return
      }
      case 'crash':
        return this.world.restart(person, createMemoryStore({ from: person.store.crash() }))
      case 'restore':
        return this.world.restart(person, createMemoryStore({ from: this.backups[step.who]!, rolledBack: true }))
      case 'away':
        this.world.network.disconnect(person.device)
        await this.world.settle(3_000)
        this.world.network.reconnect(person.device)
        return
      case 'move':
        return this.world.network.move(person.device)
      case 'fail':
        return person.store.failNext()
    }
  }

  /** The weather clears and time passes. */
  async calm(): Promise<void> {
    Object.assign(this.world.network.faults, { drop: 0, duplicate: 0, reorder: 0 })
    await this.world.settle(60_000)
    // A failure that still waits for its transaction has it now.
    for (const person of this.people) await person.messenger.setReadReceipts(true).catch(() => undefined)
    // Two who both moved while apart find each other on the local network.
    for (const a of this.people) for (const b of this.people) if (a !== b) this.world.network.meet(a.device, b.device)
    await this.world.settle(600_000)
  }

  heard(by: string, from: string): string[] {
    const person = this.people.find((each) => each.name === by)
    return person ? talk(person, from).filter((line) => !line.startsWith('>')) : []
  }

  promised(from: string, to: string): string[] {
    return this.#promises(from, to)
  }

  pairs(): { from: string; to: string }[] {
    return NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => ({ from, to })))
  }

  assertNoKeyTwice(): void {
    const seen = new Map<string, string>()
    for (const { kind, bytes } of this.world.network.wire) {
      if (kind !== 'envelope' || bytes[1] !== 2) continue
      const commitment = Buffer.from(bytes.subarray(COMMITMENT.from, COMMITMENT.to)).toString('hex')
      const whole = Buffer.from(bytes).toString('base64')
      assert.ok((seen.get(commitment) ?? whole) === whole, 'one message key sealed two different envelopes')
      seen.set(commitment, whole)
    }
    assert.ok(seen.size > 0)
  }

  #promises(from: string, to: string): string[] {
    const key = `${from} to ${to}`
    const list = this.sent.get(key) ?? []
    this.sent.set(key, list)
    return list
  }

  #person(index: number): Person {
    return this.people[index]!
  }
}

describe('three people in a bad world', () => {
  it(`lose nothing, repeat nothing and keep the order when connections break and processes crash, in ${RUNS} schedules (attack 97)`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), fc.nat(), async (acts, seed) => {
        const simulation = new Simulation(seed)
        await simulation.begin({})
        for (const [number, each] of acts.entries()) await simulation.run(each, number)
        await simulation.calm()
        for (const { from, to } of simulation.pairs()) assert.deepEqual(simulation.heard(to, from), simulation.promised(from, to))
        simulation.assertNoKeyTwice()
      }),
      { numRuns: RUNS },
    )
  }).timeout(600_000)

  it(`lose and repeat nothing either where single envelopes are lost, repeated and overtaken, in ${RUNS} schedules (attacks 15, 18, 59)`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), fc.nat(), async (acts, seed) => {
        const simulation = new Simulation(seed)
        await simulation.begin(BAD_WEATHER)
        for (const [number, each] of acts.entries()) await simulation.run(each, number)
        await simulation.calm()
        for (const { from, to } of simulation.pairs()) {
          assert.deepEqual(simulation.heard(to, from).toSorted(), simulation.promised(from, to).toSorted())
        }
        simulation.assertNoKeyTwice()
      }),
      { numRuns: RUNS },
    )
  }).timeout(600_000)

  it('talk again after any of them was put back to an older copy, and no key is used twice (attacks 21, 101)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 12, arbitrary: act }, { weight: 1, arbitrary: restore }), { maxLength: 30 }), fc.nat(), async (acts, seed) => {
        const simulation = new Simulation(seed)
        await simulation.begin(BAD_WEATHER)
        for (const [number, each] of acts.entries()) await simulation.run(each, number)
        await simulation.calm()
        for (const { from, to } of simulation.pairs()) {
          const heard = simulation.heard(to, from)
          assert.equal(new Set(heard).size, heard.length, 'nothing is shown twice')
        }
        for (const [i, { from, to }] of simulation.pairs().entries()) {
          await simulation.run({ do: 'send', who: NAMES.indexOf(from as 'Ann'), to: (NAMES.indexOf(to as 'Ann') - NAMES.indexOf(from as 'Ann') + 3) % 3 }, 1000 + i)
        }
        await simulation.calm()
        for (const { from, to } of simulation.pairs()) assert.equal(simulation.heard(to, from).at(-1), simulation.promised(from, to).at(-1))
        simulation.assertNoKeyTwice()
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  }).timeout(600_000)
})
