import assert from 'node:assert/strict'
import {
  type Author,
  checkEvidence,
  credentialsFor,
  encodeCertificate,
  encodeManifest,
  type Entry,
  EvidenceError,
  forkProof,
  freeze,
  inclusionProof,
  KIND,
  logIdOf,
  mayFreeze,
  rewriteProof,
  rootKeyAt,
  trimmedProof,
} from '../../../protocols/channel/index.ts'
import { signEntry } from '../../../protocols/channel/entry.ts'
import { noble, toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { Brand, certificateOf, copy, ENTROPY, keyOf, manifestOf, type Peer, post } from './people.ts'

const suite = openssl
const kim = keyOf(suite, 0x21)
const lee = keyOf(suite, 0x22)

interface Shop {
  readonly brand: Brand
  readonly kimIs: Extract<Author, { key: unknown }>
  readonly leeIs: Extract<Author, { key: unknown }>
  readonly log: Uint8Array
}

function shop(): Shop {
  const brand = new Brand(suite)
  const kimIs = { key: kim, certificate: brand.certify(kim).id }
  brand.rotate()
  const leeIs = { key: lee, certificate: brand.certify(lee, { name: 'Lee' }).id }
  for (let i = 0; i < 5; i++) brand.write(kimIs, post(`${i}`))
  return { brand, kimIs, leeIs, log: logIdOf(suite, brand.log, kim.publicKey) }
}

const credentials = (brand: Brand, ...entries: Entry[]): Uint8Array[] =>
  credentialsFor(brand.channel, ...entries).map((seq) => brand.of(brand.log)[seq]!.bytes)

const fails = (code: EvidenceError['code']) => (error: unknown) => error instanceof EvidenceError && error.code === code

describe('evidence', () => {
  it('of a fork convinces somebody who knows nothing but its bytes (attack 52)', () => {
    const { brand, kimIs, log } = shop()
    const clone = copy(brand)
    const a = brand.write(kimIs, post('here'))
    const b = clone.write(kimIs, post('there'))
    const bytes = forkProof(suite, credentials(brand, a, b), a, b)
    for (const engine of [openssl, noble]) {
      const { kind, channel, log: of, seq, signer, authors } = checkEvidence(engine, bytes)
      assert.deepEqual({ kind, channel, of, seq, signer, authors }, { kind: 'fork', channel: brand.log, of: log, seq: 5, signer: kim.publicKey, authors: ['Kim', 'Kim'] })
    }
    assert.equal(freeze(brand.channel, checkEvidence(suite, bytes))?.forks.get(toHex(log)), 5)
    assert.equal(freeze(new Brand(suite, { name: 'Another' }).channel, checkEvidence(suite, bytes)), undefined)
  })

  it('of a fork lower down freezes lower down', () => {
    const { brand, kimIs } = shop()
    const held = brand.of(logIdOf(suite, brand.log, kim.publicKey))
    const proofAt = (seq: number): Uint8Array => {
      const other = { ...held[seq]!, bytes: signEntry(suite, kimIs.key, { ...held[seq]!, time: held[seq]!.time + 1 }) }
      return forkProof(suite, credentials(brand, other), held[seq]!, { ...other, id: suite.sha256(new Uint8Array([0]), other.bytes) })
    }
    const [low, high] = [2, 4].map((seq) => checkEvidence(suite, proofAt(seq)))
    const first = freeze(brand.channel, high!)!
    assert.deepEqual([...freeze(first, low!)!.forks.values()], [2])
    assert.equal(freeze(freeze(first, low!)!, high!), undefined)
  })

  it('of a rewrite: a later entry that stands on another in the place of one', () => {
    const { brand, kimIs, log } = shop()
    const clone = copy(brand)
    const mine = brand.write(kimIs, post('mine'))
    clone.write(kimIs, post('other'))
    clone.write(kimIs, post('more'))
    const later = clone.write(kimIs, post('later'))
    const proof = { leaf: clone.of(log)[5]!.id, proof: inclusionProof(suite, 5, 7, clone.subtree(log)) }
    const evidence = checkEvidence(suite, rewriteProof(suite, credentials(brand, mine, later), mine, later, proof))
    assert.deepEqual([evidence.kind, evidence.seq, evidence.signer], ['rewrite', 5, kim.publicKey])
    assert(freeze(brand.channel, evidence))
    const honest = { leaf: clone.of(log)[4]!.id, proof: inclusionProof(suite, 4, 7, clone.subtree(log)) }
    assert.throws(() => rewriteProof(suite, credentials(brand, mine, later), clone.of(log)[4]!, later, honest), fails('nothing'))
    assert.throws(() => rewriteProof(suite, credentials(brand, mine, later), mine, later, { ...proof, leaf: new Uint8Array(32) }), fails('nothing'))
    assert.throws(() => rewriteProof(suite, credentials(brand, mine, later), later, mine, proof), fails('nothing'))
  })

  it('of a trimmed log: a signed entry speaks of more than was shown', () => {
    const { brand, kimIs, leeIs, log } = shop()
    const word = brand.write(leeIs, post('I have seen five'))
    const shown = brand.of(log)[2]!
    const later = brand.write(kimIs, post('sixth'))
    const check = (claim: Entry, upTo: Entry | undefined): unknown[] => {
      const bytes = trimmedProof(suite, credentials(brand, claim, ...(upTo ? [upTo] : [])), log, claim, upTo)
      const { kind, seq, size, authors } = checkEvidence(suite, bytes)
      assert.equal(freeze(brand.channel, checkEvidence(suite, bytes)), undefined)
      return [kind, seq, size, authors]
    }
    assert.deepEqual(check(word, shown), ['trimmed', 3, 5, ['Lee', 'Kim']])
    assert.deepEqual(check(word, undefined), ['trimmed', 0, 5, ['Lee']])
    assert.deepEqual(check(later, shown), ['trimmed', 3, 6, ['Kim', 'Kim']])
    assert.throws(() => check(word, brand.of(log)[4]!), fails('nothing'))
    assert.throws(() => check(shown, later), fails('nothing'))
    assert.throws(() => trimmedProof(suite, credentials(brand, word), log, word, word), fails('nothing'))
    const root = brand.write(brand.root, { kind: KIND.manifest, body: encodeManifest(manifestOf()) })
    assert.deepEqual(check(root, shown), ['trimmed', 3, 6, [undefined, 'Kim']])
  })

  it('of a fork of the root log names the brand', () => {
    const { brand } = shop()
    const clone = copy(brand)
    const said = (name: string): { kind: number; body: Uint8Array } => ({ kind: KIND.manifest, body: encodeManifest(manifestOf({ name })) })
    const a = brand.write(brand.root, said('a'))
    const b = clone.write(brand.root, said('b'))
    const evidence = checkEvidence(suite, forkProof(suite, credentials(brand), a, b))
    assert.deepEqual([evidence.authors, evidence.signer], [[undefined, undefined], rootKeyAt(suite, ENTROPY, 1).publicKey])
    assert.equal(freeze(brand.channel, evidence)?.frozen, a.seq)
    // Without the rotation, nothing says that this key is the channel's.
    assert.throws(() => forkProof(suite, [brand.channel.genesis], a, b), fails('signature'))
  })

  it('is none: a rotation in the place of an entry of the old key is what rotations are for', () => {
    const brand = new Brand(suite)
    const clone = copy(brand)
    const entry = brand.write(brand.root, { kind: KIND.manifest, body: encodeManifest(manifestOf()) })
    const rotation = clone.rotate()
    assert.throws(() => forkProof(suite, [brand.channel.genesis], entry, rotation), fails('nothing'))
  })

  it('is none: two entries that are one, of two numbers, of two logs or of two channels', () => {
    const { brand, leeIs, log } = shop()
    const [a, b] = brand.of(log) as [Entry, Entry]
    const other = brand.write(leeIs, post('x'))
    const sure = credentials(brand, a, other)
    assert.throws(() => forkProof(suite, sure, a, a), fails('nothing'))
    assert.throws(() => forkProof(suite, sure, a, b), fails('nothing'))
    assert.throws(() => forkProof(suite, sure, a, other), fails('nothing'))
    const elsewhere = new Brand(suite, { name: 'Another' })
    const foreign = elsewhere.write({ key: kim, certificate: elsewhere.certify(kim).id }, post('0'))
    assert.throws(() => forkProof(suite, sure, a, foreign), fails('nothing'))
  })

  it('is none without the entries that make the keys the channel\'s, or with forged ones', () => {
    const { brand, kimIs } = shop()
    const clone = copy(brand)
    const a = brand.write(kimIs, post('here'))
    const b = clone.write(kimIs, post('there'))
    const [genesis, certificate, rotation] = credentials(brand, a, b) as [Uint8Array, Uint8Array, Uint8Array]
    assert.throws(() => forkProof(suite, [], a, b), fails('credentials'))
    assert.throws(() => forkProof(suite, [genesis, rotation], a, b), fails('credentials'))
    assert.throws(() => forkProof(suite, [genesis, rotation, certificate], a, b), fails('credentials'))
    assert.throws(() => forkProof(suite, [genesis, certificate, certificate], a, b), fails('credentials'))
    assert.throws(() => forkProof(suite, [genesis, certificate, a.bytes], a, b), fails('credentials'))
    assert.throws(() => forkProof(suite, [new Brand(suite, { name: 'Another' }).channel.genesis, certificate], a, b), fails('credentials'))
    assert.throws(() => forkProof(suite, [certificate], a, b), fails('malformed'))
    // Kim is certified by somebody who is not the brand.
    const forged = signEntry(suite, lee, { ...brand.of(brand.log)[1]!, body: encodeCertificate(certificateOf(kim)) })
    assert.throws(() => forkProof(suite, [genesis, forged], a, b), fails('signature'))
    // Both were altered after they were signed.
    const altered = { ...b, bytes: b.bytes.with(-1, b.bytes.at(-1)! ^ 1) }
    assert.throws(() => forkProof(suite, [genesis, certificate], a, { ...altered, id: b.id }), fails('signature'))
  })

  it('is refused when a byte is missing, more or other, or when it is too large', () => {
    const { brand, kimIs } = shop()
    const clone = copy(brand)
    const a = brand.write(kimIs, post('here'))
    const b = clone.write(kimIs, post('there'))
    const bytes = forkProof(suite, credentials(brand, a, b), a, b)
    for (let length = 0; length < bytes.length; length += 11) assert.throws(() => checkEvidence(suite, bytes.slice(0, length)), EvidenceError)
    assert.throws(() => checkEvidence(suite, Uint8Array.of(...bytes, 0)), fails('malformed'))
    assert.throws(() => checkEvidence(suite, bytes.with(0, 2)), fails('newer-version'))
    assert.throws(() => checkEvidence(suite, bytes.with(1, 4)), fails('malformed'))
    assert.throws(() => checkEvidence(suite, new Uint8Array(512 * 1024 + 1)), fails('too-large'))
    for (let at = 2; at < bytes.length; at += 23) assert.throws(() => checkEvidence(suite, bytes.with(at, bytes[at]! ^ 1)), EvidenceError)
  })

  it('costs no signature when the entries do not contradict each other', () => {
    const { brand, log } = shop()
    const [a, b] = brand.of(log) as [Entry, Entry]
    let verified = 0
    const counting = { ...suite, verify: (...all: Parameters<typeof suite.verify>) => (verified++, suite.verify(...all)) }
    assert.throws(() => forkProof(counting, credentials(brand, a), a, b), fails('nothing'))
    assert.equal(verified, 0)
  })

  it('costs no signature when it would change nothing: anybody makes those without end', () => {
    const { brand, kimIs, leeIs, log } = shop()
    let verified = 0
    const counting = { ...suite, verify: (...all: Parameters<typeof suite.verify>) => (verified++, suite.verify(...all)) }
    const word = brand.write(leeIs, post('I have seen five'))
    const clone = copy(brand)
    const [a, b] = [brand.write(kimIs, post('here')), clone.write(kimIs, post('there'))]
    const fork = forkProof(suite, credentials(brand, a, b), a, b)
    const trimmed = trimmedProof(suite, credentials(brand, word), log, word, undefined)
    assert.equal(mayFreeze(counting, brand.channel, fork), true)
    assert.equal(mayFreeze(counting, brand.channel, trimmed), false)
    assert.equal(mayFreeze(counting, freeze(brand.channel, checkEvidence(suite, fork))!, fork), false)
    brand.revoke(log, 5)
    assert.equal(mayFreeze(counting, brand.channel, fork), false)
    assert.throws(() => mayFreeze(counting, brand.channel, fork.slice(0, -1)), EvidenceError)
    assert.equal(verified, 0)
    // Two entries of the key before the last rotation, whose proof leaves the rotation out.
    const old = { root: rootKeyAt(suite, ENTROPY, 0) }
    const [here, there] = ['a', 'b'].map((name) => {
      const before = new Brand(suite)
      for (let i = 0; i < 8; i++) before.write(old, { kind: KIND.manifest, body: encodeManifest(manifestOf()) })
      return before.write(old, { kind: KIND.manifest, body: encodeManifest(manifestOf({ name })) })
    }) as [Entry, Entry]
    const settled = forkProof(suite, [brand.channel.genesis], here, there)
    assert.equal(checkEvidence(suite, settled).seq, 9)
    assert.equal(mayFreeze(suite, brand.channel, settled), false)
  })

  it('is found by followers who were shown two branches, from what each holds', () => {
    const { brand, kimIs, log } = shop()
    const clone = copy(brand)
    const [here, there] = [brand, clone].map((from) => copy(from) as Peer) as [Peer, Peer]
    for (let i = 0; i < 3; i++) {
      here.hear(brand.write(kimIs, post(`here ${i}`)).bytes)
      there.hear(clone.write(kimIs, post(`there ${i}`)).bytes)
    }
    // What one passes on, the other cannot place, and blames nobody.
    assert.deepEqual(here.hear(clone.write(kimIs, post('there 3')).bytes), { verdict: 'ignore', reason: 'other-history' })
    assert.deepEqual(there.hear(brand.of(log).at(-1)!.bytes).verdict, 'known')
    const first = here.of(log).findIndex(({ id }, i) => toHex(id) !== toHex(there.of(log)[i]!.id))
    const [a, b] = [here.of(log)[first]!, there.of(log)[first]!]
    assert.equal(checkEvidence(suite, forkProof(suite, credentials(brand, a, b), a, b)).seq, 5)
  })
})
