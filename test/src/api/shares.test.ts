import assert from 'node:assert/strict'
import { createShares, MAX_SHARED_TEXT, MAX_SHARED_URL, SHARE_LIFETIME_MS } from '../../../src/api/shares.ts'

describe('what is handed over to be sent', () => {
  const shares = createShares(() => 0)
  const refusal = (given: { text?: string; url?: string }): unknown => {
    try {
      return shares.put(given).url
    } catch (error) {
      return (error as { code: unknown }).code
    }
  }

  it('is kept under an id nobody guesses, with the host its address leads to', () => {
    const share = shares.put({ text: ' Fresh bread\r\nfrom 8 ', url: 'https://bakery.example/today?loaf=rye#top' })
    assert.match(share.id, /^[\w-]{32}$/)
    assert.equal(share.path, `/#share=${share.id}`)
    assert.deepEqual(shares.get(share.id), { ...share, ends: SHARE_LIFETIME_MS })
    assert.deepEqual([share.text, share.host, share.suspicious], ['Fresh bread\nfrom 8', 'bakery.example', false])
  })

  it('is an address of the web or a text; nothing that runs, reads or names a user', () => {
    const hostile = [
      'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', ' \u0001javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'vbscript:x',
      'file:///etc/passwd', 'blob:https://bakery.example/1', 'about:blank', 'ftp://bakery.example', 'web+dure:share?text=x', 'DURE:ABC', 'bakery.example', '//bakery.example', 'https://', 'https://%',
      'https://bank.example@evil.example/', 'https://bank.example:x@evil.example/',
    ]
    for (const url of hostile) assert.equal(refusal({ text: 'x', url }), 'share-address', url)
    for (const given of [{}, { text: '' }, { text: ' \n', url: '' }, { text: '\u0000\u001b' }]) assert.equal(refusal(given), 'share-empty')
  })

  it('shows a host as the network has it, and says when its letters could be taken for others (attack 95)', () => {
    const seen = (url: string): unknown => {
      const { host, suspicious } = shares.put({ url })
      return [host, suspicious]
    }
    assert.deepEqual(seen('https://\u0430pple.com/'), ['xn--pple-43d.com', true])
    assert.deepEqual(seen('https://한국.kr/'), ['xn--3e0b707e.kr', false])
    assert.equal(refusal({ url: 'https://moc.elpmaxe\u202e.example/' }), 'share-address')
    assert.deepEqual(seen('http://127.0.0.1:3873/'), ['127.0.0.1:3873', false])
    assert.deepEqual(seen('http://[::1]:80/'), ['[::1]', false])
  })

  it('says which limit it breaks', () => {
    assert.equal(refusal({ text: 'x'.repeat(MAX_SHARED_TEXT + 1) }), 'share-too-long')
    assert.equal(refusal({ url: `https://bakery.example/${'x'.repeat(MAX_SHARED_URL)}` }), 'share-too-long')
    assert.equal(shares.put({ text: 'x'.repeat(MAX_SHARED_TEXT) }).text.length, MAX_SHARED_TEXT)
  })

  it('loses what a terminal obeys and half of a letter, and keeps the rest as it is', () => {
    assert.equal(shares.put({ text: 'a\u001b[31m\u0000b\tc\n<script>\ud800' }).text, 'a[31mb\tc\n<script>\ufffd')
  })

  it('is gone after ten minutes, and when sixteen more were begun', () => {
    let now = 0
    const kept = createShares(() => now)
    const first = kept.put({ text: 'first' })
    now = SHARE_LIFETIME_MS
    assert.equal(kept.get(first.id).text, 'first')
    now++
    assert.throws(() => kept.get(first.id), { code: 'not-found' })
    const second = kept.put({ text: 'second' })
    for (let n = 0; n < 16; n++) kept.put({ text: `${n}` })
    assert.throws(() => kept.get(second.id), { code: 'not-found' })
  })
})
