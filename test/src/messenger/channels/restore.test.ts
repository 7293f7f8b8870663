import assert from 'node:assert/strict'
import fc from 'fast-check'
import { toHex } from '../../../../protocols/suite/index.ts'
import { createMemoryStore, type MemorySnapshot } from '../../../support/memory-store.ts'
import { type Person, World } from '../../../support/world.ts'
import { type Brand, HOUR, MINUTE, Mirror } from './support.ts'

const texts = async (person: Person): Promise<string[]> => (await person.messenger.channels.read('Bakery', { limit: 50 })).posts.map(({ text }) => text)

async function bakery(followers: string[], options: { seed?: number } = {}): Promise<{ world: World; ann: Person; others: Person[] }> {
  const world = new World(options)
  const ann = await world.person('Ann')
  await ann.messenger.channels.create({ name: 'Bakery' })
  const others: Person[] = []
  for (const name of followers) {
    const person = await world.person(name)
    await world.until(person.messenger.channels.follow(ann.messenger.channels.link('Bakery'), { private: false }))
    others.push(person)
  }
  await world.settle()
  return { world, ann, others }
}

/** Puts an older copy of the store in the place of the one there is. */
async function restore(world: World, ann: Person, copy: MemorySnapshot, { noticed }: { noticed: boolean }): Promise<void> {
  await world.restart(ann, createMemoryStore({ from: copy, rolledBack: noticed }))
}

const publish = async (person: Person, text: string): Promise<string | undefined> => (await person.messenger.channels.publish('Bakery', { text })).waiting

async function isWhole(world: World, people: Person[]): Promise<void> {
  for (const person of people) {
    const proof = await world.until(person.messenger.channels.verify('Bakery', { all: true }))
    assert.equal(proof.frozen, undefined)
    assert.deepEqual(proof.missing, [])
    assert.deepEqual(person.messenger.channels.evidence('Bakery'), [])
  }
}

