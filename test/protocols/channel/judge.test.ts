import assert from 'node:assert/strict'
import {
  createChannel,
  decodeEntry,
  encodeCertificate,
  encodeEdit,
  encodeManifest,
  encodePost,
  encodeRevocation,
  encodeWithdrawal,
  type Entry,
  judge,
  KIND,
  limits,
  logIdOf,
  SCOPE,
  treeRoot,
  type VerifiedEntry,
  write,
  WriteError,
} from '../../../protocols/channel/index.ts'
import { signEntry, type Draft } from '../../../protocols/channel/entry.ts'
import { goesOn, judgeEntry } from '../../../protocols/channel/judge.ts'
import { concat, type KeyPair, LABEL, labelled, noble, toHex, u32, utf8 } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { Brand, certificateOf, copy, DAY, keyOf, manifestOf, NOW, Peer, post, postOf, rotationTo } from './people.ts'

const suite = openssl
const kim = keyOf(suite, 0x21)
const lee = keyOf(suite, 0x22)
const thief = keyOf(suite, 0x66)

/** A channel with two authors who have posted, and a follower who has it all. */
function bakery(): { brand: Brand; follower: Peer; kimId: Uint8Array; leeId: Uint8Array } {
  const brand = new Brand(suite)
  const kimId = brand.certify(kim).id
  const leeId = brand.certify(lee, { name: 'Lee', scope: SCOPE.text }).id
  brand.now += 1_000
  brand.write({ key: kim, certificate: kimId }, post('Open at seven'))
  brand.write({ key: lee, certificate: leeId }, post('빵이 나왔습니다'))
  brand.write({ key: kim, certificate: kimId }, post('Sold out'))
  const follower = new Peer(suite, brand.channel.genesis)
  for (const entries of brand.entries.values()) for (const { bytes } of entries.slice(entries[0]?.kind === KIND.genesis ? 1 : 0)) follower.hear(bytes)
  follower.now = brand.now
  return { brand, follower, kimId, leeId }
}

const HELD = bakery()

/** The entry Kim would write next, changed, and signed by whom it says. */
function forged(changed: Partial<Draft>, key: KeyPair<'ed25519'> = kim, { brand, kimId } = HELD): Uint8Array {
  const { entry } = write(suite, brand.channel, { key: kim, certificate: kimId }, post('next'), brand.now)
  return signEntry(suite, key, { ...entry, ...changed })
}

function rootForged(changed: Partial<Draft>, key?: KeyPair<'ed25519'>, { brand } = HELD): Uint8Array {
  const { entry } = write(suite, brand.channel, brand.root, { kind: KIND.manifest, body: encodeManifest(manifestOf()) }, brand.now)
  return signEntry(suite, key ?? ('root' in brand.root ? brand.root.root : kim), { ...entry, ...changed })
}

const said = (bytes: Uint8Array, { follower, now = follower.now }: { follower: Peer; now?: number } = HELD): string => {
  const verdict = judge(suite, follower.channel, bytes, now)
  if (verdict.verdict === 'reject') return verdict.rule
  return verdict.verdict === 'ignore' ? `ignored: ${verdict.reason}` : verdict.verdict
}

const changedAt = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.map((byte, i) => (i === at ? value : byte))

