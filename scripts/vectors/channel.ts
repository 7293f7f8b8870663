/** Vectors of the channel room, made by the readable twin: one channel with two authors, and every way to be wrong beside it. */
import {
  body,
  bodyVerdict,
  channelId,
  commitment,
  encode,
  genesisVerdict,
  hex,
  idOf,
  logId,
  number,
  rootSeed,
  type TwinChannel,
  type TwinEntry,
  type TwinField,
  twinKey,
  type TwinKey,
  twinWith,
  zeros,
} from '../../test/reference/channel.ts'
import { auditPath, compactRange, leaf, mth } from '../../test/reference/channel-merkle.ts'

type Bytes = Uint8Array

const NOW = 1_800_000_000_000
const DAY = 86_400_000
const utf8 = (text: string): Bytes => new Uint8Array(Buffer.from(text))
const join = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts))
const fill = (byte: number): Bytes => new Uint8Array(32).fill(byte)

const ENTROPY = fill(0x07)
const root = [0, 1, 2, 3].map((generation) => twinKey(rootSeed(ENTROPY, generation))) as [TwinKey, TwinKey, TwinKey, TwinKey]
const SEEDS = { kim: fill(0x21), lee: fill(0x22), thief: fill(0x66) }
const kim = twinKey(SEEDS.kim)
const lee = twinKey(SEEDS.lee)
const thief = twinKey(SEEDS.thief)

// ---------------------------------------------------------------- bodies

const rotation = (generation: number): TwinField[] => [
  [1, (root[generation] as TwinKey).public],
  [2, commitment(twinKey(rootSeed(ENTROPY, generation + 1)).public)],
]
const manifest = (name: string, ...more: TwinField[]): TwinField[] => [[16, utf8(name)], ...more]
const certificate = (key: Bytes, name: string, change: { scope?: number; seqs?: [number, number]; times?: [number, number] } = {}): Bytes => {
  const { scope = 31, seqs = [0, 1_000], times = [NOW, NOW + 365 * DAY] } = change
  return body([1, key], [2, utf8(name)], [3, number(scope, 2)], [4, number(seqs[0], 8)], [5, number(seqs[1], 8)], [6, number(times[0], 8)], [7, number(times[1], 8)])
}
const revocation = (log: Bytes, size: number, over: Bytes, reason = 'stolen'): Bytes =>
  body([1, log], [2, number(size, 8)], [3, over], ...(reason === '' ? [] : [[4, utf8(reason)] as TwinField]))
const text = (said: string): Bytes => body([2, utf8(said)])
const picture = (alt = '빵'): Bytes => join(fill(0xaa), number(4_096, 4), number(3, 1), number(640, 2), number(480, 2), utf8(alt))
const target = (log: Bytes, seq: number, id: Bytes): Bytes => join(log, number(seq, 8), id)

// ---------------------------------------------------------------- the channel

const first: TwinEntry = {
  kind: 1, channel: zeros, log: zeros, seq: 0, time: NOW, root: mth([]), certificate: zeros, seen: [],
  body: body(...rotation(0), ...manifest('Seoul Bakery', [17, utf8('Bread since 1987')], [19, utf8('ko')], [19, utf8('en')], [20, utf8('KR')], [21, utf8('https://bakery.example/')], [23, utf8('bakery.example')], [24, number(3, 4)])),
}
const genesis = encode(first, root[0])
const CHANNEL = channelId(genesis)
const KIM = logId(CHANNEL, kim.public)
const LEE = logId(CHANNEL, lee.public)

/** The next entry of a log, as its author would write it. */
function next(twin: TwinChannel, log: Bytes, said: Pick<TwinEntry, 'kind' | 'body' | 'time'>, cert = zeros): TwinEntry {
  const { size, root: over } = twin.head(log)
  const others = [CHANNEL, KIM, LEE].filter((each) => hex(each) !== hex(log) && twin.of(each).length > 0)
  const seen = others.map((each) => twin.head(each)).sort((a, b) => (hex(a.log) < hex(b.log) ? -1 : 1))
  return { channel: CHANNEL, log, seq: size, root: over, certificate: cert, seen, ...said }
}

const history: { name: string; bytes: Bytes }[] = [{ name: 'genesis', bytes: genesis }]
const known = (count = history.length): TwinChannel => twinWith(history.slice(0, count).map(({ bytes }) => bytes), NOW + DAY)
function add(name: string, log: Bytes, said: Pick<TwinEntry, 'kind' | 'body' | 'time'>, key: TwinKey, cert?: Bytes): Bytes {
  const bytes = encode(next(known(), log, said, cert), key)
  history.push({ name, bytes })
  return idOf(bytes)
}

