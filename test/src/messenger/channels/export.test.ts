import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { decodeEntry } from '../../../../protocols/channel/index.ts'
import { openssl } from '../../../../src/crypto/index.ts'
import { type Person, World } from '../../../support/world.ts'
import { Brand, DAY, idOf, linkTo, MINUTE, Mirror } from './support.ts'

const PICTURE = readFileSync(join(import.meta.dirname, '../../../fixtures/qr/progressive.jpg'))
const channelsOf = (person: Person): Person['messenger']['channels'] => person.messenger.channels

type Line = Record<string, unknown> & { type: string; kind?: string | number; bytes?: string; log?: string; seq?: number; says?: { text?: string } }
const parsed = (lines: readonly string[]): Line[] => lines.map((line) => JSON.parse(line) as Line)

/** Ann's bakery with two authors, edits, a withdrawal, a rotation and a picture, as exported by Ann, and somebody who has never heard of it. */
async function exported(): Promise<{ world: World; ann: Person; lines: string[]; zoe: Person }> {
  const world = new World()
  const [ann, mina] = [await world.person('Ann'), await world.person('Mina')]
  await world.pair(ann, mina)
  await channelsOf(ann).create({ name: 'Bakery', domain: 'bakery.example', logo: PICTURE })
  await channelsOf(ann).addStaff('Bakery', { contact: 'Mina', scope: ['text'], notAfter: world.clock.now() + DAY })
  await world.settle()
  await world.until(channelsOf(mina).acceptInvitation(channelsOf(mina).invitations()[0]!.id))
  await world.settle(MINUTE)
  const { post } = await channelsOf(ann).publish('Bakery', { text: 'one', media: [{ bytes: PICTURE, alt: 'a loaf' }] })
  await channelsOf(ann).edit('Bakery', post!.id, { text: 'one, better' })
  await world.settle()
  const second = await channelsOf(mina).publish('Bakery', { text: 'two' })
  await world.settle()
  await channelsOf(mina).withdraw('Bakery', second.post!.id, 'no')
  await channelsOf(ann).rotate('Bakery')
  await channelsOf(ann).publish('Bakery', { text: 'three' })
  await world.settle()
  return { world, ann, lines: [...channelsOf(ann).exportChannel('Bakery')], zoe: await world.person('Zoe') }
}

const refused = (zoe: Person, lines: readonly string[], message: RegExp, keep = true): Promise<void> =>
  assert.rejects(channelsOf(zoe).importChannel(lines, { keep }), { name: 'MessengerError', code: 'bad-input', message })

