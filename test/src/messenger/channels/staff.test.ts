import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createMemoryStore } from '../../../support/memory-store.ts'
import { type Person, World } from '../../../support/world.ts'
import { DAY, HOUR, MINUTE } from './support.ts'

const channelsOf = (person: Person): Person['messenger']['channels'] => person.messenger.channels
const texts = async (person: Person): Promise<string[]> => (await channelsOf(person).read('Bakery', { limit: 100 })).posts.map(({ text }) => text)
const publish = async (person: Person, text: string): Promise<string | undefined> => (await channelsOf(person).publish('Bakery', { text })).waiting

interface Shop {
  readonly world: World
  readonly ann: Person
  readonly staff: Person[]
  readonly bob: Person
}

/** Ann's bakery, followed by Bob, with these people as staff. */
async function shop(names: string[], options: { seed?: number; scope?: ('text' | 'pictures' | 'events' | 'offers' | 'moderate')[]; entries?: number; notAfter?: number } = {}): Promise<Shop> {
  const world = new World({ seed: options.seed ?? 1 })
  const ann = await world.person('Ann')
  await channelsOf(ann).create({ name: 'Bakery' })
  const bob = await world.person('Bob')
  await world.until(channelsOf(bob).follow(channelsOf(ann).link('Bakery'), { private: false }))
  const staff: Person[] = []
  for (const name of names) {
    const person = await world.person(name)
    await world.pair(ann, person)
    await hire(world, ann, person, options)
    staff.push(person)
  }
  return { world, ann, staff, bob }
}

async function hire(world: World, ann: Person, person: Person, options: { scope?: ('text' | 'pictures' | 'events' | 'offers' | 'moderate')[]; entries?: number; notAfter?: number } = {}): Promise<void> {
  await channelsOf(ann).addStaff('Bakery', {
    contact: person.name, scope: options.scope ?? ['text', 'pictures'], notAfter: options.notAfter ?? world.clock.now() + 30 * DAY, ...(options.entries !== undefined && { entries: options.entries }),
  })
  await world.settle()
  await world.until(channelsOf(person).acceptInvitation(channelsOf(person).invitations()[0]!.id))
  await world.settle(MINUTE)
}

async function isWhole(world: World, people: Person[]): Promise<void> {
  for (const person of people) {
    const proof = await world.until(channelsOf(person).verify('Bakery', { all: true }))
    assert.deepEqual([proof.frozen, proof.missing, channelsOf(person).evidence('Bakery')], [undefined, [], []])
    assert.match(proof.lines[0]!, /none missing$/)
  }
}

