/** Two people who are never online at the same time, and relays that keep what they say, each a real process on loopback. */
import assert from 'node:assert/strict'
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseRelayLink } from '../../protocols/pairing/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import { openssl, secureRandom } from '../../src/crypto/index.ts'
import { connect, network } from '../src/net/mailbox-support.ts'
import { stopAll } from '../src/net/support.ts'
import { failingDisk } from '../support/failing-disk.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

interface Message {
  readonly text: string
  readonly kind: string
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

const heard = async (home: Home, from: string): Promise<string[]> => (await history(home, from)).filter(({ direction, kind }) => direction === 'in' && kind === 'text').map(({ text }) => text)

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
  const isFound = async (): Promise<boolean> => {
    const all = await heard(home, from)
    return texts.every((text) => all.includes(text))
  }
  await eventually(isFound).catch(async () => assert.fail(`${name} found ${(await heard(home, from)).join(', ')}, and not all of ${texts.join(', ')}. Its node said:\n${home.said}`))
  const all = await heard(home, from)
  assert.equal(new Set(all).size, all.length, 'nothing is shown twice')
}

describe('two people who are never online at the same time', function () {
  this.timeout(300_000)
  const [ann, bob, first, second] = [new Home(), new Home(), new Home(), new Home()]
  before(async () => {
    const links = [await first.startRelay(...LISTEN, '--quota', '5M'), await second.startRelay(...LISTEN)]
    await Promise.all([ann.start('Ann'), bob.start('Bob')])
    for (const home of [ann, bob]) for (const link of links) await home.json('relay', 'use', link)
    const [invite] = await ann.json<{ link: string }>('invite', '--link')
    await bob.json('pair', invite?.link ?? '')
    const [request] = await ann.json<{ id: string }>('requests')
    await ann.json('accept', request?.id ?? '')
    await eventually(async () => (await bob.json<{ state: string }>('contacts'))[0]?.state === 'accepted')
    for (const relay of [first, second]) await eventually(async () => (await figure(relay, 'queues')) >= 2)
    // What is said now comes after the news of the mailboxes.
    for (const [home, to] of [[ann, 'Bob'], [bob, 'Ann']] as const) {
      await home.json('send', to, `I am here, ${to}`)
      await eventually(async () => (await deliveryOf(home, to, `I am here, ${to}`)) === 'delivered')
    }
  })
  after(() => Promise.all([ann, bob, first, second].map((home) => home.remove())))

  it('talk through a relay that keeps what they say', async () => {
    await bob.end()
    const taken = async (): Promise<number> => (await figure(first, 'blocks_taken_total')) + (await figure(second, 'blocks_taken_total'))
    const before = await taken()
    await leave(ann, 'Bob', 'one', 'two', 'three')
    assert.ok((await taken()) > before)
    await find(bob, 'Bob', 'Ann', 'one', 'two', 'three')
    await leave(bob, 'Ann', 'four')
    await find(ann, 'Ann', 'Bob', 'four')
    await leave(ann, 'Bob', 'five')
    await find(bob, 'Bob', 'Ann', 'five')
    // That something came is told up to 1.5 s late, and he leaves sooner each time. That he read it is told at once.
    await bob.client.call('POST /v1/contacts/{name}/read', { params: { name: 'Ann' }, body: {} })
    await leave(bob, 'Ann', 'six')
    await find(ann, 'Ann', 'Bob', 'six')
    // What Bob told of it lay before his words.
    for (const text of ['one', 'two', 'three', 'five']) assert.equal(await deliveryOf(ann, 'Bob', text), 'read')
    await ann.end()
  })

  it('lose nothing when the relays lose power while they keep it (attack 64)', async () => {
    await ann.start('Ann')
    await leave(ann, 'Bob', 'kept through the night')
    for (const relay of [first, second]) assert.equal(await relay.end('SIGKILL'), null)
    await first.startRelay('--quota', '5M')
    await second.startRelay()
    await find(bob, 'Bob', 'Ann', 'kept through the night')
    await bob.end()
  })

  it('are told by the operator how much there may be of it', async () => {
    assert.deepEqual([await figure(first, 'bytes_limit'), await figure(second, 'bytes_limit')], [5 * 1024 ** 2, 1024 ** 3])
    for (const size of ['5', '5X', 'much']) assert.equal((await first.dure('relay', 'start', '--quota', size)).code, 2)
    assert.match((await second.dure('status')).stdout, /mailbox +queues: \d/)
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

describe('an invite by a link, between two who are never online at the same time', function () {
  this.timeout(200_000)
  const [ann, bob, relay] = [new Home(), new Home(), new Home()]
  after(() => Promise.all([ann, bob, relay].map((home) => home.remove())))

  it('is read, answered and accepted through a relay', async () => {
    const link = await relay.startRelay(...LISTEN)
    await ann.start('Ann')
    await ann.json('relay', 'use', link)
    const [invite] = await ann.json<{ link: string }>('invite', '--link')
    await eventually(async () => (await figure(relay, 'blocks')) > 0) // its bundle lies there
    await ann.end()
    await bob.start('Bob')
    await bob.json('relay', 'use', link)
    await bob.json('pair', invite?.link ?? '')
    await eventually(async () => (await figure(relay, 'blocks')) > 1)
    await bob.end()
    await ann.start('Ann')
    await eventually(async () => (await ann.json('requests')).length === 1)
    const [request] = await ann.json<{ id: string }>('requests')
    const before = await figure(relay, 'blocks_taken_total')
    await ann.json('accept', request?.id ?? '')
    await eventually(async () => (await figure(relay, 'blocks_taken_total')) > before)
    await ann.end()
    await bob.start('Bob')
    await eventually(async () => (await bob.json<{ state: string }>('contacts'))[0]?.state === 'accepted')
    await bob.json('send', 'Ann', 'at last')
    await eventually(async () => (await deliveryOf(bob, 'Ann', 'at last')) === 'mailbox')
    await bob.end()
    await find(ann, 'Ann', 'Bob', 'at last')
  })
})

describe('a profile that is put back from a copy while its contact is away', function () {
  this.timeout(300_000)
  const [ann, bob, relay] = [new Home(), new Home(), new Home()]
  const copy = mkdtempSync(join(tmpdir(), 'dure-copy-'))
  before(async () => {
    const link = await relay.startRelay(...LISTEN)
    await Promise.all([ann.start('Ann'), bob.start('Bob')])
    for (const home of [ann, bob]) await home.json('relay', 'use', link)
    await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
    // In both queues lie the keys for a session anew, and both know of the other's.
    await eventually(async () => (await figure(relay, 'blocks')) >= 2)
    for (const [home, to] of [[ann, 'Bob'], [bob, 'Ann']] as const) {
      await home.json('send', to, `I am here, ${to}`)
      await eventually(async () => (await deliveryOf(home, to, `I am here, ${to}`)) === 'delivered')
    }
    await bob.end()
  })
  after(async () => {
    await Promise.all([ann, bob, relay].map((home) => home.remove()))
    rmSync(copy, { recursive: true, force: true })
  })

  /** They talk, never online together, and then Ann's profile is what it was before. */
  async function talkAndPutBack(name: string, putBack: () => void): Promise<void> {
    await ann.end()
    rmSync(copy, { recursive: true, force: true })
    cpSync(ann.directory, copy, { recursive: true })
    await ann.start('Ann')
    await leave(ann, 'Bob', `${name}, one`)
    await find(bob, 'Bob', 'Ann', `${name}, one`)
    await leave(bob, 'Ann', `${name}, two`)
    await find(ann, 'Ann', 'Bob', `${name}, two`)
    await leave(ann, 'Bob', `${name}, three`)
    await find(bob, 'Bob', 'Ann', `${name}, three`)
    await bob.end()
    putBack()
    await ann.start('Ann')
    assert.ok(!(await history(ann, 'Bob')).some(({ text, direction }) => direction === 'out' && text.startsWith(name)), 'it knows nothing of what it said')
  }

  async function talkOn(name: string): Promise<void> {
    const words = (texts: readonly string[]): string[] => texts.filter((text) => text.startsWith(name)).map((text) => text.slice(name.length + 2))
    await leave(ann, 'Bob', `${name}, four`)
    await find(bob, 'Bob', 'Ann', `${name}, four`)
    await leave(bob, 'Ann', `${name}, five`, `${name}, six`)
    await find(ann, 'Ann', 'Bob', `${name}, five`, `${name}, six`)
    await leave(ann, 'Bob', `${name}, seven`)
    await find(bob, 'Bob', 'Ann', `${name}, seven`)
    assert.deepEqual(words(await heard(bob, 'Ann')), ['one', 'three', 'four', 'seven'])
    await bob.end()
    await ann.start('Ann')
    // Where Ann left before she had said that it came, it comes to the copy, too.
    assert.deepEqual(words(await heard(ann, 'Bob')).filter((word) => word !== 'two'), ['five', 'six'])
  }

  it('talks on through a relay, without ever being online together with it (attacks 21, 101)', async () => {
    await talkAndPutBack('database', () => {
      for (const side of ['dure.db-wal', 'dure.db-shm']) rmSync(join(ann.directory, side), { force: true })
      copyFileSync(join(copy, 'dure.db'), join(ann.directory, 'dure.db'))
    })
    await talkOn('database')
  })

  it('does so too when the whole folder was put back, once the relay shows that it is a copy', async () => {
    const renewals = async (): Promise<number> => (await history(ann, 'Bob')).filter(({ text }) => text === 'session-renewed').length
    const before = await renewals()
    await talkAndPutBack('folder', () => {
      rmSync(ann.directory, { recursive: true })
      cpSync(copy, ann.directory, { recursive: true })
    })
    await eventually(async () => (await renewals()) > before)
    await talkOn('folder')
  })
})

function isAlive(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0)
  } catch {
    return false
  }
}

describe('a relay whose disk dies', function () {
  this.timeout(60_000)
  const disk = failingDisk()
  afterEach(stopAll)
  after(() => disk?.remove())

  it('never says that something is stored, and ends, so that it is started again with another handle on its mailboxes (attack 99)', async function () {
    if (!disk) return this.skip()
    const relay = new Home(disk.environment)
    try {
      const { key, addresses } = parseRelayLink(await relay.startRelay(...LISTEN))
      const mailboxes = await network()
      const bob = await connect(mailboxes, 'fetch', { peer: toHex(key), addresses })
      await bob.create()
      const { pid } = relay
      await disk.fail(pid, 'sync/*', 'EIO')
      const keys = { recipient: openssl.generate('x25519', secureRandom), sender: openssl.generate('x25519', secureRandom) }
      // Busy, if it can still be said before the stream ends; never that it is made.
      const answer = await bob.tryCreate('conversation', keys).catch(() => undefined)
      assert.ok(answer === undefined || ('code' in answer && answer.code === 'busy'))
      await eventually(async () => !isAlive(pid))
      assert.match(relay.said, /mailboxes could not be stored/)
    } finally {
      await relay.remove()
    }
  })
})
