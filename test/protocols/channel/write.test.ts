import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Author,
  checkEvidence,
  createChannel,
  credentialsFor,
  disputes,
  encodeManifest,
  FieldError,
  forkProof,
  freeze,
  heads,
  judge,
  KIND,
  limits,
  logIdOf,
  missing,
  provePostingKey,
  checkPostingKey,
  rootKeyAt,
  total,
  write,
  WriteError,
} from '../../../protocols/channel/index.ts'
import { entropyOf, recoveryPhrase } from '../../../protocols/identity/index.ts'
import { noble, toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { Brand, copy, DAY, ENTROPY, keyOf, manifestOf, NOW, Peer, post } from './people.ts'

const suite = openssl
const KEYS = [0x21, 0x22, 0x23].map((seed) => keyOf(suite, seed))
const [kim, lee] = KEYS as [(typeof KEYS)[number], (typeof KEYS)[number]]
const refused = (reason: string) => (error: unknown) => error instanceof WriteError && error.code === 'refused' && error.reason === reason

function staffed(): { brand: Brand; staff: { peer: Peer; author: Extract<Author, { key: unknown }>; log: Uint8Array }[] } {
  const brand = new Brand(suite, { rate: 1_000 })
  const authors = KEYS.map((key) => ({ key, certificate: brand.certify(key).id }))
  const staff = authors.map((author) => ({ peer: copy(brand) as Peer, author, log: logIdOf(suite, brand.log, author.key.publicKey) }))
  return { brand, staff }
}

describe('creating a channel', () => {
  it('gives the same channel for the same words, with either engine', () => {
    const entropy = entropyOf(recoveryPhrase(ENTROPY))
    const [a, b] = [openssl, noble].map((engine) => createChannel(engine, entropy, manifestOf(), NOW))
    assert.deepEqual(a?.genesis.bytes, b?.genesis.bytes)
    assert.deepEqual(a?.channel, b?.channel)
    assert.notDeepEqual(rootKeyAt(suite, ENTROPY, 0).publicKey, rootKeyAt(suite, ENTROPY, 1).publicKey)
    assert.throws(() => rootKeyAt(suite, new Uint8Array(31), 0), RangeError)
  })

  it('refuses a manifest that breaks a rule', () => {
    assert.throws(() => createChannel(suite, ENTROPY, manifestOf({ name: '' }), NOW), FieldError)
  })

  it('knows who has a posting key', () => {
    const account = keyOf(suite, 1).publicKey
    const { channel } = createChannel(suite, ENTROPY, manifestOf(), NOW)
    const proof = provePostingKey(suite, kim, channel.id, account)
    assert.equal(checkPostingKey(suite, kim.publicKey, proof, channel.id, account), true)
    assert.equal(checkPostingKey(suite, lee.publicKey, proof, channel.id, account), false)
    assert.equal(checkPostingKey(suite, kim.publicKey, proof, account, channel.id), false)
  })
})

describe('writing an entry', () => {
  it('goes on after the own last entry, later than it, naming what the other logs were', () => {
    const { brand, staff } = staffed()
    const [first, second] = staff as [(typeof staff)[number], (typeof staff)[number]]
    const a = first.peer.write(first.author, post('a'))
    first.peer.now -= 60_000 // a clock that was put back
    const b = first.peer.write(first.author, post('b'))
    assert.deepEqual([a.seq, b.seq, b.time], [0, 1, a.time + 1])
    second.peer.settle([a.bytes, b.bytes])
    const c = second.peer.write(second.author, post('c'))
    assert.deepEqual(c.seen.map(({ log, size }) => [toHex(log), size]).sort(), [[toHex(brand.log), 4], [toHex(first.log), 2]].sort())
    assert.deepEqual(heads(suite, second.peer.channel).map(({ size }) => size).sort(), [1, 2, 4])
    assert.equal(total(second.peer.channel), 7)
  })

  it('names what is missing and who says so, until it comes', () => {
    const { brand, staff } = staffed()
    const [first, second] = staff as [(typeof staff)[number], (typeof staff)[number]]
    const posts = [1, 2, 3].map((i) => first.peer.write(first.author, post(`${i}`)).bytes)
    second.peer.settle(posts)
    const { bytes } = second.peer.write(second.author, post('after three'))
    brand.hear(posts[0]!)
    assert.deepEqual(missing(brand.channel), [])
    brand.hear(bytes)
    assert.deepEqual(missing(brand.channel), [{ log: first.log, from: 1, to: 3, saidBy: second.log }])
    brand.settle(posts)
    assert.deepEqual(missing(brand.channel), [])
  })

  it('refuses when others have seen entries of the own log that are not here (attack 53)', () => {
    const { brand, staff } = staffed()
    const [first, second] = staff as [(typeof staff)[number], (typeof staff)[number]]
    const backup = copy(first.peer)
    const lost = first.peer.write(first.author, post('after the backup')).bytes
    second.peer.hear(lost)
    const told = second.peer.write(second.author, post('I have seen it')).bytes
    backup.hear(told)
    assert.throws(() => backup.write(first.author, post('again')), (error) => error instanceof WriteError && error.code === 'behind' && error.reason === undefined)
    backup.hear(lost)
    assert.equal(backup.write(first.author, post('again')).seq, 1)
    assert.equal(brand.log.length, 32)
  })

  it('proves a fork when two write from one restored state, and the log is frozen while others go on (attacks 52, 53)', () => {
    const { brand, staff } = staffed()
    const [first, second] = staff as [(typeof staff)[number], (typeof staff)[number]]
    const clone = copy(first.peer)
    const a = first.peer.write(first.author, post('here'))
    const b = clone.write(first.author, post('there'))
    brand.hear(a.bytes)
    assert.equal(judge(suite, brand.channel, b.bytes, NOW).verdict, 'known')
    const credentials = credentialsFor(brand.channel, a, b).map((seq) => brand.of(brand.log)[seq]!.bytes)
    const evidence = checkEvidence(suite, forkProof(suite, credentials, a, b))
    assert.deepEqual([evidence.kind, evidence.seq, evidence.authors], ['fork', 0, ['Kim', 'Kim']])
    const follower = copy(brand) as Peer
    follower.channel = freeze(follower.channel, evidence)!
    brand.channel = follower.channel
    assert.deepEqual(follower.hear(first.peer.write(first.author, post('more')).bytes), { verdict: 'ignore', reason: 'frozen' })
    const other = second.peer.write(second.author, post('not me'))
    assert.equal(follower.hear(other.bytes).verdict, 'accept')
    assert.throws(() => follower.write(first.author, post('x')), refused('frozen'))
    // The brand decides what is kept.
    const revocation = brand.revoke(first.log, 1)
    assert.equal(follower.hear(revocation.bytes).verdict, 'accept')
    assert.equal(follower.channel.forks.size, 0)
    assert.equal(freeze(follower.channel, evidence), undefined)
    assert.deepEqual(follower.of(first.log).map(({ id }) => toHex(id)), [toHex(a.id)])
  })

  it('shows who was given another root log', () => {
    const { brand, staff } = staffed()
    const [first] = staff as [(typeof staff)[number]]
    const twoFaced = copy(brand)
    const manifest = (name: string): { kind: number; body: Uint8Array } => ({ kind: KIND.manifest, body: encodeManifest(manifestOf({ name })) })
    brand.write(brand.root, manifest('to these'))
    first.peer.hear(twoFaced.write(brand.root, manifest('to those')).bytes)
    assert.equal(brand.hear(first.peer.write(first.author, post('x')).bytes).verdict, 'accept')
    assert.deepEqual(disputes(brand.channel), [{ log: first.log, root: first.peer.head(brand.log) }])
    assert.deepEqual(disputes(first.peer.channel), [])
  })

  it('says why it refuses', () => {
    const { brand, staff } = staffed()
    const [first] = staff as [(typeof staff)[number]]
    assert.throws(() => first.peer.write({ key: lee, certificate: first.author.certificate }, post('x')), refused('signature'))
    assert.throws(() => first.peer.write({ key: kim, certificate: new Uint8Array(32) }, post('x')), refused('certificate'))
    assert.throws(() => first.peer.write({ root: kim }, post('x')), refused('kind'))
    assert.throws(() => first.peer.write(first.author, { kind: KIND.post, body: new Uint8Array(0) }), refused('body'))
    assert.throws(() => write(suite, brand.channel, first.author, { kind: 99, body: new Uint8Array(limits.MAX_ENTRY) }, NOW), refused('too-large'))
    assert.throws(() => write(suite, brand.channel, first.author, post('x'), NOW - DAY), refused('not-yet'))
    assert.throws(() => write(suite, brand.channel, first.author, post('x'), NOW + 366 * DAY), refused('expired'))
  })
})

describe('authors with a log each', () => {
  type Act =
    | { readonly do: 'write'; readonly who: number }
    /** what one has, or a part of it, reaches another */
    | { readonly do: 'send'; readonly who: number; readonly to: number; readonly part: number }
    | { readonly do: 'part'; readonly groups: readonly number[] }
    /** what was written is committed and never left */
    | { readonly do: 'crash'; readonly who: number }
    | { readonly do: 'brand' }
  const who = fc.nat(2)
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), who }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), who: fc.nat(3), to: fc.nat(3), part: fc.nat(7) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('part' as const), groups: fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('brand' as const) }) },
  )
  const bytesOf = (peer: Peer): Uint8Array[] => [...peer.entries.values()].flatMap((entries) => entries.map(({ bytes }) => bytes))

  it('never fork, whatever crashes and partitions come; who has the same entries comes to the same state in any order (attack 53)', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40, size: 'max' }), fc.infiniteStream(fc.nat()), (acts, order) => {
        const { brand, staff } = staffed()
        const peers: Peer[] = [...staff.map(({ peer }) => peer), brand]
        let groups: readonly number[] = [0, 0, 0, 0]
        const deliver = (bytes: Uint8Array, to: Peer): void => {
          if (to.hear(bytes).verdict === 'known') assert(bytesOf(to).some((each) => toHex(each) === toHex(bytes)), 'an entry of a number that is taken')
        }
        acts.forEach((each, i) => {
          for (const peer of peers) peer.now = NOW + i * 1_000
          if (each.do === 'write') {
            const { peer, author } = staff[each.who]!
            peer.write(author, post(`${i}`))
          } else if (each.do === 'brand') brand.write(brand.root, { kind: KIND.manifest, body: encodeManifest(manifestOf({ name: `${i}` })) })
          else if (each.do === 'part') groups = each.groups
          else if (each.do === 'crash') {
            // It comes back with what it had committed, which is all that ever left it.
            const { peer } = staff[each.who]!
            staff[each.who]!.peer = peers[each.who] = copy(peer)
          } else if (groups[each.who] === groups[each.to]) {
            bytesOf(peers[each.who]!).filter((_, at) => at % 8 <= each.part).forEach((bytes) => deliver(bytes, peers[each.to]!))
          }
        })
        const all = [...new Map(peers.flatMap(bytesOf).map((bytes) => [toHex(bytes), bytes])).values()]
        const followers = [0, 1].map(() => new Peer(suite, brand.channel.genesis))
        for (const peer of [...peers, ...followers]) {
          peer.now = NOW + DAY
          peer.settle(all.map((bytes) => ({ bytes, key: order.next().value })).sort((a, b) => a.key - b.key).map(({ bytes }) => bytes))
        }
        const [digest] = new Set([...peers, ...followers].map((peer) => peer.digest()))
        for (const peer of [...peers, ...followers]) {
          assert.equal(peer.digest(), digest)
          assert.deepEqual(missing(peer.channel), [])
          assert.equal(total(peer.channel), all.length)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('say the same is missing to all who have the same entries', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25, size: 'max' }), fc.array(fc.nat(4), { minLength: 4, maxLength: 4 }), fc.infiniteStream(fc.nat()), (acts, kept, order) => {
        const { brand, staff } = staffed()
        const all = staff.map(({ peer }) => peer)
        acts.forEach((each, i) => {
          for (const peer of all) peer.now = NOW + i * 1_000
          if (each.do === 'write') all[each.who]!.write(staff[each.who]!.author, post(`${i}`))
          else if (each.do === 'send' && each.who < 3 && each.to < 3) all[each.to]!.settle(bytesOf(all[each.who]!))
        })
        // A part of each log, from its beginning.
        const some = staff.flatMap(({ peer, log }, i) => peer.of(log).slice(0, kept[i]).map(({ bytes }) => bytes))
        const said = [0, 1].map(() => {
          const peer = copy(brand) as Peer
          peer.now = NOW + DAY
          peer.settle(some.map((bytes) => ({ bytes, key: order.next().value })).sort((a, b) => a.key - b.key).map(({ bytes }) => bytes))
          return missing(peer.channel)
        })
        assert.deepEqual(said[0], said[1])
      }),
      { numRuns: 20 },
    )
  })
})
