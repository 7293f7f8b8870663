/** A brand and a follower who never reach each other, each behind a router, and the mirror both reach. */
import assert from 'node:assert/strict'
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

  it('hands on what the brand has said and what it says next, and no packet goes between the two', async () => {
    const network = new Network()
    const [there, brands, followers] = [network.host('none'), network.host('port-restricted'), network.host('port-restricted')]
    const [relay, brand, follower] = [there, brands, followers].map((host) => new Home({}, host.launcher)) as [Home, Home, Home]
    const texts = async (): Promise<string[]> => (await follower.json<{ text: string }>('channel', 'read', NAME)).map(({ text }) => text)
    const peers = async (home: Home): Promise<number | undefined> => (await home.json<{ peers: number }>('channel', 'show', NAME))[0]?.peers
    try {
      await relay.startRelay('--listen', `/ip4/${there.outside}/tcp/4001`)
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
      await eventually(async () => (await texts()).includes('before'))
      await brand.json('channel', 'post', NAME, 'after')
      await eventually(async () => (await texts()).includes('after'))
      assert.deepEqual(await Promise.all([brand, follower].map(peers)), [1, 1])
      assert.deepEqual(met.map((packets) => packets()), [0, 0])
    } finally {
      await Promise.all([relay, brand, follower].map((home) => home.remove()))
      network.remove()
    }
  })
})