describe('judging an entry', () => {
  it('accepts the next of a log, and everything that was written', () => {
    const { brand, follower } = HELD
    assert.deepEqual(follower.channel, brand.channel)
    assert.equal(said(forged({})), 'accept')
    assert.equal(said(rootForged({})), 'accept')
  })

  it('changes nothing it was given', () => {
    const { follower } = bakery()
    const before = structuredClone(follower.channel)
    judge(suite, follower.channel, forged({}), follower.now)
    judge(suite, follower.channel, rootForged({}), follower.now)
    assert.deepEqual(follower.channel, before)
  })

  it('comes to the same verdict with either engine', () => {
    const bytes = forged({})
    const [a, b] = [openssl, noble].map((engine) => judge(engine, HELD.follower.channel, bytes, HELD.follower.now))
    assert.deepEqual(a, b)
  })

  it('keeps what was judged as it was, whatever becomes of the buffer it came in', () => {
    const buffer = Buffer.from(forged({}))
    const verdict = judge(suite, HELD.follower.channel, buffer, HELD.follower.now)
    assert(verdict.verdict === 'accept')
    const before = toHex(verdict.entry.bytes)
    buffer.fill(0)
    assert.equal(toHex(verdict.entry.bytes), before)
    assert.equal(verdict.entry.seq, 2)
  })

  it('lets nothing pass for judged that was only read (attack 54)', () => {
    const store = (entry: VerifiedEntry): number => entry.seq
    const bytes = forged({})
    const decoded: Entry = decodeEntry(suite, bytes)
    // @ts-expect-error: nobody judged it
    store(decoded)
    const ahead = judge(suite, HELD.follower.channel, forged({ seq: 3 }), HELD.follower.now)
    assert(ahead.verdict === 'ahead')
    // @ts-expect-error: signed, but what is before it is not here
    store(ahead.entry)
    const known = judge(suite, HELD.follower.channel, HELD.follower.of(decoded.log)[0]!.bytes, HELD.follower.now)
    assert(known.verdict === 'known')
    // @ts-expect-error: it may be another than the one that is stored
    store(known.entry)
    const accepted = judge(suite, HELD.follower.channel, bytes, HELD.follower.now)
    assert(accepted.verdict === 'accept')
    assert.equal(store(accepted.entry), 2)
  })

  describe('refuses with the exact reason (attack 51)', () => {
    const zeros = new Uint8Array(32)
    const log = logIdOf(suite, HELD.brand.channel.id, kim.publicKey)
    const own = { log, size: 1, root: zeros }
    const cases: readonly [what: string, bytes: () => Uint8Array, expected: string][] = [
      ['no bytes', () => new Uint8Array(0), 'malformed'],
      ['a cut entry', () => forged({}).slice(0, -1), 'malformed'],
      ['a byte more', () => concat(forged({}), new Uint8Array(1)), 'malformed'],
      ['another version', () => changedAt(forged({}), 0, 2), 'version'],
      ['more than 64 KiB', () => new Uint8Array(limits.MAX_ENTRY + 1), 'too-large'],
      ['a number above 2^53', () => changedAt(forged({}), 67, 0x20), 'malformed'],
      ['another channel', () => forged({ channel: zeros }), 'channel'],
      ['the log of somebody else', () => forged({ log: logIdOf(suite, HELD.brand.channel.id, lee.publicKey), seen: HELD.brand.of(log)[0]!.seen.filter((head) => toHex(head.log) === toHex(HELD.brand.channel.id)) }), 'log'],
      ['a log of nobody', () => forged({ log: zeros }), 'log'],
      ['another signature', () => changedAt(forged({}), forged({}).length - 1, 0), 'signature'],
      ['the signature of a thief', () => forged({}, thief), 'signature'],
      ['an altered body', () => changedAt(forged({}), forged({}).length - 70, 0x21), 'signature'],
      ['a certificate that is none', () => forged({ certificate: HELD.brand.of(HELD.brand.log)[0]!.id }), 'certificate'],
      ['the certificate of somebody else', () => forged({ certificate: HELD.leeId }), 'log'],
      ['another past', () => forged({ root: zeros }), 'ignored: other-history'],
      ['a time before the entry before it', () => forged({ time: HELD.brand.now - 1 }), 'time'],
      ['no word of the root log', () => forged({ seen: [] }), 'seen'],
      ['a word of its own log', () => forged({ seen: [...HELD.brand.of(log)[1]!.seen, own].sort((a, b) => (toHex(a.log) < toHex(b.log) ? -1 : 1)) }), 'seen'],
      ['heads in another order', () => forged({ seen: HELD.brand.of(log)[1]!.seen.toReversed() }), 'seen'],
      ['a head twice', () => forged({ seen: HELD.brand.of(log)[1]!.seen.flatMap((head) => [head, head]) }), 'seen'],
      ['a head of nothing', () => forged({ seen: HELD.brand.of(log)[1]!.seen.map((head) => ({ ...head, size: 0 })) }), 'seen'],
      ['a root log from before its certificate', () => forged({ seen: HELD.brand.of(log)[1]!.seen.map((head) => ({ ...head, size: 1 })) }), 'seen'],
      ['a kind of the root log', () => forged({ kind: KIND.manifest }), 'kind'],
      ['no kind', () => forged({ kind: 0 }), 'kind'],
      ['an empty post', () => forged({ body: new Uint8Array(0) }), 'body'],
      ['a text that is not UTF-8', () => forged({ body: concat(new Uint8Array([2]), u32(1), new Uint8Array([0xff])) }), 'body'],
      ['fields in another order (attack 57)', () => forged({ body: concat(new Uint8Array([2]), u32(1), utf8('b'), new Uint8Array([1]), u32(1), utf8('a')) }), 'non-canonical'],
      ['a picture without the scope for it', () => forgedByLee(encodePost(postOf('', { media: [PICTURE] }))), 'scope'],
      ['an offer without the scope for it', () => forgedByLee(encodePost(postOf('x', { offer: { from: 1, until: 2, terms: '' } }))), 'scope'],
      ['an event without the scope for it', () => forgedByLee(encodePost(postOf('x', { event: { start: 1, end: 2, place: '' } }))), 'scope'],
      ['an edit of the post of somebody else', () => forgedByLee(encodeEdit({ target: targetOf(HELD.brand.of(log)[0]!), post: postOf('mine') }), KIND.edit), 'scope'],
      ['a withdrawal of the post of somebody else', () => forgedByLee(encodeWithdrawal({ target: targetOf(HELD.brand.of(log)[0]!), reason: '' }), KIND.withdrawal), 'scope'],
      ['a post in the root log', () => rootForged({ kind: KIND.post }), 'kind'],
      ['a second genesis', () => rootForged({ kind: KIND.genesis }), 'kind'],
      ['a root entry with a certificate', () => rootForged({ certificate: HELD.kimId }), 'certificate'],
      ['a root entry of number 0', () => rootForged({ seq: 0 }), 'sequence'],
      ['a root entry above the limit', () => rootForged({ seq: limits.MAX_ROOT_ENTRIES }), 'limit'],
      ['a root entry by an author', () => rootForged({}, kim), 'signature'],
      ['a root entry of another past', () => rootForged({ root: zeros }), 'ignored: other-history'],
      ['a rotation to a key that was not announced', () => rootForged(rotationTo(suite, 2), keyOf(suite, 1)), 'rotation'],
      ['a rotation the old key signs', () => rootForged(rotationTo(suite, 1)), 'signature'],
      ['a revocation of no log', () => rootForged({ kind: KIND.revocation, body: encodeRevocation({ log: zeros, size: 0, root: zeros, reason: '' }) }), 'log'],
      ['a revocation that keeps nothing under a root', () => rootForged({ kind: KIND.revocation, body: encodeRevocation({ log, size: 0, root: zeros, reason: '' }) }), 'body'],
      ['a kind of a newer version in the root log', () => rootForged({ kind: 9 }), 'ignored: newer-version'],
      ['a certificate that is not here yet', () => forged({ certificate: zeros, seen: [{ log: HELD.brand.log, size: 9, root: zeros }] }), 'ignored: root-behind'],
      ['a root log we do not have yet', () => forged({ seen: [{ log: HELD.brand.log, size: 9, root: zeros }] }), 'ignored: root-behind'],
    ]
    for (const [what, bytes, expected] of cases) it(`${what}: ${expected}`, () => assert.equal(said(bytes()), expected))

    const PICTURE = { hash: zeros, size: 1, type: 'png', width: 1, height: 1, alt: '' } as const
    const targetOf = (entry: Entry): { log: Uint8Array; seq: number; id: Uint8Array } => ({ log: entry.log, seq: entry.seq, id: entry.id })
    const forgedByLee = (body: Uint8Array, kind: number = KIND.post): Uint8Array => {
      const { entry } = write(suite, HELD.brand.channel, { key: lee, certificate: HELD.leeId }, post('x'), HELD.brand.now)
      return signEntry(suite, lee, { ...entry, kind, body })
    }
  })

  it('refuses another past at the beginning of a log: root', () => {
    const brand = new Brand(suite)
    const author = { key: kim, certificate: brand.certify(kim).id }
    const { entry } = write(suite, brand.channel, author, post('first'), NOW)
    assert.equal(said(signEntry(suite, kim, { ...entry, root: new Uint8Array(32) }), { follower: brand }), 'root')
  })

  it('takes five minutes of a clock that is ahead, and no more', () => {
    const { brand } = HELD
    assert.equal(said(forged({ time: brand.now + limits.MAX_AHEAD })), 'accept')
    assert.equal(said(forged({ time: brand.now + limits.MAX_AHEAD + 1 })), 'ignored: early')
  })

  it('holds a certificate to its window of numbers and times', () => {
    const brand = new Brand(suite)
    const certificate = brand.certify(kim, { firstSeq: 1, endSeq: 3, notBefore: NOW + 1_000, notAfter: NOW + 2_000 }).id
    const next = (changed: Partial<Draft>, now: number): string => {
      const root = { log: brand.log, size: brand.channel.root.size, root: brand.head(brand.log).root }
      const body = encodePost(postOf('x'))
      const log = logIdOf(suite, brand.channel.id, kim.publicKey)
      const draft = { kind: KIND.post, channel: brand.log, log, seq: 1, time: now, root: new Uint8Array(32), certificate, seen: [root], body, ...changed }
      return said(signEntry(suite, kim, draft), { follower: brand, now })
    }
    assert.equal(next({ seq: 0 }, NOW + 1_000), 'window')
    assert.equal(next({ seq: 3 }, NOW + 1_000), 'window')
    assert.equal(next({}, NOW + 999), 'not-yet')
    assert.equal(next({}, NOW + 1_000), 'ahead')
    assert.equal(next({}, NOW + 1_999), 'ahead')
    assert.equal(next({}, NOW + 2_000), 'expired')
  })

  it('knows an entry again, and one of a number it has', () => {
    const { follower, brand } = HELD
    const log = logIdOf(suite, brand.channel.id, kim.publicKey)
    for (const { bytes } of [...brand.of(brand.log), ...brand.of(log)]) assert.equal(said(bytes), 'known')
    const [, second] = follower.of(log)
    assert.equal(said(signEntry(suite, kim, { ...second!, body: encodePost(postOf('another')) })), 'known')
    assert.equal(said(signEntry(suite, thief, { ...second!, body: encodePost(postOf('another')) })), 'signature')
  })

  it('passes on what is ahead, as long as the rate can explain what is missing', () => {
    assert.equal(said(forged({ seq: 40 })), 'ahead')
    assert.deepEqual([49, 50].map((seq) => said(forged({ seq }))), ['ahead', 'rate'])
    assert.equal(said(forged({ seq: 52 }, thief)), 'signature')
    assert.equal(said(rootForged({ seq: 40 })), 'ahead')
  })

  it('cuts an author off at the rate of the manifest, by the times in the entries', () => {
    const brand = new Brand(suite, { rate: 3 })
    const certificate = brand.certify(kim).id
    const author = { key: kim, certificate }
    const follower = new Peer(suite, brand.channel.genesis)
    follower.hear(brand.of(brand.log)[1]!.bytes)
    follower.now = NOW + 400 * DAY // whenever it comes, the verdict is the same
    for (let i = 0; i < 3; i++) assert.equal(follower.hear(brand.write(author, post(`${i}`)).bytes).verdict, 'accept')
    assert.throws(() => brand.write(author, post('one too many')), (error) => error instanceof WriteError && error.reason === 'rate')
    const last = brand.of(logIdOf(suite, brand.log, kim.publicKey))[2]!
    const draft = { ...last, seq: 3, root: brand.head(last.log).root }
    assert.equal(said(signEntry(suite, kim, draft), { follower }), 'rate')
    const soon = last.time + DAY / 3
    assert.equal(said(signEntry(suite, kim, { ...draft, time: soon - 3 }), { follower }), 'rate')
    assert.equal(said(signEntry(suite, kim, { ...draft, time: soon }), { follower }), 'accept')
  })

  it('limits by the manifest the author had seen, so that a change of it cuts nobody off behind their back', () => {
    const brand = new Brand(suite, { rate: 2 })
    const certificate = brand.certify(kim).id
    const away = new Peer(suite, brand.channel.genesis)
    away.hear(brand.of(brand.log)[1]!.bytes)
    brand.write(brand.root, { kind: KIND.manifest, body: encodeManifest(manifestOf({ rate: 1 })) })
    const both = [1, 2].map((i) => away.write({ key: kim, certificate }, post(`${i}`)))
    for (const { bytes } of both) assert.equal(brand.hear(bytes).verdict, 'accept')
  })

  it('takes nothing while the root log has two entries of one number, but the rotation that ends it', () => {
    const { follower } = HELD
    const frozen = { follower: copy(follower) }
    frozen.follower.channel = { ...follower.channel, frozen: 1 }
    assert.equal(said(forged({}), frozen), 'ignored: frozen')
    assert.equal(said(rootForged({}), frozen), 'ignored: frozen')
    assert.equal(said(forged({ kind: KIND.rotation }), frozen), 'ignored: frozen')
    assert.equal(said(new Brand(suite).rotate().bytes, frozen), 'supersede')
  })

  it('takes nothing of an author from the number on of which there are two entries', () => {
    const { follower } = HELD
    const name = toHex(logIdOf(suite, follower.log, kim.publicKey))
    const forkedAt = (seq: number): { follower: Peer } => ({ follower: Object.assign(copy(follower), { channel: { ...follower.channel, forks: new Map([[name, seq]]) } }) })
    assert.deepEqual([1, 2, 3].map((seq) => said(forged({}), forkedAt(seq))), ['ignored: frozen', 'ignored: frozen', 'accept'])
  })

  it('knows the genesis of its own channel, and that of no other', () => {
    const other = createChannel(suite, new Uint8Array(32).fill(8), manifestOf(), NOW)
    assert.deepEqual([said(HELD.brand.channel.genesis), said(other.genesis.bytes)], ['known', 'channel'])
  })

  it('lets nobody go back to an older certificate, or on from one that a rotation has voided', () => {
    const { follower, kimId } = HELD
    const [log] = [...follower.channel.logs.values()].filter(({ certificate }) => toHex(certificate) === toHex(kimId))
    const next = { certificate: follower.channel.certificates.get(toHex(kimId))!, root: follower.head(follower.log) }
    const earlier = { ...next, certificate: { ...next.certificate, id: new Uint8Array(32), seq: next.certificate.seq - 1 } }
    assert.deepEqual([next, earlier].map((each) => goesOn(follower.channel, log!, each)), [true, false])
    assert.equal(goesOn({ ...follower.channel, certificates: new Map() }, log!, next), false)
    assert.equal(goesOn(follower.channel, { ...log!, size: 0 }, earlier), true, 'of a log of which nothing is here')
  })

  it('is not blamed on the entry when it is a fault of ours', () => {
    const broken = { ...suite, sha256: () => assert.fail('a fault of ours') }
    assert.throws(() => judge(broken, HELD.follower.channel, forged({}), NOW), { message: 'a fault of ours' })
    assert.throws(() => judgeEntry(suite, HELD.follower.channel, { ...decodeEntry(suite, forged({})), body: undefined as never }, HELD.follower.now), TypeError)
  })

  it('gives the root log a limit of its own', () => {
    const brand = new Brand(suite)
    const manifest = { kind: KIND.manifest, body: encodeManifest(manifestOf()) }
    assert.throws(
      () => {
        for (let i = 0; i <= limits.ROOT_RATE; i++) brand.write(brand.root, manifest)
      },
      (error) => error instanceof WriteError && error.reason === 'rate',
    )
    assert.equal(brand.channel.root.size, limits.ROOT_RATE)
    brand.now += DAY
    brand.write(brand.root, manifest)
  })

  it('lets 32 logs be open, and one more when one was ended', () => {
    const brand = new Brand(suite)
    for (let i = 0; i < limits.MAX_OPEN_LOGS; i++) brand.certify(keyOf(suite, i))
    assert.throws(() => brand.certify(kim), (error) => error instanceof WriteError && error.reason === 'limit')
    brand.certify(keyOf(suite, 3)) // the same key once more opens no log
    brand.revoke(logIdOf(suite, brand.log, keyOf(suite, 5).publicKey), 0)
    brand.certify(kim)
    assert.throws(() => brand.certify(keyOf(suite, 5)), (error) => error instanceof WriteError && error.reason === 'revoked')
  })

  it('lets a renewed certificate go on in the same log, and not back to the older one', () => {
    const { brand, follower, kimId } = bakery()
    const renewed = brand.certify(kim, { notAfter: NOW + 800 * DAY })
    follower.hear(renewed.bytes)
    const entry = brand.write({ key: kim, certificate: renewed.id }, post('renewed'))
    assert.equal(follower.hear(entry.bytes).verdict, 'accept')
    assert.equal(entry.seq, 2)
    assert.throws(() => brand.write({ key: kim, certificate: kimId }, post('back')), (error) => error instanceof WriteError && error.reason === 'certificate')
  })

  it('keeps posts of kinds it does not know', () => {
    const { brand, follower, kimId } = bakery()
    const entry = brand.write({ key: kim, certificate: kimId }, { kind: 99, body: utf8('from the future') })
    assert.equal(follower.hear(entry.bytes).verdict, 'accept')
  })

  it('ends a log at a revocation: what was kept still comes in, the rest does not (attack 52)', () => {
    const { brand, kimId } = bakery()
    const log = logIdOf(suite, brand.log, kim.publicKey)
    const stale = new Peer(suite, brand.channel.genesis)
    const later = brand.write({ key: kim, certificate: kimId }, post('behind the end'))
    const revocation = brand.revoke(log, 2)
    assert.equal(brand.of(log).length, 2)
    for (const { bytes } of brand.of(brand.log).slice(1)) stale.hear(bytes)
    for (const { bytes } of brand.of(log)) assert.equal(stale.hear(bytes).verdict, 'accept')
    assert.deepEqual(stale.head(log), brand.head(log))
    assert.equal(said(later.bytes, { follower: stale }), 'ignored: revoked')
    const root = { log: brand.log, size: brand.channel.root.size, root: brand.head(brand.log).root }
    assert.equal(said(signEntry(suite, kim, { ...later, seen: [root] }), { follower: stale }), 'revoked')
    assert.throws(() => brand.write({ key: kim, certificate: kimId }, post('more')), (error) => error instanceof WriteError && error.reason === 'revoked')
    assert.equal(revocation.kind, KIND.revocation)
  })

  it('lets a second revocation take more away, and never give back', () => {
    const { brand } = bakery()
    const log = logIdOf(suite, brand.log, kim.publicKey)
    brand.revoke(log, 1)
    assert.throws(
      () => brand.write(brand.root, { kind: KIND.revocation, body: encodeRevocation({ log, size: 2, root: log, reason: '' }) }),
      (error) => error instanceof WriteError && error.reason === 'revoked',
    )
    brand.revoke(log, 0)
    assert.equal(brand.of(log).length, 0)
  })

  it('does not take a log to its end on another branch than the one that was kept', () => {
    const { brand, follower, kimId } = bakery()
    const log = logIdOf(suite, brand.log, kim.publicKey)
    const [, , ours] = [0, 1, brand.write({ key: kim, certificate: kimId }, post('the one the brand keeps'))] as const
    const other = write(suite, follower.channel, { key: kim, certificate: kimId }, post('the other'), follower.now).entry
    follower.hear(brand.revoke(log, 3).bytes)
    assert.equal(said(other.bytes, { follower }), 'ignored: other-history')
    assert.equal(follower.hear(ours.bytes).verdict, 'accept')
  })

  it('refuses labels of another purpose in the signature', () => {
    const bytes = forged({})
    const unsigned = bytes.slice(0, -64)
    const other = concat(unsigned, suite.sign(kim.secretKey, labelled(LABEL.channelId, unsigned)))
    assert.equal(said(other), 'signature')
  })

  it('takes the certificate of a key that is on no curve, and never an entry of it', () => {
    const brand = new Brand(suite)
    const nobody = { ...kim, publicKey: new Uint8Array(32).fill(2) }
    const { id } = brand.write(brand.root, { kind: KIND.certificate, body: encodeCertificate(certificateOf(nobody)) })
    assert.throws(() => brand.write({ key: nobody, certificate: id }, post('x')), (error) => error instanceof WriteError && error.reason === 'signature')
    assert.equal(treeRoot(suite, brand.channel.root.frontier).length, 32)
  })
})
