import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dure, type Doorway, openDoor, type Typing } from '../../support/door.ts'
import { CHANNEL_LINK, WORDS } from '../../support/fake-channels.ts'

const POST = '1'.padStart(64, '0')

describe('dure channel', () => {
  let door: Doorway
  let folder: string
  const type = (args: string[], typing?: Typing) => dure(['channel', ...args, '--home', door.home], typing)
  let channels: Doorway['messenger']['channels']

  beforeEach(async () => {
    door = await openDoor()
    channels = door.messenger.channels
    folder = mkdtempSync(join(tmpdir(), 'dure-channel-'))
  })
  afterEach(async () => {
    await door.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('follows by link, by standard input and by a picture of a code', async () => {
    const { out } = await type(['follow', 'DURE:ABC'])
    assert.match(out, /^You follow Seoul Bakery: 3 entries\.\n/)
    await type(['follow', '-', '--private'], { input: 'DURE:DEF\n' })
    await type(['invite', 'Seoul', '--qr', join(folder, 'poster.png')])
    await type(['follow', join(folder, 'poster.png')])
    assert.deepEqual(
      channels.calls.filter((call) => call.startsWith('follow')),
      ['follow DURE:ABC open', 'follow DURE:DEF private', `follow ${CHANNEL_LINK}0 open`],
    )
  })

  it('warns when the name of a channel looks like another (attack 95)', async () => {
    channels.stock('Sеoul Bakery', { lookalike: 'Seoul Bakery' })
    assert.match((await type(['list'])).out, /LOOK-ALIKE/)
  })

  it('lists channels with what is new, and says how to begin', async () => {
    assert.match((await type(['list'])).out, /follow no channel yet\. Follow one: dure channel follow LINK --home/)
    channels.stock('Seoul Bakery', { muted: true })
    channels.say('Seoul Bakery', 'fresh\nbread', { unread: true })
    channels.stock('빵집', { role: 'owner', following: undefined, waiting: 1 })
    assert.equal((await type(['list'])).out, '# Seoul Bakery  1 new, muted  fresh bread\n# 빵집          yours, 1 draft waiting\n')
  })

  it('shows what a channel says of itself, every script on its own line', async () => {
    channels.stock('Bakery', { description: '빵과 커피\nשלום', hours: 'Mo-Sa 08:00-20:00', languages: ['ko', '!'], links: ['https://bakery.example/'], region: 'KR' })
    const { out } = await type(['show', 'Bakery'])
    assert.match(out, /^Bakery\n {2}about {9}빵과 커피\n {16}\u2068שלום\u2069\n {2}open {10}Mo-Sa 08:00-20:00\n {2}region {8}KR\n {2}languages {5}Korean, !\n/)
    assert.match(out, /\n {2}you {11}follow it, told of 10 posts a day\n/)
  })

  it('shows people and channels in one inbox', async () => {
    door.messenger.befriend('Bob')
    channels.stock('Bakery')
    const { out } = await dure(['inbox', '--home', door.home])
    assert.equal(out, '● Bob\n# Bakery\n')
    const lines = (await dure(['inbox', '--json', '--home', door.home])).out.trim().split('\n').map((line) => (JSON.parse(line) as { kind: string }).kind)
    assert.deepEqual(lines, ['person', 'channel'])
  })

  it('reads posts oldest first, with events, offers, pictures and what was withdrawn, and marks them as read', async () => {
    channels.stock('Bakery')
    channels.say('Bakery', 'Come by', { title: 'Open night', event: { start: Date.UTC(2026, 11, 24, 9), end: Date.UTC(2026, 11, 24, 13), place: 'Mapo 12' } })
    channels.say('Bakery', '', { offer: { from: 0, until: Date.UTC(2026, 10, 22, 18), terms: 'one each', state: 'valid' }, links: ['https://bakery.example/'] })
    channels.say('Bakery', '', { withdrawn: { at: 0, reason: 'sold out' } })
    const { out } = await type(['read', 'Bakery', '--limit', '2'])
    assert.match(out, /offer: until 23 Nov 2026, 03:00 \(1 day left\); one each\n {2}https:\/\/bakery\.example\/\n/)
    assert.match(out, /\(withdrawn: sold out\)\n/)
    const cursor = /Older: dure channel read Bakery --before (\w{64})/.exec(out)?.[1] ?? ''
    const older = (await type(['read', 'Bakery', '--before', cursor])).out
    assert.match(older, /Open night\n {2}Come by\n {2}event: 24 Dec 2026, 18:00 – 22:00, Mapo 12\n/)
    assert.deepEqual(channels.calls, ['read Bakery', 'read Bakery'])
  })

  it('lets no post move the cursor, change colours or fake a line (attack 95)', async () => {
    channels.stock('Bakery')
    channels.say('Bakery', 'a\u001b[2Jb\u202ec', { title: 'x\u0007', author: 'Mi\u001b]0;na' })
    const { out } = await type(['read', 'Bakery'])
    assert.doesNotMatch(out, /[\u001b\u0007\u202e]/)
  })

  it('makes a channel, and shows its words on a terminal only', async () => {
    const shown = await type(['create', 'Tea House', '--language', 'ko', '--rate', '10'], { columns: 120 })
    assert.match(shown.out, /Tea House is made\./)
    assert.match(shown.out, / 1 abandon .* 4 abandon\n/)
    for (const typing of [{}, { columns: 120, json: true }]) {
      const { out, err } = await type(['create', 'Quiet', ...('json' in typing ? ['--json'] : [])], typing)
      assert.doesNotMatch(out, /abandon/)
      assert.match(err, /Write its recovery words on paper: dure channel words/)
    }
    assert.deepEqual((await type(['words', 'Tea House', '--json'])).code, 1)
  })

  it('forgets the words only when they are on paper', async () => {
    channels.stock('Bakery', { role: 'owner' })
    const refused = await type(['words', 'Bakery', '--forget'], { columns: 80, ask: { yes: async () => false } })
    assert.equal(refused.code, 1)
    assert.match((await type(['words', 'Bakery', '--forget'], { columns: 80, ask: { yes: async () => true } })).out, /no longer on this device/)
    assert.deepEqual(channels.calls, ['words Bakery forget'])
  })

  it('publishes text, pictures, events and offers, edits and withdraws', async () => {
    channels.stock('Bakery', { role: 'owner' })
    const picture = join(folder, 'loaf.png')
    writeFileSync(picture, Buffer.alloc(3))
    const { out } = await type(['post', 'Bakery', '--title', 'Open night', '--event', '2026-12-24 18:00..2026-12-24 22:00Z', '--place', 'Mapo', '--picture', picture, '--alt', 'a loaf', 'Come', 'by'])
    assert.match(out, new RegExp(`^published as no\\. 1 of Mina {2}${POST}\n$`))
    const post = channels.post('Bakery', POST)
    assert.deepEqual([post.text, post.title, post.media[0]?.alt, post.event?.end], ['Come by', 'Open night', 'a loaf', Date.UTC(2026, 11, 24, 22)])
    await type(['edit', 'Bakery', POST, 'Come early'])
    assert.equal(channels.post('Bakery', POST).text, 'Come early')
    await type(['withdraw', 'Bakery', POST, '--reason', 'rain'])
    assert.equal(channels.post('Bakery', POST).withdrawn?.reason, 'rain')
  })

  it('reads a post whose times are in no calendar', async () => {
    channels.stock('Bakery')
    const never = Number.MAX_SAFE_INTEGER
    channels.say('Bakery', 'tricky', { event: { start: never, end: never, place: '' }, offer: { from: 0, until: never, terms: '', state: 'valid' } })
    assert.match((await type(['read', 'Bakery'])).out, /tricky\n {2}event: .*275760/)
  })

  it('lets an offer hold to the end of its last day, here', async () => {
    channels.stock('Bakery', { role: 'owner' })
    await type(['post', 'Bakery', '--offer', '2026-12-01..2026-12-24', 'Two for one'])
    const { offer } = channels.post('Bakery', POST)
    assert.deepEqual([offer?.from, offer?.until], [new Date(2026, 11, 1).getTime(), new Date(2026, 11, 24, 23, 59, 59).getTime()])
  })

  it('lists what waits to be published, and takes it back', async () => {
    channels.stock('Bakery', { role: 'owner' })
    assert.equal((await type(['drafts', 'Bakery'])).out, 'Nothing waits.\n')
    channels.stock('Tea', { role: 'owner', waiting: 1 })
    assert.equal((await type(['drafts', 'Tea'])).out, `post: soon  ${'7'.repeat(32)}\n  nobody has shown the head of your log\n`)
    await type(['drafts', 'Tea', '--discard', '7'.repeat(32)])
    assert.deepEqual(channels.calls, ['discard Tea 7777'])
  })

  it('saves a picture and an event, never over a file that is there', async () => {
    channels.stock('Bakery')
    channels.say('Bakery', 'night', {
      event: { start: Date.UTC(2026, 11, 24, 9), end: Date.UTC(2026, 11, 24, 13), place: 'Mapo 12' },
      media: [{ hash: 'f'.repeat(64), size: 4, type: 'image/png', width: 1, height: 1, alt: '', held: true }],
    })
    const ics = join(folder, 'night.ics')
    await type(['event', 'Bakery', POST, ics])
    assert.match(readFileSync(ics, 'utf8'), /^BEGIN:VCALENDAR\r\n[^]*DTSTART:20261224T090000Z\r\n/)
    assert.match((await type(['event', 'Bakery', POST, ics])).err, /is there already/)
    const png = join(folder, 'loaf.png')
    await type(['picture', 'Bakery', POST, png])
    assert.equal(readFileSync(png).toString('latin1', 1, 4), 'PNG')
  })

  it('exports the log, a feed, a page and a calendar; checks and keeps an export', async () => {
    channels.stock('Bakery')
    channels.say('Bakery', 'fresh <b>bread</b>')
    const dir = join(folder, 'out')
    assert.match((await type(['export', 'Bakery', dir])).out, /^2 lines in .*channel\.jsonl; 1 post in feed\.atom, index\.html and events\.ics\.\n$/)
    for (const file of ['channel.jsonl', 'feed.atom', 'index.html', 'events.ics']) assert.ok(existsSync(join(dir, file)), file)
    assert.doesNotMatch(readFileSync(join(dir, 'index.html'), 'utf8'), /<b>bread/)
    assert.match((await type(['import', dir])).out, /^Bakery\n {2}3 entries, none missing\n$/)
    await type(['import', dir, '--keep'])
    assert.deepEqual(channels.calls, ['import 2 look', 'import 2 keep'])
  })

  it('asks contacts to post, lists them, ends their keys, answers such questions', async () => {
    channels.stock('Bakery', { role: 'owner' })
    assert.match((await type(['staff', 'add', 'Bakery', 'Bob', '--may', 'text', '--for', '90d', '--entries', '9'])).out, /^Bob is asked\./)
    assert.match((await type(['staff', 'list', 'Bakery'])).out, /^Bakery desk {2}active, 2 entries, may: text, pictures, until 23 Nov 2026/)
    assert.match((await type(['staff', 'remove', 'Bakery', 'desk', '--reason', 'stolen'])).out, /can no longer post; 2 entries stay/)
    channels.invited()
    const { out } = await type(['staff', 'invitations'])
    assert.match(out, /^Bob asks you to post in Seoul Bakery \(text\) until .*\n {2}dure channel staff accept sta234 --home \S+ {2}or {2}dure channel staff refuse/)
    assert.match((await type(['staff', 'accept', 'sta234'])).out, /^You post in Seoul Bakery as soon as/)
    assert.deepEqual(channels.calls.slice(0, 2), ['staff Bakery Bob text 9', 'revoke Bakery desk stolen'])
  })

  it('takes the words of a channel unseen or from standard input, never as an argument', async () => {
    channels.stock('Bakery', { role: 'owner' })
    await type(['rotate', 'Bakery'])
    await type(['rotate', 'Bakery', '--words'], { columns: 80, ask: { secret: async () => WORDS } })
    await type(['recover', 'DURE:X'], { input: `${WORDS}\n` })
    assert.deepEqual(channels.calls, ['rotate Bakery here', 'rotate Bakery typed', 'recover DURE:X right'])
    assert.equal((await type(['rotate', 'Bakery', WORDS])).code, 2)
  })

  it('shows evidence, writes it to a file, and checks one', async () => {
    channels.stock('Bakery')
    assert.equal((await type(['evidence', 'Bakery'])).out, 'There is nothing against it.\n')
    channels.stock('Forked', { frozen: 'two entries number 12' })
    const { out } = await type(['evidence', 'Forked', '--out', folder])
    const file = /\n {2}(\S+)\n$/.exec(out)?.[1] ?? ''
    assert.match((await type(['check', file])).out, /^It proves: a fork, in 3 bytes\n/)
  })

  it('says what is proven in plain words', async () => {
    channels.stock('Bakery')
    assert.equal((await type(['verify', 'Bakery', '--all'])).out, 'Bakery\n  3 entries, none missing\n')
    assert.deepEqual(channels.calls, ['verify Bakery all'])
  })

  const refused: readonly [what: string, args: string[], code: number, words: RegExp][] = [
    ['a time that is none', ['post', 'Bakery', '--event', 'tomorrow..later', 'x'], 2, /"tomorrow" is not a time/],
    ['a period without an end', ['post', 'Bakery', '--offer', '2026-12-01', 'x'], 2, /is not a period/],
    ['a picture that is not there', ['post', 'Bakery', '--picture', '/nowhere.png', 'x'], 1, /there is no picture/],
    ['more descriptions than pictures', ['post', 'Bakery', '--alt', 'a', 'x'], 2, /more --alt than --picture/],
    ['a place without an event', ['post', 'Bakery', '--place', 'a', 'x'], 2, /--place needs --event/],
    ['a link that is none', ['follow', 'https://example.com'], 1, /neither the link of a channel nor a picture of its code/],
    ['a rate that is none', ['create', 'X', '--rate', '0'], 2, /not a number from 1 to 100000/],
    ['an unknown permission', ['staff', 'add', 'Bakery', 'Bob', '--may', 'root'], 2, /nobody can be allowed "root"/],
    ['a channel that is none', ['read', 'nobody'], 1, /no channel named nobody/],
    ['an unknown subcommand', ['frobnicate'], 2, /unknown command/],
    ['an unknown option', ['staff', 'list', '--frob'], 2, /dure channel staff list --help/],
    ['nothing to change', ['set', 'Bakery'], 2, /what should change/],
  ]
  for (const [what, args, code, words] of refused) {
    it(`refuses ${what} with words and exit code ${code}`, async () => {
      channels.stock('Bakery', { role: 'owner' })
      const answer = await type(args)
      assert.equal(answer.code, code, answer.err)
      assert.match(answer.err, words)
    })
  }
})
