import assert from 'node:assert/strict'
import { clothOf, initialOf } from '../../../src/web/design/patches.ts'
import { fileName } from '../../../src/web/state/file-name.ts'
import { kindOf, plainLink } from '../../../src/web/state/links.ts'
import { isShowable, square, whole } from '../../../src/web/state/picture-sizes.ts'
import { addressOf, inChannel, placeOf } from '../../../src/web/state/place.ts'
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

  it('may be in a channel, about which the address says nothing', () => {
    const place = { at: 'channel-compose', id: 'a'.repeat(52), post: 'ab'.repeat(32) } as const
    assert.equal(addressOf(place), '#/channel-compose')
    assert.deepEqual(placeOf('#/channel-compose', place), place)
    assert.deepEqual(placeOf('#/channel-proof', { at: 'channel-proof' }), { at: 'inbox' })
    assert.deepEqual(placeOf('#/channel-words', { at: 'channel', id: 'a' }), { at: 'inbox' })
    assert.deepEqual(placeOf('#/follow', null), { at: 'follow' })
    assert.deepEqual([inChannel(place), inChannel({ at: 'follow' })], [true, false])
  })

  it('is the inbox when the history knows nothing that fits', () => {
    assert.deepEqual(placeOf('#/talk', null), { at: 'inbox' })
    assert.deepEqual(placeOf('#/talk', { at: 'talk' }), { at: 'inbox' })
    assert.deepEqual(placeOf('#/share', null), { at: 'inbox' })
    assert.deepEqual(placeOf('#/share', { at: 'share', id: 'x' }), { at: 'share', id: 'x' })
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

describe('what comes from strangers and goes to the browser', () => {
  it('names no file as somebody else wishes (attack 94)', () => {
    assert.equal(fileName('Seoul Bakery', 'ics'), 'Seoul-Bakery.ics')
    assert.equal(fileName('서울 빵집', 'svg'), '서울-빵집.svg')
    assert.equal(fileName('../../.bashrc', 'ics'), 'bashrc.ics')
    assert.equal(fileName('con\u202egpj.exe', 'ics'), 'con-gpj-exe.ics')
    for (const name of ['', '...', '/', '\u0000']) assert.equal(fileName(name, 'ics'), 'dure.ics')
    assert.ok(fileName('𝒜'.repeat(1_000), 'ics').length <= 64 && fileName(`a${'𝒜'.repeat(100)}`, 'ics').isWellFormed())
  })

  it('opens no picture that would fill the memory, however small its file is', () => {
    assert.equal(isShowable({ width: 4_000, height: 3_000 }), true)
    assert.equal(isShowable({ width: 65_535, height: 65_535 }), false)
    assert.equal(isShowable({ width: 0, height: 10 }), false)
  })

  it('makes pictures smaller and never larger, and a logo square', () => {
    assert.deepEqual(whole(4_096, 1_024), { x: 0, y: 0, width: 4_096, height: 1_024, drawnWidth: 2_048, drawnHeight: 512 })
    assert.deepEqual(whole(30, 20), { x: 0, y: 0, width: 30, height: 20, drawnWidth: 30, drawnHeight: 20 })
    assert.deepEqual(whole(100_000, 1), { x: 0, y: 0, width: 100_000, height: 1, drawnWidth: 2_048, drawnHeight: 1 })
    assert.deepEqual(square(300, 100), { x: 100, y: 0, width: 100, height: 100, drawnWidth: 512, drawnHeight: 512 })
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