describe('a publisher put back from a backup', () => {
  for (const noticed of [true, false]) {
    it(`fetches what it had said since before it says more, when the restore was ${noticed ? '' : 'not '}noticed (attack 53)`, async () => {
      const { world, ann, others } = await bakery(['Bob', 'Cid'])
      await publish(ann, 'one')
      await world.settle()
      const copy = ann.store.snapshot()
      await publish(ann, 'two')
      await publish(ann, 'three')
      await world.settle()
      await restore(world, ann, copy, { noticed })
      assert.equal(await world.until(publish(ann, 'four')), undefined)
      await world.settle(MINUTE)
      for (const person of [ann, ...others]) assert.deepEqual(await texts(person), ['four', 'three', 'two', 'one'])
      await isWhole(world, [ann, ...others])
    })

    it(`keeps its drafts unsigned while nobody shows the head, when the restore was ${noticed ? '' : 'not '}noticed (attack 53)`, async () => {
      const { world, ann, others } = await bakery(['Bob', 'Cid'])
      await publish(ann, 'one')
      await world.settle()
      const copy = ann.store.snapshot()
      await publish(ann, 'two')
      await world.settle()
      world.gossip.partition([ann.peer], others.map(({ peer }) => peer))
      await restore(world, ann, copy, { noticed })
      assert.match((await world.until(publish(ann, 'three'))) ?? '', /0 of 2/)
      await world.settle(2 * HOUR)
      assert.equal(ann.messenger.channels.channel('Bakery').waiting, 1)
      assert.deepEqual(await texts(ann), ['one'])
      world.gossip.heal()
      await world.settle(15 * MINUTE)
      for (const person of [ann, ...others]) assert.deepEqual(await texts(person), ['three', 'two', 'one'])
      await isWhole(world, [ann, ...others])
    })
  }

  it('takes a draft back as long as it is not signed, and says what it waits for', async () => {
    const { world, ann, others } = await bakery(['Bob', 'Cid'])
    const copy = ann.store.snapshot()
    await publish(ann, 'one')
    await world.settle()
    world.gossip.partition([ann.peer], others.map(({ peer }) => peer))
    await restore(world, ann, copy, { noticed: true })
    const { channels } = ann.messenger
    await world.until(publish(ann, 'two'))
    await world.until(publish(ann, 'three'))
    const [two, three] = channels.drafts('Bakery')
    assert.deepEqual([two?.text, three?.text, two?.kind], ['two', 'three', 'post'])
    assert.match(two?.waiting ?? '', /0 of 2/)
    await channels.discardDraft('Bakery', two?.id ?? '')
    await assert.rejects(channels.discardDraft('Bakery', two?.id ?? ''), { code: 'not-found' })
    world.gossip.heal()
    await world.settle(15 * MINUTE)
    assert.deepEqual(channels.drafts('Bakery'), [])
    for (const person of [ann, ...others]) assert.deepEqual(await texts(person), ['three', 'one'])
  })

  it('that was noticed is not let go on by one node alone, nor by a second start (attack 53)', async () => {
    const { world, ann, others: [bob, cid] } = await bakery(['Bob', 'Cid'])
    const copy = ann.store.snapshot()
    await publish(ann, 'one')
    await world.settle()
    world.gossip.disconnect(cid!.peer)
    await restore(world, ann, copy, { noticed: true })
    assert.match((await world.until(publish(ann, 'two'))) ?? '', /1 of 2/)
    await world.restart(ann)
    world.clock.advance(30 * HOUR)
    await world.settle(MINUTE)
    assert.deepEqual([ann.messenger.channels.channel('Bakery').waiting, await texts(bob!)], [1, ['one']])
    world.gossip.reconnect(cid!.peer)
    await world.settle(15 * MINUTE)
    assert.deepEqual(await texts(bob!), ['two', 'one'])
    await isWhole(world, [ann, bob!, cid!])
  })

  it('that nobody noticed waits for a second node it knew, but not for ever (attack 53)', async () => {
    const { world, ann, others: [bob, cid] } = await bakery(['Bob', 'Cid'])
    const copy = ann.store.snapshot()
    await publish(ann, 'one')
    await world.settle()
    world.gossip.disconnect(cid!.peer)
    await restore(world, ann, copy, { noticed: false })
    assert.match((await world.until(publish(ann, 'two'))) ?? '', /1 of 2/)
    await world.settle(HOUR / 2)
    assert.deepEqual(await texts(bob!), ['one'])
    await world.settle(HOUR / 2 + MINUTE)
    assert.deepEqual(await texts(bob!), ['two', 'one'])
    world.gossip.reconnect(cid!.peer)
    await world.settle(15 * MINUTE)
    await isWhole(world, [ann, bob!, cid!])
  })

  it('counts no node that shows more than it gives (attack 53)', async () => {
    const { world, ann, others } = await bakery(['Bob', 'Cid'])
    const copy = ann.store.snapshot()
    await publish(ann, 'one')
    await world.settle()
    const { id } = ann.store.channels()[0]!
    const log = ann.store.channelLogs(id)[0]!.log
    const entries = [id, log].flatMap((each) => ann.store.entries(id, each, 0, 10).map(({ bytes }) => bytes))
    let open = false
    const mirrors = [1, 2].map((number) => new Mirror(world, number, (request, frames) => (request.type !== 'page' || toHex(request.log) === id || open ? frames : [{ type: 'refused', code: 'missing' }])))
    for (const mirror of mirrors) await mirror.take({ id, entries } as unknown as Brand)
    for (const { peer } of others) world.gossip.disconnect(peer)
    world.gossip.lan(ann.peer, ...mirrors.map(({ peer }) => peer))
    await restore(world, ann, copy, { noticed: false })
    assert.match((await world.until(publish(ann, 'two'))) ?? '', /0 of 2/)
    await world.settle(HOUR)
    assert.deepEqual([ann.messenger.channels.channel('Bakery').waiting, await texts(ann)], [1, []])
    open = true
    await world.settle(HOUR)
    assert.deepEqual(await texts(ann), ['two', 'one'])
  })

  it('and a copy of it at work at the same time: the one that hears of the other asks again before it goes on (attack 53)', async () => {
    const { world, ann, others } = await bakery(['Bob', 'Cid'])
    await publish(ann, 'one')
    await world.settle()
    const copy = ann.store.snapshot()
    const twin: Person = { ...(await world.person('Twin')), store: ann.store, events: [] }
    await world.restart(twin, createMemoryStore({ from: copy }))
    await world.settle(MINUTE)
    assert.equal(await world.until(publish(twin, 'two, by the copy')), undefined)
    await world.settle()
    assert.equal(await world.until(publish(ann, 'three')), undefined)
    await world.settle(MINUTE)
    for (const person of [ann, ...others]) assert.deepEqual(await texts(person), ['three', 'two, by the copy', 'one'])
    await isWhole(world, [ann, ...others])
  })

  it('never forks its channel, whenever it was copied, cut off and put back (attack 53)', async () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.constant('post' as const) },
      { weight: 3, arbitrary: fc.constant('restore' as const) },
      { weight: 5, arbitrary: fc.constantFrom('copy' as const, 'cut' as const, 'heal' as const, 'crash' as const, 'manifest' as const) },
      { weight: 2, arbitrary: fc.constant('wait' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 6, maxLength: 20, size: 'max' }), fc.nat(), async (actions, seed) => {
        const { world, ann, others } = await bakery(['Bob', 'Cid'], { seed })
        let copy = ann.store.snapshot()
        let said = 0
        for (const each of actions) {
          if (each === 'post') await world.until(publish(ann, String(said++)))
          if (each === 'manifest') await world.until(ann.messenger.channels.setManifest('Bakery', { description: String(said++) }))
          if (each === 'copy') copy = ann.store.snapshot()
          if (each === 'restore') await restore(world, ann, copy, { noticed: false })
          if (each === 'crash') await world.restart(ann, createMemoryStore({ from: ann.store.crash() }))
          if (each === 'cut') world.gossip.partition([ann.peer], others.map(({ peer }) => peer))
          if (each === 'heal') world.gossip.heal()
          if (each === 'wait') await world.settle(MINUTE)
        }
        world.gossip.heal()
        await world.settle(30 * MINUTE)
        await isWhole(world, [ann, ...others])
        assert.deepEqual(await texts(others[0]!), await texts(ann))
        assert.deepEqual(await texts(others[1]!), await texts(ann))
        assert.equal(ann.messenger.channels.channel('Bakery').waiting, 0)
      }),
      { numRuns: 30 },
    )
  }).timeout(240_000)
})
