import assert from 'node:assert/strict'
import fc from 'fast-check'
import { inert, inertJson, inertLine, inertName, isolated } from '../../../src/cli/inert.ts'

// biome-ignore format: one case a line
const HARMLESS = ['hello', 'naïve café', '안녕하세요', '日本語', 'مرحبا', 'שלום', '👍🏽', '👩‍👩‍👧‍👦', '🇰🇷', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'می‌خواهم', 'क्षि', 'e\u0301', 'ก็', 'two\nlines']

const HARMFUL: readonly [what: string, text: string, shown: string][] = [
  ['colours', 'a\x1b[31mb', 'a␛[31mb'],
  ['the title of the window', '\x1b]0;pwned\x07', '␛]0;pwned␇'],
  ['a C1 sequence', 'a\u009b31mb', 'a\ufffd31mb'],
  ['a return over the line', 'real\rfake', 'real\nfake'],
  ['backspaces', 'a\b\bb', 'a␈␈b'],
  ['a null', 'a\0b', 'a␀b'],
  ['delete', 'a\x7fb', 'a␡b'],
  ['a tab', 'a\tb', 'a    b'],
  ['an override', 'txt.\u202egpj.exe', 'txt.gpj.exe'],
  ['isolates left open', '\u2066\u2067\u2068a', 'a'],
  ['directional marks', 'a\u200e\u200f\u061cb', 'ab'],
  ['line and paragraph separators', 'a\u2028b\u2029c\u0085d', 'a\nb\nc\nd'],
  ['invisible tags', 'a\u{e0041}\u{e0042}b', 'ab'],
  ['a byte order mark', '\ufeffa', 'a'],
  ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
  ['a tower of marks', `a${'\u0301'.repeat(100)}b`, `a${'\u0301'.repeat(8)}b`],
]

describe('text of others in the terminal', () => {
  for (const text of HARMLESS) {
    it(`leaves ${JSON.stringify(text)} as it is`, () => {
      assert.equal(inert(text), text)
    })
  }
  for (const [what, text, shown] of HARMFUL) {
    it(`takes the power from ${what} (attack 95)`, () => {
      assert.equal(inert(text), shown)
    })
  }

  it('never lets a control or a reordering character through, whatever comes (attack 95)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(inert(text), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        assert.doesNotMatch(inertLine(text), /\n/)
        assert.equal(inert(inert(text)), inert(text))
      }),
    )
  })

  it('cuts an endless name at a grapheme, and quickly (attack 95)', () => {
    const started = performance.now()
    const name = inertName('👩‍👩‍👧‍👦'.repeat(10_000))
    assert.ok(performance.now() - started < 500)
    assert.equal(name, `${'👩‍👩‍👧‍👦'.repeat(47)}…`)
  })

  it('shows that a name is empty', () => {
    for (const name of ['', '   ', '\u3164\u3164', '\u200b\u200d', '\u2800', '\n\t']) assert.equal(inertName(name), '(no name)')
    assert.equal(inertName(' Ana\n Kim '), 'Ana Kim')
  })

  it('keeps right-to-left text to itself', () => {
    assert.equal(isolated('hello'), 'hello')
    assert.equal(isolated('שלום 12:30'), '\u2068שלום 12:30\u2069')
  })

  it('writes JSON that says the same and does nothing to a terminal (attack 95)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = inertJson({ text })
        assert.doesNotMatch(json, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        assert.equal(JSON.parse(json).text, text)
      }),
    )
  })
})
