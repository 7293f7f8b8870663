import assert from 'node:assert/strict'
import { isLarge, partsOf, rowsOf } from '../../../src/web/state/bubbles.ts'
import { messageOf } from './support.ts'

describe('how messages stand in a conversation', () => {
  const noon = new Date(2026, 10, 21, 12).getTime()
  const MINUTE = 60_000
  const at = (minutes: number, changed: Parameters<typeof messageOf>[0] = {}) => messageOf({ id: String(minutes), at: noon + minutes * MINUTE, ...changed })

  it('sets days apart, and keeps together what one person says in a few minutes', () => {
    const rows = rowsOf([at(0), at(1), at(2, { direction: 'out' }), at(30, { direction: 'out' }), at(24 * 60)])
    assert.deepEqual(
      rows.map((row) => (row.row === 'bubble' ? [row.message.id, row.first, row.last] : row.row)),
      ['day', ['0', true, false], ['1', false, true], ['2', true, true], ['30', true, true], 'day', ['1440', true, true]],
    )
  })

  it('shows where the unread ones begin, once, and notices on their own', () => {
    const rows = rowsOf([at(0), at(1), at(2, { kind: 'notice', text: 'timer' }), at(3)], '1')
    assert.deepEqual(rows.map(({ row }) => row), ['day', 'bubble', 'unread', 'bubble', 'notice', 'bubble'])
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length)
  })

  it('hands on what stays as it is, so that the page need not look at it again', () => {
    const [one, two] = [at(0), at(30)]
    const shown = rowsOf([one, two])
    const rows = rowsOf([one, two, at(31)], undefined, shown)
    assert.equal(rows[0], shown[0])
    assert.equal(rows[1], shown[1])
    assert.notEqual(rows[2], shown[2], 'it is not the last of its kind any more')
    assert.notEqual(rowsOf([{ ...one, text: 'said differently' }, two], undefined, shown)[1], shown[1])
  })

  it('shows an emoji or three large, and nothing else', () => {
    for (const text of ['👍', '❤️', '👨‍👩‍👧‍👦', '🇰🇷 🇯🇵', '😀😀😀']) assert.ok(isLarge(text), text)
    for (const text of ['', 'hi', '1', '©', '😀!', '😀😀😀😀', ' ', '🏴'.repeat(40)]) assert.ok(!isLarge(text), text)
  })

  it('makes links of web addresses and of nothing else (attack 96)', () => {
    assert.deepEqual(partsOf('see https://example.org/a?b=1), yes'), [{ text: 'see ' }, { link: 'https://example.org/a?b=1' }, { text: '), yes' }])
    assert.deepEqual(partsOf('no link'), [{ text: 'no link' }])
    assert.deepEqual(partsOf(''), [{ text: '' }])
    const tricks = ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'https://bank.example@evil.example/', 'http://', 'xhttps:/one', 'dure:ABC', '//evil.example']
    for (const text of tricks) assert.deepEqual(partsOf(text), [{ text }], text)
  })

  it('lets no mark that turns writing around into a link (attack 95)', () => {
    for (const mark of ['\u202e', '\u2066', '\u200f', '\u200b']) {
      const [first] = partsOf(`https://example.org/${mark}gpj.exe`)
      assert.deepEqual(first, { link: 'https://example.org/' })
    }
  })

  it('loses no character of a text', () => {
    const text = 'a https://x.example, b\nhttp://y.example/ö한 c https://z.example.'
    assert.equal(partsOf(text).map((part) => ('link' in part ? part.link : part.text)).join(''), text)
  })
})
