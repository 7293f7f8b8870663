import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { CHUNK, chunkHashes, chunkProof, chunksOf, limits, MediaError, mediaHash, MerkleError, type Picture, sniffType, verifyChunk } from '../../../protocols/channel/index.ts'
import { concat, fromHex, noble, toHex, utf8 } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'

const FILE = path.join(import.meta.dirname, '../../../protocols/channel/vectors-merkle.json')
const vectors = (JSON.parse(readFileSync(FILE, 'utf8')) as { media: { size: number; hash: string; proofs: string[][] }[] }).media
/** As the vectors have it. */
const bytesOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i % 251)
const chunkAt = (bytes: Uint8Array, index: number): Uint8Array => bytes.subarray(index * CHUNK, (index + 1) * CHUNK)

/** What is wrong with a chunk, or 'accepted'. */
function verdict(...args: Parameters<typeof verifyChunk>): string {
  try {
    verifyChunk(...args)
    return 'accepted'
  } catch (error) {
    if (error instanceof MediaError || error instanceof MerkleError) return error.code
    throw error
  }
}

describe('media', () => {
  for (const suite of [noble, openssl]) {
    it(`are named and proven as in the vectors: ${suite.name}`, () => {
      for (const { size, hash, proofs } of vectors) {
        const bytes = bytesOf(size)
        const hashes = chunkHashes(suite, bytes)
        assert.equal(toHex(mediaHash(suite, bytes)), hash)
        assert.equal(chunksOf(size), proofs.length)
        proofs.forEach((proof, index) => {
          assert.deepEqual(chunkProof(suite, hashes, index).map(toHex), proof)
          verifyChunk(suite, { hash: fromHex(hash), size }, index, chunkAt(bytes, index), proof.map(fromHex))
        })
      }
    })
  }

  it('take a chunk for no other, from no other file and of no other length (attack 56)', () => {
    const bytes = bytesOf(5 * CHUNK - 3)
    const media = { hash: mediaHash(openssl, bytes), size: bytes.length }
    const hashes = chunkHashes(openssl, bytes)
    const proofs = hashes.map((_, index) => chunkProof(openssl, hashes, index))
    const proof = (index: number): Uint8Array[] => proofs[index] as Uint8Array[]
    for (let index = 0; index < 5; index++) {
      const chunk = chunkAt(bytes, index)
      assert.equal(verdict(openssl, media, index, chunk, proof(index)), 'accepted')
      assert.notEqual(verdict(openssl, media, (index + 1) % 5, chunk, proof(index)), 'accepted')
      assert.notEqual(verdict(openssl, media, index, chunkAt(bytes, (index + 1) % 5), proof(index)), 'accepted')
      assert.notEqual(verdict(openssl, { ...media, hash: media.hash.with(0, 0) }, index, chunk, proof(index)), 'accepted')
      assert.equal(verdict(openssl, media, index, chunk.subarray(1), proof(index)), 'chunk')
      assert.equal(verdict(openssl, media, index, chunk.with(7, 0xff), proof(index)), 'root')
      assert.equal(verdict(openssl, media, index, chunk, proof(index).slice(1)), 'length')
      assert.equal(verdict(openssl, media, index, chunk, [...proof(index), media.hash]), 'length')
    }
    const whole = new Uint8Array(CHUNK)
    for (const index of [-1, 5, 0.5, NaN, 2 ** 40]) assert.equal(verdict(openssl, media, index, whole, proof(0)), 'range')
    assert.throws(() => chunkProof(openssl, hashes, 5), MerkleError)
  })

  it('are 1 byte to 10 MiB', () => {
    for (const size of [0, -1, 1.5, NaN, limits.MAX_MEDIA + 1]) assert.throws(() => chunksOf(size), { name: 'MediaError', code: 'size' })
    assert.equal(chunksOf(limits.MAX_MEDIA), 320)
    assert.throws(() => mediaHash(openssl, new Uint8Array()), { name: 'MediaError', code: 'size' })
  })
})

