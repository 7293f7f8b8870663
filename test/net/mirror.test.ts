/** A brand and a follower who never reach each other, each behind a router, and the mirror both reach. */
import assert from 'node:assert/strict'
import { encodeChannelLink, parseChannelLink } from '../../protocols/pairing/index.ts'
import type { MirrorView } from '../../src/relay/view.ts'
import { Network, whatPreventsNamespaces } from '../support/network.ts'
import { eventually, Home } from '../support/processes.ts'

const NAME = 'Seoul Bakery'

describe('a mirror between a brand and a follower behind routers', function () {
  this.timeout(240_000)
  const prevents = whatPreventsNamespaces()
  if (prevents !== undefined) {
    it(`cannot be tried here: ${prevents}; src/relay/mirror tries the same in memory`, function () {
      this.skip()
    })
    return
  }

  it('hands on what the brand has said and what it says next, no packet goes between the two, and who knows only its relay finds it', async () => {
    const network = new Network()
    const [there, brands, followers, newcomers] = [network.host('none'), network.host('port-restricted'), network.host('port-restricted'), network.host('port-restricted')]
    const [relay, brand, follower, newcomer] = [there, brands, followers, newcomers].map((host) => new Home({}, host.launcher)) as [Home, Home, Home, Home]
    const texts = async (home: Home): Promise<string[]> => (await home.json<{ text: string }>('channel', 'read', NAME)).map(({ text }) => text)
    const peers = async (home: Home): Promise<number | undefined> => (await home.json<{ peers: number }>('channel', 'show', NAME))[0]?.peers
    try {
      const relaysLink = await relay.startRelay('--listen', `/ip4/${there.outside}/tcp/4001`)
      const start = (home: Home, name: string): Promise<string> => home.startAt(name, '--listen', '/ip4/0.0.0.0/tcp/4101', '--channel-listen', '/ip4/0.0.0.0/tcp/4103')
      await Promise.all([start(brand, 'Jun'), start(follower, 'Fay')])
      await brand.json('channel', 'create', NAME)
      await brand.json('channel', 'post', NAME, 'before')
      // The mirror cannot call a brand behind a router; the brand calls it, by the link the operator gives back.
      const [invite] = await brand.json<{ link: string }>('channel', 'invite', NAME)
      const [added] = await relay.json<MirrorView>('relay', 'mirror', 'add', invite?.link ?? '')
      assert.equal(added?.entries, 0)
      await brand.json('channel', 'follow', added.link)
      await eventually(async () => (await relay.json<MirrorView>('relay', 'mirror', 'list'))[0]?.state === 'whole')
      const met = [network.watch(followers, brands), network.watch(brands, followers)]
      await follower.json('channel', 'follow', added.link)
      await eventually(async () => (await texts(follower)).includes('before'))
      await brand.json('channel', 'post', NAME, 'after')
      await eventually(async () => (await texts(follower)).includes('after'))
      // A peer counts once it has said what it follows, which need not be before it hands on a post.
      for (const home of [brand, follower]) await eventually(async () => (await peers(home)) === 1)
      assert.deepEqual(met.map((packets) => packets()), [0, 0])

      // Told of the relay and of the channel, and of nobody who has it: the mirror wrote its record at the relay.
      await newcomer.start('Cho', '--channel-listen', '/ip4/0.0.0.0/tcp/4103')
      await newcomer.json('relay', 'use', relaysLink)
      await newcomer.json('channel', 'follow', encodeChannelLink({ channel: parseChannelLink(added.link).channel, peers: [] }))
      await eventually(async () => (await texts(newcomer)).includes('after'))
    } finally {
      await Promise.all([relay, brand, follower, newcomer].map((home) => home.remove()))
      network.remove()
    }
  })
})
