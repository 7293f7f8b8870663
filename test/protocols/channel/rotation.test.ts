import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  checkEvidence,
  encodeCertificate,
  encodeManifest,
  EntryError,
  forkProof,
  freeze,
  generationOf,
  judge,
  KIND,
  limits,
  logIdOf,
  rootKeyAt,
  rootKeyOf,
  supersede,
  write,
  WriteError,
} from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { Brand, certificateOf, copy, ENTROPY, keyOf, manifestOf, NOW, Peer, post, rotationTo } from './people.ts'

const suite = openssl
const kim = keyOf(suite, 0x21)
const evil = keyOf(suite, 0x66)
const ROOT_0 = { root: rootKeyAt(suite, ENTROPY, 0) }
const manifest = (name: string): { kind: number; body: Uint8Array } => ({ kind: KIND.manifest, body: encodeManifest(manifestOf({ name })) })
const bytesOf = (peer: Peer): Uint8Array[] => [...peer.entries.values()].flatMap((entries) => entries.map(({ bytes }) => bytes))

describe('rotating the root key', () => {
  it('goes on with the announced key, and no longer with the old one', () => {
    const brand = new Brand(suite)
    const follower = new Peer(suite, brand.channel.genesis)
    const before = copy(brand)
    follower.hear(brand.rotate().bytes)
    assert.deepEqual(follower.channel, brand.channel)
    assert.equal(generationOf(follower.channel), 1)
    assert.equal(follower.hear(brand.write(brand.root, manifest('New name')).bytes).verdict, 'accept')
    const old = before.write(ROOT_0, manifest('Old key'))
    assert.deepEqual(judge(suite, follower.channel, old.bytes, NOW), { verdict: 'ignore', reason: 'root-key' })
    assert.throws(() => write(suite, follower.channel, ROOT_0, manifest('Old key'), NOW), (error) => error instanceof WriteError && error.reason === 'root-key')
  })

  it('takes no rotation twice, and none by a key before the last', () => {
    const brand = new Brand(suite)
    brand.write(brand.root, manifest('a'))
    const other = copy(brand)
    const first = brand.rotate()
    brand.write(brand.root, manifest('b'))
    other.write(other.root, manifest('c'))
    const second = other.rotate()
    assert.equal(judge(suite, brand.channel, first.bytes, NOW).verdict, 'known')
    assert.deepEqual(judge(suite, brand.channel, second.bytes, NOW), { verdict: 'reject', rule: 'rotation' })
    brand.rotate()
    assert.deepEqual(judge(suite, brand.channel, second.bytes, NOW), { verdict: 'reject', rule: 'rotation' })
  })

  it('waits for a rotation between two it has not heard of, and refuses a forged one', () => {
    const brand = new Brand(suite)
    const follower = new Peer(suite, brand.channel.genesis)
    const first = brand.rotate()
    const second = brand.rotate()
    assert.deepEqual(follower.hear(second.bytes), { verdict: 'ignore', reason: 'root-behind' })
    follower.hear(first.bytes)
    assert.equal(follower.hear(second.bytes).verdict, 'accept')
  })

  it('is not kept out by a thief who used up the rate', () => {
    const brand = new Brand(suite)
    const thief = copy(brand)
    for (let i = 1; i < limits.ROOT_RATE; i++) thief.write(ROOT_0, manifest(`${i}`))
    thief.generation = 0
    assert.equal(thief.rotate().seq, limits.ROOT_RATE)
  })

  it('voids what the old key wrote from its place on, and the logs certified there', () => {
    const brand = new Brand(suite)
    const kimId = brand.certify(kim).id
    brand.write({ key: kim, certificate: kimId }, post('one'))
    const follower = copy(brand) as Peer
    const thief = copy(brand)
    follower.hear(thief.write(ROOT_0, manifest('Mine now')).bytes)
    const evilId = thief.write(ROOT_0, { kind: KIND.certificate, body: encodeCertificate(certificateOf(evil, { name: 'Evil' })) })
    const renewed = thief.certify(kim)
    for (const { bytes } of [evilId, renewed]) follower.hear(bytes)
    follower.hear(thief.write({ key: evil, certificate: evilId.id }, post('spam')).bytes)
    follower.hear(thief.write({ key: kim, certificate: renewed.id }, post('by a certificate that will be void')).bytes)
    assert.equal(follower.channel.manifest.name, 'Mine now')

    const rotation = brand.rotate()
    assert.equal(follower.hear(rotation.bytes).verdict, 'supersede')
    assert.equal(follower.digest(), brand.digest())
    assert.equal(follower.channel.manifest.name, 'Seoul Bakery')
    assert.equal(follower.channel.logs.has(toHex(logIdOf(suite, brand.log, evil.publicKey))), false)
    assert.equal(follower.of(logIdOf(suite, brand.log, kim.publicKey)).length, 1)
    for (const bytes of bytesOf(thief)) follower.hear(bytes)
    assert.equal(follower.digest(), brand.digest())
  })

  it('does not count the numbers an author uses once more after that as a fork', () => {
    const brand = new Brand(suite)
    const kimId = brand.certify(kim).id
    brand.write({ key: kim, certificate: kimId }, post('one'))
    const author = copy(brand)
    const renewed = author.certify(kim)
    const voided = author.write({ key: kim, certificate: renewed.id }, post('two'))
    const rotation = brand.rotate()
    author.hear(rotation.bytes)
    const again = brand.certify(kim)
    author.hear(again.bytes)
    const second = author.write({ key: kim, certificate: again.id }, post('two, once more'))
    assert.equal(second.seq, voided.seq)
    assert.equal(brand.hear(second.bytes).verdict, 'accept')
    assert.deepEqual(judge(suite, brand.channel, voided.bytes, NOW), { verdict: 'ignore', reason: 'root-behind' })
    // The proof holds for who sees only the old root key; who knows the rotation is not moved by it.
    const credentials = [brand.of(brand.log)[0]!, brand.of(brand.log)[1]!, renewed].map(({ bytes }) => bytes)
    assert.throws(() => forkProof(suite, [...credentials, rotation.bytes, again.bytes], voided, second))
  })

  it('supersede refuses what judge did not say', () => {
    const brand = new Brand(suite)
    brand.write(brand.root, manifest('a'))
    const before = brand.of(brand.log).map(({ bytes }) => bytes)
    const rotation = brand.rotate()
    assert.throws(() => supersede(suite, brand.channel, before, rotation.bytes, NOW), EntryError)
  })

  it('ends after a hundred: evidence carries them all', () => {
    const brand = new Brand(suite)
    for (let i = 0; i < limits.MAX_ROTATIONS; i++) brand.rotate()
    assert.throws(() => brand.rotate(), (error) => error instanceof WriteError && error.reason === 'limit')
  })

  describe('after a fork of the root log (attacks 52, 58)', () => {
    function forked(): { brand: Brand; follower: Peer; ours: Uint8Array; theirs: Uint8Array; freezeIt: (peer: Peer) => boolean } {
      const brand = new Brand(suite)
      brand.write(brand.root, manifest('before'))
      const follower = copy(brand) as Peer
      const thief = copy(brand)
      const ours = brand.write(brand.root, manifest('ours'))
      const theirs = thief.write(ROOT_0, manifest('theirs'))
      follower.hear(theirs.bytes)
      const genesis = [brand.channel.genesis]
      const proof = forkProof(suite, genesis, ours, theirs)
      const freezeIt = (peer: Peer): boolean => {
        const frozen = freeze(peer.channel, checkEvidence(suite, proof))
        if (frozen) peer.channel = frozen
        return frozen !== undefined
      }
      return { brand, follower, ours: ours.bytes, theirs: theirs.bytes, freezeIt }
    }

    it('freezes the channel, which a rotation at or before it lifts', () => {
      const { brand, follower, ours, freezeIt } = forked()
      assert.equal(judge(suite, follower.channel, ours, NOW).verdict, 'known')
      assert.equal(freezeIt(follower), true)
      assert.equal(freezeIt(follower), false)
      assert.equal(follower.channel.frozen, 2)
      const more = brand.write(brand.root, manifest('more'))
      assert.deepEqual(follower.hear(more.bytes), { verdict: 'ignore', reason: 'frozen' })
      const late = copy(brand).rotate()
      assert.deepEqual(follower.hear(late.bytes), { verdict: 'ignore', reason: 'frozen' })
      const owner = new Brand(suite)
      owner.write(owner.root, manifest('before'))
      const rotation = owner.rotate()
      assert.equal(rotation.seq, 2)
      assert.equal(follower.hear(rotation.bytes).verdict, 'supersede')
      assert.equal(follower.channel.frozen, undefined)
      assert.equal(follower.digest(), owner.digest())
      assert.equal(freezeIt(follower), false, 'the old key opens nothing again')
    })

    it('does not freeze for two rotations to one key what was there first, but nothing follows it but the next', () => {
      const brand = new Brand(suite)
      const follower = copy(brand) as Peer
      const thief = copy(brand)
      const rotation = brand.rotate()
      follower.hear(rotation.bytes)
      thief.now += 10
      const other = thief.rotate()
      const frozen = freeze(follower.channel, checkEvidence(suite, forkProof(suite, [brand.channel.genesis], rotation, other)))
      assert(frozen)
      follower.channel = frozen
      assert.deepEqual(follower.hear(copy(brand).write(brand.root, manifest('x')).bytes), { verdict: 'ignore', reason: 'frozen' })
      assert.equal(follower.hear(brand.rotate().bytes).verdict, 'accept')
      assert.equal(follower.channel.frozen, undefined)
    })
  })

  it('the announced key wins whatever a thief of the old one does and in whatever order it is heard; the old key undoes nothing (attack 58)', () => {
    type Act = { readonly by: 'owner' | 'thief'; readonly what: 'manifest' | 'certificate' | 'rotation' }
    const act: fc.Arbitrary<Act> = fc.record({ by: fc.constantFrom('owner', 'thief'), what: fc.constantFrom('manifest', 'certificate', 'rotation') })
    fc.assert(
      fc.property(fc.nat(3), fc.array(act, { maxLength: 10 }), fc.array(act, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (prefix, first, later, order) => {
        const owner = new Brand(suite)
        for (let i = 0; i < prefix; i++) owner.write(owner.root, manifest(`before ${i}`))
        const thief = copy(owner)
        const all: Uint8Array[] = bytesOf(owner)
        const act = ({ by, what }: Act, at: number): void => {
          const who = by === 'owner' ? owner : thief
          const root = by === 'owner' ? owner.root : ROOT_0
          // A thief of the old key can rotate only to a key of its own, which nobody announced.
          const said = what === 'manifest' ? manifest(`${by} ${at}`)
            : what === 'certificate' ? { kind: KIND.certificate, body: encodeCertificate(certificateOf(keyOf(suite, by === 'owner' ? at : 100 + at))) }
            : rotationTo(suite, by === 'owner' ? owner.generation + 1 : 77)
          try {
            all.push(who.write(what === 'rotation' ? { root: rootKeyAt(suite, ENTROPY, by === 'owner' ? ++owner.generation : 77) } : root, said).bytes)
          } catch (error) {
            if (!(error instanceof WriteError)) throw error
          }
        }
        // Until the owner rotates, only the thief writes; the owner finds out and rotates in the place of the thief's first entry.
        first.filter(({ by }) => by === 'thief').forEach(act)
        all.push(owner.rotate().bytes)
        later.forEach((each, i) => act(each, 20 + i))
        const peers = [0, 1, 2].map(() => new Peer(suite, owner.channel.genesis))
        for (const peer of peers) {
          const heard = all.map((bytes) => ({ bytes, key: order.next().value })).sort((a, b) => a.key - b.key).map(({ bytes }) => bytes)
          peer.settle(heard)
          assert.equal(peer.digest(), owner.digest())
          assert.equal(toHex(rootKeyOf(peer.channel).key), toHex(rootKeyAt(suite, ENTROPY, owner.generation).publicKey))
        }
      }),
      { numRuns: 60 },
    )
  })
})
