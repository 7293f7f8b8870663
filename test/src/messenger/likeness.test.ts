import assert from 'node:assert/strict'
import { World } from '../../support/world.ts'

const CYRILLIC_BOB = 'Bоb'

describe('a contact whose name looks like that of another (attack 95)', () => {
  it('is told from the first answer on: in the request, in the event, and when it is a contact', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person(CYRILLIC_BOB)]
    await world.pair(ann, bob)
    const { link } = await ann.messenger.invite({ inPerson: true })
    await eve.messenger.pair(link, { scanned: false })
    const [request] = ann.messenger.requests()
    assert.deepEqual([request?.name, request?.lookalike, request?.mixedScript], [CYRILLIC_BOB, 'Bob', true])
    assert.ok(ann.events.some((event) => event.type === 'request' && event.request.lookalike === 'Bob'))
    assert.equal(ann.messenger.contact('Bob').lookalike, undefined, 'who only asks takes nothing from a contact')
    const accepted = await ann.messenger.accept(request?.id ?? '')
    assert.deepEqual([accepted.lookalike, accepted.mixedScript], ['Bob', true])
    assert.equal(ann.messenger.contact('Bob').lookalike, CYRILLIC_BOB, 'as long as nobody has looked, either may be the other')
  })

  it('is told to who reads the code, too', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person('B0b')]
    await world.pair(bob, ann)
    const { link } = await eve.messenger.invite({ inPerson: true })
    assert.equal((await ann.messenger.pair(link, { scanned: false })).lookalike, 'Bob')
  })

  it('is told also of the very same name, which we had to number, and of one taken later', async () => {
    const world = new World()
    const [ann, bob, other, carol] = [await world.person('Ann'), await world.person('Bob'), await world.person('bob'), await world.person('Carol')]
    for (const person of [bob, other, carol]) await world.pair(ann, person)
    assert.equal(ann.messenger.contact('bob 2').lookalike, 'Bob')
    assert.equal(ann.messenger.contact('Carol').lookalike, undefined)
    await carol.messenger.rename('ВОВ')
    await world.settle()
    assert.equal(ann.messenger.contact('Carol').lookalike, 'Bob')
  })

  it('is told of a name we chose ourselves', async () => {
    const world = new World()
    const [ann, bob, carol] = [await world.person('Ann'), await world.person('Bob'), await world.person('Carol')]
    for (const person of [bob, carol]) await world.pair(ann, person)
    assert.equal((await ann.messenger.renameContact('Carol', CYRILLIC_BOB)).lookalike, 'Bob')
  })

  it('is told no more once it was verified, nor when the other is blocked', async () => {
    const world = new World()
    const [ann, bob, eve] = [await world.person('Ann'), await world.person('Bob'), await world.person(CYRILLIC_BOB)]
    for (const person of [bob, eve]) await world.pair(ann, person)
    await ann.messenger.verify('Bob', true)
    assert.equal(ann.messenger.contact('Bob').lookalike, undefined)
    assert.equal(ann.messenger.contact(CYRILLIC_BOB).lookalike, 'Bob')
    await ann.messenger.verify(CYRILLIC_BOB, true)
    assert.deepEqual([ann.messenger.contact(CYRILLIC_BOB).lookalike, ann.messenger.contact(CYRILLIC_BOB).mixedScript], [undefined, undefined])
    await ann.messenger.verify('Bob', false)
    await ann.messenger.block(CYRILLIC_BOB)
    assert.equal(ann.messenger.contact('Bob').lookalike, undefined)
  })
})