describe('an exported channel', () => {
  it('is documented JSON lines that can be read without decoding an entry', async () => {
    const { lines, ann } = await exported()
    const all = parsed(lines)
    const [header, ...rest] = all
    const { type, version, channel, name } = header!
    assert.deepEqual({ type, version, channel, name }, { type: 'dure-channel', version: 1, channel: channelsOf(ann).channel('Bakery').id, name: 'Bakery' })
    const entries = rest.filter((line) => line.type === 'entry')
    assert.deepEqual(entries.map(({ kind, author }) => `${kind as string}${author === undefined ? '' : ` ${author as string}`}`).sort(), [
      'certificate', 'certificate', 'edit Bakery', 'genesis', 'post Bakery', 'post Bakery', 'post Mina', 'rotation', 'withdrawal Mina',
    ])
    assert.ok(entries.some(({ says }) => says?.text === 'three'))
    for (const { bytes, id, seq } of entries) {
      const entry = decodeEntry(openssl, Buffer.from(bytes!, 'base64'))
      assert.deepEqual([Buffer.from(entry.id).toString('hex'), entry.seq], [id, seq])
    }
    assert.deepEqual(Buffer.concat(rest.filter((line) => line.type === 'chunk').map(({ bytes }) => Buffer.from(bytes!, 'base64'))), PICTURE)
  })

  it('is verified by somebody who trusts nobody and asks nobody, and says what it proves', async () => {
    const { world, lines, zoe } = await exported()
    const before = world.gossip.wire.length
    const proof = await channelsOf(zoe).importChannel(lines, { keep: false })
    assert.deepEqual([proof.name, proof.entries, proof.held, proof.missing, proof.rotations, proof.frozen, proof.domain?.state], ['Bakery', 9, 9, [], 1, undefined, 'claimed'])
    assert.equal(proof.lines[0], '9 entries, none missing')
    assert.deepEqual(proof.authors.map(({ name, entries }) => ({ name, entries })), [{ name: 'Bakery', entries: 3 }, { name: 'Mina', entries: 2 }])
    assert.equal(world.gossip.wire.length, before)
    assert.deepEqual(channelsOf(zoe).list(), [])
  })

  it('that is kept can be read, survives a restart, goes out again as the same file, and is served to nobody', async () => {
    const { world, ann, lines, zoe } = await exported()
    await channelsOf(zoe).importChannel(lines, { keep: true })
    await world.restart(zoe)
    const { posts } = await world.until(channelsOf(zoe).read('Bakery', { limit: 9 }))
    assert.deepEqual(posts.map(({ text, withdrawn }) => withdrawn?.reason ?? text), ['three', 'no', 'one, better'])
    assert.deepEqual(Buffer.from(await world.until(channelsOf(zoe).media('Bakery', posts[2]!.media[0]!.hash))), PICTURE)
    assert.deepEqual([channelsOf(zoe).channel('Bakery').following, channelsOf(zoe).channel('Bakery').unread], ['private', 0])
    assert.deepEqual([...channelsOf(zoe).exportChannel('Bakery')].slice(1), lines.slice(1))
    await assert.rejects(channelsOf(zoe).importChannel(lines, { keep: true }), { code: 'conflict' })
    await world.until(channelsOf(zoe).follow(channelsOf(ann).link('Bakery'), { private: false }))
    await channelsOf(ann).publish('Bakery', { text: 'four' })
    await world.settle()
    assert.equal(channelsOf(zoe).channel('Bakery').last?.text, 'four')
  })

  it('whose picture is cut elsewhere than pictures are is refused: nobody could check the pieces we would serve', async () => {
    const { lines, zoe } = await exported()
    const at = lines.findIndex((line) => line.startsWith('{"type":"chunk"'))
    const chunk = JSON.parse(lines[at]!) as { index: number; bytes: string }
    const bytes = Buffer.from(chunk.bytes, 'base64')
    const pieces = [bytes.subarray(0, 100), bytes.subarray(100)].map((piece, index) => JSON.stringify({ ...chunk, index, bytes: piece.toString('base64') }))
    await refused(zoe, lines.toSpliced(at, 1, ...pieces), /another length/)
    const nothing = Array.from({ length: 1_000 }, (_, index) => JSON.stringify({ ...chunk, index, bytes: '' }))
    await refused(zoe, lines.toSpliced(at, 1, ...nothing), /another length/)
    assert.deepEqual(channelsOf(zoe).list(), [])
  })

  it('without an entry, or with its end cut off, is refused by the number that is missing (attack 52)', async () => {
    const { lines, zoe } = await exported()
    const entries = parsed(lines).flatMap((line, index) => (line.type === 'entry' ? [{ ...line, index }] : []))
    for (const { index, seq, log } of entries) {
      const without = lines.filter((_, at) => at !== index)
      const isLast = !entries.some((other) => other.log === log && other.seq! > seq!)
      await refused(zoe, without, isLast && seq! > 0 ? /^(entry \d+ of the .*log.* is missing: the first line says it has \d+|line \d+: .* breaks the rule .*)$/ : /^line \d+: entry \d+ of the .*log.* breaks the rule "[a-z-]+": /)
    }
    await refused(zoe, lines.slice(0, 1), /no entries/)
    await refused(zoe, [], /empty/)
    assert.deepEqual(channelsOf(zoe).list(), [])
  })

  it('with an entry changed, moved or doubled is refused by line, entry and rule, and nothing of it stays', async () => {
    const { lines, zoe } = await exported()
    const all = parsed(lines)
    const entryLines = all.flatMap((line, index) => (line.type === 'entry' ? [index] : []))
    const change = fc.record({ which: fc.constantFrom(...entryLines), where: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) })
    await fc.assert(
      fc.asyncProperty(change, async ({ which, where, flip }) => {
        const line = all[which]!
        const bytes = Buffer.from(line.bytes!, 'base64')
        const at = where % bytes.length
        bytes[at] = bytes[at]! ^ flip
        const tampered = lines.with(which, JSON.stringify({ ...line, bytes: bytes.toString('base64') }))
        await refused(zoe, tampered, new RegExp(`^line ${which + 1}: entry ${line.seq! + 1} of the (root log|log of (Bakery|Mina)) breaks the rule "[a-z-]+": `))
      }),
      { numRuns: 60 },
    )
    const posts = entryLines.filter((index) => all[index]!.kind === 'post' && all[index]!.author === 'Bakery')
    const [first, last] = [posts[0]!, posts.at(-1)!]
    await refused(zoe, lines.with(first, lines[last]!).with(last, lines[first]!), /breaks the rule "(sequence|root)"/)
    await refused(zoe, lines.toSpliced(first, 0, lines[first]!), new RegExp(`^line ${first + 2}: entry 1 of the log of Bakery breaks the rule "sequence": `))
    assert.deepEqual(channelsOf(zoe).list(), [])
  })

  it('whose other fields lie is shown as it was signed', async () => {
    const { world, lines, zoe } = await exported()
    const lies = parsed(lines).map((line) => JSON.stringify(line.type === 'entry' ? { ...line, says: { text: 'lie' }, author: 'Mallory', at: 1, kind: 'post' } : line))
    await channelsOf(zoe).importChannel(lies, { keep: true })
    assert.deepEqual((await world.until(channelsOf(zoe).read('Bakery', { limit: 9 }))).posts.map(({ text }) => text), ['three', '', 'one, better'])
  })

  it('with another picture, part of one, or one nobody named is refused', async () => {
    const { lines, zoe } = await exported()
    const chunk = lines.findIndex((line) => line.startsWith('{"type":"chunk"'))
    const line = JSON.parse(lines[chunk]!) as Line
    const other = Buffer.from(line.bytes!, 'base64')
    other[100]! ^= 1
    await refused(zoe, lines.with(chunk, JSON.stringify({ ...line, bytes: other.toString('base64') })), /is not the one the entries name/)
    await refused(zoe, lines.with(chunk, JSON.stringify({ ...line, bytes: other.subarray(0, 50).toString('base64') })), /another length/)
    await refused(zoe, lines.with(chunk, JSON.stringify({ ...line, hash: 'ab'.repeat(32) })), /no entry names/)
    const { entries } = await channelsOf(zoe).importChannel(lines.filter((_, at) => at !== chunk), { keep: false })
    assert.equal(entries, 9)
  })

  it('that is none, or of a later version, is said to be so', async () => {
    const { lines, zoe } = await exported()
    await refused(zoe, ['nonsense'], /^line 1: it is not JSON$/)
    await refused(zoe, ['[]'], /^line 1: it is not a JSON object$/)
    await refused(zoe, ['{"type":"dure-archive"}'], /not an exported channel/)
    await refused(zoe, [lines[0]!.replace('"version":1', '"version":2'), ...lines.slice(1)], /newer version/)
    await refused(zoe, lines.with(2, '{"type":"entry"}'), /^line 3: it has no bytes in base64$/)
    await channelsOf(zoe).importChannel([...lines, '{"type":"of a later version"}', ''], { keep: false })
    const swapped = { ...(JSON.parse(lines[0]!) as Line), channel: 'a'.repeat(52) }
    await refused(zoe, lines.with(0, JSON.stringify(swapped)), /^line 2: .*"channel"/)
  })

  it('of a channel that is not held whole is not made before the rest was fetched', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - 30 * DAY })
    brand.posts(brand.writer('Mina'), 300)
    const mirror = new Mirror(world, 1)
    await mirror.take(brand)
    const bob = await world.person('Bob')
    let early: unknown
    await world.until(
      channelsOf(bob)
        .follow(linkTo(world, brand, mirror), { private: false })
        .then(() => {
          try {
            channelsOf(bob).exportChannel('Bakery')
          } catch (error) {
            early = error
          }
        }),
    )
    assert.equal((early as { code?: string } | undefined)?.code, 'bad-input')
    await world.until(channelsOf(bob).verify('Bakery', { all: true }))
    const lines = [...channelsOf(bob).exportChannel('Bakery')]
    const zoe = await world.person('Zoe')
    const proof = await world.until(channelsOf(zoe).importChannel(lines, { keep: true }))
    assert.deepEqual([proof.id, proof.entries, proof.held], [idOf(brand), 302, 302])
    await world.until(channelsOf(zoe).verify('Bakery', { all: true }))
  })

  it('has the proofs of forks in it, and they count for whoever reads it', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - 30 * DAY })
    const mina = brand.writer('Mina')
    brand.posts(mina, 3)
    const twin = brand.copy()
    brand.post(mina, 'this')
    twin.post(mina, 'that')
    const [one, two] = [new Mirror(world, 1), new Mirror(world, 2)]
    await one.take(brand)
    await two.take(twin)
    const bob = await world.person('Bob')
    await world.until(channelsOf(bob).follow(linkTo(world, brand, one, two), { private: false }))
    await world.settle(15 * MINUTE)
    const zoe = await world.person('Zoe')
    const proof = await channelsOf(zoe).importChannel([...channelsOf(bob).exportChannel('Bakery')], { keep: true })
    assert.ok(proof.frozen)
    assert.deepEqual(proof.authors.map(({ state }) => state), ['forked'])
    const [evidence] = channelsOf(zoe).evidence('Bakery')
    assert.equal(evidence?.text, 'Mina signed two different entries with the number 4')
    assert.throws(() => channelsOf(zoe).checkEvidence(evidence!.bytes.with(200, evidence!.bytes[200]! ^ 1)), { code: 'bad-input' })
    assert.throws(() => channelsOf(zoe).checkEvidence(new Uint8Array()), { code: 'bad-input' })
  })
})