describe('staff', () => {
  it('is asked in the conversation, accepts, is certified, and posts under the name the brand gave', async () => {
    const world = new World()
    const [ann, mina] = [await world.person('Ann'), await world.person('Mina')]
    await world.pair(ann, mina)
    await channelsOf(ann).create({ name: 'Bakery' })
    const notAfter = world.clock.now() + 30 * DAY
    await channelsOf(ann).addStaff('Bakery', { contact: 'Mina', name: 'Mina K.', scope: ['text'], notAfter })
    await world.settle()
    const [invitation] = channelsOf(mina).invitations()
    assert.ok(invitation)
    const { id, at: _, ...rest } = invitation
    assert.deepEqual(rest, { channel: channelsOf(ann).channel('Bakery').id, channelName: 'Bakery', from: 'Ann', scope: ['text'], notAfter })
    assert.equal(mina.events.filter(({ type }) => type === 'invitation').length, 1)
    const view = await world.until(channelsOf(mina).acceptInvitation(id))
    assert.deepEqual([view.name, view.role], ['Bakery', 'staff'])
    await world.settle(MINUTE)
    assert.equal(await publish(mina, 'from Mina'), undefined)
    await world.settle()
    const [post] = (await channelsOf(ann).read('Bakery', { limit: 1 })).posts
    assert.deepEqual([post?.author, post?.text], ['Mina K.', 'from Mina'])
    assert.deepEqual(channelsOf(ann).staff('Bakery').map(({ name, state, entries, scope }) => ({ name, state, entries, scope })), [
      { name: 'Bakery', state: 'active', entries: 0, scope: ['text', 'pictures', 'events', 'offers', 'moderate'] },
      { name: 'Mina K.', state: 'active', entries: 1, scope: ['text'] },
    ])
    assert.deepEqual(channelsOf(mina).invitations(), [])
  })

  it('that declines is not certified, and neither is a key that nobody asked for', async () => {
    const world = new World()
    const [ann, mina, eve] = [await world.person('Ann'), await world.person('Mina'), await world.person('Eve')]
    await world.pair(ann, mina)
    await world.pair(ann, eve)
    await channelsOf(ann).create({ name: 'Bakery' })
    await channelsOf(ann).addStaff('Bakery', { contact: 'Mina', scope: ['text'], notAfter: world.clock.now() + DAY })
    await world.settle()
    await channelsOf(mina).refuseInvitation(channelsOf(mina).invitations()[0]!.id)
    await world.settle()
    assert.deepEqual([ann.store.staff(), channelsOf(mina).invitations()], [[], []])
    // Eve answers an offer that was made to Mina.
    await channelsOf(ann).addStaff('Bakery', { contact: 'Mina', scope: ['text'], notAfter: world.clock.now() + DAY })
    await world.settle()
    const offered = mina.store.staff()[0]!
    await eve.store.commit([{ put: 'staff', row: { ...offered, account: eve.messenger.contact('Ann').account } }])
    await world.until(channelsOf(eve).acceptInvitation(offered.id))
    await world.settle(MINUTE)
    assert.equal(channelsOf(ann).staff('Bakery').length, 1)
    assert.deepEqual(await world.until(channelsOf(eve).publish('Bakery', { text: 'mine' })).then(({ post }) => post), undefined)
  })

  it('says only what its certificate allows, and no more than its number of entries', async () => {
    const { world, staff: [mina], ann } = await shop(['Mina'], { scope: ['text'], entries: 2 })
    const event = { start: world.clock.now(), end: world.clock.now() + HOUR, place: '' }
    await assert.rejects(channelsOf(mina!).publish('Bakery', { text: 'a', event }), { code: 'not-accepted' })
    const { post } = await channelsOf(ann).publish('Bakery', { text: 'by Ann' })
    await world.settle()
    await assert.rejects(channelsOf(mina!).withdraw('Bakery', post!.id, ''), { code: 'not-accepted' })
    await assert.rejects(channelsOf(mina!).edit('Bakery', post!.id, { text: 'mine' }), { code: 'not-accepted' })
    await assert.rejects(channelsOf(mina!).revokeStaff('Bakery', 'Bakery', ''), { code: 'not-accepted' })
    assert.equal(await publish(mina!, '1'), undefined)
    assert.equal(await publish(mina!, '2'), undefined)
    await assert.rejects(publish(mina!, '3'), { code: 'not-accepted' })
  })

  it('that may moderate changes and withdraws what others posted', async () => {
    const { world, ann, staff: [mina], bob } = await shop(['Mina'], { scope: ['text', 'moderate'] })
    const { post } = await channelsOf(ann).publish('Bakery', { text: 'by Ann' })
    await world.settle()
    await channelsOf(mina!).edit('Bakery', post!.id, { text: 'by Ann, corrected' })
    await world.settle()
    assert.deepEqual(await texts(bob), ['by Ann, corrected'])
    await channelsOf(mina!).withdraw('Bakery', post!.id, 'wrong shop')
    await world.settle()
    assert.equal((await channelsOf(bob).read('Bakery', { limit: 1 })).posts[0]?.withdrawn?.reason, 'wrong shop')
  })

  it('whose time is over is renewed in the same log', async () => {
    const { world, ann, staff: [mina], bob } = await shop(['Mina'], { notAfter: Date.UTC(2026, 10, 22, 9) })
    assert.equal(await publish(mina!, 'one'), undefined)
    await world.settle()
    world.clock.advance(2 * DAY)
    await assert.rejects(publish(mina!, 'two'), { code: 'not-accepted' })
    assert.equal(channelsOf(ann).staff('Bakery')[1]?.state, 'expired')
    await hire(world, ann, mina!)
    assert.equal(await publish(mina!, 'two'), undefined)
    await world.settle(MINUTE)
    assert.deepEqual(await texts(bob), ['two', 'one'])
    assert.deepEqual(channelsOf(bob).list()[0]?.entries, 2 + 2 + 2)
    assert.equal(channelsOf(ann).staff('Bakery').length, 2)
  })

  it('drafts before it is certified, and says it when it is', async () => {
    const world = new World()
    const [ann, mina] = [await world.person('Ann'), await world.person('Mina')]
    await world.pair(ann, mina)
    await channelsOf(ann).create({ name: 'Bakery' })
    await channelsOf(ann).addStaff('Bakery', { contact: 'Mina', scope: ['text'], notAfter: world.clock.now() + DAY })
    await world.settle()
    world.network.disconnect(ann.device)
    await world.until(channelsOf(mina).acceptInvitation(channelsOf(mina).invitations()[0]!.id))
    assert.match((await world.until(publish(mina, 'early'))) ?? '', /not certified/)
    world.network.reconnect(ann.device)
    await world.settle(10 * MINUTE)
    assert.deepEqual(await texts(ann), ['early'])
  })

  it('forgets the channel when it wants to, once its key was ended; until then it keeps key and channel', async () => {
    const { world, ann, staff: [mina] } = await shop(['Mina'])
    await channelsOf(mina!).unfollow('Bakery')
    assert.deepEqual([channelsOf(mina!).channel('Bakery').role, channelsOf(mina!).channel('Bakery').following], ['staff', undefined])
    assert.equal(await publish(mina!, 'still here'), undefined)
    await channelsOf(ann).unfollow('Bakery')
    assert.equal(channelsOf(ann).channel('Bakery').role, 'owner')
    assert.equal((await channelsOf(ann).words('Bakery', { forget: false })).split(' ').length, 24)
    await world.settle()
    await world.until(channelsOf(ann).revokeStaff('Bakery', 'Mina', 'left'))
    await world.settle(MINUTE)
    await channelsOf(mina!).unfollow('Bakery')
    assert.deepEqual([channelsOf(mina!).list(), mina!.store.channels(), mina!.store.channelKeys(ann.store.channels()[0]!.id)], [[], [], []])
  })

  it('cannot bury a person in invitations', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    for (let i = 0; i < 20; i++) {
      await channelsOf(ann).create({ name: `Shop ${i}` })
      for (let again = 0; again < 2; again++) await channelsOf(ann).addStaff(`Shop ${i}`, { contact: 'Bob', scope: ['text'], notAfter: world.clock.now() + DAY })
    }
    await world.settle(MINUTE)
    assert.equal(channelsOf(bob).invitations().length, 16)
  })
})

