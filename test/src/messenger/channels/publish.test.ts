import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostInput } from '../../../../src/messenger/channels/views.ts'
import { type Person, World } from '../../../support/world.ts'
import { DAY, MINUTE } from './support.ts'

const PICTURE = readFileSync(join(import.meta.dirname, '../../../fixtures/qr/two.png'))

async function bakery(world = new World()): Promise<{ world: World; ann: Person; bob: Person; words: string }> {
  const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
  const { words } = await ann.messenger.channels.create({ name: 'Bakery' })
  await world.until(bob.messenger.channels.follow(ann.messenger.channels.link('Bakery'), { private: false }))
  return { world, ann, bob, words }
}

const texts = async (person: Person): Promise<string[]> => (await person.messenger.channels.read('Bakery', { limit: 50 })).posts.map(({ text }) => text)
const post = (text: string, more: Partial<PostInput> = {}): PostInput => ({ text, ...more })

describe('making a channel', () => {
  it('gives the words of its root key once, and again until they are forgotten', async () => {
    const { world, ann, words } = await bakery()
    assert.equal(words.split(' ').length, 24)
    assert.equal(await ann.messenger.channels.words('Bakery', { forget: false }), words)
    assert.equal(await ann.messenger.channels.words('Bakery', { forget: true }), words)
    await assert.rejects(ann.messenger.channels.words('Bakery', { forget: false }), { code: 'not-found' })
    await world.restart(ann)
    await assert.rejects(ann.messenger.channels.words('Bakery', { forget: false }), { code: 'not-found' })
  })

  it('shows it as our own, with what was said about it', async () => {
    const world = new World()
    const { channels } = (await world.person('Ann')).messenger
    const { channel } = await channels.create({
      name: ' Bakery ', description: 'Bread.\nCake.', languages: ['ko', 'zh-Hant'], region: 'KR', links: ['https://빵집.example/메뉴'], hours: 'Mo-Fr 08:00-18:00', rate: 20, logo: PICTURE,
    })
    const { name, role, description, languages, region, hours, rate, logo, links, following } = channel
    assert.deepEqual({ name, role, description, languages, region, hours, rate, following }, {
      name: 'Bakery', role: 'owner', description: 'Bread.\nCake.', languages: ['ko', 'zh-Hant'], region: 'KR', hours: 'Mo-Fr 08:00-18:00', rate: 20, following: undefined,
    })
    assert.equal(links.length, 1)
    assert.match(links[0]!, /^https:\/\/xn--[a-z0-9-]+\.example\/%EB/)
    assert.equal(logo?.type, 'image/png')
    assert.deepEqual(Buffer.from(await channels.media('Bakery', logo!.hash)), PICTURE)
    assert.equal((await channels.create({ name: 'Bakery' })).channel.name, 'Bakery 2')
  })

  it('refuses by name what a channel cannot say of itself', async () => {
    const { channels } = (await new World().person('Ann')).messenger
    const wrong = [
      { name: '' }, { name: 'x'.repeat(129) }, { name: 'two\nlines' }, { name: 'A', description: 'x'.repeat(4_097) }, { name: 'A', region: 'kr' }, { name: 'A', languages: ['not a tag'] },
      { name: 'A', links: ['javascript:alert(1)'] }, { name: 'A', domain: 'nonsense' }, { name: 'A', rate: 0 }, { name: 'A', logo: new Uint8Array([1, 2, 3]) },
    ]
    for (const manifest of wrong) await assert.rejects(channels.create(manifest), { name: 'MessengerError', code: 'bad-input' }, JSON.stringify(manifest).slice(0, 60))
    assert.deepEqual(channels.list(), [])
  })

  it('keeps its secrets out of events, views, exports and what is logged', async () => {
    const { ann, words } = await bakery()
    await ann.messenger.channels.publish('Bakery', post('bread'))
    const seen = JSON.stringify([
      ann.events, ann.messenger.channels.list(), [...ann.messenger.exportArchive()], [...ann.messenger.channels.exportChannel('Bakery')], ann.messenger.status(),
    ])
    const id = ann.store.channels()[0]!.id
    const secrets = ann.store.channelKeys(id).flatMap((row) => [row.secret, ...(row.role === 'root' && row.entropy ? [row.entropy] : [])])
    assert.equal(secrets.length, 3)
    for (const secret of secrets) {
      assert.ok(!seen.includes(Buffer.from(secret).toString('hex')))
      assert.ok(!seen.includes(Buffer.from(secret).toString('base64')))
    }
    assert.ok(!words.split(' ').slice(0, 4).every((word) => seen.includes(` ${word} `)))
  })
})

