/** Two hosts behind routers that are never on the network together, over lines that lose a third of everything, and a relay that keeps. */
import assert from 'node:assert/strict'
import { Network, whatPreventsNamespaces } from '../support/network.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

interface Message {
  readonly text: string
  readonly direction: string
  readonly delivery?: string
}

const history = (home: Home, other: string): Promise<Message[]> => home.json<Message>('history', other, '--limit', '200')
/** What the other said, without the notice that they are paired. */
const heard = async (home: Home, from: string): Promise<string[]> =>
  (await history(home, from)).filter(({ direction, text }) => direction === 'in' && text !== 'paired').map(({ text }) => text)

/** Keys for a new session, which lie open in the queue of each. */
const LAID_OUT = 2

/** A step over a line that loses a third each way: a connection may need several tries, and each waits longer than the one before. */
const LOSSY_MS = 300_000

describe('two hosts that are never on the network together, and a mailbox (attack 105)', function () {
  this.timeout(1_200_000)
  const prevents = whatPreventsNamespaces()
  if (prevents !== undefined) {
    it(`cannot be tried here: ${prevents}; e2e/mailbox tries the same on loopback`, function () {
      this.skip()
    })
    return
  }

  it('talk, each word once, also when 30 of 100 packets are lost', async () => {
    const network = new Network()
    const [there, bobs, anns] = [network.host('none'), network.host('symmetric'), network.host('symmetric')]
    const [relay, bob, ann] = [there, bobs, anns].map((host) => new Home({}, host.launcher)) as [Home, Home, Home]
    const kept = async (): Promise<number> => (await relay.json<{ figures: { mailbox: Record<string, number> } }>('status'))[0]?.figures.mailbox['blocks'] ?? NaN
    const inMailbox = (home: Home, to: string, text: string): Promise<void> =>
      eventually(async () => (await history(home, to)).find((message) => message.text === text)?.delivery === 'mailbox', LOSSY_MS)
    try {
      const link = await relay.startRelay('--listen', `/ip4/${there.outside}/tcp/4001`)
      await Promise.all([ann.startAt('Ann', '--listen', '/ip4/0.0.0.0/tcp/4101'), bob.startAt('Bob', '--listen', '/ip4/0.0.0.0/tcp/4101')])
      for (const home of [ann, bob]) {
        await home.json('relay', 'use', link)
        await eventually(async () => (await home.json<{ state: string }>('relay', 'list'))[0]?.state === 'reserved')
      }
      await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
      for (const [home, to] of [[ann, 'Bob'], [bob, 'Ann']] as const) {
        await home.json('send', to, `here, ${to}`)
        await eventually(async () => ['delivered', 'read'].includes((await history(home, to)).find(({ text }) => text === `here, ${to}`)?.delivery ?? ''))
      }
      await eventually(async () => (await kept()) === LAID_OUT)
      for (const host of [bobs, anns]) network.lose(host, 30)
      network.plug(bobs, false)
      for (const n of [1, 2, 3]) await ann.json('send', 'Bob', `from Ann ${n}`)
      await inMailbox(ann, 'Bob', 'from Ann 3')
      network.plug(anns, false)
      assert.ok((await kept()) >= 3 + LAID_OUT)
      network.plug(bobs, true)
      await eventually(async () => (await heard(bob, 'Ann')).includes('from Ann 3'), LOSSY_MS)
      await bob.json('send', 'Ann', 'from Bob')
      await inMailbox(bob, 'Ann', 'from Bob')
      network.plug(bobs, false)
      network.plug(anns, true)
      await eventually(async () => (await heard(ann, 'Bob')).includes('from Bob'), LOSSY_MS)
      network.plug(bobs, true)
      await eventually(async () => (await kept()) === LAID_OUT, LOSSY_MS)
      assert.deepEqual(await heard(bob, 'Ann'), ['here, Bob', 'from Ann 1', 'from Ann 2', 'from Ann 3'])
      assert.deepEqual(await heard(ann, 'Bob'), ['here, Ann', 'from Bob'])
    } finally {
      await Promise.all([relay, ann, bob].map((home) => home.remove()))
      network.remove()
    }
  })
})
