/** The engines are held to the same bytes and the same verdicts; keys move between them by export and import. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { concat, fromHex, KeyError, type KeyKind, type KeyPair, noble, SIZE, type Suite, toHex } from '../../../protocols/suite/index.ts'
import { openssl, secureRandom } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'

const engines: [Suite, Suite][] = [
  [noble, openssl],
  [openssl, noble],
]
const kinds = ['x25519', 'ed25519', 'ml-kem-768', 'ml-kem-1024'] as const
const kems = ['ml-kem-768', 'ml-kem-1024'] as const

const bytes = (min: number, max = min) => fc.uint8Array({ minLength: min, maxLength: max, size: 'max' })
const seedOf = (kind: KeyKind) => bytes(SIZE[kind].secretKey)
const moved = <K extends KeyKind>(from: Suite, to: Suite, pair: KeyPair<K>): KeyPair<K> =>
  to.importSecret(pair.kind, from.exportSecret(pair.secretKey))
const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'none'
  } catch (error) {
    assert.ok(error instanceof KeyError)
    return error.code
  }
}

describe('the OpenSSL engine beside noble', () => {
  it('hashes, authenticates and derives the same', () => {
    fc.assert(
      fc.property(fc.array(bytes(0, 300), { maxLength: 4 }), bytes(0, 300), bytes(0, 200), fc.nat({ max: 400 }), (parts, key, info, length) => {
        assert.deepEqual(openssl.hash(...parts), noble.hash(...parts))
        assert.deepEqual(openssl.sha256(...parts), noble.sha256(...parts))
        assert.deepEqual(openssl.hmac(key, ...parts), noble.hmac(key, ...parts))
        assert.deepEqual(openssl.hkdf(key, concat(...parts), info, length), noble.hkdf(key, concat(...parts), info, length))
      }),
    )
    for (const length of [127, 128, 129]) {
      const key = new Uint8Array(length).fill(3)
      assert.deepEqual(openssl.hmac(key, key), noble.hmac(key, key))
    }
  })

  it('makes the same public key from the same secret, and exports what was imported', () => {
    for (const kind of kinds) {
      fc.assert(
        fc.property(seedOf(kind), (seed) => {
          const [a, b] = [noble.importSecret(kind, seed), openssl.importSecret(kind, seed)]
          assert.deepEqual(b.publicKey, a.publicKey)
          assert.equal(b.publicKey.length, SIZE[kind].publicKey)
          assert.deepEqual(openssl.exportSecret(b.secretKey), seed)
          assert.deepEqual(noble.exportSecret(a.secretKey), seed)
        }),
        { numRuns: 15 },
      )
    }
  })

  it('generates keys that mean the same to noble', () => {
    for (const kind of kinds) {
      const pair = openssl.generate(kind, secureRandom)
      assert.equal(pair.kind, kind)
      assert.equal(pair.secretKey.kind, kind)
      assert.deepEqual(moved(openssl, noble, pair).publicKey, pair.publicKey)
    }
  })

  it('agrees on X25519 shares, and on which keys it refuses', () => {
    fc.assert(
      fc.property(seedOf('x25519'), bytes(32), (seed, u) => {
        const outcome = (suite: Suite): string => {
          const { secretKey } = suite.importSecret('x25519', seed)
          try {
            return toHex(suite.dh(secretKey, u))
          } catch (error) {
            return (error as KeyError).code
          }
        }
        assert.equal(outcome(openssl), outcome(noble))
      }),
      { numRuns: 60 },
    )
    for (const [here, there] of engines) {
      const [a, b] = [here.generate('x25519', seededRandom(1)), there.generate('x25519', seededRandom(2))]
      assert.deepEqual(here.dh(a.secretKey, b.publicKey), there.dh(b.secretKey, a.publicKey))
    }
  })

  it('signs the same bytes and verifies the same, with any bit flipped', () => {
    fc.assert(
      fc.property(seedOf('ed25519'), bytes(0, 100), fc.nat(), (seed, message, at) => {
        const [a, b] = [noble.importSecret('ed25519', seed), openssl.importSecret('ed25519', seed)]
        const signature = openssl.sign(b.secretKey, message)
        assert.deepEqual(signature, noble.sign(a.secretKey, message))
        assert.equal(openssl.verify(a.publicKey, message, signature), true)
        const wrong = signature.slice()
        wrong[(at >> 3) % 64] = (wrong[(at >> 3) % 64] as number) ^ (1 << (at & 7))
        assert.equal(openssl.verify(a.publicKey, message, wrong), false)
        assert.equal(noble.verify(a.publicKey, message, wrong), false)
        const otherKey = a.publicKey.slice()
        otherKey[at % 32] = (otherKey[at % 32] as number) ^ 1
        assert.equal(openssl.verify(otherKey, message, signature), noble.verify(otherKey, message, signature))
      }),
      { numRuns: 40 },
    )
  })

  it('encapsulates to each other, and rejects a wrong ciphertext into the same secret (attack 4)', () => {
    for (const kind of kems) {
      for (const [here, there] of engines) {
        fc.assert(
          fc.property(seedOf(kind), bytes(32), fc.nat(), (seed, coins, at) => {
            const [mine, theirs] = [here.importSecret(kind, seed), there.importSecret(kind, seed)]
            const { ciphertext, sharedSecret } = here.encapsulate(kind, theirs.publicKey, () => coins)
            assert.deepEqual(there.decapsulate(theirs.secretKey, ciphertext), sharedSecret)
            const wrong = ciphertext.slice()
            wrong[at % wrong.length] = (wrong[at % wrong.length] as number) ^ 1
            const rejected = there.decapsulate(theirs.secretKey, wrong)
            assert.notDeepEqual(rejected, sharedSecret)
            assert.deepEqual(here.decapsulate(mine.secretKey, wrong), rejected)
          }),
          { numRuns: 10 },
        )
      }
    }
  })

  it('refuses the same KEM keys: any coefficient at or above the modulus, any other length (attack 4)', () => {
    const q = 3329
    for (const kind of kems) {
      const { publicKey } = noble.importSecret(kind, new Uint8Array(64).fill(5))
      const coefficients = ((SIZE[kind].publicKey - 32) / 3) * 2
      fc.assert(
        fc.property(fc.nat({ max: coefficients - 1 }), fc.oneof(fc.integer({ min: q - 3, max: q + 3 }), fc.integer({ min: 0, max: 4095 })), (index, value) => {
          const key = publicKey.slice()
          const at = (index >> 1) * 3 // two 12-bit coefficients in three bytes, little-endian
          if (index % 2 === 0) {
            key[at] = value & 0xff
            key[at + 1] = ((key[at + 1] as number) & 0xf0) | (value >> 8)
          } else {
            key[at + 1] = ((key[at + 1] as number) & 0x0f) | ((value & 0xf) << 4)
            key[at + 2] = value >> 4
          }
          const expected = value >= q ? 'modulus' : 'none'
          for (const suite of [noble, openssl]) assert.equal(codeOf(() => suite.encapsulate(kind, key, secureRandom)), expected)
        }),
        { numRuns: 40 },
      )
    }
  })

  it('seals the same bytes at every size, and opens only those', () => {
    const size = fc.oneof(fc.nat({ max: 100 }), fc.integer({ min: 0, max: 3000 }), fc.constantFrom(15, 16, 63, 64, 65, 4096))
    fc.assert(
      fc.property(bytes(32), bytes(12), bytes(0, 80), size, fc.nat(), (key, nonce, associated, length, at) => {
        const plaintext = seededRandom(at)(length)
        const sealed = openssl.seal(key, nonce, plaintext, associated)
        assert.deepEqual(sealed, noble.seal(key, nonce, plaintext, associated))
        const wrong = sealed.slice()
        wrong[at % wrong.length] = (wrong[at % wrong.length] as number) ^ (1 << (at % 8))
        for (const suite of [noble, openssl]) {
          assert.deepEqual(suite.open(key, nonce, sealed, associated), plaintext)
          assert.equal(suite.open(key, nonce, wrong, associated), undefined)
          assert.equal(suite.open(key, nonce, sealed, concat(associated, nonce)), undefined)
          assert.equal(suite.open(key, nonce, sealed.subarray(0, at % sealed.length), associated), undefined)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('answers wrong lengths alike, in both engines', () => {
    for (const [suite] of engines) {
      for (const kind of kinds) assert.equal(codeOf(() => suite.importSecret(kind, new Uint8Array(31))), 'length')
      const dh = suite.generate('x25519', seededRandom(3))
      assert.equal(codeOf(() => suite.dh(dh.secretKey, new Uint8Array(33))), 'length')
      for (const kind of kems) {
        const pair = suite.generate(kind, seededRandom(4))
        assert.equal(codeOf(() => suite.encapsulate(kind, pair.publicKey.subarray(1), seededRandom(5))), 'length')
        assert.equal(codeOf(() => suite.decapsulate(pair.secretKey, new Uint8Array(SIZE[kind].ciphertext + 1))), 'length')
      }
      for (const size of [100, 5000]) {
        const [key, nonce, text] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(size)]
        assert.throws(() => suite.seal(key.subarray(1), nonce, text, nonce))
        assert.throws(() => suite.seal(key, nonce.subarray(1), text, nonce))
        assert.equal(suite.open(key.subarray(1), nonce, text, nonce), undefined)
        assert.equal(suite.open(key, nonce.subarray(1), text, nonce), undefined)
      }
    }
  })

  it('does not take the other engine’s secret keys', () => {
    for (const [here, there] of engines) {
      const { publicKey, secretKey } = there.generate('x25519', seededRandom(6))
      assert.equal(codeOf(() => here.dh(secretKey, publicKey)), 'kind')
      assert.equal(codeOf(() => here.exportSecret(secretKey)), 'kind')
    }
  })

  it('compares equal only what is equal, at every position', () => {
    for (const [suite] of engines) {
      const a = seededRandom(7)(64)
      assert.equal(suite.equal(a, a.slice()), true)
      assert.equal(suite.equal(new Uint8Array(), new Uint8Array()), true)
      assert.equal(suite.equal(a, a.subarray(1)), false)
      for (let i = 0; i < 64; i++) {
        const b = a.slice()
        b[i] = (b[i] as number) ^ 0x80
        assert.equal(suite.equal(a, b), false)
      }
    }
  })

  it('gives plain arrays that nobody else holds', () => {
    for (const [suite] of engines) {
      const pair = suite.generate('x25519', seededRandom(8))
      const kem = suite.generate('ml-kem-768', seededRandom(9))
      const signing = suite.generate('ed25519', seededRandom(10))
      const { ciphertext, sharedSecret } = suite.encapsulate('ml-kem-768', kem.publicKey, seededRandom(11))
      const [key, nonce] = [new Uint8Array(32), new Uint8Array(12)]
      const sealed = suite.seal(key, nonce, new Uint8Array(2000), nonce)
      const made = [
        suite.hash(key), suite.hmac(key, key), suite.hkdf(key, key, key, 32), pair.publicKey, kem.publicKey, signing.publicKey,
        suite.exportSecret(pair.secretKey), suite.exportSecret(kem.secretKey), suite.sign(signing.secretKey, key),
        suite.dh(pair.secretKey, pair.publicKey), ciphertext, sharedSecret, suite.decapsulate(kem.secretKey, ciphertext), sealed,
        suite.open(key, nonce, sealed, nonce) as Uint8Array,
      ] // prettier-ignore
      for (const value of made) assert.equal(Object.getPrototypeOf(value), Uint8Array.prototype)
      const seed = new Uint8Array(32).fill(1)
      const imported = suite.importSecret('x25519', seed)
      seed.fill(2)
      suite.exportSecret(imported.secretKey).fill(3)
      assert.deepEqual(suite.exportSecret(imported.secretKey), new Uint8Array(32).fill(1))
    }
  })

  it('shows a secret key to nobody: not to inspection, JSON, enumeration or cloning (attack 109)', () => {
    for (const [suite] of engines) {
      for (const kind of kinds) {
        const seed = seededRandom(12)(SIZE[kind].secretKey)
        const { publicKey, secretKey } = suite.importSecret(kind, seed)
        assert.equal(publicKey.length, SIZE[kind].publicKey) // the key is in use, not only stored
        const shown = inspect(secretKey, { depth: 10, showHidden: true, getters: true, showProxy: true })
        assert.match(shown, /^\w+ \{ (\[?kind\]?|kind): '[\w-]+' \}$/)
        assert.equal(JSON.stringify(secretKey), JSON.stringify({ kind }))
        assert.deepEqual(Reflect.ownKeys(secretKey), ['kind'])
        assert.deepEqual(structuredClone(secretKey) as unknown, { kind })
        assert.equal(String(secretKey), '[object Object]')
      }
    }
  })

  it('keeps to the same verdicts when a public key is seen a second time, and after many others', () => {
    const { secretKey } = noble.generate('x25519', seededRandom(13))
    const mine = moved(noble, openssl, noble.importSecret('x25519', noble.exportSecret(secretKey)))
    const many = 700 // more than are remembered
    const peers = Array.from({ length: many }, () => openssl.generate('x25519', secureRandom).publicKey)
    const first = peers.map((peer) => openssl.dh(mine.secretKey, peer))
    peers.forEach((peer, index) => assert.deepEqual(openssl.dh(mine.secretKey, peer), first[index]))
    assert.deepEqual(noble.dh(secretKey, peers[0] as Uint8Array), first[0])
    for (let at = 0; at < 31; at++) {
      const near = (peers[0] as Uint8Array).slice()
      near[at] = (near[at] as number) ^ 0x80
      assert.deepEqual(openssl.dh(mine.secretKey, peers[0] as Uint8Array), first[0])
      assert.notDeepEqual(openssl.dh(mine.secretKey, near), first[0], `a key that differs in byte ${at} was taken for its neighbour`)
    }
    const zero = fromHex('00'.repeat(32))
    for (let i = 0; i < 2; i++) assert.equal(codeOf(() => openssl.dh(mine.secretKey, zero)), 'low-order')
  })
})

describe('an import', () => {
  it('leaves the traces of errors as they were, also when the key is refused', () => {
    const before = Error.stackTraceLimit
    const { publicKey } = openssl.generate('ml-kem-768', secureRandom)
    openssl.encapsulate('ml-kem-768', publicKey, secureRandom)
    assert.equal(codeOf(() => openssl.encapsulate('ml-kem-768', publicKey.fill(0xff, 0, 3), secureRandom)), 'modulus')
    assert.equal(Error.stackTraceLimit, before)
  })
})

describe('secureRandom', () => {
  it('gives as many bytes as asked, none of them twice', () => {
    const sizes = [0, 1, 12, 32, 511, 512, 513, 5000, 32, 32]
    const drawn = sizes.map((size) => secureRandom(size))
    assert.deepEqual(drawn.map((part) => part.length), sizes)
    const words = new Set<string>()
    for (let i = 0; i < 500; i++) words.add(toHex(secureRandom(16)))
    assert.equal(words.size, 500)
    const kept = drawn[3] as Uint8Array
    const before = kept.slice()
    for (let i = 0; i < 100; i++) secureRandom(32)
    assert.deepEqual(kept, before)
  })
})