const u16be = (value: number): number[] => [value >> 8, value & 255]
const u16le = (value: number): number[] => u16be(value).reverse()
const bytes = (...parts: (string | number | number[])[]): Uint8Array =>
  concat(...parts.map((part) => (typeof part === 'string' ? utf8(part) : new Uint8Array([part].flat()))))

const png = (width: number[], height: number[], header = 13): Uint8Array =>
  bytes([0x89], 'PNG\r\n', [0x1a, 0x0a, 0, 0, 0, header], 'IHDR', width, height, [8, 2, 0, 0, 0])
const gif = (width: number, height: number): Uint8Array => bytes('GIF89a', u16le(width), u16le(height), [0, 0, 0])
const segment = (marker: number, ...rest: number[]): number[] => [0xff, marker, ...u16be(rest.length + 2), ...rest]
const frame = (marker: number, width: number, height: number): number[] => segment(marker, 8, ...u16be(height), ...u16be(width), 1, 1, 0x11, 0)
const jpeg = (...segments: number[][]): Uint8Array => bytes([0xff, 0xd8], ...segments)
const webp = (chunk: string, ...rest: number[]): Uint8Array => bytes('RIFF', [0, 0, 0, 0], 'WEBP', chunk, [0, 0, 0, 0], rest)

const sniffed = (input: Uint8Array): Picture | string => {
  try {
    return sniffType(input)
  } catch (error) {
    assert.ok(error instanceof MediaError, String(error))
    return error.code
  }
}

