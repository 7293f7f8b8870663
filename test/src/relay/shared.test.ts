/** Several relay processes on one PostgreSQL database. */
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { parseRelayLink } from '../../../protocols/pairing/index.ts'
import { CAPACITY } from '../../../protocols/mailbox/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { ConfigError } from '../../../src/config.ts'
import { openssl as suite, secureRandom as random } from '../../../src/crypto/index.ts'
import type { MailboxNode } from '../../../src/messenger/mailboxes/ports.ts'
import { BLOCK_BYTES, QUEUE_BYTES } from '../../../src/relay/mailbox/limits.ts'
import { connect as connectTo, network } from '../net/mailbox-support.ts'
import { stopAll } from '../net/support.ts'
import { hasPostgres, sharedCluster, startCluster } from '../../support/postgres.ts'
import { eventually, Home } from '../../support/processes.ts'
import { blockId, body, connect, openPostgres, openSessions, tag, temporaryHome } from './support.ts'

const clock = { get now(): number { return Date.now() } }
const DONE = { type: 'done' }
const BUSY = { type: 'refused', code: 'busy' }
const DENIED = { type: 'refused', code: 'denied' }
const nodeOf = (link: string): MailboxNode => {
  const { key, addresses } = parseRelayLink(link)
  return { peer: toHex(key), addresses }
}
const keys = (): { recipient: ReturnType<typeof suite.generate<'x25519'>>; sender: ReturnType<typeof suite.generate<'x25519'>> } => ({ recipient: suite.generate('x25519', random), sender: suite.generate('x25519', random) })

describe('a relay whose database cannot be used', () => {
  const refusals = async (url: string): Promise<unknown> => openPostgres(url).then((store) => store.close(), (error: unknown) => error)

  it('says why and what to do, and repeats nothing of its address', async () => {
    for (const [url, why, hint] of [
      ['postgres://ann:canary@127.0.0.1:1/mail', 'the database for the mailboxes cannot be used (ECONNREFUSED)', 'does it run, and does its address hold?'],
      ['mysql://ann:canary@127.0.0.1/mail', 'the store is not an address of a PostgreSQL database', 'postgres://USER@HOST/DATABASE'],
    ] as const) {
      const error = await refusals(url)
      assert.ok(error instanceof ConfigError)
      assert.deepEqual([error.message, error.hint], [why, hint])
    }
  })

  it('is told that there is no such database', async function () {
    if (!hasPostgres()) this.skip()
    const url = new URL(await (await sharedCluster()).database())
    url.pathname = '/nowhere'
    const error = await refusals(url.href)
    assert.ok(error instanceof ConfigError)
    assert.equal(error.message, 'there is no such database')
  })
})

