import assert from 'node:assert/strict'
import { decodeChannel, decodeLog, encodeChannel, encodeLog, encodeManifest, freeze, checkEvidence, forkProof, credentialsFor, KIND, logIdOf, StateError } from '../../../protocols/channel/index.ts'
import { noble } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { Brand, copy, keyOf, manifestOf, post } from './people.ts'

const suite = openssl

/** With everything a channel can have: rotations, a revocation, a fork, a frozen root. */
function eventful(): Brand {
  const brand = new Brand(suite)
  const authors = [1, 2, 3].map((seed) => ({ key: keyOf(suite, seed), certificate: brand.certify(keyOf(suite, seed)).id }))
  for (const author of authors) for (let i = 0; i < 5; i++) brand.write(author, post(`${i}`))
  brand.rotate()
  const manifest = { name: '서울 빵집', description: 'a\nb', languages: ['ko'], links: ['https://example.com/'], hours: 'Mo-Fr 07:00-19:00', domain: 'example.com', rate: 7 }
  brand.write(brand.root, { kind: KIND.manifest, body: encodeManifest(manifestOf({ ...manifest, logo: { hash: new Uint8Array(32), size: 9, type: 'webp', width: 3, height: 4, alt: '빵' } })) })
  brand.revoke(logIdOf(suite, brand.log, authors[0]!.key.publicKey), 5)
  const clone = copy(brand)
  const a = brand.write(authors[1]!, post('here'))
  const b = clone.write(authors[1]!, post('there'))
  const credentials = credentialsFor(brand.channel, a, b).map((seq) => brand.of(brand.log)[seq]!.bytes)
  brand.channel = freeze(brand.channel, checkEvidence(suite, forkProof(suite, credentials, a, b)))!
  brand.channel = { ...brand.channel, frozen: 99 }
  return brand
}

const logsOf = ({ channel }: Brand): Uint8Array[] => [...channel.logs.values()].map(encodeLog)

describe('the stored form of a channel', () => {
  it('gives back the channel', () => {
    const brand = eventful()
    assert.equal(brand.channel.cuts.size, 1)
    assert.equal(brand.channel.forks.size, 1)
    for (const engine of [openssl, noble]) assert.deepEqual(decodeChannel(engine, encodeChannel(brand.channel), logsOf(brand)), brand.channel)
    const fresh = new Brand(suite)
    assert.deepEqual(decodeChannel(suite, encodeChannel(fresh.channel), []), fresh.channel)
  })

  it('lets a log begin again whose state is not there, and passes over one nobody is certified for', () => {
    const brand = new Brand(suite)
    const certificate = brand.certify(keyOf(suite, 1)).id
    const before = brand.channel
    brand.write({ key: keyOf(suite, 1), certificate }, post('x'))
    assert.deepEqual(decodeChannel(suite, encodeChannel(brand.channel), []), before)
    const fresh = new Brand(suite)
    assert.deepEqual(decodeChannel(suite, encodeChannel(fresh.channel), logsOf(brand)), fresh.channel)
  })

  it('is refused when it is cut, longer, of a newer version or of another channel', () => {
    const brand = eventful()
    const bytes = encodeChannel(brand.channel)
    const code = (expected: string) => (error: unknown) => error instanceof StateError && error.code === expected
    for (let length = 0; length < bytes.length; length += 7) assert.throws(() => decodeChannel(suite, bytes.slice(0, length), []), code('malformed'))
    assert.throws(() => decodeChannel(suite, Uint8Array.of(...bytes, 0), []), code('malformed'))
    assert.throws(() => decodeChannel(suite, bytes.with(0, 2), []), code('newer-version'))
    assert.throws(() => decodeChannel(suite, bytes.with(0, 0), []), code('malformed'))
    assert.throws(() => decodeChannel(suite, bytes.with(20, bytes[20]! ^ 1), []), code('malformed'))
    const [log] = logsOf(brand) as [Uint8Array]
    for (let length = 0; length < log.length; length++) assert.throws(() => decodeLog(log.slice(0, length)), code('malformed'))
    assert.throws(() => decodeLog(Uint8Array.of(...log, 0)), code('malformed'))
    assert.throws(() => decodeLog(log.with(0, 2)), code('newer-version'))
  })
})
