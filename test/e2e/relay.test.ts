/** People who cannot reach each other directly, and relays run as an operator would. On loopback, so hiding stands for a router. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
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

  it('send more than the relay carries in one go: nothing is lost, repeated or out of order (attack 82)', async () => {
    const opened = async (): Promise<number> => (await first.json<Figures>('status'))[0]?.figures.relay?.circuits_opened_total ?? 0
    const before = await opened()
    const texts = Array.from({ length: 48 }, (_, i) => `${i} ${'x'.repeat(14_000)}`)
    for (const text of texts) assert.equal((await ann.dure('send', 'Bob', text)).code, 0)
    await eventually(async () => (await heard(bob, 'Ann')).filter((text) => /^\d+ x/.test(text)).length >= texts.length, 120_000)
    assert.deepEqual((await heard(bob, 'Ann')).filter((text) => /^\d+ x/.test(text)), texts)
    assert.ok((await opened()) > before, 'it was cut, and they met again')
  })

  it('go on over the second relay when the first is gone, and over the first when it is back', async () => {
    for (const home of [ann, bob]) {
      const { stdout } = await home.dure('relay', 'use', links[1] ?? '')
      assert.doesNotMatch(stdout, /second one/)
      await reserved(home, 2)
    }
    await ann.json('send', 'Bob', 'two ways')
    await eventually(async () => (await heard(bob, 'Ann')).includes('two ways'))
    await first.end('SIGKILL')
    await bob.json('send', 'Ann', 'over the second')
    await eventually(async () => (await heard(ann, 'Bob')).includes('over the second'))
    await second.end('SIGKILL')
    assert.equal(await first.startRelay(), links[0], 'the same link, on the ports of the last run')
    await ann.json('send', 'Bob', 'over the first again')
    await eventually(async () => (await heard(bob, 'Ann')).includes('over the first again'))
  })

  it('show the operator figures, and nobody of those who talk', async () => {
    const said = `${first.said}${second.said}`
    for (const home of [ann, bob]) {
      const [me] = await home.json<{ peerId: string; account: string; device: string }>('id')
      for (const secret of [me?.peerId, me?.account, me?.device]) assert.ok(secret !== undefined && !said.includes(secret))
      const { stdout } = await first.dure('status')
      assert.ok(!stdout.includes(me?.peerId ?? ''))
      assert.match(stdout, /reservations: \d/)
    }
    assert.equal((await first.dure('contacts')).code, 1)
    assert.equal((await ann.dure('relay', 'start')).code, 1, "a relay does not move into a person's home")
    assert.equal((await first.dure('stop')).code, 0)
  })

  it('are not hidden any more when they say so', async () => {
    assert.equal((await ann.dure('settings', 'hide-address', 'off')).code, 0)
    await eventually(async () => ((await ann.json<{ addresses: string[] }>('status'))[0]?.addresses ?? []).some((address) => !address.endsWith('/p2p-circuit')))
    const [relay] = await ann.json<RelayView>('relay', 'list')
    await ann.json('relay', 'forget', relay?.id ?? '')
    assert.equal((await ann.json<RelayView>('relay', 'list')).length, 1)
  })
})

describe('relays of different operators', function () {
  this.timeout(60_000)

  it('know each other in the DHT once one of them was told of the other', async () => {
    const [first, second] = [new Home(), new Home()]
    const known = async (relay: Home): Promise<number> => (await relay.json<Figures>('status'))[0]?.figures['network']?.['dht_peers'] ?? 0
    try {
      await first.startRelay(...LISTEN)
      const [status] = await first.json<{ peerId: string; addresses: string[] }>('status')
      await second.startRelay(...LISTEN, '--bootstrap', `${status?.addresses[0]}/p2p/${status?.peerId}`)
      for (const relay of [first, second]) await eventually(async () => (await known(relay)) === 1)
    } finally {
      await Promise.all([first, second].map((home) => home.remove()))
    }
  })
})

describe("a relay's figures", function () {
  this.timeout(60_000)

  it('are for Prometheus, on loopback, and for no page of a browser (attack 89)', async () => {
    const relay = new Home()
    try {
      await relay.startRelay(...LISTEN, '--metrics-port', '0')
      const [status] = await relay.json<{ metrics: string }>('status')
      const url = status?.metrics ?? ''
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
      const text = await (await fetch(url)).text()
      assert.match(text, /^# TYPE dure_relay_reservations gauge\ndure_relay_reservations 0$/m)
      assert.match(text, /^# TYPE dure_relay_bytes_total counter$/m)
      assert.equal(await (await fetch(url.replace('/metrics', '/health'))).text(), 'ok\n')
      assert.equal(await statusFor(url, 'evil.example'), 403)
      assert.equal(await statusFor(url, '127.0.0.1'), 200)
    } finally {
      await relay.remove()
    }
  })
})

async function statusFor(url: string, host: string): Promise<number | undefined> {
  const call = request(url, { headers: { host } })
  call.end()
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}
