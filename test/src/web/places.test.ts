import assert from 'node:assert/strict'
import { clothOf, initialOf } from '../../../src/web/design/patches.ts'
import { kindOf, plainLink } from '../../../src/web/state/links.ts'
import { addressOf, placeOf } from '../../../src/web/state/place.ts'
import { drawnPlaces } from '../../../src/web/views/start/places.ts'
import { sorted } from '../../../src/web/views/inbox/sorted.ts'
import { excerpt } from '../../../src/web/views/search/excerpt.ts'
import { encodeText } from '../../../protocols/pairing/text.ts'

describe('where one is in the page', () => {
  it('is in the address by its kind alone: no contact, no channel, no message (attack 92)', () => {
    const place = { at: 'talk', account: 'ab'.repeat(32), message: 'cd'.repeat(16) } as const
    assert.equal(addressOf(place), '#/talk')
    assert.deepEqual(placeOf('#/talk', place), place)
  })

  it('is the inbox when the history knows nothing that fits', () => {
    assert.deepEqual(placeOf('#/talk', null), { at: 'inbox' })
    assert.deepEqual(placeOf('#/talk', { at: 'talk' }), { at: 'inbox' })
    assert.deepEqual(placeOf('#/nowhere', undefined), { at: 'inbox' })
    assert.deepEqual(placeOf('#/settings', null), { at: 'settings' })
    assert.deepEqual(placeOf('', null), { at: 'inbox' })
  })
})

describe('a link that is brought to the page', () => {
  const link = (kind: number): string => encodeText(Uint8Array.of(1, kind, 9, 9, 9, 9))

  it('shows what it is for', () => {
    assert.equal(kindOf(link(1)), 'contact')
    assert.equal(kindOf(link(3)), 'channel')
    assert.equal(kindOf(link(5)), 'relay')
    assert.equal(kindOf(` web+dure:${link(3).slice(5)}`), 'channel')
    assert.equal(plainLink('web+dure:ABC '), 'DURE:ABC')
  })

  it('never adds a device to an account, and is nothing when it is somebody else’s (attack 35)', () => {
    for (const text of [link(2), link(4), 'https://example.org', 'DURE:', 'DURE:A', 'DURE:1111', '']) assert.equal(kindOf(text), undefined, text)
  })
})

describe('small things people see', () => {
  it('asks for three different words of the phrase, in their order', () => {
    for (let run = 0; run < 200; run++) {
      const places = drawnPlaces(24, crypto.getRandomValues(new Uint32Array(3)))
      assert.equal(new Set(places).size, 3)
      assert.deepEqual(places, [...places].sort((a, b) => a - b))
      assert.ok(places.every((place) => place >= 0 && place < 24))
    }
  })

  it('gives an account the same cloth everywhere, of patches that differ', () => {
    for (let n = 0; n < 500; n++) {
      const { colours: [a, b, c] } = clothOf(`account ${n}`)
      assert.ok(a !== b && b !== c)
      assert.ok([a, b, c].every((colour) => colour >= 1 && colour <= 8))
    }
    assert.deepEqual(clothOf('x'), clothOf('x'))
  })

  it('cuts no letter in two for an initial (attack 95)', () => {
    assert.equal(initialOf('민아'), '민')
    assert.equal(initialOf('👨‍👩‍👧 family'), '👨‍👩‍👧')
    assert.equal(initialOf('  ä'), 'Ä')
    assert.equal(initialOf('   '), '')
    assert.ok(initialOf('e' + '\u0301'.repeat(100_000)).length <= 64)
  })

  it('shows what was found with its surroundings, whole letters only', () => {
    assert.deepEqual(excerpt('Bread from 8', 'BREAD'), { before: '', hit: 'Bread', after: ' from 8' })
    assert.equal(excerpt('nothing like it', 'näh').hit, '')
    const { before, after } = excerpt(`${'😀'.repeat(40)}!needle!${'😀'.repeat(100)}`, 'needle')
    assert.ok(before.isWellFormed() && after.isWellFormed())
  })

  it('keeps people and channels in one order, the newest word first', () => {
    const contact = (name: string, at?: number) => ({ account: name, name, last: at === undefined ? undefined : { at } }) as never
    const channel = (name: string, at: number) => ({ id: name, name, last: { at } }) as never
    assert.deepEqual(sorted([contact('b'), contact('a'), contact('c', 2)], [channel('d', 3)]).map(({ key }) => key), ['d', 'c', 'a', 'b'])
  })
})
