import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Certificate,
  decodeCertificate,
  decodeEdit,
  decodeGenesis,
  decodeManifest,
  decodePost,
  decodeRevocation,
  decodeRotation,
  decodeWithdrawal,
  encodeCertificate,
  encodeEdit,
  encodeGenesis,
  encodeManifest,
  encodePost,
  encodeRevocation,
  encodeRotation,
  encodeWithdrawal,
  FieldError,
  type Manifest,
  type MediaRef,
  type Post,
  SCOPE,
  scopeOf,
} from '../../../protocols/channel/index.ts'
import { concat, u32, u64, utf8 } from '../../../protocols/suite/index.ts'
import { manifestOf, postOf } from './people.ts'

/** Plain objects, as decoders make them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> => fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const text = (most: number): fc.Arbitrary<string> => fc.string({ unit: 'grapheme', maxLength: 40, size: 'max' }).filter((each) => utf8(each).length <= most)
const line = (most: number): fc.Arbitrary<string> => text(most).filter((each) => !/\p{Cc}/u.test(each))
const link = fc.webUrl().filter((url) => /^[\x21-\x7e]*$/.test(url))
const media: fc.Arbitrary<MediaRef> = record({
  hash,
  size: fc.integer({ min: 1, max: 10 * 1024 * 1024 }),
  type: fc.constantFrom('png', 'jpeg', 'webp', 'gif'),
  width: fc.integer({ min: 1, max: 65_535 }),
  height: fc.integer({ min: 1, max: 65_535 }),
  alt: line(512),
})
const span = fc.tuple(whole, whole).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
const post: fc.Arbitrary<Post> = record({
    title: line(256),
    text: text(32_768),
    links: fc.array(link, { maxLength: 8 }),
    media: fc.array(media, { maxLength: 8 }),
    event: fc.option(fc.tuple(span, line(512)).map(([[start, end], place]) => ({ start, end, place })), { nil: undefined }),
    offer: fc.option(fc.tuple(span, text(4_096)).map(([[from, until], terms]) => ({ from, until, terms })), { nil: undefined }),
  })
  .filter(({ title, text: said, links, media: pictures, event, offer }) => title !== '' || said !== '' || links.length + pictures.length > 0 || event !== undefined || offer !== undefined)
const manifest: fc.Arbitrary<Manifest> = record({
  name: line(128).filter((name) => name !== ''),
  description: text(4_096),
  logo: fc.option(media, { nil: undefined }),
  languages: fc.array(fc.constantFrom('ko', 'en', 'zh-Hant', 'de-CH-1996'), { maxLength: 16, size: 'max' }),
  region: fc.constantFrom('KR', 'JP', undefined),
  links: fc.array(link, { maxLength: 16, size: 'max' }),
  hours: fc.constantFrom(undefined, 'Mo-Fr 07:00-19:00; PH off'),
  domain: fc.constantFrom(undefined, 'example.com', 'xn--9n2bp8q.example'),
  rate: fc.integer({ min: 1, max: 100_000 }),
})
const certificate: fc.Arbitrary<Certificate> = record({ key: hash, name: line(128).filter((name) => name !== ''), scope: fc.integer({ min: 1, max: 0xffff }), seqs: span, times: span })
  .filter(({ seqs, times }) => seqs[0] < seqs[1] && times[0] < times[1])
  .map(({ seqs: [firstSeq, endSeq], times: [notBefore, notAfter], ...rest }) => ({ ...rest, firstSeq, endSeq, notBefore, notAfter }))
const target = record({ log: hash, seq: whole, id: hash })
const rotation = record({ rootKey: hash, nextRoot: hash })

const field = (tag: number, value: Uint8Array | string): Uint8Array => {
  const bytes = typeof value === 'string' ? utf8(value) : value
  return concat(new Uint8Array([tag]), u32(bytes.length), bytes)
}

/** What is wrong with it, by code and field. */
const wrong = (make: () => unknown): string => {
  try {
    make()
    return 'right'
  } catch (error) {
    if (error instanceof FieldError) return error.tag === undefined ? error.code : `${error.code} ${error.tag}`
    throw error
  }
}

const BODIES: readonly (readonly [string, fc.Arbitrary<unknown>, (value: never) => Uint8Array, (bytes: Uint8Array) => unknown])[] = [
  ['post', post, encodePost, decodePost],
  ['manifest', manifest, encodeManifest, decodeManifest],
  ['genesis', fc.tuple(rotation, manifest).map(([keys, said]) => ({ ...keys, manifest: said })), encodeGenesis, decodeGenesis],
  ['certificate', certificate, encodeCertificate, decodeCertificate],
  ['revocation', record({ log: hash, size: whole, root: hash, reason: line(256) }), encodeRevocation, decodeRevocation],
  ['rotation', rotation, encodeRotation, decodeRotation],
  ['edit', record({ target, post }), encodeEdit, decodeEdit],
  ['withdrawal', record({ target, reason: line(256) }), encodeWithdrawal, decodeWithdrawal],
]

