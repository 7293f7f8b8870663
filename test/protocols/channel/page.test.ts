import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  adoptHead,
  adoptKept,
  type Author,
  EntryError,
  type Entry,
  grow,
  headBefore,
  headOf,
  judge,
  judgePage,
  limits,
  logIdOf,
  openChannel,
  type Page,
  rangeProof,
  treeRoot,
  type VouchedHead,
} from '../../../protocols/channel/index.ts'
import { signEntry } from '../../../protocols/channel/entry.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { twinWith } from '../../reference/channel.ts'
import { Brand, copy, DAY, keyOf, NOW, Peer, post } from './people.ts'

const suite = openssl
const kim = keyOf(suite, 0x21)
const lee = keyOf(suite, 0x22)
const POSTS = 20

function shop(): { brand: Brand; log: Uint8Array; author: Author; light: Peer } {
  const brand = new Brand(suite, { rate: 100 })
  const author = { key: kim, certificate: brand.certify(kim).id }
  brand.certify(lee)
  for (let i = 0; i < POSTS; i++) {
    brand.now += 1_000
    brand.write(author, post(`post ${i}`))
  }
  const light = new Peer(suite, brand.channel.genesis)
  light.now = brand.now
  for (const { bytes } of brand.of(brand.log).slice(1)) light.hear(bytes)
  return { brand, log: logIdOf(suite, brand.log, kim.publicKey), author, light }
}

const HELD = shop()

const newest = (brand: Peer, log: Uint8Array): { entry: Uint8Array; frontier: readonly Uint8Array[] } => {
  const last = brand.of(log).at(-1)!
  return { entry: last.bytes, frontier: brand.frontierAt(log, last.seq).nodes }
}

/** What a server gives of [from, to), for the tree of `size`. */
function pageOf(server: Peer, log: Uint8Array, from: number, to: number, head: VouchedHead): Page {
  const entries = server.of(log).slice(from, to).map(({ bytes }) => bytes)
  return { log, from, entries, proof: rangeProof(from, to, head.size, server.subtree(log)), head }
}

const broken = (rule: string) => (error: unknown) => error instanceof EntryError && error.rule === rule
const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
const signed = (entry: Entry, change: Partial<Entry>): Uint8Array => signEntry(suite, kim, { ...entry, ...change })

describe('starting a log at its newest entry', () => {
  it('is at the same place as who has it all', () => {
    const { brand, log, light } = shop()
    const adopted = adoptHead(suite, light.channel, newest(brand, log), light.now)
    assert.deepEqual(headOf(suite, adopted.channel.logs.get(key(log))!), brand.head(log))
    light.channel = adopted.channel
    assert.equal(light.hear(brand.write(HELD.author, post('next')).bytes).verdict, 'accept')
    assert.deepEqual(light.head(log), brand.head(log))
  })

  it('refuses a frontier or an entry that is not that', () => {
    const { brand, log, light } = HELD
    const { entry, frontier } = newest(brand, log)
    const adopt = (head: Parameters<typeof adoptHead>[2], channel = light.channel, now = light.now) => () => adoptHead(suite, channel, head, now)
    assert.throws(adopt({ entry, frontier: frontier.slice(1) }), broken('malformed'))
    assert.throws(adopt({ entry, frontier: frontier.map((hash, i) => (i === 0 ? changed(hash, 0) : hash)) }), broken('root'))
    assert.throws(adopt({ entry: changed(entry, entry.length - 1), frontier }), broken('signature'))
    assert.throws(adopt({ entry, frontier }, new Brand(suite).channel), broken('channel'))
    assert.throws(adopt({ entry, frontier }, openChannel(suite, brand.channel.genesis, NOW).channel), broken('log'))
    assert.throws(adopt({ entry: brand.of(brand.log).at(-1)!.bytes, frontier: [] }), broken('log'))
    assert.throws(adopt({ entry, frontier }, light.channel, light.now - DAY), broken('early'))
    assert.throws(adopt({ entry, frontier }, { ...light.channel, frozen: 3 }), broken('frozen'))
    const older = brand.of(log)[4]!
    assert.throws(adopt({ entry: older.bytes, frontier: brand.frontierAt(log, 4).nodes }, brand.channel), broken('sequence'))
  })

  it('does not forget the rate by jumping forward', () => {
    const { brand, log } = HELD
    const light = copy(HELD.light)
    const first = brand.of(log)[0]!
    light.hear(first.bytes)
    // More entries than a day brings, none of them here but the newest.
    let frontier = light.channel.logs.get(key(log))!.frontier
    for (let i = 1; i < 120; i++) frontier = grow(suite, frontier, new Uint8Array(32).fill(i)).frontier
    const flood = signed(first, { seq: 120, root: treeRoot(suite, frontier), time: first.time + 60_000 })
    assert.throws(() => adoptHead(suite, light.channel, { entry: flood, frontier: frontier.nodes }, light.now + DAY), broken('rate'))
  })

  it('takes the end of a log that was ended as the brand names it', () => {
    const { brand, log, light } = shop()
    const late = newest(brand, log)
    light.hear(brand.revoke(log, 7).bytes)
    assert.throws(() => adoptHead(suite, light.channel, late, light.now), broken('revoked'))
    assert.equal(adoptHead(suite, light.channel, newest(brand, log), light.now).channel.logs.get(key(log))?.size, 7)
    const other = signed(brand.of(log)[6]!, { time: brand.of(log)[6]!.time + 1 })
    assert.throws(() => adoptHead(suite, light.channel, { entry: other, frontier: brand.frontierAt(log, 6).nodes }, light.now), broken('other-history'))
  })
})

