import assert from 'node:assert/strict'
import fc from 'fast-check'
import { channelText, DomainError, isDomain, MAX_DOMAIN_CHANNELS, MAX_WELL_KNOWN, parseWellKnown, wellKnownText } from '../../../protocols/channel/index.ts'

const ID = new Uint8Array(32).fill(5)
const NAME = channelText(ID)

describe('the file of a domain', () => {
  it('names channels, and is read as it was written', () => {
    assert.equal(wellKnownText([ID]), `{\n  "dure": 1,\n  "channels": [\n    "${NAME}"\n  ]\n}\n`)
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: MAX_DOMAIN_CHANNELS, size: 'max' }), (ids) => {
        const text = wellKnownText(ids)
        assert.ok(text.length <= MAX_WELL_KNOWN)
        assert.deepEqual(parseWellKnown(text), ids)
      }),
    )
  })

  it('may say more than we know of', () => {
    assert.deepEqual(parseWellKnown(`\r\n{"comment":{"by":["us"]},"channels":["${NAME}"],"dure":1}`), [ID])
  })

  const refused: [string, string, DomainError['code']][] = [
    ['nothing', '', 'malformed'],
    ['a page that says not found', '<!doctype html><title>404</title>', 'malformed'],
    ['no object', '[1]', 'malformed'],
    ['null', 'null', 'malformed'],
    ['no version', `{"channels":["${NAME}"]}`, 'malformed'],
    ['the version as text', `{"dure":"1","channels":["${NAME}"]}`, 'malformed'],
    ['a newer version', `{"dure":2,"channels":["${NAME}"]}`, 'newer-version'],
    ['no channels', '{"dure":1}', 'malformed'],
    ['channels that are no list', `{"dure":1,"channels":"${NAME}"}`, 'malformed'],
    ['channels that only look like a list', `{"dure":1,"channels":{"0":"${NAME}","length":1}}`, 'malformed'],
    ['a channel in upper case', `{"dure":1,"channels":["${NAME.toUpperCase()}"]}`, 'malformed'],
    ['a channel that is none', `{"dure":1,"channels":["${NAME}","example"]}`, 'malformed'],
    ['a channel that is a number', '{"dure":1,"channels":[1]}', 'malformed'],
    ['something behind it', `{"dure":1,"channels":["${NAME}"]}{}`, 'malformed'],
    ['depth', '['.repeat(MAX_WELL_KNOWN), 'malformed'],
    ['65 channels', JSON.stringify({ dure: 1, channels: Array.from({ length: 65 }, () => NAME) }), 'too-large'],
    ['blanks without end', ' '.repeat(MAX_WELL_KNOWN + 1), 'too-large'],
  ]
  for (const [name, text, code] of refused) it(`is refused: ${name}`, () => assert.throws(() => parseWellKnown(text), { name: 'DomainError', code }))

  it('is not made of more channels than are read', () => {
    assert.throws(() => wellKnownText(Array.from({ length: MAX_DOMAIN_CHANNELS + 1 }, () => ID)), { name: 'DomainError', code: 'too-large' })
  })

  it('is never refused otherwise, whatever it says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.jsonValue().map((value) => JSON.stringify({ dure: 1, channels: value })), fc.array(fc.jsonValue()).map((channels) => JSON.stringify({ dure: 1, channels }))), (text) => {
        try {
          parseWellKnown(text)
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error))
        }
      }),
    )
  })
})

describe('a domain name', () => {
  it('is labels of ASCII in lower case, the last of them no number', () => {
    for (const name of ['example.com', 'a.bc', 'xn--bcher-kva.example', 'shop-1.example.co.kr', `${'a'.repeat(63)}.example`]) assert.ok(isDomain(name), name)
    const wrong = ['', 'localhost', 'Example.com', 'bücher.example', 'example.com.', '.example.com', 'a..b', '-a.com', 'a-.com', '192.0.2.7', '1.2', '[::1]', 'a b.com', 'a.com/x', 'a.com:8443', 'user@a.com', `${'a'.repeat(64)}.com`, `${'a.'.repeat(126)}bc`, 'a.com\n']
    for (const name of wrong) assert.ok(!isDomain(name), name)
  })
})
