/** A person whose cable is pulled, who moves, who closes the lid: in touch again by themselves, whatever was said meanwhile comes. */
import assert from 'node:assert/strict'
import { Network, whatPreventsNamespaces } from '../support/network.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

interface Message {
  readonly text: string
  readonly direction: string
  readonly delivery?: string
}

const history = (home: Home, other: string): Promise<Message[]> => home.json<Message>('history', other)
const delivered = (home: Home, to: string, text: string, ...states: string[]): Promise<void> =>
  eventually(async () => states.includes((await history(home, to)).find((message) => message.text === text)?.delivery ?? ''), 90_000)
const hears = (home: Home, from: string, text: string): Promise<void> =>
  eventually(async () => (await history(home, from)).some((message) => message.direction === 'in' && message.text === text), 90_000)

describe('a network that changes', function () {
  this.timeout(300_000)
  const prevents = whatPreventsNamespaces()
  if (prevents !== undefined) {
    it(`cannot be tried here: ${prevents}; src/net/relays and src/net/mailbox try the parts`, function () {
      this.skip()
    })
    return
  }

  it('is one again by itself: after a pulled cable, at another address, and after a sleep in which everybody gave us up (attack 105)', async () => {
    const network = new Network()
    const [there, anns, bobs] = [network.host('none'), network.host('none'), network.host('port-restricted')]
    const [relay, ann, bob] = [there, anns, bobs].map((host) => new Home({}, host.launcher)) as [Home, Home, Home]
    const place = async (home: Home): Promise<void> => eventually(async () => (await home.json<{ state: string }>('relay', 'list'))[0]?.state === 'reserved')
    try {
      const link = await relay.startRelay('--listen', `/ip4/${there.outside}/tcp/4001`)
      await Promise.all([ann.startAt('Ann', '--listen', '/ip4/0.0.0.0/tcp/4101'), bob.startAt('Bob', '--listen', '/ip4/0.0.0.0/tcp/4101')])
      for (const home of [ann, bob]) await home.json('relay', 'use', link)
      for (const home of [ann, bob]) await place(home)
      await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
      await ann.json('send', 'Bob', 'I am here')
      await delivered(ann, 'Bob', 'I am here', 'delivered', 'read')

      network.plug(anns, false)
      await bob.json('send', 'Ann', 'while it was out')
      await delivered(bob, 'Ann', 'while it was out', 'mailbox')
      network.plug(anns, true)
      await hears(ann, 'Bob', 'while it was out')
      await place(ann)

      const moved = network.move(anns)
      await bob.json('send', 'Ann', 'where are you now?')
      await hears(ann, 'Bob', 'where are you now?')
      await place(ann)
      await eventually(async () => (await bob.json<{ devices: { addresses: string[] }[] }>('contacts', 'Ann'))[0]?.devices[0]?.addresses.some((each) => each.includes(moved)) === true)

      process.kill(ann.pid ?? 0, 'SIGSTOP')
      network.plug(anns, false) // or those who give her up would tell her
      await bob.json('send', 'Ann', 'are you asleep?')
      await delivered(bob, 'Ann', 'are you asleep?', 'mailbox')
      network.plug(anns, true)
      process.kill(ann.pid ?? 0, 'SIGCONT')
      await hears(ann, 'Bob', 'are you asleep?')
      await place(ann)
      await ann.json('send', 'Bob', 'not any more')
      await delivered(ann, 'Bob', 'not any more', 'delivered', 'read')
      const said = (await history(ann, 'Bob')).map(({ text }) => text).filter(Boolean)
      assert.equal(new Set(said).size, said.length, 'once each')
    } finally {
      await Promise.all([relay, ann, bob].map((home) => home.remove()))
      network.remove()
    }
  })
})