describe('a log that is ended at more than is here', () => {
  /** Two who hold Kim's key write on from `common` entries; one branch is kept, and whoever has `held` of one of them hears that it is ended. */
  function ended({ common, kept, other, held, ofKept }: { common: number; kept: number; other: number; held: number; ofKept: boolean }) {
    const brand = new Brand(suite, { rate: 4 })
    const author = { key: kim, certificate: brand.certify(kim).id }
    const log = logIdOf(suite, brand.log, kim.publicKey)
    const write = (peer: Peer, name: string, count: number): void => {
      for (let i = 0; i < count; i++) {
        peer.now += DAY / 3
        peer.write(author, post(`${name} ${i}`))
      }
    }
    write(brand, 'common', common)
    const thief = copy(brand) as Peer
    // The thief is ahead in time, and has used up the rate.
    thief.now += other > 0 ? DAY : 0
    write(brand, 'kept', kept)
    write(thief, 'other', other)
    const follower = new Peer(suite, brand.channel.genesis, Math.max(brand.now, thief.now))
    follower.hear(brand.of(brand.log)[1]!.bytes)
    const branch = ofKept ? brand : thief
    for (const { bytes } of branch.of(log).slice(0, held)) assert.equal(follower.hear(bytes).verdict, 'accept')
    const revocation = brand.revoke(log, common + kept)
    const twin = twinWith([...follower.of(brand.log), ...follower.of(log), revocation].map(({ bytes }) => bytes), follower.now)
    follower.hear(revocation.bytes)
    return { brand, log, follower, twin }
  }

  const CASES = fc
    .record({ common: fc.nat(9), kept: fc.integer({ min: 1, max: 9 }), other: fc.nat(9), ofKept: fc.boolean(), less: fc.nat(17), more: fc.nat(3) })
    .map(({ common, kept, other, ofKept, less, more }) => {
      const there = Math.min(common + kept - 1, ofKept ? Infinity : common + other)
      return { common, kept, other, ofKept, held: Math.max(1, there - less), more }
    })
    .filter(({ common, kept, other, held, ofKept }) => held < common + kept && (ofKept || held <= common + other))

  it('begins again at the newest kept entry when it has entries of another branch, and not otherwise: as the twin says (attack 52)', () => {
    let [again, on] = [0, 0]
    fc.assert(
      fc.property(CASES, ({ more, ...world }) => {
        const { brand, log, follower, twin } = ended(world)
        const from = follower.of(log).length - 1
        const { entries, proof } = pageOf(brand, log, from, Math.min(from + 1 + more, brand.of(log).length), brand.head(log))
        const adopted = adoptKept(suite, follower.channel, newest(brand, log), { entries, proof }, follower.now)
        assert.equal(adopted ? 'begins again' : 'goes on', twin.keep(log, brand.of(log).map(({ bytes }) => bytes)))
        if (adopted) again++
        else on++
        if (!adopted) return
        assert.deepEqual(headOf(suite, adopted.channel.logs.get(key(log))!), brand.head(log))
        assert.deepEqual(adopted.channel.cuts, follower.channel.cuts)
      }),
      { numRuns: 60 },
    )
    assert.ok(again > 0 && on > 0, `${again} began again, ${on} went on`)
  })

  it('begins again for no one who shows another branch, however it is proven', () => {
    const { brand, log, follower } = ended({ common: 2, kept: 4, other: 3, held: 4, ofKept: false })
    const thief = copy(follower)
    const [kept, theirs] = [pageOf(brand, log, 3, 4, brand.head(log)), pageOf(thief, log, 3, 4, thief.head(log))]
    const again = (head: Parameters<typeof adoptKept>[2], page: Page) => () => adoptKept(suite, follower.channel, head, page, follower.now)
    assert.throws(again(newest(brand, log), theirs), broken('root'))
    assert.throws(again(newest(brand, log), { ...theirs, proof: kept.proof }), broken('root'))
    assert.throws(again(newest(brand, log), { ...kept, entries: [] }), broken('root'))
    assert.throws(again(newest(thief, log), kept), broken('sequence'))
    const forged = signed(brand.of(log)[5]!, { time: brand.of(log)[5]!.time + 1 })
    assert.throws(again({ ...newest(brand, log), entry: forged }, kept), broken('other-history'))
    assert.ok(again(newest(brand, log), kept)())
  })
})