describe('a stolen posting key', () => {
  it('is ended with what the brand has of its log: what was kept back is void (attack 52)', async () => {
    const { world, ann, staff: [mina], bob } = await shop(['Mina'])
    await publish(mina!, 'honest')
    await world.settle()
    // Whoever has Mina's device goes on where nobody hears.
    world.gossip.partition([mina!.peer], [ann.peer, bob.peer])
    await world.until(publish(mina!, 'hidden'))
    const view = await world.until(channelsOf(ann).revokeStaff('Bakery', 'Mina', 'phone lost'))
    assert.deepEqual([view.state, view.entries], ['revoked', 1])
    await world.settle(MINUTE)
    world.gossip.heal()
    await world.settle(15 * MINUTE)
    assert.deepEqual(await texts(bob), ['honest'])
    assert.deepEqual(await texts(ann), ['honest'])
    await assert.rejects(publish(mina!, 'again'), { code: 'not-accepted' })
    assert.deepEqual(await texts(mina!), ['honest'])
    await isWhole(world, [ann, bob, mina!])
    // Who lost the device posts again, with another key.
    await hire(world, ann, mina!)
    assert.equal(await publish(mina!, 'back'), undefined)
    await world.settle(MINUTE)
    assert.deepEqual(await texts(bob), ['back', 'honest'])
  })

  it('that signs two entries of one number stops its own log, with a proof anybody checks; the others go on (attack 52)', async () => {
    const { world, ann, staff: [mina, jun], bob } = await shop(['Mina', 'Jun'])
    await publish(mina!, 'one')
    await world.settle()
    // The thief has a copy of everything Mina has, and a network of their own.
    const eve: Person = { ...(await world.person('Eve')), store: mina!.store, events: [] }
    await world.restart(mina!)
    await world.settle(MINUTE)
    await world.until(publish(mina!, 'hers, first of this run'))
    await world.settle()
    const copy = mina!.store.snapshot()
    await world.restart(eve, createMemoryStore({ from: copy }))
    await world.until(publish(eve, 'so far the same'))
    await world.settle(MINUTE)
    world.gossip.partition([eve.peer], [ann.peer, mina!.peer, jun!.peer, bob.peer])
    await world.until(publish(eve, 'by the thief'))
    await world.until(publish(mina!, 'by Mina'))
    await world.settle()
    world.gossip.heal()
    await world.settle(15 * MINUTE)
    const [proof] = channelsOf(bob).evidence('Bakery')
    assert.match(proof?.text ?? '', /^Mina signed two different entries with the number 4$/)
    assert.deepEqual(channelsOf(await world.person('Stranger')).checkEvidence(proof!.bytes), { text: proof!.text, channel: channelsOf(bob).channel('Bakery').id })
    assert.equal(channelsOf(ann).staff('Bakery')[1]?.state, 'forked')
    assert.ok(channelsOf(bob).channel('Bakery').frozen)
    assert.equal(await publish(jun!, 'we go on'), undefined)
    await world.settle()
    assert.equal((await texts(bob))[0], 'we go on')
    await world.until(channelsOf(ann).revokeStaff('Bakery', 'Mina', 'key stolen'))
    await world.settle(MINUTE)
    assert.equal(channelsOf(bob).channel('Bakery').frozen, undefined)
  })
})

