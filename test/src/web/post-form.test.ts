import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bodyOf, dayField, draftOf, emptyForm, emptyOffer, formOf, formOfDraft, momentField, type PostForm } from '../../../src/web/state/post-form.ts'
import { postOf } from './support.ts'

const form = (changed: Partial<PostForm>): PostForm => ({ ...emptyForm(), ...changed })
const fault = (changed: Partial<PostForm>): string | undefined => {
  const made = bodyOf(form(changed), 0)
  return 'fault' in made ? made.fault : undefined
}

describe('a post that is being written', () => {
  it('is refused by name before anything is sent', () => {
    assert.equal(fault({}), 'faultEmpty')
    assert.equal(fault({ text: ' \n', links: '\n' }), 'faultEmpty')
    assert.equal(fault({ text: 'x', links: 'javascript:alert(1)' }), 'faultLink')
    assert.equal(fault({ event: { start: '', end: '', place: 'Mapo' } }), 'faultEvent')
    assert.equal(fault({ event: { start: '2026-12-24T18:00', end: '2026-12-24T17:59', place: '' } }), 'faultEvent')
    assert.equal(fault({ offer: emptyOffer() }), 'faultOffer')
    assert.equal(fault({ offer: { from: '2026-12-24', until: '2026-12-23', terms: '' } }), 'faultOffer')
    assert.equal(fault({ text: 'x', links: 'https://bakery.example/\n\ndure:ABC' }), undefined)
  })

  it('needs no word when it has a picture', () => {
    assert.ok('body' in bodyOf(emptyForm(), 1))
  })

  it('counts the last day of an offer, and an event without an end as one that takes no time', () => {
    const made = bodyOf(form({ event: { start: '2026-12-24T18:00', end: '', place: ' Mapo 12 ' }, offer: { from: '2026-12-24', until: '2026-12-24', terms: ' one ' } }), 0)
    assert.ok('body' in made)
    const start = new Date(2026, 11, 24, 18).getTime()
    assert.deepEqual(made.body.event, { start, end: start, place: 'Mapo 12' })
    assert.deepEqual(made.body.offer, { from: new Date(2026, 11, 24).getTime(), until: new Date(2026, 11, 24, 23, 59, 59).getTime(), terms: 'one' })
  })

  it('comes back from a post as it was typed, to the minute', () => {
    const day = new Date(2026, 11, 24, 18, 30).getTime()
    const post = postOf({ title: 'Open night', text: 'come', links: ['https://a.example/', 'https://b.example/'], event: { start: day, end: day, place: 'Mapo' }, offer: { from: day, until: day, terms: 't', state: 'valid' } })
    assert.deepEqual(formOf(post), {
      title: 'Open night', text: 'come', links: 'https://a.example/\nhttps://b.example/',
      event: { start: '2026-12-24T18:30', end: '2026-12-24T18:30', place: 'Mapo' }, offer: { from: '2026-12-24', until: '2026-12-24', terms: 't' },
    })
    assert.deepEqual([momentField(9e18), dayField(Number.NaN)], ['', '']) // a stranger wrote the time
  })

  it('is a draft of which nothing is lost, and none when nothing stands in it', () => {
    assert.equal(draftOf(emptyForm()), '')
    const text = fc.string({ unit: 'grapheme' })
    const event = fc.option(fc.record({ start: text, end: text, place: text }), { nil: undefined })
    const offer = fc.option(fc.record({ from: text, until: text, terms: text }), { nil: undefined })
    fc.assert(
      fc.property(fc.record({ title: text, text: text.map((each) => `x${each}`), links: text, event, offer }), (written) => {
        assert.deepEqual(structuredClone(formOfDraft(draftOf(written))), structuredClone(written))
      }),
    )
  })

  it('begins empty when the draft is of another kind', () => {
    for (const draft of ['', 'hello', 'null', '[]', '3', '{"title":4,"event":"x","offer":null}']) assert.deepEqual(formOfDraft(draft), emptyForm(), draft)
    assert.deepEqual(formOfDraft('{"event":{"start":"2026-12-24T18:00","more":1}}').event, { start: '2026-12-24T18:00', end: '', place: '' })
  })
})