describe('the archive of a profile', () => {
  it('has what is followed, and brings it back with how it was followed', async () => {
    const world = new World()
    const brand = new Brand({ now: world.clock.now() - DAY })
    const quiet = new Brand({ now: world.clock.now() - DAY, seed: 8, name: 'Butcher' })
    brand.post(brand.writer('Mina'), 'bread')
    const mirror = new Mirror(world, 1)
    await mirror.take(brand)
    await mirror.take(quiet)
    const bob = await world.person('Bob')
    await world.until(channelsOf(bob).follow(linkTo(world, brand, mirror), { private: false, name: 'Bread' }))
    await world.until(channelsOf(bob).follow(linkTo(world, quiet, mirror), { private: true }))
    await channelsOf(bob).mute('Bread', true)
    await channelsOf(bob).setDailyLimit('Bread', 2)
    await channelsOf(bob).create({ name: 'Mine' })
    const lines = [...bob.messenger.exportArchive()]
    assert.deepEqual(parsed(lines).filter(({ type }) => type === 'follow').map(({ channel, name, private: how, muted, dailyLimit }) => ({ channel, name, how, muted, dailyLimit })), [
      { channel: idOf(brand), name: 'Bread', how: false, muted: true, dailyLimit: 2 },
      { channel: idOf(quiet), name: 'Butcher', how: true, muted: false, dailyLimit: 5 },
    ])
    await bob.messenger.stop()
    const again = await world.person('Bob', { phrase: bob.phrase })
    const { follows } = await again.messenger.importArchive(lines)
    await world.settle(MINUTE)
    assert.equal(follows, 2)
    const views = channelsOf(again).list()
    assert.deepEqual(views.map(({ name, following, muted, dailyLimit, last }) => ({ name, following, muted, dailyLimit, last: last?.text })), [
      { name: 'Bread', following: 'open', muted: true, dailyLimit: 2, last: 'bread' },
      { name: 'Butcher', following: 'private', muted: false, dailyLimit: 5, last: undefined },
    ])
    assert.deepEqual(await again.messenger.importArchive(lines), { contacts: 0, follows: 0, messages: 0, skipped: 2 })
    await assert.rejects(again.messenger.importArchive([lines[0]!, lines.find((line) => line.includes('"follow"'))!.replace(idOf(brand), idOf(quiet))]), { code: 'bad-input' })
  })
})