if (!hasPostgres()) console.log('      PostgreSQL is not installed: several processes on one database were not tried')
else describe('two relays on one database', function () {
  this.timeout(120_000)
  afterEach(stopAll)

  it('hand out at one what was handed in at the other, evict across, and say when there is room (attacks 61, 63)', async () => {
    const [url, home] = [await (await sharedCluster()).database(), temporaryHome()]
    const stores = [await openPostgres(url, home), await openPostgres(url, home)] as const
    const [a, b] = [openSessions(stores[0], clock), openSessions(stores[1], clock)]
    const [bob, ann, thief] = [connect(b), connect(a), connect(a)]
    const { recipient, sender } = await bob.create()
    await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
    const send = (n: number): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as)
    assert.deepEqual(await send(1), DONE)
    const first = await bob.delivery(recipient.as)
    assert.equal(first.kind === 'block' && first.body[0], 1)
    for (let n = 2; n <= CAPACITY; n++) assert.deepEqual(await send(n), DONE)
    assert.deepEqual(await send(0), { type: 'refused', code: 'quota' })
    let next = first
    for (let n = 0; n <= CAPACITY; n++) {
      assert.deepEqual(await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [next.seq] }, recipient.as), DONE)
      if (n < CAPACITY) next = await bob.delivery(recipient.as)
    }
    assert.deepEqual(await ann.push(), { type: 'room', id: sender.id })
    assert.deepEqual(await thief.ask({ type: 'subscribe', id: recipient.id, tag: tag(2) }, recipient.as), { type: 'subscribed', previous: tag(1), blocks: 0 })
    assert.deepEqual(await bob.push(), { type: 'evicted', id: recipient.id })
    for (const store of stores) await store.close()
  })

  it('make one queue of two commands by the same key', async () => {
    const [url, home] = [await (await sharedCluster()).database(), temporaryHome()]
    const stores = [await openPostgres(url, home), await openPostgres(url, home)] as const
    const clients = stores.map((store) => connect(openSessions(store, clock)))
    for (let round = 0; round < 10; round++) {
      const same = keys()
      const [one, other] = await Promise.all(clients.map((client) => client.create('conversation', same)))
      assert.deepEqual(one?.recipient.id, other?.recipient.id)
    }
    await stores[0].step('recipient', random(24), () => ({ result: undefined }))
    assert.equal(stores[0].size().queues, 10)
    for (const store of stores) await store.close()
  })

  it('never take more than the quota between them (attack 61)', async () => {
    const [url, home] = [await (await sharedCluster()).database(), temporaryHome()]
    const over = { quota: 200_000 }
    const stores = [await openPostgres(url, home, over), await openPostgres(url, home, over)] as const
    const taken = await Promise.all(stores.map(async (store) => {
      const client = connect(openSessions(store, clock, over))
      const { sender } = await client.create()
      for (let n = 0; n < 20; n++) client.send(await client.ready({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as))
      let done = 0
      for (let n = 0; n < 20; n++) if ((await client.reply()).type === 'done') done++
      return done
    }))
    assert.equal(taken.reduce((sum, n) => sum + n), 11)
    for (const store of stores) await store.close()
  })

  it('keep what nobody can read, move or open with another key', async () => {
    const [url, home] = [await (await sharedCluster()).database(), temporaryHome()]
    const store = await openPostgres(url, home)
    const client = connect(openSessions(store, clock))
    const ends = await client.create()
    for (const n of [1, 2]) await client.ask({ type: 'send', id: ends.sender.id, block: blockId(), body: body(n) }, ends.sender.as)
    const database = new pg.Client({ connectionString: url })
    await database.connect()
    const { rows } = await database.query<Record<string, Buffer>>('SELECT recipient, sender, recipient_key, keys, state FROM dure_mailbox.queue')
    const { rows: blocks } = await database.query<Record<string, Buffer>>('SELECT queue, body FROM dure_mailbox.block')
    const all = Buffer.concat([...rows, ...blocks].flatMap((row) => Object.values(row)))
    for (const secret of [ends.recipient.id, ends.sender.id, body(1).subarray(0, 32)]) assert.equal(all.includes(Buffer.from(secret)), false)
    // Bodies exchanged by who runs the database are nothing.
    await database.query('UPDATE dure_mailbox.block SET body = (SELECT body FROM dure_mailbox.block WHERE seq = 2) WHERE seq = 1')
    await assert.rejects(store.body(ends.recipient.id, 1), { code: 'corrupt' })
    await assert.rejects(openPostgres(url, temporaryHome()), /store\.key that is not here/)
    const other = temporaryHome()
    writeFileSync(join(other, 'store.key'), `${'07'.repeat(32)}\n`)
    await assert.rejects(openPostgres(url, other), /store\.key does not fit/)
    await database.query('UPDATE dure_mailbox.meta SET version = 99')
    await assert.rejects(openPostgres(url, home), { code: 'newer-schema' })
    await database.end()
    await store.close()
  })

  it('give a stranger the same bytes after the same time, whether a queue is there or not: 300 samples (attack 62)', async () => {
    const store = await openPostgres(await (await sharedCluster()).database())
    const sessions = openSessions(store, clock, { commandsPerHost: { burst: 1e9, perSecond: 1e9 } })
    const bob = connect(sessions)
    const ends = await bob.create()
    for (let n = 0; n < 20; n++) await bob.create()
    const stranger = connect(sessions, '192.0.2.9')
    const own = await stranger.create()
    const cases = { absent: random(24), forbidden: ends.recipient.id }
    const times: Record<string, number[]> = { absent: [], forbidden: [] }
    for (let n = 0; n < 300; n++) {
      for (const name of n % 2 === 0 ? (['absent', 'forbidden'] as const) : (['forbidden', 'absent'] as const)) {
        const frame = await stranger.ready({ type: 'subscribe', id: cases[name], tag: tag(1) }, own.recipient.as)
        const started = performance.now()
        await stranger.stream.hear(frame)
        times[name]?.push(performance.now() - started)
        assert.deepEqual(await stranger.reply(), DENIED)
      }
    }
    const quantile = (name: string, part: number): number => times[name]?.toSorted((x, y) => x - y)[Math.floor(300 * part)] ?? NaN
    const spread = quantile('absent', 0.75) - quantile('absent', 0.25)
    // A transaction's own spread is far above what a row more or less would show: within half of it nothing is told apart.
    assert.ok(Math.abs(quantile('forbidden', 0.5) - quantile('absent', 0.5)) < Math.max(spread / 2, 0.1))
    await store.close()
  })

  it('are busy while the database is away, and push what was missed when it is back (attack 64)', async () => {
    const cluster = await startCluster()
    try {
      const [url, home, told] = [await cluster.database(), temporaryHome(), [] as boolean[]]
      const store = await openPostgres(url, home, { reachable: (code) => told.push(code === undefined) })
      const sessions = openSessions(store, clock)
      const [bob, ann] = [connect(sessions), connect(sessions)]
      const { recipient, sender } = await bob.create()
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      const send = (block: Uint8Array, n: number): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: sender.id, block, body: body(n) }, sender.as)
      await cluster.kill()
      const block = blockId()
      assert.deepEqual(await send(block, 1), BUSY)
      await cluster.start()
      await eventually(async () => told.at(-1) === true)
      assert.deepEqual(await send(block, 1), DONE)
      const got = await bob.delivery(recipient.as)
      assert.equal(got.kind === 'block' && got.body[0], 1)
      await store.close()
    } finally {
      await cluster.stop()
    }
  })

  it('evict, keep one quota and make room as whole processes, and are two mirrors (attacks 61, 63)', async () => {
    const url = await (await sharedCluster()).database()
    const [a, b] = [new Home({ DURE_RELAY_STORE: url }), new Home({ DURE_RELAY_STORE: url })]
    const options = ['--listen', '/ip4/127.0.0.1/tcp/0', '--quota', '1M']
    try {
      const first = nodeOf(await a.startRelay(...options))
      for (const file of ['relay.key', 'store.key']) copyFileSync(join(a.directory, file), join(b.directory, file))
      const second = nodeOf(await b.startRelay(...options))
      const [mirrorOfA, mirrorOfB] = [a, b].map(({ directory }) => readFileSync(join(directory, 'mirror.key'), 'utf8'))
      assert.notEqual(mirrorOfA, mirrorOfB)

      const mailboxes = await network()
      const [bob, moved] = [await connectTo(mailboxes, 'fetch', second), await connectTo(mailboxes, 'fetch', first)]
      const { recipient, sender } = await bob.create()
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      assert.deepEqual(await moved.ask({ type: 'subscribe', id: recipient.id, tag: tag(2) }, recipient.as), { type: 'subscribed', previous: tag(1), blocks: 0 })
      assert.deepEqual(await bob.push(), { type: 'evicted', id: recipient.id })

      const senders = [await connectTo(mailboxes, 'hand-in', first), await connectTo(mailboxes, 'hand-in', second)]
      const send = (client: (typeof senders)[number], n: number): ReturnType<typeof client.ask> => client.ask({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as)
      const replies = await Promise.all(senders.map(async (client) => {
        const all = []
        for (let n = 0; n < 40; n++) all.push(await send(client, n))
        return all
      }))
      const taken = replies.flat().filter(({ type }) => type === 'done').length
      assert.equal(taken, Math.floor((1024 ** 2 - QUEUE_BYTES) / BLOCK_BYTES))
      assert.equal((await send(senders[1] as never, 0)).type, 'refused')
      const { seq } = await moved.delivery(recipient.as)
      assert.deepEqual(await moved.ask({ type: 'acknowledge', id: recipient.id, seqs: [seq] }, recipient.as), DONE)
      await eventually(async () => (await send(senders[1] as never, 0)).type === 'done')
    } finally {
      await Promise.all([a.remove(), b.remove()])
    }
  })

  it('leave mailboxes of a file where they are, and say so', async () => {
    const relay = new Home()
    try {
      const listen = ['--listen', '/ip4/127.0.0.1/tcp/0']
      const bob = await connectTo(await network(), 'fetch', nodeOf(await relay.startRelay(...listen)))
      await bob.create()
      await relay.end()
      await relay.startRelay(...listen, '--store', await (await sharedCluster()).database())
      assert.match(relay.said, /"mailboxes":1.*not moved into the database/)
    } finally {
      await relay.remove()
    }
  })

  it('are one relay with one name: what the killed one had said is stored comes out of the other, once (attacks 59, 64)', async () => {
    const url = await (await sharedCluster()).database()
    const [a, b] = [new Home({ DURE_RELAY_STORE: url }), new Home({ DURE_RELAY_STORE: url })]
    try {
      const listen = ['--listen', '/ip4/127.0.0.1/tcp/0']
      const first = nodeOf(await a.startRelay(...listen))
      for (const file of ['relay.key', 'store.key']) copyFileSync(join(a.directory, file), join(b.directory, file))
      const second = nodeOf(await b.startRelay(...listen))
      assert.equal(first.peer, second.peer)
      const mailboxes = await network()
      const bob = await connectTo(mailboxes, 'fetch', second)
      const { recipient, sender } = await bob.create()
      await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
      const blocks = Array.from({ length: 40 }, () => blockId())
      const stored = new Set<number>()
      const got: number[] = []
      const fetching = (async () => {
        while (got.length < blocks.length) {
          const delivered = await bob.delivery(recipient.as)
          got.push(delivered.kind === 'block' ? (delivered.body[0] ?? -1) : -1)
          assert.deepEqual(await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [delivered.seq] }, recipient.as), DONE)
        }
      })()
      let ann = await connectTo(mailboxes, 'hand-in', first)
      for (const [n, block] of blocks.entries()) {
        const send = (): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: sender.id, block, body: body(n) }, sender.as)
        try {
          const asked = send()
          asked.catch(() => undefined) // awaited below, after the kill
          if (n === 20) await a.end('SIGKILL')
          assert.deepEqual(await asked, DONE)
        } catch {
          ann = await connectTo(mailboxes, 'hand-in', second)
          assert.deepEqual(await send(), DONE)
        }
        stored.add(n)
      }
      await fetching
      assert.deepEqual(got, [...stored])
      assert.doesNotMatch(`${a.said}${b.said}`, /postgres:/)
      const alone = await b.end().then(() => b.dure('relay', 'start', ...listen, '--store', 'postgres://dure:secret@127.0.0.1/none'))
      assert.equal(alone.code, 2)
      assert.doesNotMatch(alone.stderr, /secret/)
    } finally {
      await Promise.all([a.remove(), b.remove()])
    }
  })
})