describe('two staff devices', () => {
  it('never fork the channel, whatever crashes and whoever is cut off from whom', async () => {
    const who = fc.nat({ max: 2 })
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('post' as const), who }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), who }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('alone' as const), who }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('heal' as const, 'wait' as const, 'apart' as const), who }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 6, maxLength: 20, size: 'max' }), fc.nat(), async (actions, seed) => {
        const { world, ann, staff, bob } = await shop(['Mina', 'Jun'], { seed })
        const authors = [...staff, ann]
        const everybody = [...authors, bob]
        const said: string[] = []
        for (const each of actions) {
          const person = authors[each.who]!
          if (each.do === 'post') {
            said.push(`${person.name} ${said.length}`)
            await world.until(publish(person, said.at(-1)!))
          }
          if (each.do === 'crash') await world.restart(person, createMemoryStore({ from: person.store.crash() }))
          if (each.do === 'alone') world.gossip.partition([person.peer], everybody.filter((other) => other !== person).map(({ peer }) => peer))
          if (each.do === 'apart') world.gossip.partition(...everybody.map(({ peer }) => [peer]))
          if (each.do === 'heal') world.gossip.heal()
          if (each.do === 'wait') await world.settle(MINUTE)
        }
        world.gossip.heal()
        await world.settle(30 * MINUTE)
        await isWhole(world, everybody)
        assert.deepEqual((await texts(bob)).sort(), said.sort())
        for (const person of authors) assert.deepEqual(await texts(person), await texts(bob))
      }),
      { numRuns: 15 },
    )
  }).timeout(240_000)
})