const kimCertificate = add('certificate of Kim', CHANNEL, { kind: 3, body: certificate(kim.public, 'Kim', { seqs: [0, 5] }), time: NOW + 1 }, root[0])
const leeCertificate = add('certificate of Lee: text alone, one day', CHANNEL, { kind: 3, body: certificate(lee.public, 'Lee', { scope: 1, times: [NOW + 10, NOW + DAY] }), time: NOW + 2 }, root[0])
const post0 = add('post of Kim', KIM, { kind: 16, body: body([1, utf8('Open')], [2, utf8('빵이 나왔습니다')], [3, utf8('https://bakery.example/today')]), time: NOW + 10 }, kim, kimCertificate)
add('post of Lee', LEE, { kind: 16, body: text('We are open'), time: NOW + 20 }, lee, leeCertificate)
add('edit of Kim, of the own post', KIM, { kind: 17, body: body([1, target(KIM, 0, post0)], [2, text('sold out')]), time: NOW + 30 }, kim, kimCertificate)
const RENAMED = add('manifest with another name, and a rate of 2', CHANNEL, { kind: 2, body: body(...manifest('Seoul Bakery & Café', [24, number(2, 4)])), time: NOW + 40 }, root[0])
const ALL = history.length

// ---------------------------------------------------------------- verdicts

interface Case {
  readonly name: string
  /** entries of the history that are held; then these */
  readonly held?: number
  readonly then?: readonly Bytes[]
  readonly fork?: { readonly log: Bytes; readonly seq: number }
  readonly frozen?: number
  readonly now?: number
  readonly bytes: Bytes
}

const flip = (bytes: Bytes, at: number): Bytes => bytes.map((byte, i) => (i === (at < 0 ? bytes.length + at : at) ? byte ^ 1 : byte))
const withByte = (bytes: Bytes, at: number, value: number): Bytes => bytes.map((byte, i) => (i === at ? value : byte))

const kimNext = next(known(), KIM, { kind: 16, body: text('next'), time: NOW + 50 }, kimCertificate)
const byKim = (change: Partial<TwinEntry> = {}, key = kim): Bytes => encode({ ...kimNext, ...change }, key)
const leeNext = next(known(), LEE, { kind: 16, body: text('next'), time: NOW + 50 }, leeCertificate)
const byLee = (change: Partial<TwinEntry> = {}): Bytes => encode({ ...leeNext, ...change }, lee)
const rootNext = next(known(), CHANNEL, { kind: 2, body: body(...manifest('Seoul Bakery')), time: NOW + 50 })
const byRoot = (change: Partial<TwinEntry> = {}, key = root[0]): Bytes => encode({ ...rootNext, ...change }, key)
const rotated = (at: number, change: Partial<TwinEntry> = {}, key = root[1], generation = 1): Bytes => {
  const before = known(at === 2 ? 2 : ALL)
  return encode({ ...next(before, CHANNEL, { kind: 5, body: body(...rotation(generation)), time: NOW + 60 }), seen: [], ...change }, key)
}
const rootHead = (size: number, over = known().treeRoot(size) ?? zeros) => ({ log: CHANNEL, size, root: over })
const rotatedHere = rotated(4)
const afterRotation = twinWith([...history.map(({ bytes }) => bytes), rotatedHere], NOW + DAY)
const kimCut = encode({ ...rootNext, kind: 4, body: revocation(KIM, 2, known().head(KIM).root) }, root[0])
const kimCutTo1 = encode({ ...rootNext, kind: 4, body: revocation(KIM, 1, known().treeRoot(1, known().of(KIM)) as Bytes) }, root[0])
const afterCut = twinWith([...history.map(({ bytes }) => bytes), kimCut], NOW + DAY)
const renewed = encode({ ...rootNext, kind: 3, body: certificate(kim.public, 'Kim') }, root[0])
const afterRenewal = twinWith([...history.map(({ bytes }) => bytes), renewed], NOW + DAY)
const renewedPost = encode(next(afterRenewal, KIM, { kind: 16, body: text('renewed'), time: NOW + 60 }, idOf(renewed)), kim)
const afterRenewedPost = twinWith([...history.map(({ bytes }) => bytes), renewed, renewedPost], NOW + DAY)
const third = byKim()
const afterThird = twinWith([...history.map(({ bytes }) => bytes), third], NOW + DAY)
const old = first.body
/** As many open logs as there may be. */
const crowd: Bytes[] = []
for (let i = 0; i < 30; i++) {
  const twin = twinWith([...history.map(({ bytes }) => bytes), ...crowd], NOW + DAY)
  crowd.push(encode({ ...next(twin, CHANNEL, { kind: 3, body: certificate(fill(i), `${i}`), time: NOW + 60 }), seen: [] }, root[0]))
}
const crowded = twinWith([...history.map(({ bytes }) => bytes), ...crowd], NOW + DAY)
const byKimSeen = (...heads: TwinEntry['seen']): Bytes => byKim({ seen: heads.toSorted((a, b) => (hex(a.log) < hex(b.log) ? -1 : 1)) })

