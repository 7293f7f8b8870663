/**
 * Seeded worlds: two people who are never reached directly, two nodes with mailboxes, processes that crash, stores that fail, nodes that
 * vanish, come back, lie. Whatever the schedule: what was accepted for sending is shown once, and where no node lies in the order of its
 * author; at the end nothing waits and nothing lies in a mailbox that works.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createMemoryStore } from '../support/memory-store.ts'
import type { MemoryNode } from '../support/memory-mailboxes.ts'
import { type Person, talk, World } from '../support/world.ts'

/** Bounded for `npm test`; DURE_SIM_RUNS asks for more. */
const RUNS = Number(process.env['DURE_SIM_RUNS'] ?? 25)
const NODES = ['M', 'N'] as const

const who = fc.nat({ max: 1 })
const which = fc.nat({ max: 1 })
const act = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(500, 2_000, 20_000, 100_000) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('down' as const), which }) },
)
const lie = fc.oneof(
  fc.record({ do: fc.constant('lie' as const), which: fc.constant(0), how: fc.constantFrom('lose', 'reorder', 'delay', 'duplicate') }),
  fc.record({ do: fc.constant('replay' as const), which }),
  fc.record({ do: fc.constant('vanish' as const), which: fc.constant(0) }),
)

type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never
type Act = Drawn<typeof act> | Drawn<typeof lie>

class Simulation {
  readonly world: World
  people: Person[] = []
  readonly sent: string[][] = [[], []]

  constructor(seed: number) {
    this.world = new World({ seed })
  }

  async begin(): Promise<void> {
    this.people = [await this.world.person('Ann'), await this.world.person('Bob')]
    const [ann, bob] = this.people as [Person, Person]
    await this.world.pair(ann, bob)
    for (const name of NODES) for (const person of this.people) await this.world.use(person, this.world.mailboxes.node(name))
    await this.world.settle(10_000)
    for (const person of this.people) this.world.offline(person)
  }

  node(which: number): MemoryNode {
    return this.world.mailboxes.node(NODES[which] ?? 'M')
  }

  async run(step: Act, number: number): Promise<void> {
    if (step.do === 'wait') return this.world.settle(step.ms)
    if ('which' in step) return this.trouble(step)
    const person = this.people[step.who]!
    switch (step.do) {
      case 'send': {
        const text = `${person.name} ${number}`
        const promised = await person.messenger.send(step.who === 0 ? 'Bob' : 'Ann', text).then(
          () => true,
          () => false,
        )
        if (promised) this.sent[step.who]!.push(text)
        return
      }
      case 'turn':
        // Only one of them is ever online.
        for (const each of this.people) this.world.offline(each)
        this.world.mailboxes.reconnect(person.device)
        return
      case 'crash':
        return this.world.restart(person, createMemoryStore({ from: person.store.crash() }))
      case 'fail':
        return person.store.failNext()
    }
  }

  trouble(step: Extract<Act, { which: number }>): void {
    switch (step.do) {
      case 'cut':
        return this.node(step.which).hangUp()
      case 'down': {
        const node = this.node(step.which)
        node.away = !node.away
        return node.hangUp()
      }
      case 'lie':
        this.node(step.which).lies[step.how as 'lose'] = 0.4
        return
      case 'replay':
        return this.node(step.which).replay()
      case 'vanish':
        this.node(step.which).vanish()
        this.node(step.which).away = false
        return
    }
  }

  /** The nodes behave, and the two take turns. */
  async calm(): Promise<void> {
    for (const which of [0, 1]) {
      const node = this.node(which)
      Object.assign(node.lies, { lose: 0, reorder: 0, delay: 0, duplicate: 0 })
      node.away = false
      node.release()
    }
    for (const person of this.people) await person.messenger.setReadReceipts(true).catch(() => undefined)
    for (let turn = 0; turn < 8; turn++) {
      const person = this.people[turn % 2]!
      for (const each of this.people) this.world.offline(each)
      await this.world.settle(1_000)
      this.world.mailboxes.reconnect(person.device)
      this.world.clock.advance(3600_000)
      await this.world.settle(330_000, 2_000)
      if (turn >= 3 && this.people.every(({ messenger }) => messenger.status().waiting === 0)) break
    }
  }