describe('the body of an entry', () => {
  for (const [name, arbitrary, encode, decode] of BODIES) {
    it(`${name}: reads as it was written`, () => {
      fc.assert(fc.property(arbitrary, (said) => assert.deepEqual(decode(encode(said as never)), said)), { numRuns: 60 })
    })

    it(`${name}: has one encoding, whatever is altered (attack 57)`, () => {
      fc.assert(
        fc.property(arbitrary, fc.nat(), fc.nat(255), (said, at, value) => {
          const bytes = encode(said as never)
          const altered = bytes.with(at % bytes.length, value)
          let read: unknown
          try {
            read = decode(altered)
          } catch (error) {
            assert(error instanceof FieldError)
            return
          }
          const again = encode(read as never)
          // What a newer version put there is kept in the bytes, and not said again.
          if (again.length === altered.length) assert.deepEqual(again, altered)
          else assert(again.length < altered.length)
        }),
        { numRuns: 150 },
      )
    })

    it(`${name}: ignores fields of a newer version, in their place`, () => {
      fc.assert(
        fc.property(arbitrary, (said) => {
          const bytes = encode(said as never)
          assert.deepEqual(decode(concat(bytes, field(200, 'new'), field(200, 'again'))), said)
          assert.match(wrong(() => decode(concat(field(200, 'new'), bytes))), /^non-canonical/)
        }),
        { numRuns: 10 },
      )
    })

    it(`${name}: is refused when it is cut`, () => {
      const [said] = fc.sample(arbitrary, { numRuns: 1, seed: 4 })
      const bytes = encode(said as never)
      for (let length = 0; length < bytes.length; length++) {
        const code = wrong(() => assert.notDeepEqual(decode(bytes.slice(0, length)), said))
        assert.match(code, /^(body.*|right)$/) // right: a field less, which need not be there
      }
    })
  }

  it('says of a post what is wrong with it', () => {
    const encoded = (changed: Partial<Post>) => (): unknown => encodePost(postOf('text', changed))
    const fixed = new Uint8Array(32)
    const picture: MediaRef = { hash: fixed, size: 1, type: 'png', width: 1, height: 1, alt: '' }
    assert.equal(wrong(() => encodePost(postOf(''))), 'body')
    assert.equal(wrong(() => decodePost(new Uint8Array(0))), 'body')
    assert.equal(wrong(() => decodePost(field(200, 'only what is new'))), 'body')
    assert.equal(wrong(() => decodePost(field(2, ''))), 'body 2')
    assert.equal(wrong(encoded({ title: 'two\nlines' })), 'body 1')
    assert.equal(wrong(encoded({ title: 'x'.repeat(257) })), 'body 1')
    assert.equal(wrong(encoded({ title: '\ud800' })), 'body 1')
    assert.equal(wrong(() => encodePost(postOf('x'.repeat(32_769)))), 'body 2')
    assert.equal(wrong(encoded({ links: Array.from({ length: 9 }, () => 'https://example.com') })), 'body 3')
    for (const bad of ['ftp://example.com', 'javascript:alert(1)', 'https://', 'https://ex ample.com', 'https://예시.kr', 'https://example.com/\u202e']) {
      assert.equal(wrong(encoded({ links: [bad] })), 'body 3', bad)
    }
    assert.equal(wrong(encoded({ media: Array.from({ length: 9 }, () => picture) })), 'body 4')
    for (const bad of [{ size: 0 }, { size: 10 * 1024 * 1024 + 1 }, { width: 0 }, { height: 65_536 }, { alt: 'a\u0007' }, { hash: fixed.slice(1) }] as Partial<MediaRef>[]) {
      assert.equal(wrong(encoded({ media: [{ ...picture, ...bad }] })), 'body 4')
    }
    assert.equal(wrong(encoded({ media: [{ ...picture, type: 'svg' as 'png' }] })), 'body 4')
    assert.equal(wrong(encoded({ event: { start: 2, end: 1, place: '' } })), 'body 5')
    assert.equal(wrong(encoded({ event: { start: 1, end: 2, place: 'a\tb' } })), 'body 5')
    assert.equal(wrong(encoded({ event: { start: -1, end: 2, place: '' } })), 'body 5')
    assert.equal(wrong(encoded({ offer: { from: 2, until: 1, terms: '' } })), 'body 6')
    assert.equal(wrong(encoded({ offer: { from: 0.5, until: 1, terms: '' } })), 'body 6')
    assert.equal(wrong(() => decodePost(concat(field(2, 'b'), field(1, 'a')))), 'non-canonical 1')
    assert.equal(wrong(() => decodePost(concat(field(2, 'b'), field(2, 'a')))), 'body 2')
  })

  it('says of a manifest what is wrong with it', () => {
    const encoded = (changed: Partial<Manifest>) => (): unknown => encodeManifest(manifestOf(changed))
    assert.equal(wrong(() => decodeManifest(new Uint8Array(0))), 'body 16')
    assert.equal(wrong(encoded({ name: '' })), 'body 16')
    assert.equal(wrong(encoded({ name: 'a\nb' })), 'body 16')
    assert.equal(wrong(encoded({ name: '빵'.repeat(43) })), 'body 16')
    assert.equal(wrong(encoded({ description: 'x'.repeat(4_097) })), 'body 17')
    for (const bad of ['k', 'ko_KR', 'ko-', '한국어', 'x'.repeat(36)]) assert.equal(wrong(encoded({ languages: [bad] })), 'body 19', bad)
    assert.equal(wrong(encoded({ languages: Array.from({ length: 17 }, () => 'ko') })), 'body 19')
    for (const bad of ['kr', 'KOR', 'K']) assert.equal(wrong(encoded({ region: bad })), 'body 20', bad)
    assert.equal(wrong(encoded({ links: ['example.com'] })), 'body 21')
    assert.equal(wrong(encoded({ hours: 'a\nb' })), 'body 22')
    for (const bad of ['Example.com', 'example', 'example.com.', '-a.com', 'a..b', '예시.kr', '1.2.3.4']) assert.equal(wrong(encoded({ domain: bad })), 'body 23', bad)
    assert.equal(wrong(encoded({ rate: 0 })), 'body 24')
    assert.equal(wrong(encoded({ rate: 100_001 })), 'body 24')
    assert.equal(wrong(() => decodeManifest(concat(field(16, 'a'), field(24, u32(50))))), 'non-canonical 24')
    assert.equal(decodeManifest(field(16, 'a')).rate, 50)
  })

  it('says of a certificate what is wrong with it', () => {
    const good: Certificate = { key: new Uint8Array(32), name: 'Kim', scope: SCOPE.text, firstSeq: 0, endSeq: 1, notBefore: 0, notAfter: 1 }
    const encoded = (changed: Partial<Certificate>): string => wrong(() => encodeCertificate({ ...good, ...changed }))
    assert.equal(encoded({}), 'right')
    assert.equal(encoded({ key: new Uint8Array(31) }), 'body 1')
    assert.equal(encoded({ name: '' }), 'body 2')
    assert.equal(encoded({ scope: 0 }), 'body 3')
    assert.equal(encoded({ scope: 0x1_0000 }), 'body 3')
    assert.equal(encoded({ endSeq: 0 }), 'body 5')
    assert.equal(encoded({ notAfter: 0 }), 'body 7')
    assert.equal(wrong(() => decodeCertificate(field(1, new Uint8Array(32)))), 'body 2')
  })

  it('says of a target what is wrong with it', () => {
    const about = { log: new Uint8Array(32), seq: 1, id: new Uint8Array(32) }
    assert.equal(wrong(() => decodeWithdrawal(field(1, concat(about.log, u64(1))))), 'body 1')
    assert.equal(wrong(() => decodeWithdrawal(concat(field(1, concat(about.log, new Uint8Array(8).fill(0xff), about.id))))), 'body 1')
    assert.equal(wrong(() => encodeWithdrawal({ target: about, reason: 'x'.repeat(257) })), 'body 2')
    assert.equal(wrong(() => encodeEdit({ target: about, post: postOf('') })), 'body')
  })

  it('needs the scope for what it carries, and that of a text for nothing else', () => {
    const zeros = new Uint8Array(32)
    const picture: MediaRef = { hash: zeros, size: 1, type: 'png', width: 1, height: 1, alt: '' }
    assert.equal(scopeOf(postOf('x')), SCOPE.text)
    assert.equal(scopeOf(postOf('x', { media: [picture] })), SCOPE.pictures)
    assert.equal(scopeOf(postOf('x', { event: { start: 1, end: 1, place: '' }, offer: { from: 1, until: 1, terms: '' } })), SCOPE.events | SCOPE.offers)
  })
})
