/** Two people who are never online at the same time, and relays that keep what they say, each a real process on loopback. */
import assert from 'node:assert/strict'
import { eventually, Home } from '../support/processes.ts'

interface Message {
  readonly text: string
  readonly direction: string
  readonly delivery?: string
}
interface Status {
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>
}

const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws']

async function figure(relay: Home, name: string): Promise<number> {
  const [status] = await relay.json<Status>('status')
  return status?.figures['mailbox']?.[name] ?? NaN
}

const history = (home: Home, other: string): Promise<Message[]> => home.json<Message>('history', other, '--limit', '500')

const heard = async (home: Home, from: string): Promise<string[]> => (await history(home, from)).filter(({ direction }) => direction === 'in').map(({ text }) => text)

const deliveryOf = async (home: Home, to: string, text: string): Promise<string | undefined> => (await history(home, to)).find((message) => message.text === text)?.delivery

/** Says it, waits until it is in a mailbox, and goes. */
async function leave(home: Home, to: string, ...texts: string[]): Promise<void> {
  for (const text of texts) await home.json('send', to, text)
  await eventually(async () => (await Promise.all(texts.map((text) => deliveryOf(home, to, text)))).every((state) => state === 'mailbox'))
  await home.end()
}

/** Comes back, and has heard all of it, once. */
async function find(home: Home, name: string, from: string, ...texts: string[]): Promise<void> {
  await home.start(name)
  await eventually(async () => {
    const all = await heard(home, from)
    return texts.every((text) => all.includes(text))
  })
  const all = await heard(home, from)
  assert.equal(new Set(all).size, all.length, 'nothing is shown twice')
}

describe('two people who are never online at the same time', function () {
  this.timeout(300_000)
  const [ann, bob, first, second] = [new Home(), new Home(), new Home(), new Home()]
  before(async () => {
    const links = [await first.startRelay(...LISTEN), await second.startRelay(...LISTEN)]
    await Promise.all([ann.start('Ann'), bob.start('Bob')])
    for (const home of [ann, bob]) for (const link of links) await home.json('relay', 'use', link)
    const [invite] = await ann.json<{ link: string }>('invite', '--link')
    await bob.json('pair', invite?.link ?? '')
    const [request] = await ann.json<{ id: string }>('requests')
    await ann.json('accept', request?.id ?? '')
    await eventually(async () => (await bob.json<{ state: string }>('contacts'))[0]?.state === 'accepted')
    for (const relay of [first, second]) await eventually(async () => (await figure(relay, 'queues')) === 2)
    // What is said now comes after the news of the mailboxes.
    for (const [home, to] of [[ann, 'Bob'], [bob, 'Ann']] as const) {
      await home.json('send', to, `I am here, ${to}`)
      await eventually(async () => (await deliveryOf(home, to, `I am here, ${to}`)) === 'delivered')
    }
  })
  after(() => Promise.all([ann, bob, first, second].map((home) => home.remove())))

  it('talk through a relay that keeps what they say', async () => {
    await bob.end()
    await leave(ann, 'Bob', 'one', 'two', 'three')
    assert.equal((await figure(first, 'blocks')) + (await figure(second, 'blocks')) > 0, true)
    await find(bob, 'Bob', 'Ann', 'one', 'two', 'three')
    await leave(bob, 'Ann', 'four')
    await find(ann, 'Ann', 'Bob', 'four')
    // Bob's words brought receipts.
    await eventually(async () => ['delivered', 'read'].includes((await deliveryOf(ann, 'Bob', 'three')) ?? ''))
    await leave(ann, 'Bob', 'five')
    await find(bob, 'Bob', 'Ann', 'five')
    await bob.end()
  })

  it('lose nothing when the relays lose power while they keep it (attack 64)', async () => {
    await ann.start('Ann')
    await leave(ann, 'Bob', 'kept through the night')
    for (const relay of [first, second]) assert.equal(await relay.end('SIGKILL'), null)
    for (const relay of [first, second]) await relay.startRelay()
    await find(bob, 'Bob', 'Ann', 'kept through the night')
    await bob.end()
  })

  it('go on talking through the second relay when the first is gone', async () => {
    await first.end('SIGKILL')
    await ann.start('Ann')
    await leave(ann, 'Bob', 'only one left')
    await find(bob, 'Bob', 'Ann', 'only one left')
    await leave(bob, 'Ann', 'one is enough')
    await find(ann, 'Ann', 'Bob', 'one is enough')
    await ann.end()
  })
})
