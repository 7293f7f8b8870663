import assert from 'node:assert/strict'
import { addDevice, entropyOf, generateDevice, publicDevice, rootKey, verifyDeviceList } from '../../../protocols/identity/index.ts'
import { encodeRequest } from '../../../protocols/pairing/index.ts'
import { fromHex } from '../../../protocols/suite/index.ts'
import { talk, World } from '../../support/world.ts'

const archive = (person: { messenger: { exportArchive(): IterableIterator<string> } }): string[] => [...person.messenger.exportArchive()]

describe('devices of an account', () => {
  it('come back from the 24 words: same account, a notice for the contact, and talking goes on', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.send('Bob', 'before')
    await world.settle()
    const lines = archive(ann)
    await ann.messenger.stop()
    world.clock.advance(60_000)
    const again = await world.person('Ann', { phrase: ann.phrase })
    assert.equal(again.messenger.id().account, ann.messenger.id().account)
    assert.notEqual(again.device, ann.device)
    assert.deepEqual(await again.messenger.importArchive(lines), { contacts: 1, follows: 0, messages: lines.length - 2, skipped: 0 })
    await again.messenger.send('Bob', 'after')
    await world.settle(60_000)
    assert.deepEqual(talk(bob, 'Ann'), ['before', 'after'])
    await bob.messenger.send('Ann', 'welcome back')
    await world.settle(60_000)
    assert.deepEqual(talk(again, 'Bob'), ['> before', '> after', 'welcome back'])
    const notices = bob.messenger.history('Ann', { limit: 50 }).filter((message) => message.kind === 'notice')
    assert.ok(notices.some((message) => message.text === 'new-device'))
  })

  it('come back by pairing again when no export was kept', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.stop()
    world.clock.advance(60_000)
    const again = await world.person('Ann', { phrase: ann.phrase })
    const shown = await again.messenger.pair((await bob.messenger.invite({ inPerson: true })).link, { scanned: false })
    assert.equal(shown.state, 'accepted', 'Bob knows this account already')
    await again.messenger.send('Bob', 'it is me')
    await world.settle()
    assert.deepEqual(talk(bob, 'Ann'), ['it is me'])
    assert.equal(bob.messenger.contacts().length, 1)
  })

  it('get nothing that was queued for another device until the person agrees (attacks 22, 23)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const lines = archive(ann)
    await ann.messenger.stop()
    await bob.messenger.send('Ann', 'for your old phone')
    world.clock.advance(60_000)
    const again = await world.person('Ann', { phrase: ann.phrase })
    await again.messenger.importArchive(lines)
    await world.settle(60_000)
    assert.deepEqual(talk(again, 'Bob'), [])
    const [request] = bob.messenger.requests()
    assert.deepEqual([request?.kind, request?.waiting], ['new-device', 1])
    await bob.messenger.accept(request?.id ?? '')
    await world.settle(60_000)
    assert.deepEqual(talk(again, 'Bob'), ['for your old phone'])
  })

  it('that were struck off neither send nor receive any more (attack 41)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const lines = archive(ann)
    world.clock.advance(60_000)
    const again = await world.person('Ann', { phrase: ann.phrase })
    await again.messenger.importArchive(lines)
    await world.settle(60_000)
    await ann.messenger.send('Bob', 'from the stolen phone')
    await bob.messenger.send('Ann', 'for the new phone only')
    await world.settle(60_000)
    assert.deepEqual(talk(bob, 'Ann'), ['> for the new phone only'])
    assert.deepEqual(talk(ann, 'Bob'), ['> from the stolen phone'])
    assert.deepEqual(talk(again, 'Bob'), ['for the new phone only'])
  })

  it('of one contact are not taken over by another, who signs a list that names them (attack 8)', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person('Eve')]
    for (const person of [ann, eve]) await world.pair(person, bob)
    const { suite, clock, network } = world
    const root = rootKey(suite, entropyOf(eve.phrase))
    const list = verifyDeviceList(suite, bob.store.contacts().find(({ name }) => name === 'Eve')!.deviceList, clock.now())
    const device = { ...publicDevice(generateDevice(suite, world.random), 'mine', clock.now()), signing: fromHex(ann.device) }
    const taken = addDevice(suite, root, list, device, clock.now())
    await network.courier(eve.device).pairing(bob.device, [], encodeRequest({ type: 'fetchContactBundle', deviceList: taken }))
    await ann.messenger.send('Bob', 'it is still me')
    await world.settle(60_000)
    assert.deepEqual([talk(bob, 'Ann'), talk(bob, 'Eve')], [['it is still me'], []])
    assert.ok(bob.events.some((event) => event.type === 'warning' && event.code === 'device-list-refused'))
  })

  it('of a known account presented by an older list are refused and shown (attack 39)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const lines = archive(ann)
    world.clock.advance(60_000)
    const again = await world.person('Ann', { phrase: ann.phrase })
    await again.messenger.importArchive(lines)
    await world.settle(60_000)
    // The old phone asks for keys with the list from before the recovery.
    await ann.messenger.importArchive(lines)
    const waiting = ann.store.outbox().map(({ id, device }) => ({ remove: 'outbox' as const, id, device }))
    await ann.store.commit([{ remove: 'session', device: bob.device }, ...waiting])
    await world.restart(ann)
    await ann.messenger.send('Bob', 'let me in')
    await world.settle(60_000)
    assert.deepEqual(talk(bob, 'Ann'), [])
    assert.ok(bob.events.some((event) => event.type === 'warning' && event.code === 'device-list-refused'))
  })
})