describe('a page', () => {
  it('of older entries is proven in the tree of the head, and gives the frontier before it and what is kept for others', () => {
    const { brand, log } = HELD
    const light = copy(HELD.light)
    light.channel = adoptHead(suite, light.channel, newest(brand, log), light.now).channel
    const page = judgePage(suite, light.channel, pageOf(brand, log, 5, POSTS, light.head(log)), light.now)
    assert.deepEqual(page.entries, brand.of(log).slice(5))
    assert.deepEqual(page.before, brand.frontierAt(log, 5))
    assert.equal(page.channel, undefined)
    const beginning = judgePage(suite, light.channel, pageOf(brand, log, 0, 5, light.head(log)), light.now)
    assert.equal(beginning.entries.length, 5)
  })

  it('that goes on from our newest entry moves the channel on', () => {
    const { brand, log } = HELD
    const light = copy(HELD.light)
    const page = judgePage(suite, light.channel, pageOf(brand, log, 0, 12, brand.head(log)), light.now)
    assert.deepEqual(page.entries, brand.of(log).slice(0, 12))
    const rest = judgePage(suite, page.channel!, pageOf(brand, log, 12, POSTS, brand.head(log)), light.now)
    assert.deepEqual(rest.channel, brand.channel)
  })

  it('of the root log moves the channel on too', () => {
    const { brand } = HELD
    const { channel } = openChannel(suite, brand.channel.genesis, NOW)
    const page = judgePage(suite, channel, pageOf(brand, brand.log, 1, 3, brand.head(brand.log)), brand.now)
    assert.deepEqual(page.channel?.root, brand.channel.root)
    assert.throws(() => judgePage(suite, page.channel!, pageOf(brand, brand.log, 1, 3, brand.head(brand.log)), brand.now), broken('sequence'))
  })

  it('may be for the head another entry names, which is ahead of ours', () => {
    const { brand, log } = HELD
    const light = copy(HELD.light)
    const verdict = judge(suite, light.channel, brand.of(log).at(-1)!.bytes, light.now)
    assert(verdict.verdict === 'ahead')
    const head = headBefore(verdict.entry)
    assert.equal(head.size, POSTS - 1)
    assert.equal(judgePage(suite, light.channel, pageOf(brand, log, 8, 12, head), light.now).entries.length, 4)
  })

  it('stops where it needs what is not here, and keeps what is before', () => {
    const brand = new Brand(suite)
    const author = { key: kim, certificate: brand.certify(kim).id }
    const light = new Peer(suite, brand.channel.genesis)
    light.hear(brand.of(brand.log)[1]!.bytes)
    brand.write(author, post('a'))
    brand.certify(lee)
    brand.write(author, post('b'))
    const log = logIdOf(suite, brand.log, kim.publicKey)
    const page = judgePage(suite, light.channel, pageOf(brand, log, 0, 2, brand.head(log)), light.now)
    assert.deepEqual([page.entries.length, page.stopped], [1, 'root-behind'])
    assert.equal(page.channel?.logs.get(key(log))?.size, 1)
  })

  it('stops before an entry of a clock that is ahead', () => {
    const { brand, log } = HELD
    const light = copy(HELD.light)
    const page = judgePage(suite, light.channel, pageOf(brand, log, 0, 12, brand.head(log)), NOW + 5_000 - limits.MAX_AHEAD)
    assert.deepEqual([page.entries.length, page.stopped], [5, 'early'])
  })

  describe('of a lying peer is refused: what it', () => {
    const { brand, log, light } = HELD
    const started = adoptHead(suite, light.channel, newest(brand, log), light.now).channel
    const fresh = light.channel
    const older = pageOf(brand, log, 5, 15, brand.head(log))
    const next = pageOf(brand, log, 0, 10, brand.head(log))
    const rogue = (page: Page, at: number, bytes: Uint8Array): Page => ({ ...page, entries: page.entries.map((entry, i) => (i === at ? bytes : entry)) })
    const cases: readonly [what: string, change: (page: Page) => Page, rule: { older: string; next: string }][] = [
      ['leaves out in the middle', (page) => ({ ...page, entries: page.entries.toSpliced(3, 1) }), { older: 'sequence', next: 'sequence' }],
      ['leaves out at the end', (page) => ({ ...page, entries: page.entries.slice(0, -1) }), { older: 'root', next: 'taken' }],
      ['reorders', (page) => ({ ...page, entries: page.entries.toReversed() }), { older: 'sequence', next: 'sequence' }],
      ['invents', (page) => rogue(page, 2, signEntry(suite, lee, { ...brand.of(log)[page.from + 2]!, log })), { older: 'root', next: 'signature' }],
      ['takes from another log', (page) => rogue(page, 0, brand.of(brand.log)[2]!.bytes), { older: 'log', next: 'log' }],
      ['takes from a fork', (page) => rogue(page, 4, signed(brand.of(log)[page.from + 4]!, { time: brand.of(log)[page.from + 4]!.time + 1 })), { older: 'root', next: 'root' }],
      ['alters', (page) => rogue(page, 4, changed(page.entries[4]!, 180)), { older: 'malformed|root|signature', next: 'malformed|signature' }],
      ['puts into the future', (page) => rogue(page, 4, signEntry(suite, lee, { ...brand.of(log)[page.from + 4]!, time: NOW + DAY })), { older: 'root', next: 'signature' }],
      ['cuts short', (page) => rogue(page, 4, page.entries[4]!.slice(0, 100)), { older: 'malformed', next: 'malformed' }],
      ['proves with other hashes on the left', (page) => ({ ...page, proof: { ...page.proof, left: [...page.proof.left.slice(1), new Uint8Array(32)] } }), { older: 'root', next: 'root' }],
      ['proves with other hashes on the right', (page) => ({ ...page, proof: { ...page.proof, right: page.proof.right.map((hash) => changed(hash, 1)) } }), { older: 'root', next: 'taken' }],
      ['proves of another tree', (page) => ({ ...page, head: headOf(suite, { ...brand.channel.root, log }) }), { older: 'root', next: 'taken' }],
      ['proves of another log', (page) => ({ ...page, head: brand.head(brand.log) }), { older: 'log', next: 'taken' }],
      ['gives of no log', (page) => ({ ...page, log: new Uint8Array(32) }), { older: 'log', next: 'log' }],
    ]
    for (const [what, change, rule] of cases) {
      it(what, () => {
        const verdict = (channel: typeof fresh, page: Page): string => {
          try {
            judgePage(suite, channel, change(page), light.now)
            return 'taken'
          } catch (error) {
            if (error instanceof EntryError) return error.rule
            throw error
          }
        }
        assert.match(verdict(started, older), new RegExp(`^(${rule.older})$`))
        assert.match(verdict(fresh, next), new RegExp(`^(${rule.next})$`))
      })
    }

    it('changes in any byte', () => {
      fc.assert(
        fc.property(fc.nat(9), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
          for (const [channel, page] of [[started, older], [fresh, next]] as const) {
            const bytes = page.entries[which]!.slice()
            bytes[at % bytes.length]! ^= flip
            assert.throws(() => judgePage(suite, channel, rogue(page, which, bytes), light.now), EntryError)
          }
        }),
        { numRuns: 100 },
      )
    })
  })

  it('whose signed entries lie about their own past is refused, though the tree has them', () => {
    const brand = new Brand(suite)
    const author = { key: kim, certificate: brand.certify(kim).id }
    const log = logIdOf(suite, brand.log, kim.publicKey)
    brand.now += 1_000
    const [a, b] = [brand.write(author, post('a')), brand.write(author, post('b'))]
    const lie = signed(b, { root: new Uint8Array(32) })
    const peer = copy(brand) as Peer
    peer.entries.set(key(log), [a, { ...b, bytes: lie, id: suite.sha256(new Uint8Array([0]), lie) }])
    const head = headOf(suite, { ...brand.channel.logs.get(key(log))!, frontier: peer.frontierAt(log, 2) })
    assert.throws(() => judgePage(suite, brand.channel, pageOf(peer, log, 0, 2, head), NOW), broken('root'))
    const back = signed(b, { time: a.time - 1 })
    peer.entries.set(key(log), [a, { ...b, bytes: back, id: suite.sha256(new Uint8Array([0]), back) }])
    const other = headOf(suite, { ...brand.channel.logs.get(key(log))!, frontier: peer.frontierAt(log, 2) })
    assert.throws(() => judgePage(suite, brand.channel, pageOf(peer, log, 0, 2, other), NOW), broken('time'))
  })
})

function key(log: Uint8Array): string {
  return Buffer.from(log).toString('hex')
}
