/** The process ends at every commit there is, before it is durable and right after. */
import assert from 'node:assert/strict'
import { createMemoryStore, type MemorySnapshot, type MemoryStore } from '../../../support/memory-store.ts'
import { type Person, talk, World } from '../../../support/world.ts'
import { alone, apart, LONG } from './apart.ts'

/**
 * Ends the process at its nth commit from now on.
 * @returns what the disk holds then; asked before it happened, it will not
 */
function crashAt(store: MemoryStore, nth: number, when: 'before' | 'after'): () => MemorySnapshot | undefined {
  const { commit } = store
  let count = 0
  let left: MemorySnapshot | undefined
  store.commit = (changes) => {
    if (++count !== nth) return commit.call(store, changes)
    const stored = commit.call(store, changes)
    if (when === 'before') left = store.crash()
    else stored.then(() => (left = store.crash()), () => undefined)
    return new Promise(() => undefined)
  }
  return () => {
    nth = Infinity
    return left
  }
}

/** Sends three messages through a mailbox while one side crashes; tells how many commits there were to crash at. */
async function tell(who: 'sender' | 'recipient', nth: number, when: 'before' | 'after'): Promise<boolean> {
  const world = new World({ seed: nth })
  const { ann, bob } = await apart(world, ['M', 'N'])
  let left: () => MemorySnapshot | undefined = () => undefined
  const crashing = (person: Person): void => {
    left = crashAt(person.store, nth, when)
  }
  const accepted: string[] = []
  world.online(ann)
  world.network.disconnect(ann.device)
  await world.settle(LONG, 4_000)
  for (const text of ['one', 'two']) {
    await ann.messenger.send('Bob', text)
    accepted.push(text)
  }
  if (who === 'sender') crashing(ann)
  await world.settle(20_000)
  world.offline(ann)
  await again(world, ann, who === 'sender' ? left() : undefined)
  world.online(bob)
  world.network.disconnect(bob.device)
  if (who === 'recipient') crashing(bob)
  await world.settle(LONG, 4_000)
  await again(world, bob, who === 'recipient' ? left() : undefined)
  const crashed = left() !== undefined
  for (const person of [ann, bob, ann, bob, ann]) await alone(world, person)
  assert.deepEqual(talk(bob, 'Ann'), accepted, `${who} crashed ${when} commit ${nth}`)
  assert.deepEqual(ann.messenger.history('Bob', { limit: 9 }).flatMap(({ delivery }) => delivery ?? []), ['delivered', 'delivered'])
  assert.equal(ann.messenger.status().waiting, 0)
  return crashed
}

const TURNS = ['scanner says hello', 'inviter hears it', 'scanner hears the answer', 'inviter accepts', 'scanner is accepted'] as const

/** A pairing of two who never meet, while one of them crashes in one of its turns. */
async function becomeContacts(turn: (typeof TURNS)[number], nth: number, when: 'before' | 'after'): Promise<boolean> {
  const world = new World({ seed: nth })
  const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
  for (const person of [ann, bob]) await world.use(person, world.mailboxes.node(person.name))
  const { link } = await world.until(ann.messenger.invite({ inPerson: false }))
  await world.settle()
  for (const person of [ann, bob]) world.offline(person)
  let crashed = false
  const take = async (name: (typeof TURNS)[number], person: Person, act: () => Promise<unknown> = () => Promise.resolve()): Promise<void> => {
    world.online(person)
    const left = name === turn ? crashAt(person.store, nth, when) : () => undefined
    // Who crashes does not answer; what was asked of it is asked again.
    act().catch(() => undefined)
    await world.settle(LONG, 4_000)
    const disk = left()
    crashed ||= disk !== undefined
    await again(world, person, disk)
    if (disk) await act().catch(() => undefined)
    await world.settle(LONG, 4_000)
    world.offline(person)
    await world.settle(1_000)
  }
  const pair = async (): Promise<unknown> => bob.messenger.pair(link, { scanned: false })
  await take('scanner says hello', bob, pair)
  await take('inviter hears it', ann)
  await take('scanner hears the answer', bob)
  const code = ann.messenger.requests()[0]?.code
  world.online(bob)
  assert.equal((await world.until(bob.messenger.pair(link, { scanned: false }))).code, code)
  world.offline(bob)
  await take('inviter accepts', ann, async () => {
    for (const { id } of ann.messenger.requests()) await ann.messenger.accept(id)
  })
  await take('scanner is accepted', bob)
  await alone(world, bob, () => bob.messenger.send('Ann', 'hello'))
  await alone(world, ann, () => ann.messenger.send('Bob', 'hello yourself'))
  await alone(world, bob)
  assert.deepEqual(talk(bob, 'Ann'), ['> hello', 'hello yourself'], `${turn}, ${when} commit ${nth}`)
  return crashed
}

async function again(world: World, person: Person, left: MemorySnapshot | undefined): Promise<void> {
  if (left) await world.restart(person, createMemoryStore({ from: left }))
}

describe('a crash at any commit', () => {
  for (const who of ['sender', 'recipient'] as const) {
    for (const when of ['before', 'after'] as const) {
      it(`of the ${who}, ${when} it is durable, loses nothing and shows nothing twice (attack 64)`, async function () {
        this.timeout(60_000)
        let nth = 1
        while (await tell(who, nth, when)) nth++
        assert.ok(nth > 3, `only ${nth - 1} commits`)
      })
    }
  }

  for (const turn of TURNS) {
    it(`when the ${turn} by a mailbox leaves them able to become contacts`, async function () {
      this.timeout(60_000)
      for (const when of ['before', 'after'] as const) for (let nth = 1; await becomeContacts(turn, nth, when); nth++);
    })
  }
})

function failAt(store: MemoryStore, nth: number): void {
  const { commit } = store
  let count = 0
  store.commit = (changes) => {
    if (++count === nth) store.failNext()
    return commit.call(store, changes)
  }
}

describe('a disk that is full at any commit', () => {
  it('leaves what lies in a mailbox in its order: nothing is taken before what was not stored', async function () {
    this.timeout(120_000)
    const said = ['one', 'two', 'three', 'four']
    for (let nth = 1, failed = true; failed; nth++) {
      const world = new World({ seed: nth })
      const { ann, bob } = await apart(world, ['M', 'N'])
      await alone(world, ann, async () => {
        for (const text of said) await ann.messenger.send('Bob', text)
      })
      failAt(bob.store, nth)
      world.online(bob)
      world.network.disconnect(bob.device)
      await world.settle(LONG, 4_000)
      failed = bob.events.some((event) => event.type === 'warning' && event.code === 'store-failed')
      await alone(world, ann)
      await alone(world, bob)
      assert.deepEqual(talk(bob, 'Ann'), said, `commit ${nth}`)
    }
  })
})
