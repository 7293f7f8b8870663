import assert from 'node:assert/strict'
import { History } from './history.ts'

describe('the history of what was said', () => {
  let history: History
  beforeEach(() => {
    history = new History()
    for (const text of ['one', 'two', 'three']) history.tried('way', text)
    history.acknowledged('way', 'two')
  })

  it('asks for what was acknowledged, and lets be what nobody was told of', () => {
    history.settled('way', ['two'])
    history.settled('way', ['one', 'two', 'three'])
    assert.deepEqual(history.missing('way', ['one', 'three']), ['two'])
    assert.throws(() => history.settled('way', ['one', 'three']), /lost/)
  })

  it('does not let vanish what was shown once', () => {
    history.shown('way', ['one'])
    assert.throws(() => history.settled('way', ['two']), /lost/)
  })

  it('sees what is shown twice, too early, or was never said', () => {
    assert.throws(() => history.shown('way', ['one', 'one']), /twice/)
    assert.throws(() => history.shown('way', ['one', 'two', 'one']), /after what was said later/)
    assert.throws(() => history.shown('way', ['two', 'one']), /after what was said later/)
    assert.throws(() => history.shown('way', ['four']), /never said/)
  })

  it('lets a message only move on', () => {
    for (const state of ['queued', 'mailbox', 'delivered', 'delivered', 'read']) history.state('id', state)
    assert.throws(() => history.state('id', 'sent'), /was read is sent again/)
    assert.throws(() => history.state('other', 'held'), /is held/)
  })
})
