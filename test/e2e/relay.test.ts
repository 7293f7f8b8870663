/** People who cannot reach each other directly, and relays run as an operator would. On loopback, so hiding stands for a router. */
import assert from 'node:assert/strict'
import { eventually, Home } from '../support/processes.ts'

interface RelayView {
  readonly id: string
  readonly state: string
}
interface Message {
  readonly text: string
  readonly direction: string
}
interface Figures {
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>
}

const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws']

const reserved = (home: Home, count: number): Promise<void> =>
  eventually(async () => (await home.json<RelayView>('relay', 'list')).filter(({ state }) => state === 'reserved').length === count)

const heard = async (home: Home, from: string): Promise<string[]> =>
  (await home.json<Message>('history', from, '--limit', '500')).filter(({ direction }) => direction === 'in').map(({ text }) => text)

describe('two people who cannot call each other, and a relay', function () {
  this.timeout(180_000)
  const [ann, bob, first, second] = [new Home(), new Home(), new Home(), new Home()]
  const links: string[] = []
  before(async () => {
    links.push(await first.startRelay(...LISTEN, '--metrics-port', '0'), await second.startRelay(...LISTEN))
    await Promise.all([ann.start('Ann'), bob.start('Bob')])
  })
  after(() => Promise.all([ann, bob, first, second].map((home) => home.remove())))

  it('is used by its link, and says what it takes to hide', async () => {
    const none = await ann.dure('settings', '--hide-address', 'on')
    assert.equal(none.code, 1)
    assert.match(none.stderr, /no relay to hide behind/)
    for (const home of [ann, bob]) {
      const { stdout } = await home.dure('relay', 'use', links[0] ?? '')
      assert.match(stdout, /second one of another operator/)
      const hiding = await home.dure('settings', '--hide-address', 'on')
      assert.match(hiding.stdout, /Contacts who knew your address before keep it/)
      await reserved(home, 1)
    }
    const [status] = await ann.json<{ addresses: string[]; hideAddress: boolean }>('status')
    assert.equal(status?.hideAddress, true)
    assert.ok((status?.addresses.length ?? 0) > 0)
    for (const address of status?.addresses ?? []) assert.match(address, /\/p2p-circuit$/)
  })

  it('pair and talk through it', async () => {
    const [invite] = await ann.json<{ link: string }>('invite', '--link')
    await bob.json('pair', invite?.link ?? '')
    const [request] = await ann.json<{ id: string }>('requests')
    await ann.json('accept', request?.id ?? '')
    await eventually(async () => (await bob.json<{ state: string }>('contacts'))[0]?.state === 'accepted')
    await bob.json('send', 'Ann', 'through the relay')
    await ann.json('send', 'Bob', 'and back')
    await eventually(async () => (await heard(ann, 'Bob')).includes('through the relay') && (await heard(bob, 'Ann')).includes('and back'))
    const [relay] = await first.json<Figures>('status')
    assert.equal(relay?.figures.relay?.reservations, 2)
    assert.ok((relay?.figures.relay?.bytes_total ?? 0) > 10_000)
  })
})
