import assert from 'node:assert/strict'
import {
  body, channelId, commitment, encode, evidence, genesisVerdict, hex, idOf, logId, next, number, rootSeed, TwinChannel, type TwinField, twinKey, twinWith, zeros,
} from '../reference/channel.ts'
import { auditPath, compactRange, consistency, leaf, mth, rootByPath, rootsByProof } from '../reference/channel-merkle.ts'
import { frame, provider, request, tag, text, topic } from '../reference/channel-sync.ts'
import { InteropDoor } from '../support/interop-door.ts'
import { seededRandom } from '../support/seeded.ts'
import { NOW } from './people.ts'

type Bytes = Uint8Array
interface State {
  readonly channel: string
  readonly logs: readonly string[]
}

const POST = 16
const EDIT = 17
const HOUR = 3_600_000
const ENTROPY = '07'.repeat(32)
const bytesOf = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'hex'))
const utf8 = (text: string): Bytes => new Uint8Array(Buffer.from(text))
const rootKey = (generation: number) => twinKey(rootSeed(bytesOf(ENTROPY), generation))
const staff = (seed: number) => twinKey(new Uint8Array(32).fill(seed))
const concat = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts))

const certificate = (seed: number, changed: { endSeq?: number } = {}): Bytes =>
  body(
    [1, staff(seed).public], [2, utf8(`author ${seed}`)], [3, number(31, 2)], [4, number(0, 8)], [5, number(changed.endSeq ?? 1_000, 8)],
    [6, number(NOW, 8)], [7, number(NOW + 365 * 24 * HOUR, 8)],
  )
const post = (said: string): Bytes => body([2, utf8(said)])
const manifest = (name: string, ...more: TwinField[]): Bytes => body([16, utf8(name)], ...more)

/** A channel that the twin writes: everything it has, and in which order it was written. */
class TwinBrand {
  readonly channel: TwinChannel
  readonly written: Bytes[]
  now = NOW
  generation = 0

  /** @param rate entries a day */
  constructor(rate = 100_000) {
    const [own, after] = [rootKey(0), rootKey(1)]
    const said = concat(body([1, own.public], [2, commitment(after.public)]), manifest('Seoul Bakery', [24, number(rate, 4)]))
    const genesis = encode({ kind: 1, channel: zeros, log: zeros, seq: 0, time: NOW, root: mth([]), certificate: zeros, seen: [], body: said }, own)
    assert.equal(genesisVerdict(genesis, NOW), 'right')
    this.channel = new TwinChannel(genesis)
    this.written = [genesis]
  }

  private take(entry: Bytes): Bytes {
    const verdict = this.channel.judge(entry, this.now)
    assert.equal(verdict, 'accept')
    this.channel.take(entry)
    this.written.push(entry)
    this.now += HOUR
    return entry
  }

  root(kind: number, said: Bytes): Bytes {
    return this.take(next(this.channel, this.channel.id, rootKey(this.generation), zeros, { kind, body: said }, this.now))
  }

  log(seed: number): Bytes {
    return logId(this.channel.id, staff(seed).public)
  }

  write(seed: number, certified: Bytes, kind: number, said: Bytes): Bytes {
    return this.take(next(this.channel, this.log(seed), staff(seed), idOf(certified), { kind, body: said }, this.now))
  }
}

/** A channel with two authors, in which all kinds of entries are. */
function newspaper(): TwinBrand & { certificates: Bytes[] } {
  const brand = new TwinBrand()
  const certificates = [brand.root(3, certificate(1)), brand.root(3, certificate(2))]
  const posts = Array.from({ length: 13 }, (_, i) => brand.write(1 + (i % 2), certificates[i % 2]!, POST, post(`post ${i}`)))
  const target = (entry: Bytes, seed: number, seq: number): TwinField => [1, concat(brand.log(seed), number(seq, 8), idOf(entry))]
  brand.write(1, certificates[0]!, EDIT, body(target(posts[1]!, 2, 0), [2, post('better said')]))
  brand.write(2, certificates[1]!, 18, body(target(posts[3]!, 2, 1), [2, utf8('sold out')]))
  brand.root(2, manifest('Seoul Bakery and Tea', [17, utf8('bread, 차')], [24, number(99_000, 4)]))
  brand.write(1, certificates[0]!, POST, post('after the new manifest'))
  return Object.assign(brand, { certificates })
}

