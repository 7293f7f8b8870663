import assert from 'node:assert/strict'
import fc from 'fast-check'
import { suspiciousDomain } from '../../../protocols/lookalike/index.ts'
import { decodePunycode } from '../../../protocols/lookalike/punycode.ts'

describe('a domain made to be taken for another (attack 95)', () => {
  const suspicions: [string, string | undefined][] = [
    ['example.com', undefined],
    ['EXAMPLE.com.', undefined],
    ['_dnslink.example.com', undefined],
    ['bücher.de', undefined],
    ['xn--bcher-kva.de', undefined],
    ['россия.com', undefined],
    ['почта.рф', undefined],
    ['сор.рф', undefined],
    ['例え.テスト', undefined],
    ['한국.kr', undefined],
    ['аррӏе.com', 'looks-like-ascii'],
    ['xn--80ak6aa92e.com', 'looks-like-ascii'],
    ['XN--80AK6AA92E.com', 'looks-like-ascii'],
    ['shop.аррӏе.com', 'looks-like-ascii'],
    ['аррӏе。com', 'looks-like-ascii'],
    ['ｅxample.com', 'looks-like-ascii'],
    ['pаypal.com', 'mixed-script'],
    ['xn--pypal-4ve.com', 'mixed-script'],
    ['example.com⁄login.net', 'sign'],
    ['exam\u200dple.com', 'sign'],
    ['two words.com', 'sign'],
    ['i❤.ws', 'sign'],
    ['', 'malformed'],
    ['.', 'malformed'],
    ['a..b', 'malformed'],
    ['xn--.com', 'malformed'],
    ['xn--abc-.com', 'malformed'],
    ['xn--99999999.com', 'malformed'],
    [`${'a.'.repeat(200)}com`, 'malformed'],
  ]
  for (const [domain, suspicion] of suspicions) {
    it(`${JSON.stringify(domain.slice(0, 40))} is ${suspicion ?? 'what it looks like'}`, () => assert.equal(suspiciousDomain(domain), suspicion))
  }

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void suspiciousDomain(text)))
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9-]{0,40}$/), (text) => void suspiciousDomain(`xn--${text}.com`)))
  })
})

describe('Punycode', () => {
  it('decodes the samples of RFC 3492', () => {
    const samples: [string, string][] = [
      ['egbpdaj6bu4bxfgehfvwxn', 'ليهمابتكلموشعربي؟'],
      ['ihqwcrb4cv8a8dqg056pqjye', '他们为什么不说中文'],
      ['Proprostnemluvesky-uyb24dma41a', 'Pročprostěnemluvíčesky'],
      ['4dbcagdahymbxekheh6e0a7fei0b', 'למההםפשוטלאמדבריםעברית'],
      ['989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c', '세계의모든사람들이한국어를이해한다면얼마나좋을까'],
      ['b1abfaaepdrnnbgefbadotcwatmq2g4l', 'почемужеонинеговорятпорусски'],
      ['3B-ww4c5e180e575a65lsy2b', '3年B組金八先生'],
      ['-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n', '安室奈美恵-with-SUPER-MONKEYS'],
      ['d9juau41awczczp', 'そのスピードで'],
    ]
    for (const [encoded, text] of samples) assert.equal(decodePunycode(encoded), text)
    assert.equal(decodePunycode('-> $1.00 <--'), '-> $1.00 <-')
  })

  it('is refused where it ends too early, has foreign signs, or means no letter', () => {
    for (const wrong of ['ü-kva', 'a!', 'zzzz', '99999999', 'bcher-kv']) assert.equal(decodePunycode(wrong), undefined, wrong)
  })
})