const CASES: readonly Case[] = [
  { name: 'the next post', bytes: byKim() },
  { name: 'the next of the root log', bytes: byRoot() },
  { name: 'a post of a kind nobody knows yet', bytes: byKim({ kind: 200 }) },
  { name: 'a withdrawal of a post of somebody else, with the scope for it', bytes: byKim({ kind: 18, body: body([1, target(LEE, 0, zeros)], [2, utf8('rude')]) }) },
  { name: 'all that a post can have', bytes: byKim({ body: body([1, utf8('t')], [2, utf8('x\n\ty')], [3, utf8('DURE:ABC')], [3, utf8('http://a')], [4, picture()], [4, picture('')], [5, join(number(1, 8), number(2, 8), utf8('here'))], [6, join(number(1, 8), number(1, 8))], [99, utf8('new')]) }) },
  { name: 'five minutes ahead', bytes: byKim({ time: NOW + 300_000 }), now: NOW },
  { name: 'a log goes on under a renewed certificate', then: [renewed], bytes: renewedPost },
  { name: 'an entry after one that is missing', now: NOW + DAY, bytes: byKim({ seq: 3, root: zeros, time: NOW + DAY }) },
  { name: 'the genesis once more', bytes: genesis },
  { name: 'the same post once more', bytes: (history[3] as { bytes: Bytes }).bytes },
  { name: 'another post of the same number: authentic, and so a fork', bytes: encode({ ...next(known(3), KIM, { kind: 16, body: text('another'), time: NOW + 11 }, kimCertificate) }, kim) },
  { name: 'another root entry of the same number', bytes: encode({ ...next(known(1), CHANNEL, { kind: 2, body: body(...manifest('Another')), time: NOW + 1 }) }, root[0]) },

  { name: 'no bytes', bytes: new Uint8Array(0) },
  { name: 'the last byte is missing', bytes: byKim().slice(0, -1) },
  { name: 'a byte too many', bytes: join(byKim(), number(0, 1)) },
  { name: 'version 2', bytes: withByte(byKim(), 0, 2) },
  { name: 'version 0', bytes: withByte(byKim(), 0, 0) },
  { name: 'a sequence number of 2^53', bytes: byKim({ seq: 2n ** 53n }) },
  { name: 'a time of 2^53', bytes: byKim({ time: 2n ** 53n }) },
  { name: 'kind 0', bytes: byKim({ kind: 0 }) },
  { name: 'a kind of the root log in an author\'s', bytes: byKim({ kind: 15 }) },
  { name: 'a kind of the authors\' logs in the root log', bytes: byRoot({ kind: 16 }) },
  { name: 'a genesis that is not the first', bytes: byRoot({ kind: 1, body: old }) },
  { name: 'a kind of a newer version in the root log', bytes: byRoot({ kind: 6 }) },
  { name: 'of another channel', bytes: byKim({ channel: fill(1) }) },
  { name: 'the genesis of another channel', bytes: encode({ ...first, time: NOW + 1 }, root[0]) },
  { name: 'the log of Lee, under the certificate of Kim', bytes: byKim({ log: LEE, seen: [rootHead(4)] }) },
  { name: 'a log of nobody', bytes: byKim({ log: zeros }) },
  { name: 'another past', bytes: byKim({ root: zeros }) },
  { name: 'another past of the root log', bytes: byRoot({ root: zeros }) },
  { name: 'a past before the first entry', held: 3, bytes: encode({ ...next(known(3), KIM, { kind: 16, body: text('first'), time: NOW + 10 }, kimCertificate), root: zeros }, kim) },
  { name: 'number 0 of the root log', bytes: byRoot({ seq: 0 }) },
  { name: 'number 4,096 of the root log', bytes: byRoot({ seq: 4_096 }) },
  { name: 'number 4,095 of the root log', bytes: byRoot({ seq: 4_095 }) },
  { name: 'signed by a thief', bytes: byKim({}, thief) },
  { name: 'signed by the root key', bytes: byKim({}, root[0]) },
  { name: 'a root entry signed by Kim', bytes: byRoot({}, kim) },
  { name: 'a flipped bit in the signature', bytes: flip(byKim(), -1) },
  { name: 'a flipped bit in the body', bytes: flip(byKim(), -65) },
  { name: 'a flipped bit in the number', bytes: flip(byKim(), 73) },
  { name: 'a certificate that our root log has not', bytes: byKim({ certificate: fill(9) }) },
  { name: 'a certificate that is a manifest', bytes: byKim({ certificate: RENAMED }) },
  { name: 'a certificate of a root log that goes on', bytes: byKim({ certificate: fill(9), seen: [rootHead(5)] }) },
  { name: 'a certificate of another root log', bytes: byKim({ certificate: fill(9), seen: [rootHead(3, zeros)] }) },
  { name: 'a root entry with a certificate', bytes: byRoot({ certificate: kimCertificate }) },
  { name: 'back to the certificate before the renewal', then: [renewed, renewedPost], bytes: encode(next(afterRenewedPost, KIM, { kind: 16, body: text('back'), time: NOW + 70 }, kimCertificate), kim) },
  { name: 'back to that certificate, over another past: of another branch, and no rule', then: [renewed, renewedPost], bytes: encode({ ...next(afterRenewedPost, KIM, { kind: 16, body: text('back'), time: NOW + 70 }, kimCertificate), root: fill(5) }, kim) },
  { name: 'behind the window of its certificate', bytes: byKim({ seq: 5 }) },
  { name: 'the last number of its window', now: NOW + 2 * DAY, bytes: byKim({ seq: 4, time: NOW + 2 * DAY }) },
  { name: 'at the end of its certificate', bytes: byLee({ time: NOW + DAY }), now: NOW + DAY },
  { name: 'before its certificate begins', bytes: byLee({ time: NOW + 9 }) },
  { name: 'before the entry before it', bytes: byKim({ time: NOW + 29 }) },
  { name: 'at the time of the entry before it', bytes: byKim({ time: NOW + 30 }) },
  { name: 'a root entry before the one before it', bytes: byRoot({ time: NOW + 39 }) },
  { name: 'more than five minutes ahead', bytes: byKim({ time: NOW + 300_001 }), now: NOW },
  { name: 'an entry more than the manifest it names allows', then: [third], bytes: encode(next(afterThird, KIM, { kind: 16, body: text('too many'), time: NOW + 60 }, kimCertificate), kim) },
  { name: 'the same, once the bucket has it again', then: [third], now: NOW + 2 * DAY, bytes: encode(next(afterThird, KIM, { kind: 16, body: text('later'), time: NOW + 50 + DAY }, kimCertificate), kim) },
  { name: 'further ahead than the rate can explain', bytes: byKim({ seq: 4, seen: [rootHead(4)] }) },
  { name: 'names no root log', bytes: byKim({ seen: [] }) },
  { name: 'names its own log', bytes: byKimSeen(rootHead(4), { log: KIM, size: 1, root: zeros }) },
  { name: 'the root log names itself', bytes: byRoot({ seen: [rootHead(3)] }) },
  { name: 'names heads in another order', bytes: byKim({ seen: kimNext.seen.toReversed() }) },
  { name: 'names a head twice', bytes: byKim({ seen: kimNext.seen.flatMap((head) => [head, head]) }) },
  { name: 'names a head of no entries', bytes: byKimSeen(rootHead(4), { log: LEE, size: 0, root: zeros }) },
  { name: 'names 33 heads', bytes: byKimSeen(rootHead(4), ...Array.from({ length: 32 }, (_, i) => ({ log: fill(i), size: 1, root: zeros }))) },
  { name: 'names a root log without its certificate', bytes: byKim({ seen: [rootHead(1)] }) },
  { name: 'names a root log that is not here yet', bytes: byKim({ seen: [rootHead(5)] }) },
  { name: 'names another root log of a size we have: a dispute, and no rule', bytes: byKim({ seen: [rootHead(4, zeros)] }) },
  { name: 'names a log that nobody is certified for', bytes: byKimSeen(rootHead(4), { log: zeros, size: 7, root: zeros }) },
  { name: 'an event without the scope for it', bytes: byLee({ body: body([5, join(number(1, 8), number(2, 8))]) }) },
  { name: 'an offer without the scope for it', bytes: byLee({ body: body([2, utf8('x')], [6, join(number(1, 8), number(2, 8))]) }) },
  { name: 'a picture without the scope for it', bytes: byLee({ body: body([4, picture()]) }) },
  { name: 'an edit of somebody else without the scope for it', bytes: byLee({ kind: 17, body: body([1, target(KIM, 0, post0)], [2, text('x')]) }) },
  { name: 'a withdrawal of somebody else without the scope for it', bytes: byLee({ kind: 18, body: body([1, target(KIM, 0, post0)]) }) },
  { name: 'an edit that adds a picture without the scope for it', bytes: byLee({ kind: 17, body: body([1, target(LEE, 0, zeros)], [2, body([4, picture()])]) }) },
  { name: 'an empty body', bytes: byKim({ body: new Uint8Array(0) }) },
  { name: 'fields in another order', bytes: byKim({ body: body([2, utf8('b')], [1, utf8('a')]) }) },
  { name: 'a manifest that says the rate which saying nothing says', bytes: byRoot({ body: body(...manifest('x', [24, number(50, 4)])) }) },
  { name: 'a manifest without a name', bytes: byRoot({ body: body([17, utf8('x')]) }) },

  { name: 'a revocation', bytes: kimCut },
  { name: 'a revocation of a log that nobody is certified for', bytes: byRoot({ kind: 4, body: revocation(zeros, 0, mth([])) }) },
  { name: 'a revocation that keeps nothing, under a root', bytes: byRoot({ kind: 4, body: revocation(KIM, 0, zeros) }) },
  { name: 'a second revocation that takes more away', then: [kimCut], bytes: encode(next(afterCut, CHANNEL, { kind: 4, body: revocation(KIM, 1, zeros, ''), time: NOW + 60 }), root[0]) },
  { name: 'a second revocation that gives back', then: [kimCutTo1], bytes: encode(next(twinWith([...history.map(({ bytes }) => bytes), kimCutTo1], NOW + DAY), CHANNEL, { kind: 4, body: revocation(KIM, 2, zeros), time: NOW + 60 }), root[0]) },
  { name: 'behind the end of a log, by an author who had not seen it', then: [kimCut], bytes: byKim() },
  { name: 'behind the end of a log, by an author who had seen it', then: [kimCut], bytes: byKim({ seen: [rootHead(5, afterCut.treeRoot(5))] }) },
  { name: 'a certificate for a key that was revoked', then: [kimCut], bytes: encode(next(afterCut, CHANNEL, { kind: 3, body: certificate(kim.public, 'Kim'), time: NOW + 60 }), root[0]) },
  { name: 'what was kept, after a revocation', held: 4, then: [(history[6] as { bytes: Bytes }).bytes, kimCut, (history[4] as { bytes: Bytes }).bytes], bytes: (history[5] as { bytes: Bytes }).bytes },
  { name: 'something else in the place of what was kept', held: 4, then: [(history[6] as { bytes: Bytes }).bytes, kimCut, (history[4] as { bytes: Bytes }).bytes], bytes: encode(next(known(5), KIM, { kind: 16, body: text('something else'), time: NOW + 30 }, kimCertificate), kim) },
  { name: 'the 33rd open log', then: crowd, bytes: encode({ ...next(crowded, CHANNEL, { kind: 3, body: certificate(fill(0xee), 'one too many'), time: NOW + 60 }), seen: [] }, root[0]) },
  { name: 'a certificate for a key that has a log, when 32 are open', then: crowd, bytes: encode({ ...next(crowded, CHANNEL, { kind: 3, body: certificate(lee.public, 'Lee'), time: NOW + 60 }), seen: [] }, root[0]) },

  { name: 'a rotation to the announced key', bytes: rotatedHere },
  { name: 'a rotation in the place of entries of the old key', bytes: rotated(2) },
  { name: 'a rotation that is ahead', bytes: rotated(4, { seq: 9, root: zeros }) },
  { name: 'a rotation with another past', bytes: rotated(4, { root: zeros }) },
  { name: 'a rotation in the place of entries, with another past', bytes: rotated(2, { root: zeros }) },
  { name: 'a rotation signed by the old key', bytes: rotated(4, {}, root[0]) },
  { name: 'a forged rotation, to a key that was not announced', bytes: rotated(4, {}, root[2], 2) },
  { name: 'a rotation two further, ahead of us', bytes: rotated(4, { seq: 5, root: zeros }, root[2], 2) },
  { name: 'a rotation two further, on another past', bytes: rotated(4, { root: zeros }, root[2], 2) },
  { name: 'the same rotation once more', then: [rotatedHere], bytes: rotatedHere },
  { name: 'another rotation to the same key', then: [rotatedHere], bytes: rotated(2) },
  { name: 'a rotation before the last, to a key that was not announced', then: [rotatedHere], bytes: rotated(2, {}, root[3], 3) },
  { name: 'a rotation back to the first key', then: [rotatedHere], bytes: encode({ ...next(afterRotation, CHANNEL, { kind: 5, body: body(...rotation(0)), time: NOW + 70 }), seen: [] }, root[0]) },
  { name: 'the next of the new root key', then: [rotatedHere], bytes: encode(next(afterRotation, CHANNEL, { kind: 2, body: body(...manifest('x')), time: NOW + 70 }), root[1]) },
  { name: 'an entry of the old root key', then: [rotatedHere], bytes: encode(next(afterRotation, CHANNEL, { kind: 2, body: body(...manifest('x')), time: NOW + 70 }), root[0]) },

  { name: 'of a log that has forked', fork: { log: KIM, seq: 1 }, bytes: byKim() },
  { name: 'of a log that has forked, from before that', fork: { log: KIM, seq: 1 }, bytes: (history[3] as { bytes: Bytes }).bytes },
  { name: 'of another log than the one that has forked', fork: { log: KIM, seq: 1 }, bytes: byLee() },
  { name: 'a post while the root log has forked', frozen: 3, bytes: byKim() },
  { name: 'a root entry while the root log has forked', frozen: 3, bytes: byRoot() },
  { name: 'a rotation behind the fork of the root log', frozen: 3, bytes: rotatedHere },
  { name: 'a rotation before the fork of the root log', frozen: 3, bytes: rotated(2) },
]

