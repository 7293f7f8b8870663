/** One verdict on every edge case of Ed25519, in both engines (attack 3). */
import assert from 'node:assert/strict'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { concat, fromHex, isAcceptableSignature, isCanonicalU, noble, utf8 } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { publicVectors } from './public-vectors.ts'

const { Point } = ed25519
const ORDER = Point.Fn.ORDER
const P = 2n ** 255n - 19n
const engines = [noble, openssl]

const littleEndian = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0')).reverse()
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)

/** The eight points of small order: L times any point outside the prime-order subgroup, and its multiples. */
function smallOrderPoints(): InstanceType<typeof Point>[] {
  for (let y = 2n; ; y++) {
    let point
    try {
      point = Point.fromBytes(littleEndian(y))
    } catch {
      continue
    }
    const torsion = point.multiplyUnsafe(ORDER - 1n).add(point)
    if (torsion.double().double().is0()) continue // of order 4 or less: does not generate all eight
    const points = [Point.ZERO]
    for (let i = 1; i < 8; i++) points.push((points[i - 1] as InstanceType<typeof Point>).add(torsion))
    return points
  }
}

/** A signature whose key and nonce point carry chosen small-order parts: S·B = R + k·A holds only when they cancel. */
function mixedOrder(torsion: InstanceType<typeof Point>[], a: number, r: number, secret: bigint, nonce: bigint, message: Uint8Array) {
  const publicKey = Point.BASE.multiply(secret).add(torsion[a] as never).toBytes()
  const encodedR = Point.BASE.multiply(nonce).add(torsion[r] as never).toBytes()
  const challenge = number(noble.hash(encodedR, publicKey, message)) % ORDER
  const signature = concat(encodedR, littleEndian((nonce + challenge * secret) % ORDER))
  return { publicKey, signature, cancels: (BigInt(r) + challenge * BigInt(a)) % 8n === 0n }
}

describe('Ed25519 in both engines', () => {
  // The table of "Taming the many EdDSAs", one verdict a case: everything with a small-order, non-canonical or mixed-order
  // part is refused where the cofactorless equation or our strictness refuses it; case 3 satisfies that equation.
  const cases = publicVectors<{ message: string; pub_key: string; signature: string }[]>('ed25519-speccheck/cases.json')
  if (cases) {
    for (const suite of engines) {
      it(`${suite.name}: accepts case 3 of ed25519-speccheck and no other (attack 3)`, () => {
        const accepted = cases.flatMap((test, index) =>
          suite.verify(fromHex(test.pub_key), fromHex(test.message), fromHex(test.signature)) ? [index] : [],
        )
        assert.deepEqual(accepted, [3])
      })
    }
  }

  it('agrees on mixed-order keys and signatures: valid exactly when the small-order parts cancel (attack 3)', () => {
    const torsion = smallOrderPoints()
    const scalar = fc.bigInt({ min: 1n, max: ORDER - 1n })
    const part = fc.nat({ max: 7 })
    fc.assert(
      fc.property(part, part, scalar, scalar, fc.uint8Array({ maxLength: 40, size: 'max' }), (a, r, secret, nonce, message) => {
        const { publicKey, signature, cancels } = mixedOrder(torsion, a, r, secret, nonce, message)
        for (const suite of engines) assert.equal(suite.verify(publicKey, message, signature), cancels, suite.name)
      }),
      { numRuns: 80 },
    )
  })

  it('refuses every small-order point as key or as R, with either sign bit (attack 3)', () => {
    const pair = noble.importSecret('ed25519', new Uint8Array(32).fill(7))
    const message = utf8('hello')
    const good = noble.sign(pair.secretKey, message)
    const points = smallOrderPoints()
    assert.equal(new Set(points.map((point) => point.toHex())).size, 8)
    for (const point of points) {
      for (const bit of [0, 0x80]) {
        const encoded = point.toBytes()
        encoded[31] = (encoded[31] as number) ^ bit
        assert.equal(isAcceptableSignature(encoded, good), false)
        assert.equal(isAcceptableSignature(pair.publicKey, concat(encoded, good.subarray(32))), false)
        for (const suite of engines) assert.equal(suite.verify(encoded, message, good), false)
      }
    }
    assert.equal(isAcceptableSignature(pair.publicKey, good), true)
  })

  it('refuses S plus the group order, and a key or R with y at or above p (attack 3)', () => {
    const pair = noble.importSecret('ed25519', new Uint8Array(32).fill(8))
    const message = utf8('hello')
    const good = noble.sign(pair.secretKey, message)
    const malleable = concat(good.subarray(0, 32), littleEndian(number(good.subarray(32)) + ORDER))
    const above = [P, P + 1n, P + 18n].map(littleEndian)
    for (const suite of engines) {
      assert.equal(suite.verify(pair.publicKey, message, good), true)
      assert.equal(suite.verify(pair.publicKey, message, malleable), false)
      for (const y of above) {
        assert.equal(suite.verify(y, message, good), false)
        assert.equal(suite.verify(pair.publicKey, message, concat(y, good.subarray(32))), false)
      }
    }
    for (const y of above) assert.equal(isAcceptableSignature(y, good), false)
    const withS = (value: bigint) => isAcceptableSignature(pair.publicKey, concat(good.subarray(0, 32), littleEndian(value)))
    assert.deepEqual([ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n].map(withS), [true, false, false, false])
  })

  it('is false, not an error, for any lengths and any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 70, size: 'max' })
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ minLength: 32, maxLength: 32 })), bytes, fc.oneof(bytes, fc.uint8Array({ minLength: 64, maxLength: 64 })), (key, message, signature) => {
        for (const suite of engines) assert.equal(suite.verify(key, message, signature), false)
      }),
      { numRuns: 200 },
    )
  })
})

describe('X25519 public keys', () => {
  it('are canonical exactly below p with the high bit clear (attack 2)', () => {
    const near = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), fc.bigInt({ min: P - 300n, max: P + 300n }))
    fc.assert(fc.property(near, (u) => assert.equal(isCanonicalU(littleEndian(u)), u < P)))
    for (const u of [0n, P - 1n]) assert.equal(isCanonicalU(littleEndian(u)), true)
    for (const u of [P, P + 1n, 2n ** 255n - 1n, 2n ** 255n, 2n ** 256n - 1n]) assert.equal(isCanonicalU(littleEndian(u)), false)
  })

  it('of low order are refused by both engines, and so is their twin above p or with the high bit (attacks 1, 2)', () => {
    // u of order 1, 2, 4 and 8 on the curve and its twist: 0, 1, p-1 and the two roots of order 8
    const lowOrder = [
      0n,
      1n,
      P - 1n,
      325606250916557431795983626356110631294008115727848805560023387167927233504n,
      39382357235489614581723060781553021112529911719440698176882885853963445705823n,
    ]
    for (const suite of engines) {
      const { secretKey } = suite.generate('x25519', (n) => new Uint8Array(n).fill(9))
      const code = (u: bigint): unknown => {
        try {
          suite.dh(secretKey, littleEndian(u))
        } catch (error) {
          return (error as { code: unknown }).code
        }
        return 'none'
      }
      for (const u of lowOrder) {
        assert.equal(code(u), 'low-order')
        assert.equal(code(u + 2n ** 255n), 'non-canonical')
        if (u < 19n) assert.equal(code(u + P), 'non-canonical')
      }
    }
  })
})