describe('a channel over the interop door', () => {
  let door: InteropDoor
  before(() => (door = new InteropDoor()))
  after(() => door.end())

  const judged = async (state: State, entry: Bytes, now: number) => door.ask<{ verdict: string; rule?: string; reason?: string; state?: State; id?: string }>('channel.judge', { state, entry: hex(entry), now })

  /** Our channel with these entries, each of which ours must accept. */
  async function followed(entries: readonly Bytes[], now: number): Promise<State> {
    const [genesis, ...rest] = entries as [Bytes, ...Bytes[]]
    let { state } = await door.ask<{ state: State }>('channel.open', { genesis: hex(genesis), now })
    for (const entry of rest) {
      const verdict = await judged(state, entry, now)
      assert.equal(verdict.verdict, 'accept', `${verdict.rule ?? verdict.reason}`)
      assert.equal(verdict.id, hex(idOf(entry)))
      state = verdict.state!
    }
    return state
  }

  it('that the twin wrote is accepted entry by entry, and looks the same', async () => {
    const brand = newspaper()
    const state = await followed(brand.written, brand.now)
    const seen = await door.ask<{ id: string; total: number; manifest: { name: string; rate: number }; heads: { log: string; size: number; root: string }[]; missing: unknown[] }>('channel.look', { state })
    assert.equal(seen.id, hex(channelId(brand.written[0]!)))
    assert.equal(seen.total, brand.written.length)
    assert.deepEqual([seen.manifest.name, seen.manifest.rate], ['Seoul Bakery and Tea', 99_000])
    const heads = [brand.channel.id, ...[brand.log(1), brand.log(2)].sort((a, b) => (hex(a) < hex(b) ? -1 : 1))].map((log) => brand.channel.head(log))
    assert.deepEqual(seen.heads, heads.map(({ log, size, root }) => ({ log: hex(log), size, root: hex(root) })))
    assert.deepEqual(seen.missing, [])
  })

  it('that ours wrote is accepted by the twin, entry by entry', async () => {
    const languages: string[] = ['ko']
    const made = await door.ask<{ state: State; genesis: string; id: string }>('channel.create', {
      entropy: ENTROPY, now: NOW, manifest: { name: 'Tea House', description: 'tea', languages, region: 'KR', links: ['https://tea.example/'], domain: 'tea.example', rate: 50 },
    })
    const written = [bytesOf(made.genesis)]
    let { state } = made
    let now = NOW
    const keep = (said: { state: State; entry: string }): string => {
      written.push(bytesOf(said.entry))
      state = said.state
      now += HOUR
      return said.entry
    }
    const encoded = async (said: Record<string, unknown>): Promise<string> => (await door.ask('channel.body', { body: said })).bytes!
    const root = async (generation: number, kind: number, said: Record<string, unknown>): Promise<string> =>
      keep(await door.ask('channel.writeRoot', { state, entropy: ENTROPY, generation, kind, body: await encoded(said), now }))
    const keyOf = (seed: number) => hex(staff(seed).public)
    const window = { scope: 31, firstSeq: 0, endSeq: 100, notBefore: NOW, notAfter: NOW + 365 * 24 * HOUR }
    const certificates = [
      hex(idOf(bytesOf(await root(0, 3, { of: 'certificate', key: keyOf(1), name: 'Kim', ...window })))),
      hex(idOf(bytesOf(await root(0, 3, { of: 'certificate', key: keyOf(2), name: 'Lee', ...window })))),
    ]
    const empty = { title: '', text: '', links: [], media: [] }
    const posts = [
      { ...empty, title: 'Open night', text: 'Come by', event: { start: NOW, end: NOW + HOUR, place: 'Mapo 12' } },
      { ...empty, text: 'Two for one', links: ['https://tea.example/offer'], offer: { from: NOW, until: NOW + HOUR, terms: 'one each' } },
      { ...empty, media: [{ hash: 'ab'.repeat(32), size: 40_000, type: 'webp', width: 640, height: 480, alt: '찻잔' }] },
      { ...empty, text: 'just words' },
    ]
    for (const [i, said] of posts.entries()) {
      const [key, certified] = [hex(new Uint8Array(32).fill(1 + (i % 2))), certificates[i % 2]]
      keep(await door.ask('channel.write', { state, key, certificate: certified, kind: POST, body: await encoded({ of: 'post', ...said }), now }))
    }
    await root(0, 4, { of: 'revocation', log: hex(logId(bytesOf(made.id), staff(2).public)), size: 1, root: hex(mth([written[4]!])), reason: 'left us' })
    await root(1, 5, { of: 'rotation', rootKey: hex(rootKey(1).public), nextRoot: hex(commitment(rootKey(2).public)) })
    await root(1, 2, { of: 'manifest', name: 'Tea House', description: '', languages, links: [], rate: 60 })

    assert.equal(genesisVerdict(written[0]!, NOW), 'right')
    assert.equal(hex(channelId(written[0]!)), made.id)
    const twin = twinWith(written, now)
    assert.deepEqual(twin.manifest(), { name: 'Tea House', rate: 60n })
    assert.deepEqual(twin.of(logId(twin.id, staff(2).public)).length, 1, 'the log that was ended is cut')
    const names = await door.ask('channel.names', { channel: made.id, nonce: '0f'.repeat(16) })
    assert.deepEqual(names, { text: text(made.id), topic: topic(made.id), provider: provider(made.id), tag: tag(made.id, '0f'.repeat(16)) })
  })

  it('is judged alike, whatever is wrong with an entry', async () => {
    const brand = newspaper()
    const state = await followed(brand.written, brand.now)
    const [first, second] = brand.certificates as [Bytes, Bytes]
    const good = next(brand.channel, brand.log(1), staff(1), idOf(first), { kind: POST, body: post('next') }, brand.now)
    const flipped = (at: number): Bytes => good.with(at < 0 ? good.length + at : at, good.at(at)! ^ 1)
    const by = (seed: number, certified: Bytes, kind: number, said: Bytes, now = brand.now): Bytes => next(brand.channel, brand.log(seed), staff(seed), idOf(certified), { kind, body: said }, now)
    const cases: [string, Bytes][] = [
      ['the next', good],
      ['signed by another author', encode({ ...fieldsOf(brand, 1, first), kind: POST, body: post('not mine') }, staff(2))],
      ['with the certificate of another log', by(1, second, POST, post('x'))],
      ['of a kind to come', by(1, first, 77, utf8('?'))],
      ['of the root log', by(1, first, 2, manifest('x'))],
      ['empty', by(1, first, POST, body())],
      ['fields in disorder', by(1, first, POST, body([2, utf8('a')], [1, utf8('b')]))],
      ['a title of two lines', by(1, first, POST, body([1, utf8('a\nb')]))],
      ['a link to a script', by(1, first, POST, body([3, utf8('javascript:alert(1)')]))],
      ['from the future', by(1, first, POST, post('x'), brand.now + 400_000)],
      ['before its certificate', by(1, first, POST, post('x'), NOW - 1)],
      ['after its end', by(1, first, POST, post('x'), NOW + 366 * 24 * HOUR)],
      ['known', brand.written[5]!],
      ['two ahead', encode({ ...fieldsOf(brand, 1, first), seq: 30, kind: POST, body: post('x') }, staff(1))],
      ['on other entries', encode({ ...fieldsOf(brand, 1, first), root: zeros, kind: POST, body: post('x') }, staff(1))],
      ['a rotation nobody announced', next(brand.channel, brand.channel.id, rootKey(5), zeros, { kind: 5, body: body([1, rootKey(5).public], [2, commitment(rootKey(6).public)]) }, brand.now)],
      ['a manifest by an author', next(brand.channel, brand.channel.id, staff(1), zeros, { kind: 2, body: manifest('mine') }, brand.now)],
    ]
    for (let at = 0; at < 146; at += 9) cases.push([`byte ${at} changed`, flipped(at)])
    cases.push(['signature changed', flipped(-1)], ['cut', good.slice(0, -1)], ['longer', concat(good, number(0, 1))])
    for (const [what, entry] of cases) {
      const ours = await judged(state, entry, brand.now)
      const said = ours.verdict === 'reject' ? `reject: ${ours.rule}` : ours.verdict === 'ignore' ? `ignore: ${ours.reason}` : ours.verdict
      assert.equal(said, brand.channel.judge(entry, brand.now), what)
    }
  })

  it('fills and empties the bucket of a log alike (seed 9)', async () => {
    const random = seededRandom(9)
    const brand = new TwinBrand(3)
    const certified = brand.root(3, certificate(1))
    let state = await followed(brand.written, brand.now)
    const verdicts = new Set<string>()
    for (let i = 0; i < 40; i++) {
      brand.now += random(1)[0]! * (i % 8 === 0 ? HOUR : HOUR / 60)
      const entry = next(brand.channel, brand.log(1), staff(1), idOf(certified), { kind: POST, body: post(`${i}`) }, brand.now)
      const expected = brand.channel.judge(entry, brand.now)
      const ours = await judged(state, entry, brand.now)
      assert.equal(ours.rule ? `reject: ${ours.rule}` : ours.verdict, expected)
      verdicts.add(expected)
      if (expected !== 'accept') continue
      brand.channel.take(entry)
      state = ours.state!
    }
    assert.deepEqual([...verdicts].sort(), ['accept', 'reject: rate'])
  })

  it('proves inclusion and consistency to the other, both ways, for every size', async () => {
    const random = seededRandom(5)
    const entries = Array.from({ length: 21 }, () => random(40))
    const leaves = entries.map((entry) => hex(leaf(entry)))
    for (let size = 1; size <= entries.length; size++) {
      const [all, root] = [entries.slice(0, size), mth(entries.slice(0, size))]
      const tree = await door.ask<{ root: string; frontier: string[] }>('channel.tree', { leaves: leaves.slice(0, size) })
      assert.deepEqual(tree, { root: hex(root), frontier: compactRange(0, size, all).map(hex) })
      const index = size % 3 === 0 ? 0 : size - 1
      const mine = { leaf: leaves[index], index, size, root: hex(root), proof: auditPath(index, all).map(hex) }
      assert.deepEqual(await door.ask('channel.verifyInclusion', mine), { valid: true })
      if (mine.proof.length > 0) assert.equal((await door.ask('channel.verifyInclusion', { ...mine, proof: mine.proof.slice(1) })).valid as unknown, false)
      const { proof } = await door.ask<{ proof: string[] }>('channel.inclusion', { leaves: leaves.slice(0, size), index })
      assert.equal(hex(rootByPath(bytesOf(leaves[index]!), index, size, proof.map(bytesOf))!), hex(root))

      const first = Math.ceil(size / 2)
      const [old, said] = [mth(entries.slice(0, first)), consistency(first, all).map(hex)]
      const sizes = { first, second: size, firstRoot: hex(old), secondRoot: hex(root) }
      assert.deepEqual(await door.ask('channel.verifyConsistency', { ...sizes, proof: said }), { valid: true })
      if (first < size) assert.equal((await door.ask('channel.verifyConsistency', { ...sizes, secondRoot: hex(old), proof: said })).valid as unknown, false)
      const ours = await door.ask<{ proof: string[] }>('channel.consistency', { leaves: leaves.slice(0, size), first })
      const led = rootsByProof(first, size, old, ours.proof.map(bytesOf))
      assert.deepEqual([hex(led!.old), hex(led!.all)], [hex(old), hex(root)])
    }
    const range = { from: 5, to: 12 }
    const ours = await door.ask<{ left: string[]; right: string[] }>('channel.range', { leaves, ...range })
    assert.deepEqual(ours, { left: compactRange(0, 5, entries).map(hex), right: compactRange(12, 21, entries).map(hex) })
  })

  it('is followed from its newest entry, and its past in pages, all made by the twin', async () => {
    const brand = newspaper()
    const rootLog = brand.channel.of(brand.channel.id).map(({ bytes }) => bytes)
    let state = await followed(rootLog, brand.now)
    const log = brand.log(1)
    const entries = brand.channel.of(log).map(({ bytes }) => bytes)
    const newest = entries.at(-1)!
    const frontier = compactRange(0, entries.length - 1, entries).map(hex)
    assert.equal(await door.refusal('channel.adopt', { state, entry: hex(newest), frontier: frontier.map((hash) => hash.replace(/^../, '00')), now: brand.now }), 'root')
    ;({ state } = await door.ask<{ state: State }>('channel.adopt', { state, entry: hex(newest), frontier, now: brand.now }))
    const page = {
      state, log: hex(log), from: 2, entries: entries.slice(2, 6).map(hex), now: brand.now,
      left: compactRange(0, 2, entries).map(hex), right: compactRange(6, entries.length, entries).map(hex),
    }
    const read = await door.ask<{ ids: string[]; stopped: unknown }>('channel.page', page)
    assert.deepEqual([read.ids, read.stopped], [entries.slice(2, 6).map((entry) => hex(idOf(entry))), null])
    assert.equal(await door.refusal('channel.page', { ...page, entries: [page.entries[1], page.entries[0], ...page.entries.slice(2)] }), 'sequence')
    assert.equal(await door.refusal('channel.page', { ...page, from: 0, entries: entries.slice(0, 4).map(hex), left: [], right: page.right }), 'root')

    const asked = { type: 'page', channel: hex(brand.channel.id), log: hex(log), from: 2, count: 4, size: entries.length }
    assert.equal((await door.ask('channel.syncRequest', { request: asked })).frame, request.page(asked.channel, asked.log, 2, 4, entries.length))
    const head = frame.head(hex(log), frontier, hex(newest))
    assert.deepEqual(await door.ask('channel.readSyncFrame', { frame: head }), { frame: { type: 'head', log: hex(log), frontier, entry: hex(newest) } })
    assert.equal((await door.ask('channel.syncFrame', { frame: { type: 'proof', from: 2, to: 6, proof: { left: page.left, right: page.right } } })).frame, frame.proof(2, 6, page.left, page.right))
  })

  it('begins again where a log was ended at more than is here of its other branch, and only there', async () => {
    const [brand, thief] = [new TwinBrand(), new TwinBrand()]
    const certified = brand.root(3, certificate(1))
    thief.channel.take(certified)
    thief.now = brand.now
    const log = brand.log(1)
    const [theirs, kept] = [Array.from({ length: 2 }, (_, i) => thief.write(1, certified, POST, post(`theirs ${i}`))), Array.from({ length: 4 }, (_, i) => brand.write(1, certified, POST, post(`kept ${i}`)))]
    const revocation = brand.root(4, body([1, log], [2, number(4, 8)], [3, mth(kept)]))
    const page = { entries: [hex(kept[1]!)], left: compactRange(0, 1, kept).map(hex), right: compactRange(2, 4, kept).map(hex) }
    const asked = { entry: hex(kept[3]!), frontier: compactRange(0, 3, kept).map(hex), ...page, now: brand.now + HOUR }
    for (const held of [theirs, kept.slice(0, 2)]) {
      const entries = [brand.written[0]!, certified, ...held, revocation]
      const state = await followed(entries, asked.now)
      const twin = twinWith(entries, asked.now)
      const after = await door.ask<{ state: State | null }>('channel.adoptKept', { ...asked, state })
      assert.equal(after.state ? 'begins again' : 'goes on', twin.keep(log, kept))
      assert.equal(after.state !== null, held === theirs)
      assert.equal(await door.refusal('channel.adoptKept', { ...asked, state, entries: [hex(theirs[1]!)] }), 'root')
      if (!after.state) continue
      const { heads } = await door.ask<{ heads: { log: string; size: number; root: string }[] }>('channel.look', { state: after.state })
      assert.deepEqual(heads.at(-1), { log: hex(log), size: 4, root: hex(mth(kept)) })
    }
  })

  it('shows a fork and a rewrite as evidence that the other checks, and follows a rotation that takes the place of entries', async () => {
    const brand = newspaper()
    const state = await followed(brand.written, brand.now)
    const [first] = brand.certificates as [Bytes]
    const fork = [post('this'), post('and that')].map((said) => next(brand.channel, brand.log(1), staff(1), idOf(first), { kind: POST, body: said }, brand.now))
    const { numbers } = await door.ask<{ numbers: number[] }>('channel.credentials', { state, entries: fork.map(hex) })
    const credentials = numbers.map((seq) => brand.channel.of(brand.channel.id)[seq]!.bytes)
    const mine = hex(evidence('fork', credentials, fork))
    const ours = await door.ask('channel.forkProof', { credentials: credentials.map(hex), a: hex(fork[0]!), b: hex(fork[1]!) })
    assert.equal(ours.evidence, mine, 'the same bytes')
    const checked = await door.ask<{ kind: string; seq: number; authors: string[] }>('channel.checkEvidence', { evidence: mine })
    assert.deepEqual([checked.kind, checked.seq, checked.authors], ['fork', brand.channel.of(brand.log(1)).length, ['author 1', 'author 1']])
    const frozen = await door.ask<{ changes: boolean; state: State }>('channel.freeze', { state, evidence: mine })
    assert.deepEqual(await judged(frozen.state, fork[0]!, brand.now).then(({ reason }) => reason), 'frozen')

    const own = brand.channel.of(brand.log(1)).map(({ bytes }) => bytes)
    const other = [...own.slice(0, 3), fork[0]!, ...own.slice(4)]
    const later = encode({ ...fieldsOf(brand, 1, first), seq: other.length, root: mth(other), kind: POST, body: post('on another past') }, staff(1))
    const path = auditPath(3, other)
    const rewrite = evidence('rewrite', credentials, [own[3]!, later], concat(leaf(fork[0]!), number(path.length, 1), ...path))
    assert.deepEqual(await door.ask<{ kind: string; seq: number }>('channel.checkEvidence', { evidence: hex(rewrite) }).then(({ kind, seq }) => [kind, seq]), ['rewrite', 3])
    assert.equal(await door.refusal('channel.checkEvidence', { evidence: hex(evidence('fork', credentials, [fork[0]!, fork[0]!])) }), 'nothing')

    const root = brand.channel.of(brand.channel.id).map(({ bytes }) => bytes)
    const announced = body([1, rootKey(1).public], [2, commitment(rootKey(2).public)])
    const rotation = encode({ kind: 5, channel: brand.channel.id, log: brand.channel.id, seq: 3, time: brand.now, root: mth(root.slice(0, 3)), certificate: zeros, seen: [], body: announced }, rootKey(1))
    assert.equal(brand.channel.judge(rotation, brand.now), 'supersede')
    assert.equal((await judged(state, rotation, brand.now)).verdict, 'supersede')
    const moved = await door.ask<{ state: State }>('channel.supersede', { state, before: root.slice(0, 3).map(hex), rotation: hex(rotation), now: brand.now })
    brand.channel.take(rotation)
    const after = await door.ask<{ heads: { log: string; size: number; root: string }[] }>('channel.look', { state: moved.state })
    assert.deepEqual(after.heads.map(({ log, root: each }) => [log, each]), after.heads.map(({ log }) => [log, hex(brand.channel.head(bytesOf(log)).root)]))
  })
})

/** What the next entry of an author says but for its kind and body, to be written wrong. */
function fieldsOf(brand: TwinBrand, seed: number, certified: Bytes) {
  const log = brand.log(seed)
  const others = [brand.channel.id, brand.log(3 - seed)].sort((a, b) => (hex(a) < hex(b) ? -1 : 1)).map((each) => brand.channel.head(each))
  return { channel: brand.channel.id, log, seq: brand.channel.of(log).length, time: brand.now, root: brand.channel.head(log).root, certificate: idOf(certified), seen: others }
}