function judged({ name, held = ALL, then = [], fork, frozen, now = NOW + 1_000, bytes }: Case): unknown {
  const twin = twinWith([...history.slice(0, held).map((entry) => entry.bytes), ...then], NOW + 2 * DAY)
  if (fork) twin.forks.set(hex(fork.log), BigInt(fork.seq))
  if (frozen !== undefined) twin.frozen = BigInt(frozen)
  return {
    name, held, ...(then.length > 0 && { then: then.map(hex) }),
    ...(fork && { fork: { log: hex(fork.log), seq: fork.seq } }), ...(frozen !== undefined && { frozen }),
    now, entry: hex(bytes), verdict: twin.judge(bytes, now),
  }
}

// ---------------------------------------------------------------- what was kept of an ended log

/** All three of Kim's are kept; `elsewhere` was signed in the place of the second, `first` of the first. */
const kept = afterThird.of(KIM).map(({ bytes }) => bytes)
const keptCut = encode({ ...rootNext, kind: 4, body: revocation(KIM, 3, mth(kept)) }, root[0])
const elsewhere = encode({ ...next(known(4), KIM, { kind: 16, body: text('elsewhere'), time: NOW + 31 }, kimCertificate) }, kim)
const firstElsewhere = encode({ ...next(known(3), KIM, { kind: 16, body: text('elsewhere'), time: NOW + 31 }, kimCertificate) }, kim)

