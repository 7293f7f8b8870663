/** A brand, the mirror of an operator, and followers who know only the mirror. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseChannelLink } from '../../protocols/pairing/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import type { MirrorView } from '../../src/relay/view.ts'
import { eventually, Home } from '../support/processes.ts'

interface Proof {
  readonly entries: number
  readonly held: number
  readonly missing: readonly unknown[]
  readonly lines: readonly string[]
}

/** A one-pixel PNG. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws']

describe('a brand whose phone is off, and a mirror', function () {
  this.timeout(180_000)
  const [brand, relay, follower] = [new Home(), new Home(), new Home()]
  const name = 'Seoul Bakery'
  let brandsLink = ''
  let link = ''

  before(async () => {
    await Promise.all([brand.start('Jun'), relay.startRelay(...LISTEN)])
    await brand.json('channel', 'create', name, '--rate', '1000')
  })
  after(() => Promise.all([brand, relay, follower].map((home) => home.remove())))

  const mirrored = async (): Promise<MirrorView> => (await relay.json<MirrorView>('relay', 'mirror', 'list'))[0] as MirrorView
  /** The nodes a link leads to, the first one first. */
  const places = (of: string): { peer: string; addresses: readonly string[] }[] =>
    parseChannelLink(of).peers.map(({ key, addresses }) => ({ peer: toHex(key), addresses }))
  const whole = (): Promise<void> => eventually(async () => (await mirrored()).state === 'whole')
  const texts = async (): Promise<string[]> => (await follower.json<{ text: string }>('channel', 'read', name, '--limit', '200')).map(({ text }) => text)

  it('is added by its link, and everything of it comes, pictures too', async () => {
    const picture = path.join(brand.directory, 'loaf.png')
    writeFileSync(picture, PICTURE)
    await brand.json('channel', 'post', name, '--picture', picture, '--alt', 'a loaf', 'with a picture')
    for (let n = 0; n < 5; n++) await brand.json('channel', 'post', name, `post ${n}`)
    const [invite] = await brand.json<{ link: string }>('channel', 'invite', name)
    brandsLink = invite?.link ?? ''
    const [added] = await relay.json<MirrorView>('relay', 'mirror', 'add', brandsLink)
    assert.equal(added?.name, name)
    await whole()
    const view = await mirrored()
    assert.deepEqual([view.held, view.missing, view.picturesMissing], [view.entries, [], 0])
    link = view.link
    const { stdout } = await relay.dure('relay', 'mirror', 'list')
    assert.match(stdout, new RegExp(`${view.entries} of ${view.entries} entries, none missing`))
    const [status] = await relay.json<{ figures: Record<string, Record<string, number>> }>('status')
    assert.equal(status?.figures.mirror?.channels, 1)
    assert.equal(status?.figures.mirror?.entries, view.entries)
  })

  it('keeps its key, its ports and all it has when it is killed', async () => {
    await brand.end('SIGKILL')
    await relay.end('SIGKILL')
    const gone = await relay.dure('relay', 'mirror', 'list')
    assert.equal(gone.code, 1)
    assert.match(gone.stderr, /the relay is not running[\s\S]*dure relay/)
    const before = places(link)[0]
    await relay.startRelay()
    const view = await mirrored()
    assert.deepEqual([view.held, view.missing], [view.entries, []])
    assert.match(before?.addresses[0] ?? '', /^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*/)
    assert.deepEqual(places(view.link)[0], before, 'a link on a poster leads here still')
  })

  it('reaches a new follower, who gets all of it with the picture from the mirror alone', async () => {
    await follower.start('Fay')
    await follower.json('channel', 'follow', link)
    await eventually(async () => (await texts()).length === 6)
    const [proof] = await follower.json<Proof>('channel', 'verify', name, '--all')
    assert.deepEqual([proof?.held, proof?.missing], [proof?.entries, []])
    assert.match(proof?.lines.join('\n') ?? '', /none missing/)
    const [first] = await follower.json<{ id: string }>('channel', 'read', name, '--limit', '200')
    await follower.json('channel', 'picture', name, first?.id ?? '', path.join(follower.directory, 'loaf.png'))
    const [status] = await relay.json<{ figures: Record<string, Record<string, number>> }>('status')
    assert.ok((status?.figures.mirror?.entries_served_total ?? 0) > 0)
  })

  it('tells followers the addresses it was given, and still does in the next run without them', async () => {
    const told = '/dns4/mirror.example.org/tcp/4003'
    const ours = places(link)[0]
    for (const options of [['--channel-announce', told], []]) {
      await relay.end()
      await relay.startRelay(...options)
      assert.deepEqual(places((await mirrored()).link)[0], { peer: ours?.peer, addresses: [told] })
    }
  })

  it('is forgotten by its name, and what is no link of a channel is refused', async () => {
    assert.equal((await relay.dure('relay', 'mirror', 'add', 'DURE:NOTHING')).code, 1)
    assert.equal((await relay.dure('relay', 'mirror', 'remove', 'nobody')).code, 1)
    await relay.json('relay', 'mirror', 'remove', name)
    assert.deepEqual(await relay.json('relay', 'mirror', 'list'), [])
  })
})