describe('the type of a picture', () => {
  const files: [string, Picture][] = [
    ['two.png', { type: 'png', width: 516, height: 342 }],
    ['noisy.jpg', { type: 'jpeg', width: 408, height: 408 }],
    ['progressive.jpg', { type: 'jpeg', width: 342, height: 342 }],
    ['lossy.webp', { type: 'webp', width: 342, height: 342 }],
    ['lossless.webp', { type: 'webp', width: 342, height: 342 }],
  ]
  for (const [name, picture] of files) {
    it(`is read from ${name}, also where it is a part of something larger`, () => {
      const file = readFileSync(path.join(import.meta.dirname, '../../fixtures/qr', name))
      assert.deepEqual(sniffType(new Uint8Array(file)), picture)
      assert.deepEqual(sniffType(concat(new Uint8Array(5), file).subarray(5)), picture)
    })
  }

  const made: [string, Uint8Array, Picture][] = [
    ['a GIF', gif(300, 7), { type: 'gif', width: 300, height: 7 }],
    ['an old GIF', bytes('GIF87a', u16le(1), u16le(65_535)), { type: 'gif', width: 1, height: 65_535 }],
    ['a JPEG with segments and fill bytes before its frame', jpeg(segment(0xe0, 1, 2, 3), segment(0xc4, 0), [0xff, 0xff], frame(0xc2, 640, 480)), { type: 'jpeg', width: 640, height: 480 }],
    ['an extended WebP', webp('VP8X', 0, 0, 0, 0, 0x3f, 0x01, 0, 0xff, 0, 0), { type: 'webp', width: 320, height: 256 }],
    ['a lossless WebP', webp('VP8L', 0x2f, 0xff, 0x3f, 0, 0), { type: 'webp', width: 16_384, height: 1 }],
    ['a lossy WebP', webp('VP8 ', 0x10, 0, 0, 0x9d, 0x01, 0x2a, ...u16le(0x4000 | 100), ...u16le(200)), { type: 'webp', width: 100, height: 200 }],
    ['a PNG', png([0, 0, 0xff, 0xff], [0, 0, 0, 1]), { type: 'png', width: 65_535, height: 1 }],
  ]
  for (const [name, input, picture] of made) it(`is read from ${name}`, () => assert.deepEqual(sniffType(input), picture))

  const refused: [string, Uint8Array, MediaError['code']][] = [
    ['nothing', new Uint8Array(), 'type'],
    ['a text', utf8('hello'), 'type'],
    ['an SVG, which is a program', utf8('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'type'],
    ['a RIFF of another kind', bytes('RIFF', [0, 0, 0, 0], 'WAVEfmt '), 'type'],
    ['a PNG of width 0', png([0, 0, 0, 0], [0, 0, 0, 1]), 'dimensions'],
    ['a PNG of 4 thousand million', png([0xff, 0xff, 0xff, 0xff], [0, 0, 0, 1]), 'dimensions'],
    ['a PNG with another header', png([0, 0, 0, 1], [0, 0, 0, 1], 14), 'dimensions'],
    ['a PNG that ends in its header', png([0, 0, 0, 1], [0, 0, 0, 1]).subarray(0, 23), 'dimensions'],
    ['a GIF of height 0', gif(1, 0), 'dimensions'],
    ['a GIF that ends', gif(1, 1).subarray(0, 9), 'dimensions'],
    ['a JPEG of height 0', jpeg(frame(0xc0, 1, 0)), 'dimensions'],
    ['a JPEG without a frame', jpeg(segment(0xe0, 1, 2)), 'dimensions'],
    ['a JPEG that begins its scan before a frame', jpeg(segment(0xda, 1, 2), frame(0xc0, 1, 1)), 'dimensions'],
    ['a JPEG with a segment of length 0', jpeg([0xff, 0xe0, 0, 0], frame(0xc0, 1, 1)), 'dimensions'],
    ['a JPEG with a segment to behind its end', jpeg([0xff, 0xe0, 0xff, 0xff], frame(0xc0, 1, 1)), 'dimensions'],
    ['a JPEG with something between its segments', jpeg([0xff, 0xd8], frame(0xc0, 1, 1)), 'dimensions'],
    ['a JPEG of fill bytes only', bytes([0xff, 0xd8], Array<number>(100_000).fill(0xff)), 'dimensions'],
    ['a JPEG of empty segments only', jpeg(...Array.from({ length: 5_000 }, () => segment(0xfe)), frame(0xc0, 1, 1)), 'dimensions'],
    ['a WebP with an unknown first chunk', webp('ALPH', 0, 0, 0), 'dimensions'],
    ['a WebP without a key frame', webp('VP8 ', 0x11, 0, 0, 0x9d, 0x01, 0x2a, 1, 0, 1, 0), 'dimensions'],
    ['a WebP with another start code', webp('VP8 ', 0x10, 0, 0, 0x9d, 0x01, 0x2b, 1, 0, 1, 0), 'dimensions'],
    ['a lossless WebP with another signature', webp('VP8L', 0x2e, 0, 0, 0, 0), 'dimensions'],
    ['an extended WebP above 65,535', webp('VP8X', 0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 0, 0), 'dimensions'],
    ['a WebP that ends', webp('VP8X'), 'dimensions'],
  ]
  for (const [name, input, code] of refused) it(`is not read from ${name}`, () => assert.equal(sniffed(input), code))

  it('is read or refused, whatever is wrong with the file', () => {
    const heads = [...made.map(([, input]) => input), ...refused.map(([, input]) => input.subarray(0, 200))]
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.nat(), fc.uint8Array({ maxLength: 12, size: 'max' }), fc.nat(), (head, at, noise, end) => {
        const input = head.slice()
        input.set(noise.subarray(0, Math.max(0, input.length - (at % (input.length + 1)))), at % (input.length + 1))
        const picture = sniffed(input.subarray(0, input.length - (end % 4)))
        if (typeof picture !== 'string') for (const side of [picture.width, picture.height]) assert.ok(Number.isInteger(side) && side >= 1 && side <= 65_535)
      }),
      { numRuns: 2_000 },
    )
  })
})
