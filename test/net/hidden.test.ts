/** Somebody who hides, and hosts that count every packet that comes from where they are. */
import assert from 'node:assert/strict'
import { Network, whatPreventsNamespaces } from '../support/network.ts'
import { eventually, Home } from '../support/processes.ts'

interface Message {
  readonly text: string
  readonly direction: string
  readonly delivery?: string
}

const history = (home: Home, other: string): Promise<Message[]> => home.json<Message>('history', other, '--limit', '200')
const delivered = (home: Home, to: string, text: string, ...states: string[]): Promise<void> =>
  eventually(async () => states.includes((await history(home, to)).find((message) => message.text === text)?.delivery ?? ''), 90_000)
const hears = (home: Home, from: string, text: string): Promise<void> =>
  eventually(async () => (await history(home, from)).some((message) => message.direction === 'in' && message.text === text), 90_000)

describe('who hides their address', function () {
  this.timeout(400_000)
  const prevents = whatPreventsNamespaces()
  if (prevents !== undefined) {
    it(`cannot be tried here: ${prevents}; src/net/onward tries the same on loopback`, function () {
      this.skip()
    })
    return
  }

  it("is seen by no contact and by no contact's relay: not while they pair, call, leave things or fetch", async () => {
    const network = new Network()
    const [here, there, anns, bobs] = [network.host('none'), network.host('none'), network.host('symmetric'), network.host('port-restricted')]
    const [ours, theirs, ann, bob] = [here, there, anns, bobs].map((host) => new Home({}, host.launcher)) as [Home, Home, Home, Home]
    const [atTheirs, atBobs, atOurs] = [there, bobs, here].map((host) => network.watch(host, anns)) as [() => number, () => number, () => number]
    try {
      const links = [await ours.startRelay('--listen', `/ip4/${here.outside}/tcp/4001`), await theirs.startRelay('--listen', `/ip4/${there.outside}/tcp/4001`)]
      await Promise.all([ann.startAt('Ann', '--listen', '/ip4/0.0.0.0/tcp/4101'), bob.startAt('Bob', '--listen', '/ip4/0.0.0.0/tcp/4101')])
      for (const [home, link] of [[ann, links[0]], [bob, links[1]]] as const) {
        await home.json('relay', 'use', link ?? '')
        await eventually(async () => (await home.json<{ state: string }>('relay', 'list'))[0]?.state === 'reserved')
      }
      assert.equal((await ann.dure('settings', 'hide-address', 'on')).code, 0)
      await eventually(async () => (await ann.json<{ state: string }>('relay', 'list'))[0]?.state === 'reserved')

      const [invite] = await bob.json<{ link: string }>('invite', '--link')
      await ann.json('pair', invite?.link ?? '')
      await eventually(async () => (await bob.json('requests')).length === 1)
      await bob.json('accept', (await bob.json<{ id: string }>('requests'))[0]?.id ?? '')
      await eventually(async () => (await ann.json<{ state: string }>('contacts'))[0]?.state === 'accepted')
      await ann.json('send', 'Bob', 'do you see me?')
      await delivered(ann, 'Bob', 'do you see me?', 'delivered', 'read')
      await bob.json('send', 'Ann', 'I do not')
      await hears(ann, 'Bob', 'I do not')

      network.plug(bobs, false)
      await ann.json('send', 'Bob', 'and my letters?')
      await delivered(ann, 'Bob', 'and my letters?', 'mailbox')
      network.plug(anns, false)
      network.plug(bobs, true)
      await hears(bob, 'Ann', 'and my letters?')
      await bob.json('send', 'Ann', 'from nowhere')
      await delivered(bob, 'Ann', 'from nowhere', 'mailbox')
      network.plug(bobs, false)
      network.plug(anns, true)
      await hears(ann, 'Bob', 'from nowhere')
      network.plug(bobs, true)
      await delivered(ann, 'Bob', 'and my letters?', 'delivered', 'read')
      assert.deepEqual([atTheirs(), atBobs()], [0, 0])
      assert.ok(atOurs() > 0)

      // The same without hiding: they are seen at once, so the counting counts.
      network.plug(bobs, false)
      await ann.dure('settings', 'hide-address', 'off')
      await ann.json('send', 'Bob', 'now you do')
      await delivered(ann, 'Bob', 'now you do', 'mailbox')
      assert.ok(atTheirs() > 0)
    } finally {
      await Promise.all([ours, theirs, ann, bob].map((home) => home.remove()))
      network.remove()
    }
  })
})