interface KeptCase {
  readonly name: string
  readonly ours: readonly Bytes[]
  readonly isEnded?: boolean
  /** otherwise than it has to be */
  readonly page?: { readonly from?: number; readonly entries?: readonly Bytes[]; readonly right?: readonly Bytes[] }
  readonly newest?: { readonly entry?: Bytes; readonly frontier?: readonly Bytes[] }
  readonly verdict?: string
}

const KEPT: readonly KeptCase[] = [
  { name: 'less of the same', ours: kept.slice(0, 2) },
  { name: 'the first of the same', ours: kept.slice(0, 1) },
  { name: 'another second', ours: [...kept.slice(0, 1), elsewhere] },
  { name: 'another first', ours: [firstElsewhere] },
  { name: 'nothing', ours: [] },
  { name: 'another second, of a log that was not ended', ours: [...kept.slice(0, 1), elsewhere], isEnded: false },
  { name: 'another second, and a page of it', ours: [...kept.slice(0, 1), elsewhere], page: { entries: [elsewhere] }, verdict: 'reject: root' },
  { name: 'another second, and a page of nothing', ours: [...kept.slice(0, 1), elsewhere], page: { entries: [], right: compactRange(1, 3, kept) }, verdict: 'reject: root' },
  { name: 'another second, and a page from elsewhere', ours: [...kept.slice(0, 1), elsewhere], page: { from: 0 }, verdict: 'reject: root' },
  { name: 'another second, and a page to the end', ours: [...kept.slice(0, 1), elsewhere], page: { entries: kept.slice(1), right: [] }, verdict: 'begins again' },
  { name: 'another second, and the frontier of it', ours: [...kept.slice(0, 1), elsewhere], newest: { frontier: compactRange(0, 2, [...kept.slice(0, 1), elsewhere]) }, verdict: 'reject: root' },
  { name: 'another second, and not the newest entry', ours: [...kept.slice(0, 1), elsewhere], newest: { entry: kept[1] as Bytes, frontier: compactRange(0, 1, kept) }, verdict: 'reject: sequence' },
]

