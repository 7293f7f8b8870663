import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { History } from '../support/history.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

interface Post {
  readonly id: string
  readonly text: string
  readonly author: string
  readonly unread: boolean
  readonly media: readonly { readonly hash: string }[]
  readonly editedAt?: number
  readonly withdrawn?: { readonly reason: string }
}
interface Channel {
  readonly id: string
  readonly name: string
  readonly unread: number
  readonly entries: number
  readonly held: number
  readonly frozen?: string
}
interface Proof {
  readonly entries: number
  readonly held: number
  readonly missing: readonly unknown[]
  readonly rotations: number
  readonly lines: readonly string[]
  readonly authors: readonly { readonly name: string; readonly state: string }[]
}

/** A one-pixel PNG. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

describe('a bakery with two staff devices, and three followers', function () {
  this.timeout(300_000)
  const [owner, mina, follower, reader, late] = [new Home(), new Home(), new Home(), new Home(), new Home()]
  const bakery = 'Seoul Bakery'
  let link = ''

  before(async () => {
    await Promise.all([owner.start('Jun'), mina.start('Mina'), follower.start('Fay'), reader.start('Rio')])
    await pairHomes(owner, mina, { a: 'Jun', b: 'Mina' })
  })
  after(async () => {
    await Promise.all([owner, mina, follower, reader, late].map((home) => home.remove()))
  })

  /** Oldest first. */
  const posts = (home: Home, ...options: string[]): Promise<Post[]> => home.json<Post>('channel', 'read', bakery, '--limit', '200', ...options)
  const texts = async (home: Home): Promise<string[]> => (await posts(home)).map((post) => post.text)
  const channel = async (home: Home): Promise<Channel> => (await home.json<Channel>('channel', 'list'))[0] as Channel
  const proof = async (home: Home): Promise<Proof> => (await home.json<Proof>('channel', 'verify', bakery, '--all'))[0] as Proof
  const publish = async (home: Home, ...words: string[]): Promise<string> => {
    const [view] = await home.json<{ post?: Post; waiting?: string }>('channel', 'post', bakery, ...words)
    return view?.post?.id ?? ''
  }

  it('makes the channel, publishes, and is followed by link and by poster', async () => {
    await owner.json('channel', 'create', bakery, '--language', 'ko', '--region', 'KR', '--description', '빵과 커피', '--rate', '1000')
    const picture = path.join(owner.directory, 'loaf.png')
    writeFileSync(picture, PICTURE)
    await publish(owner, 'fresh bread from 8')
    await publish(owner, '--title', 'Open night', '--event', '2027-01-24 18:00..2027-01-24 22:00', '--place', 'Mapo 12', 'come by')
    await publish(owner, '--picture', picture, '--alt', 'a loaf', '--offer', '2026-01-01..2027-12-24', 'two for one')
    const poster = path.join(owner.directory, 'poster.png')
    ;[{ link } = { link: '' }] = await owner.json<{ link: string }>('channel', 'invite', bakery, '--qr', poster)
    const begin = performance.now()
    await follower.json('channel', 'follow', poster)
    console.log(`      followed, with its newest posts, in ${(performance.now() - begin).toFixed(0)} ms, the start of the command included`)
    assert.deepEqual(await texts(follower), ['fresh bread from 8', 'come by', 'two for one'])
    await reader.json('channel', 'follow', link, '--private')
    assert.deepEqual(await texts(reader), ['fresh bread from 8', 'come by', 'two for one'])
  })

  it('hands a picture from follower to follower by its hash, and an event as a calendar file', async () => {
    const [, event, offer] = await posts(follower)
    const saved = path.join(follower.directory, 'loaf.png')
    await follower.json('channel', 'picture', bakery, offer?.id ?? '', saved)
    assert.deepEqual(readFileSync(saved), PICTURE)
    const ics = path.join(follower.directory, 'night.ics')
    await follower.json('channel', 'event', bakery, event?.id ?? '', ics)
    assert.match(readFileSync(ics, 'utf8'), /SUMMARY:Open night/)
  })

  it('certifies a second person, who posts from her own device without asking anybody', async () => {
    await owner.json('channel', 'staff', 'add', bakery, 'Mina', '--may', 'text')
    await eventually(async () => (await mina.json('channel', 'staff', 'invitations')).length > 0)
    const [invitation] = await mina.json<{ id: string; scope: string[] }>('channel', 'staff', 'invitations')
    assert.deepEqual(invitation?.scope, ['text'])
    await mina.json('channel', 'staff', 'accept', invitation?.id ?? '')
    await eventually(async () => (await owner.json<{ name: string }>('channel', 'staff', 'list', bakery)).some((one) => one.name === 'Mina'))
    await eventually(async () => (await mina.dure('channel', 'post', bakery, 'buns at noon')).code === 0)
    await eventually(async () => (await texts(follower)).includes('buns at noon'))
    assert.equal((await posts(follower)).find((post) => post.text === 'buns at noon')?.author, 'Mina')
    const refused = await mina.dure('channel', 'post', bakery, '--offer', '2026-01-01..2027-12-24', 'mine')
    assert.equal(refused.code, 1, 'her certificate speaks of text only')
    await Promise.all([...Array(5).keys()].flatMap((n) => [publish(owner, `from Jun ${n}`), publish(mina, `from Mina ${n}`)]))
    await eventually(async () => (await texts(follower)).length === 14)
    assert.equal((await channel(follower)).frozen, undefined)
  })

  it('reaches who was never near the brand: a late follower learns everything from another follower', async () => {
    await Promise.all([owner.end(), mina.end()])
    const [shown] = await follower.json<{ link: string }>('channel', 'invite', bakery)
    await late.start('Lee')
    await late.json('channel', 'follow', shown?.link ?? '')
    await eventually(async () => (await texts(late)).length === 14)
    const proven = await proof(late)
    assert.deepEqual([proven.held, proven.missing], [proven.entries, []])
    assert.match(proven.lines.join('\n'), new RegExp(`${proven.entries} entries, none missing`))
  })

  it('exports a log that anyone can check without a network, and nobody can trim', async () => {
    const out = path.join(late.directory, 'out')
    await late.json('channel', 'export', bakery, out)
    const file = path.join(out, 'channel.jsonl')
    await late.json('channel', 'unfollow', bakery)
    assert.deepEqual(await late.json('channel', 'list'), [])
    await late.json('channel', 'import', out, '--keep')
    assert.equal((await texts(late)).length, 14)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const middle = lines.findLastIndex((line) => /entry/.test(line)) - 2
    writeFileSync(file, `${lines.toSpliced(middle, 1).join('\n')}\n`)
    const refused = await late.dure('channel', 'import', out)
    assert.equal(refused.code, 1, 'an entry is missing from the middle')
    assert.match(refused.stderr, /dure: error: /)
  })

  it('comes back, edits, withdraws, ends a stolen key and moves to its next root key', async () => {
    await Promise.all([owner.start('Jun'), mina.start('Mina')])
    const [first, second] = await posts(owner)
    await owner.json('channel', 'edit', bakery, first?.id ?? '', 'fresh bread from 9')
    await owner.json('channel', 'withdraw', bakery, second?.id ?? '', '--reason', 'rain')
    await eventually(async () => {
      const [one, two] = await posts(follower)
      return one?.text === 'fresh bread from 9' && two?.withdrawn?.reason === 'rain'
    })
    await eventually(async () => (await owner.json<{ name: string }>('channel', 'staff', 'list', bakery)).some((one) => one.name === 'Mina'))
    await owner.json('channel', 'staff', 'remove', bakery, 'Mina', '--reason', 'phone stolen')
    await owner.json('channel', 'rotate', bakery)
    await eventually(async () => (await proof(follower)).rotations === 1)
    assert.equal((await proof(follower)).authors.find((one) => one.name === 'Mina')?.state, 'revoked')
    await eventually(async () => (await mina.dure('channel', 'post', bakery, 'still here?')).code === 1)
    await publish(owner, 'with the new key')
    await eventually(async () => (await texts(follower)).includes('with the new key'))
    assert.ok(!(await texts(follower)).includes('still here?'))
  })

  it('never forks and loses no post when it is killed while it publishes (attacks 53, 97)', async () => {
    const history = new History()
    const post = async (text: string): Promise<void> => {
      history.tried(bakery, text)
      const published = owner.client.call('POST /v1/channels/{name}/posts', { params: { name: bakery }, body: { text } })
      await published.then(() => history.acknowledged(bakery, text), () => undefined)
    }
    for (let round = 0; round < 4; round++) {
      const publishing = (async () => {
        for (let n = 0; n < 20; n++) await post(`round ${round} post ${n}`)
      })()
      await new Promise((resolve) => setTimeout(resolve, 20 + 40 * round))
      await owner.end('SIGKILL')
      await publishing
      await owner.start('Jun')
    }
    await publish(owner, 'the end')
    await eventually(async () => (await texts(follower)).includes('the end'))
    history.settled(bakery, (await texts(follower)).filter((text) => text.startsWith('round')))
    assert.equal((await channel(follower)).frozen, undefined)
    const proven = await proof(follower)
    assert.deepEqual([proven.held, proven.missing], [proven.entries, []])
  })

  it('keeps a private follower up to date, who asks and never announces', async () => {
    await eventually(async () => (await texts(reader)).includes('the end'))
  })
})
