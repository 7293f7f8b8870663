import assert from 'node:assert/strict'
import { formatsOf } from '../../../src/web/words/format.ts'
import { emptyManifest, manifestFormOf, manifestOf, regions } from '../../../src/web/views/channel/manifest-form.ts'

const view = { name: 'Seoul Bakery', description: 'Bread.', languages: ['ko', 'en'], region: undefined, hours: undefined, links: ['https://a.example/'], rate: 50 } as never

describe('what a channel says of itself, as a form', () => {
  it('comes back as it was, with the languages nobody chose here', () => {
    assert.deepEqual(manifestOf(manifestFormOf(view), ['ko', 'en']), {
      name: 'Seoul Bakery', description: 'Bread.', languages: ['ko', 'en'], region: '', hours: '', links: ['https://a.example/'], rate: 50,
    })
    assert.deepEqual(manifestOf({ ...manifestFormOf(view), language: 'en' }, ['ko', 'en']).languages, ['en'])
  })

  it('leaves the rate of a new one to the node', () => {
    assert.equal('rate' in manifestOf(emptyManifest('ko')), false)
  })

  it('offers countries by their names, in the order of the language, and nothing that is none', () => {
    const english = regions(formatsOf('en').region, 'en')
    assert.ok(english.length > 190 && english.length < 300, `${english.length}`)
    assert.deepEqual(english.find(([code]) => code === 'KR'), ['KR', 'South Korea'])
    assert.equal(english.find(([code]) => code === 'ZZ' || code === 'UN'), undefined)
    assert.equal(regions(formatsOf('ko').region, 'ko').find(([code]) => code === 'KR')?.[1], '대한민국')
  })

  it('names languages and countries, and what a stranger made up as it is', () => {
    const { language, region } = formatsOf('en')
    assert.deepEqual([language('ko'), region('KR'), language('not a tag'), region('<script>')], ['Korean', 'South Korea', 'not a tag', '<script>'])
  })
})