function shownKept({ name, ours, isEnded = true, page = {}, newest = {}, verdict }: KeptCase): unknown {
  const then = [(history[6] as { bytes: Bytes }).bytes, ...ours, ...(isEnded ? [keptCut] : [])]
  const twin = twinWith([...history.slice(0, 3).map(({ bytes }) => bytes), ...then], NOW + DAY)
  const from = page.from ?? Math.max(0, ours.length - 1)
  const entries = page.entries ?? kept.slice(from, from + 1)
  return {
    name, held: 3, then: then.map(hex), now: NOW + 1_000,
    entry: hex(newest.entry ?? (kept[2] as Bytes)), frontier: (newest.frontier ?? compactRange(0, 2, kept)).map(hex),
    entries: entries.map(hex), left: compactRange(0, from, kept).map(hex), right: (page.right ?? compactRange(from + 1, 3, kept)).map(hex),
    verdict: verdict ?? twin.keep(KIM, kept),
  }
}

// ---------------------------------------------------------------- bodies, first entries

const long = (length: number): Bytes => utf8('x'.repeat(length))
const BODIES: readonly [kind: number, name: string, bytes: Bytes][] = [
  [1, 'genesis', old],
  [1, 'genesis without the next root', body([1, fill(1)], [16, utf8('x')])],
  [2, 'the shortest manifest', body([16, utf8('x')])],
  [2, 'all of a manifest', body([16, utf8('빵')], [17, utf8('a\nb')], [18, picture()], [19, utf8('zh-Hant')], [19, utf8('ko')], [20, utf8('KR')], [21, utf8('https://a/?b#c')], [22, utf8('Mo-Fr 07:00-19:00')], [23, utf8('xn--9n2bp8q.example')], [24, number(100_000, 4)], [200, utf8('new')])],
  [2, 'a name of two lines', body([16, utf8('a\nb')])],
  [2, 'a name with a C1 control', body([16, utf8('a\u0085b')])],
  [2, 'a name too long', body([16, long(129)])],
  [2, 'a name that is not UTF-8', body([16, new Uint8Array([0xc0, 0x80])])],
  [2, 'an empty description', body([16, utf8('x')], [17, utf8('')])],
  [2, 'a rate of 0', body([16, utf8('x')], [24, number(0, 4)])],
  [2, 'a rate above the limit', body([16, utf8('x')], [24, number(100_001, 4)])],
  [2, 'a rate of 3 bytes', body([16, utf8('x')], [24, number(7, 3)])],
  [2, 'a language that is none', body([16, utf8('x')], [19, utf8('k')])],
  [2, 'a region in small letters', body([16, utf8('x')], [20, utf8('kr')])],
  [2, 'a domain in capital letters', body([16, utf8('x')], [23, utf8('Example.com')])],
  [2, 'a domain that is an address', body([16, utf8('x')], [23, utf8('1.2.3.4')])],
  [2, 'a link of another scheme', body([16, utf8('x')], [21, utf8('ftp://a')])],
  [2, 'a link with a blank', body([16, utf8('x')], [21, utf8('https://a b')])],
  [2, 'seventeen links', body([16, utf8('x')], ...Array.from({ length: 17 }, (): TwinField => [21, utf8('https://a')]))],
  [2, 'a newer field before an older', body([15, utf8('x')], [16, utf8('x')])],
  [2, '257 fields', body([16, utf8('x')], ...Array.from({ length: 256 }, (): TwinField => [99, new Uint8Array(0)]))],
  [3, 'certificate', certificate(kim.public, 'Kim')],
  [3, 'a certificate of an empty window', certificate(kim.public, 'Kim', { seqs: [5, 5] })],
  [3, 'a certificate that ends before it begins', certificate(kim.public, 'Kim', { times: [2, 1] })],
  [3, 'a certificate for nothing', certificate(kim.public, 'Kim', { scope: 0 })],
  [3, 'a certificate with a scope of a newer version', certificate(kim.public, 'Kim', { scope: 0x8001 })],
  [4, 'revocation', revocation(KIM, 3, fill(1))],
  [4, 'a revocation without a reason', revocation(KIM, 3, fill(1), '')],
  [4, 'a reason too long', body([1, KIM], [2, number(3, 8)], [3, fill(1)], [4, long(257)])],
  [5, 'rotation', body(...rotation(1))],
  [5, 'a rotation with a key of 31 bytes', body([1, long(31)], [2, fill(1)])],
  [16, 'a text', text('x')],
  [16, 'a text too long', body([2, long(32_769)])],
  [16, 'a title twice', body([1, utf8('a')], [1, utf8('b')])],
  [16, 'only fields of a newer version', body([99, utf8('x')])],
  [16, 'a length behind the end', join(body([2, utf8('x')]).slice(0, -1))],
  [16, 'nine links', body(...Array.from({ length: 9 }, (): TwinField => [3, utf8('https://a')]))],
  [16, 'a picture of no size', body([4, withByte(withByte(picture(), 34, 0), 35, 0)])],
  [16, 'a picture of an unknown type', body([4, withByte(picture(), 36, 5)])],
  [16, 'a picture of no width', body([4, withByte(withByte(picture(), 37, 0), 38, 0)])],
  [16, 'a picture with a line end in its text', body([4, picture('a\nb')])],
  [16, 'an event that ends before it starts', body([5, join(number(2, 8), number(1, 8))])],
  [16, 'an event of a time of 2^53', body([5, join(number(1, 8), number(2n ** 53n, 8))])],
  [17, 'an edit', body([1, target(KIM, 0, post0)], [2, text('x')])],
  [17, 'an edit of a target cut short', body([1, target(KIM, 0, post0).slice(1)], [2, text('x')])],
  [17, 'an edit to an empty post', body([1, target(KIM, 0, post0)], [2, new Uint8Array(0)])],
  [17, 'an edit to a post in another order', body([1, target(KIM, 0, post0)], [2, body([2, utf8('x')], [1, utf8('x')])])],
  [18, 'a withdrawal', body([1, target(KIM, 0, post0)])],
  [18, 'a withdrawal with a reason of two lines', body([1, target(KIM, 0, post0)], [2, utf8('a\nb')])],
]