describe('publishing', () => {
  it('reaches who follows at once, as unread, with everything a post can have', async () => {
    const { world, ann, bob } = await bakery()
    const start = world.clock.now()
    const whole = post('Rye today', {
      title: 'New bread', links: ['https://bakery.example/rye'], media: [{ bytes: PICTURE, alt: 'a loaf' }],
      event: { start: start + DAY, end: start + 2 * DAY, place: 'Jongno 1' }, offer: { from: start, until: start + DAY, terms: 'one each' },
    })
    const { post: ours, waiting } = await ann.messenger.channels.publish('Bakery', whole)
    assert.equal(waiting, undefined)
    await world.settle()
    const [theirs] = (await bob.messenger.channels.read('Bakery', { limit: 10 })).posts
    assert.ok(ours && theirs)
    assert.deepEqual({ ...theirs, unread: false, media: [] }, { ...ours, media: [] })
    assert.deepEqual([theirs.title, theirs.text, theirs.author, theirs.unread, theirs.offer?.state], ['New bread', 'Rye today', 'Bakery', true, 'valid'])
    assert.deepEqual(bob.events.filter(({ type }) => type === 'post').length, 1)
    const { hash, alt, held } = theirs.media[0]!
    assert.deepEqual([alt, held], ['a loaf', false])
    assert.deepEqual(Buffer.from(await world.until(bob.messenger.channels.media('Bakery', hash))), PICTURE)
    assert.equal((await bob.messenger.channels.read('Bakery', { limit: 10 })).posts[0]!.media[0]!.held, true)
  })

  it('says an edit and a withdrawal as new entries that point back', async () => {
    const { world, ann, bob } = await bakery()
    const { post: first } = await ann.messenger.channels.publish('Bakery', post('Rye', { title: 'Bread', links: ['https://a.example/'] }))
    const edited = await ann.messenger.channels.edit('Bakery', first!.id, post('Wheat'))
    assert.deepEqual([edited.post?.id, edited.post?.text, edited.post?.title, edited.post?.links], [first!.id, 'Wheat', 'Bread', ['https://a.example/']])
    await ann.messenger.channels.edit('Bakery', first!.id, post('Spelt', { title: '', links: [] }))
    await world.settle()
    const [seen] = (await bob.messenger.channels.read('Bakery', { limit: 10 })).posts
    assert.deepEqual([seen?.id, seen?.text, seen?.title, seen?.links.length], [first!.id, 'Spelt', undefined, 0])
    assert.ok(seen?.editedAt !== undefined)
    const gone = await ann.messenger.channels.withdraw('Bakery', first!.id, 'sold out')
    assert.equal(gone.post?.withdrawn?.reason, 'sold out')
    await world.settle()
    const [after] = (await bob.messenger.channels.read('Bakery', { limit: 10 })).posts
    assert.deepEqual([after?.text, after?.withdrawn?.reason], ['', 'sold out'])
    assert.equal(bob.messenger.channels.channel('Bakery').entries, 2 + 4)
    // What is gone is gone: nothing would be seen of a second withdrawal, or of an edit.
    await assert.rejects(ann.messenger.channels.withdraw('Bakery', first!.id, ''), { code: 'conflict' })
    await assert.rejects(ann.messenger.channels.edit('Bakery', first!.id, post('Oats')), { code: 'conflict' })
  })

  it('changes only what is named of the manifest, for everybody', async () => {
    const { world, ann, bob } = await bakery()
    await ann.messenger.channels.setManifest('Bakery', { description: 'Bread', region: 'KR', rate: 7 })
    await ann.messenger.channels.setManifest('Bakery', { region: '', links: ['https://a.example/'] })
    await world.settle()
    const { description, region, links, rate } = bob.messenger.channels.channel('Bakery')
    assert.deepEqual({ description, region, links, rate }, { description: 'Bread', region: undefined, links: ['https://a.example/'], rate: 7 })
    await assert.rejects(bob.messenger.channels.setManifest('Bakery', { description: 'mine' }), { code: 'not-accepted' })
  })

  it('takes the words off a picture, and the picture off the words, but never both', async () => {
    const { world, ann, bob } = await bakery()
    const { channels } = ann.messenger
    const { post: first } = await channels.publish('Bakery', post('a loaf', { media: [{ bytes: PICTURE, alt: '' }] }))
    const shown = (await channels.edit('Bakery', first!.id, post(''))).post
    assert.deepEqual([shown?.text, shown?.media.length], ['', 1])
    await assert.rejects(channels.edit('Bakery', first!.id, post('', { media: [] })), { code: 'bad-input', message: 'there is nothing to post' })
    await channels.edit('Bakery', first!.id, post('a loaf', { media: [] }))
    await world.settle()
    assert.deepEqual([bob.messenger.channels.post('Bakery', first!.id).text, bob.messenger.channels.post('Bakery', first!.id).media], ['a loaf', []])
  })

  it('more often than the channel lets through waits, says so, and goes out by itself', async () => {
    const { world, ann, bob } = await bakery()
    await ann.messenger.channels.setManifest('Bakery', { rate: 2 })
    await world.settle()
    for (const text of ['1', '2']) assert.equal((await ann.messenger.channels.publish('Bakery', post(text))).waiting, undefined)
    for (const text of ['3', '4']) {
      assert.match((await ann.messenger.channels.publish('Bakery', post(text))).waiting ?? '', /^this channel lets through 2 entries a day; it goes out when there is room$/)
    }
    world.clock.advance(DAY / 2)
    await world.settle(3 * MINUTE)
    assert.deepEqual([await texts(bob), ann.messenger.channels.channel('Bakery').waiting], [['3', '2', '1'], 1])
    world.clock.advance(DAY / 2)
    await world.settle(3 * MINUTE)
    assert.deepEqual(await texts(bob), ['4', '3', '2', '1'])
  })

  it('after the clock was ahead says what it waits for, and is not lost', async () => {
    const { world, ann, bob } = await bakery()
    world.clock.jump(DAY)
    assert.equal((await ann.messenger.channels.publish('Bakery', post('tomorrow'))).waiting, undefined)
    world.clock.jump(-DAY)
    assert.match((await ann.messenger.channels.publish('Bakery', post('today'))).waiting ?? '', /the clock of this device was ahead/)
    world.clock.advance(DAY + MINUTE)
    await world.settle(20 * MINUTE)
    assert.deepEqual(await texts(bob), ['today', 'tomorrow'])
  })

  it('refuses by name what a post cannot say, and stores nothing of it', async () => {
    const { ann, bob } = await bakery()
    const { channels } = ann.messenger
    const wrong: PostInput[] = [
      post(''), post(' \n'), post('x'.repeat(32_769)), post('a', { title: 'x'.repeat(257) }), post('a', { title: 'two\nlines' }), post('a', { links: ['javascript:alert(1)'] }),
      post('a', { links: Array<string>(9).fill('https://a.example/') }), post('a', { media: [{ bytes: new Uint8Array([1, 2, 3]), alt: '' }] }),
      post('a', { event: { start: 2, end: 1, place: '' } }), post('a', { offer: { from: 1, until: 2, terms: 'x'.repeat(4_097) } }),
    ]
    for (const input of wrong) await assert.rejects(channels.publish('Bakery', input), { name: 'MessengerError', code: 'bad-input' })
    await assert.rejects(channels.publish('Bakery', post('a', { media: [{ bytes: new Uint8Array(10 * 1024 * 1024 + 1), alt: '' }] })), { code: 'too-large' })
    await assert.rejects(channels.edit('Bakery', 'f'.repeat(64), post('a')), { code: 'not-found' })
    await assert.rejects(channels.withdraw('Bakery', 'nonsense', ''), { code: 'not-found' })
    await assert.rejects(bob.messenger.channels.publish('Bakery', post('mine')), { code: 'not-accepted' })
    await assert.rejects(channels.publish('Butcher', post('a')), { code: 'not-found' })
    assert.equal(channels.channel('Bakery').entries, 2)
    assert.equal(channels.channel('Bakery').waiting, 0)
  })

  it('holds a picture of 10 MiB in verified chunks', async () => {
    const { world, ann, bob } = await bakery()
    const large = new Uint8Array(10 * 1024 * 1024)
    large.set(PICTURE)
    large.fill(7, PICTURE.length)
    const { post: made } = await ann.messenger.channels.publish('Bakery', post('', { media: [{ bytes: large, alt: '' }] }))
    await world.settle()
    const got = await world.until(bob.messenger.channels.media('Bakery', made!.media[0]!.hash))
    assert.ok(Buffer.from(got).equals(large))
  }).timeout(120_000)

  it('beyond the rate of its manifest waits until there is room, in order', async () => {
    const { world, ann, bob } = await bakery()
    await ann.messenger.channels.setManifest('Bakery', { rate: 2 })
    assert.equal((await ann.messenger.channels.publish('Bakery', post('1'))).waiting, undefined)
    assert.equal((await ann.messenger.channels.publish('Bakery', post('2'))).waiting, undefined)
    assert.match((await ann.messenger.channels.publish('Bakery', post('3'))).waiting ?? '', /2 entries a day/)
    assert.equal(ann.messenger.channels.channel('Bakery').waiting, 1)
    world.clock.advance(DAY / 2 + MINUTE)
    await world.settle(2 * MINUTE)
    assert.deepEqual(await texts(bob), ['3', '2', '1'])
    assert.equal(ann.messenger.channels.channel('Bakery').waiting, 0)
  })

  it('goes on for years: the own key is certified anew before its end, or after it', async () => {
    const { world, ann, bob } = await bakery()
    world.clock.advance(700 * DAY)
    await ann.messenger.channels.publish('Bakery', post('after 700 days'))
    await ann.messenger.channels.publish('Bakery', post('and once more'))
    await world.settle(MINUTE)
    assert.equal(bob.messenger.channels.channel('Bakery').entries, 2 + 1 + 2)
    world.clock.advance(800 * DAY)
    assert.equal((await ann.messenger.channels.publish('Bakery', post('after 1,500 days'))).waiting, undefined)
    await world.settle(15 * MINUTE)
    assert.deepEqual(await texts(bob), ['after 1,500 days', 'and once more', 'after 700 days'])
    assert.deepEqual(ann.messenger.channels.staff('Bakery').map(({ state }) => state), ['active'])
  })
})