describe('the archive', () => {
  it('holds what people said and no secret (attack 109)', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.send('Bob', 'for the record')
    await world.settle()
    const text = archive(ann).join('\n')
    assert.match(text, /for the record/)
    const self = ann.store.self()
    const forms = (bytes: Uint8Array): string[] => [Buffer.from(bytes).toString('hex'), Buffer.from(bytes).toString('base64')]
    for (const secret of [...forms(self!.entropy), ...forms(self!.device), ann.phrase]) assert.ok(!text.includes(secret))
    for (const device of ann.store.sessionDevices()) assert.ok(!text.includes(forms(ann.store.session(device)!)[1]!.slice(-80)))
  })

  it('is refused by another account, and line by line when damaged', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const lines = archive(ann)
    await assert.rejects(bob.messenger.importArchive(lines), { code: 'conflict' })
    await assert.rejects(ann.messenger.importArchive(['{']), { code: 'bad-input' })
    await assert.rejects(ann.messenger.importArchive([lines[0]!, '{"type":"message"}']), /line 2/)
    await assert.rejects(ann.messenger.importArchive([lines[0]!, lines[1]!.replace('"verified":false', '"verified":1')]), /verified/)
    await assert.rejects(ann.messenger.importArchive([]), { code: 'bad-input' })
  })

  it('shows nothing as on its way that nobody sends from here, and is exported again', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    await ann.messenger.send('Bob', 'arrived')
    await world.settle()
    world.offline(bob)
    await ann.messenger.send('Bob', 'waits')
    const lines = archive(ann)
    await ann.messenger.stop()
    const again = await world.person('Ann', { phrase: ann.phrase })
    await again.messenger.importArchive(lines)
    const imported = again.messenger.history('Bob', { limit: 50 }).filter(({ kind }) => kind === 'text')
    assert.deepEqual(imported.map(({ text, delivery }) => [text, delivery]), [['arrived', 'delivered'], ['waits', undefined]])
    await again.messenger.stop()
    const third = await world.person('Ann', { phrase: ann.phrase })
    assert.equal((await third.messenger.importArchive(archive(again))).messages, lines.length - 2)
  })

  it('skips what is here already and kinds it does not know', async () => {
    const world = new World()
    const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
    await world.pair(ann, bob)
    const lines = [...archive(ann), '{"type":"sticker","__proto__":{"polluted":true}}']
    const counted = await ann.messenger.importArchive(lines)
    assert.equal(counted.contacts + counted.messages, 0)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
})