const FIRSTS: readonly [name: string, bytes: Bytes][] = [
  ['genesis', genesis],
  ['signed by another key than it names', encode(first, root[1])],
  ['another kind', encode({ ...first, kind: 2 }, root[0])],
  ['in a channel', encode({ ...first, channel: fill(1) }, root[0])],
  ['in a log', encode({ ...first, log: fill(1) }, root[0])],
  ['not number 0', encode({ ...first, seq: 1 }, root[0])],
  ['with a past', encode({ ...first, root: zeros }, root[0])],
  ['with a certificate', encode({ ...first, certificate: fill(1) }, root[0])],
  ['that names a head', encode({ ...first, seen: [{ log: fill(1), size: 1, root: zeros }] }, root[0])],
  ['of the future', encode({ ...first, time: NOW + 301_001 }, root[0])],
  ['without a manifest', encode({ ...first, body: body(...rotation(0)) }, root[0])],
]

// ---------------------------------------------------------------- evidence

const sized = (bytes: Bytes): Bytes => join(number(bytes.length, 4), bytes)
const evidence = (kind: number, credentials: Bytes[], entries: Bytes[], ...rest: Bytes[]): Bytes =>
  join(number(1, 1), number(kind, 1), number(credentials.length, 1), ...credentials.map(sized), number(entries.length, 1), ...entries.map(sized), ...rest)