  heard(by: number): string[] {
    return talk(this.people[by]!, by === 0 ? 'Bob' : 'Ann').filter((line) => !line.startsWith('>'))
  }
}

/** In the order they were said, each once, and some perhaps not. */
function assertRunOf(all: readonly string[], heard: readonly string[]): void {
  const places = heard.map((text) => all.indexOf(text))
  assert.ok(places.every((place, index) => place >= 0 && place > (places[index - 1] ?? -1)), `${JSON.stringify(heard)} of ${JSON.stringify(all)}`)
}

async function simulate(acts: readonly Act[], seed: number): Promise<Simulation> {
  const simulation = new Simulation(seed)
  await simulation.begin()
  for (const [number, each] of acts.entries()) await simulation.run(each, number)
  await simulation.calm()
  return simulation
}

describe('two people and two mailboxes', () => {
  it(`lose nothing, repeat nothing and keep the order, whoever crashes and whatever is cut, in ${RUNS} schedules (attacks 59, 64)`, async function () {
    this.timeout(RUNS * 4_000)
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 30 }), fc.nat(), async (acts, seed) => {
        const simulation = await simulate(acts, seed)
        for (const by of [0, 1]) assert.deepEqual(simulation.heard(by), simulation.sent[1 - by])
        assert.deepEqual(simulation.people.map(({ messenger }) => messenger.status().waiting), [0, 0])
      }),
      { numRuns: RUNS },
    )
  })

  it(`lose and repeat nothing either when a node drops, keeps back, repeats, reorders, replays or forgets all it had, in ${RUNS} schedules (attacks 59, 60)`, async function () {
    this.timeout(RUNS * 4_000)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 5, arbitrary: act }, { weight: 1, arbitrary: lie }), { minLength: 1, maxLength: 30 }), fc.nat(), async (acts, seed) => {
        const simulation = await simulate(acts, seed)
        for (const by of [0, 1]) assert.deepEqual(simulation.heard(by).toSorted(), simulation.sent[1 - by]!.toSorted())
      }),
      { numRuns: RUNS },
    )
  })

  it(`go on talking, and lose only what was said and taken in between, when one is put back to an older state, in ${RUNS} schedules (attacks 21, 101)`, async function () {
    this.timeout(RUNS * 4_000)
    const acts = fc.array(act, { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(who, acts, acts, acts, fc.nat(), async (back, before, between, after, seed) => {
        const simulation = new Simulation(seed)
        await simulation.begin()
        for (const [number, each] of before.entries()) await simulation.run(each, number)
        const person = simulation.people[back]!
        const copy = person.store.snapshot()
        for (const [number, each] of between.entries()) await simulation.run(each, 100 + number)
        await simulation.world.restart(person, createMemoryStore({ from: copy, rolledBack: true }))
        const said = simulation.sent.map((texts) => texts.length)
        for (const [number, each] of after.entries()) await simulation.run(each, 200 + number)
        await simulation.calm()
        for (const by of [0, 1]) {
          const [all, heard] = [simulation.sent[1 - by]!, simulation.heard(by)]
          assert.equal(new Set(heard).size, heard.length, 'nothing is shown twice')
          const later = all.slice(said[1 - by])
          assert.deepEqual(heard.filter((text) => later.includes(text)), later, 'all that was said since')
          if (by === back) assertRunOf(all, heard)
          else assertRunOf(all.toSorted(), heard.toSorted())
        }
        assert.deepEqual(simulation.people.map(({ messenger }) => messenger.status().waiting), [0, 0])
      }),
      { numRuns: RUNS },
    )
  })
})