function evidences(): unknown[] {
  const [, certifiesKim, certifiesLee, kim0, lee0] = history.map(({ bytes }) => bytes) as [Bytes, Bytes, Bytes, Bytes, Bytes]
  const sure = [genesis, certifiesKim]
  const other = encode({ ...next(known(3), KIM, { kind: 16, body: text('another'), time: NOW + 11 }, kimCertificate) }, kim)
  const branch = [other]
  for (let i = 1; i < 4; i++) branch.push(encode({ ...kimNext, seq: i, root: mth(branch), time: NOW + 20 + i }, kim))
  const [, , , later] = branch as [Bytes, Bytes, Bytes, Bytes]
  const path = (index: number): Bytes[] => auditPath(index, branch.slice(0, 3))
  const rewritten = (at: Bytes, leafAt: Bytes, proof: Bytes[]): Bytes => evidence(2, sure, [at, later], leafAt, number(proof.length, 1), ...proof)
  const rootFork = [byRoot(), byRoot({ time: NOW + 51 })]
  const cases: [name: string, bytes: Bytes, result: unknown][] = [
    ['fork', evidence(1, sure, [kim0, other]), { kind: 'fork', log: hex(KIM), seq: 0, signer: hex(kim.public), authors: ['Kim', 'Kim'] }],
    ['fork of the root log', evidence(1, [genesis], rootFork), { kind: 'fork', log: hex(CHANNEL), seq: 4, signer: hex(root[0].public), authors: [null, null] }],
    ['rewrite', rewritten(kim0, leaf(other), path(0)), { kind: 'rewrite', log: hex(KIM), seq: 0, signer: hex(kim.public), authors: ['Kim', 'Kim'] }],
    ['trimmed, by the word of another', evidence(3, [genesis, certifiesKim, certifiesLee], [byLee(), kim0], KIM), { kind: 'trimmed', log: hex(KIM), seq: 1, size: 2, signer: hex(lee.public), authors: ['Lee', 'Kim'] }],
    ['trimmed to nothing', evidence(3, sure, [kim0], KIM), { kind: 'trimmed', log: hex(KIM), seq: 0, size: 1, signer: hex(kim.public), authors: ['Kim'] }],
    ['an entry twice', evidence(1, sure, [kim0, kim0]), 'nothing'],
    ['two entries that follow each other', evidence(1, sure, [kim0, (history[5] as { bytes: Bytes }).bytes]), 'nothing'],
    ['two entries of two logs', evidence(1, [genesis, certifiesKim, certifiesLee], [kim0, lee0]), 'nothing'],
    ['a rewrite that has the same entry', rewritten(other, leaf(other), path(0)), 'nothing'],
    ['a rewrite with a wrong proof', rewritten(kim0, leaf(other), path(1)), 'nothing'],
    ['nothing left out', evidence(3, [genesis, certifiesKim, certifiesLee], [byLee(), (history[5] as { bytes: Bytes }).bytes], KIM), 'nothing'],
    ['a rotation beside an entry of the old key', evidence(1, [genesis], [byRoot(), rotatedHere]), 'nothing'],
    ['without the certificate', evidence(1, [genesis], [kim0, other]), 'credentials'],
    ['without the genesis', evidence(1, [], [kim0, other]), 'credentials'],
    ['a certificate twice', evidence(1, [genesis, certifiesKim, certifiesKim], [kim0, other]), 'credentials'],
    ['an altered entry', evidence(1, sure, [kim0, flip(other, -1)]), 'signature'],
    ['a certificate by a thief', evidence(1, [genesis, encode({ ...next(known(1), CHANNEL, { kind: 3, body: certificate(kim.public, 'Kim'), time: NOW + 1 }) }, thief)], [kim0, other]), 'signature'],
    ['one entry', evidence(1, sure, [kim0]), 'malformed'],
    ['a byte too many', join(evidence(1, sure, [kim0, other]), number(0, 1)), 'malformed'],
    ['another kind', evidence(4, sure, [kim0, other]), 'malformed'],
    ['a newer version', withByte(evidence(1, sure, [kim0, other]), 0, 2), 'newer-version'],
  ]
  return cases.map(([name, bytes, result]) => ({ name, evidence: hex(bytes), result }))
}

export function vectors(): unknown {
  const kimPosts = afterThird.of(KIM).map(({ bytes }) => bytes)
  return {
    about: 'Hex, unless it is a number or plain text. verdicts: `held` entries of the history, then those of `then`, all accepted; then a fork of a log or of the root log is known; then `entry` is judged at `now`.',
    keys: {
      entropy: hex(ENTROPY),
      root: [0, 1, 2].map((generation) => {
        const seed = rootSeed(ENTROPY, generation)
        return { generation, seed: hex(seed), key: hex(twinKey(seed).public), commitment: hex(commitment(twinKey(seed).public)) }
      }),
      posting: [['Kim', SEEDS.kim, KIM], ['Lee', SEEDS.lee, LEE]].map(([name, seed, log]) => ({ name, seed: hex(seed as Bytes), key: hex(twinKey(seed as Bytes).public), log: hex(log as Bytes) })),
    },
    channel: hex(CHANNEL),
    history: history.map(({ name, bytes }) => ({ name, entry: hex(bytes), id: hex(idOf(bytes)) })),
    heads: [CHANNEL, KIM, LEE].map((log) => known().head(log)).map(({ log, size, root: over }) => ({ log: hex(log), size, root: hex(over) })),
    firsts: FIRSTS.map(([name, bytes]) => ({ name, now: NOW + 1_000, entry: hex(bytes), verdict: genesisVerdict(bytes, NOW + 1_000) })),
    verdicts: CASES.map(judged),
    bodies: BODIES.map(([kind, name, bytes]) => ({ kind, name, body: hex(bytes), verdict: bodyVerdict(kind, bytes) })),
    page: {
      about: 'Entries [1, 3) of the log of Kim, the last of them the entry of the first verdict.',
      from: 1,
      entries: kimPosts.slice(1).map(hex),
      left: compactRange(0, 1, kimPosts).map(hex),
      right: compactRange(3, 3, kimPosts).map(hex),
      head: { log: hex(KIM), size: 3, root: hex(mth(kimPosts)) },
    },
    kept: {
      about: 'Of the log of Kim three entries were kept. `held` entries of the history, then those of `then`, all accepted; then somebody shows the newest kept entry with the frontier before it, and a page from the number of our newest on.',
      cases: KEPT.map(shownKept),
    },
    evidence: evidences(),
  }
}
