/** Mailboxes over real streams: a relay's node and its clients on loopback. */
import assert from 'node:assert/strict'
import { openssl as suite, secureRandom as random } from '../../../src/crypto/index.ts'
import { MailboxNetError } from '../../../src/messenger/mailboxes/ports.ts'
import { deviceKeyOf } from '../../../src/net/device-key.ts'
import { createRelayNode, peerIdOf } from '../../../src/net/index.ts'
import { MAILBOX_FRAME_TIMEOUT } from '../../../src/net/limits.ts'
import { multiaddr } from '@multiformats/multiaddr'
import type { Stream } from '@libp2p/interface'
import { blockId, body, tag } from '../relay/support.ts'
import { connect, network, type RunningRelay, speak, startRelay } from './mailbox-support.ts'
import { cleanup, ended, listening, LOOPBACK, nextSeed, rawPeer, retry, stopAll, until, wireTo } from './support.ts'

const DONE = { type: 'done' }
const fails = (code: MailboxNetError['code']) => (error: unknown): boolean => error instanceof MailboxNetError && error.code === code

async function rawStream(relay: RunningRelay): Promise<Stream> {
  const peer = await rawPeer()
  const connection = await retry(() => peer.dial(multiaddr(`${relay.addresses[0]}/p2p/${peerIdOf(relay.peer)}`)))
  return connection.newStream('/dure/mailbox/1')
}

describe('mailboxes on the network', function () {
  this.timeout(60_000)
  afterEach(stopAll)

  for (const listen of [LOOPBACK, `${LOOPBACK}/ws`]) {
    it(`carry blocks to who was away, over ${listen.endsWith('ws') ? 'WebSocket' : 'TCP'}`, async () => {
      const [relay, mailboxes] = [await startRelay({}, { listen: [listen] }), await network()]
      const bob = await connect(mailboxes, 'fetch', relay)
      const { recipient, sender } = await bob.create()
      bob.stream.close()
      await until(() => relay.connections() === 0, 'the recipient is gone')
      const ann = await connect(mailboxes, 'hand-in', relay)
      for (let n = 1; n <= 100; n++) ann.send(await ann.ready({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as))
      for (let n = 1; n <= 100; n++) assert.deepEqual(await ann.reply(), DONE)
      const again = await connect(mailboxes, 'fetch', relay)
      assert.deepEqual(await again.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as), { type: 'subscribed', previous: tag(0), blocks: 100 })
      for (let n = 1; n <= 100; n++) {
        const got = await again.delivery(recipient.as)
        assert.equal(got.kind === 'block' && got.body[0], n)
        again.send(await again.ready({ type: 'acknowledge', id: recipient.id, seqs: [got.seq] }, recipient.as))
      }
      for (let n = 1; n <= 100; n++) assert.deepEqual(await again.reply(), DONE)
      assert.equal(relay.sessions.status()['blocks'], 0)
    })
  }

  it('end their frames when the stream ends, from whichever side, and say what is wrong', async () => {
    const [relay, mailboxes] = [await startRelay(), await network()]
    const [one, two] = [await connect(mailboxes, 'fetch', relay), await connect(mailboxes, 'fetch', relay)]
    one.send(new Uint8Array(256).fill(9)) // no command: reset without a word
    await assert.rejects(async () => {
      for (;;) await one.reply()
    }, /the stream has ended/)
    await assert.rejects(one.stream.send(new Uint8Array(256)), fails('unreachable'))
    await assert.rejects(two.stream.send(new Uint8Array(255)), RangeError)
    await assert.rejects(mailboxes.connect('fetch', relay, AbortSignal.abort(new Error('never mind'))), /never mind/)
    await assert.rejects(mailboxes.connect('fetch', { peer: 'f'.repeat(64), addresses: relay.addresses }), fails('unreachable'))
    await assert.rejects(mailboxes.connect('fetch', { peer: relay.peer, addresses: ['/ip4/127.0.0.1/tcp/1'] }), fails('unreachable'))
    await assert.rejects(mailboxes.connect('hand-in', { peer: relay.peer, addresses: ['/ip4/10.255.255.1/tcp/4001', '/ip4/169.254.169.254/tcp/80'] }), fails('unreachable'))
    const bare = await createRelayNode({ seed: nextSeed(), listen: [LOOPBACK], announce: [], perHost: 2, parts: [] })
    await bare.start()
    cleanup(async () => void (await bare.stop()))
    await assert.rejects(mailboxes.connect('fetch', { peer: bare.key, addresses: bare.addresses() }), fails('refused'))
    await mailboxes.stop()
    await assert.rejects(two.reply().then(() => two.reply()), /the stream has ended/)
    await assert.rejects(mailboxes.connect('fetch', relay), fails('stopped'))
    await until(() => relay.connections() === 0, 'nobody is connected')
  })

  it('end where nobody answers any more, once somebody asks, and stand where somebody does', async () => {
    const [relay, mailboxes] = [await startRelay(), await network()]
    const port = Number(/tcp\/(\d+)/.exec(relay.addresses[0] ?? '')?.[1])
    const wire = await wireTo(port)
    const cut = await connect(mailboxes, 'fetch', { peer: relay.peer, addresses: [`/ip4/127.0.0.1/tcp/${wire.port}`] })
    const whole = await connect(mailboxes, 'fetch', relay)
    const own = await whole.create()
    const { recipient } = await cut.create()
    wire.cut()
    mailboxes.check()
    await assert.rejects(cut.ask({ type: 'info', id: recipient.id }, recipient.as), /the stream has ended/)
    assert.equal((await whole.ask({ type: 'info', id: own.recipient.id }, own.recipient.as)).type, 'info')
  })

  it('ask a relay whether it is still there on every line of theirs', async () => {
    const relay = await rawPeer(undefined, [LOOPBACK])
    await relay.handle('/dure/mailbox/1', () => undefined)
    const { asked } = await listening(relay)
    const mailboxes = await network()
    await mailboxes.connect('hand-in', { peer: deviceKeyOf(relay.peerId) ?? '', addresses: relay.getMultiaddrs().map((address) => String(address).replace(/\/p2p\/.*/, '')) })
    mailboxes.check()
    await asked
  })

  it('show a relay no id, key or byte that fetching and handing in have in common (attack 66)', async () => {
    const [relay, mailboxes] = [await startRelay(), await network()]
    const bob = await connect(mailboxes, 'fetch', relay)
    const { recipient, sender } = await bob.create()
    await bob.ask({ type: 'subscribe', id: recipient.id, tag: random(16) }, recipient.as)
    const ann = await connect(mailboxes, 'hand-in', relay)
    assert.deepEqual(await ann.ask({ type: 'send', id: sender.id, block: random(16), body: random(16_480) }, sender.as), DONE)
    const got = await bob.delivery(recipient.as)
    await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [got.seq] }, recipient.as)
    bob.stream.close()
    const again = await connect(mailboxes, 'fetch', relay)
    await again.ask({ type: 'subscribe', id: recipient.id, tag: random(16) }, recipient.as)
    // Three connections, three peers: the roles have nothing in common, and neither has one visit with the next.
    assert.equal(relay.seen.length, 3)
    assert.equal(new Set(relay.seen).size, 3)
    const WINDOW = 12
    const pieces = (frames: readonly Uint8Array[]): Set<string> => {
      const found = new Set<string>()
      for (const frame of frames) {
        const hex = Buffer.from(frame).toString('hex')
        // Heads and padding are the same for everybody.
        for (let at = 10; at + WINDOW <= frame.length; at++) {
          const piece = hex.slice(2 * at, 2 * (at + WINDOW))
          if (!/0000000000/.test(piece)) found.add(piece)
        }
      }
      return found
    }
    const fetched = pieces([...bob.sent, ...bob.frames, ...again.sent, ...again.frames])
    for (const piece of pieces([...ann.sent, ...ann.frames])) assert.equal(fetched.has(piece), false, piece)
  })

  it('have room for everybody while strangers flood them (attack 61)', async () => {
    const [relay, mailboxes] = [await startRelay({ queuesPerHost: 3, commandsPerQueue: 60 }), await network()]
    const [bob, ann] = [await connect(mailboxes, 'fetch', relay), await connect(mailboxes, 'hand-in', relay)]
    const { recipient, sender } = await bob.create()
    await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
    const stranger = await connect(mailboxes, 'hand-in', relay)
    const own = await stranger.create()
    await stranger.create()
    const fresh = { recipient: suite.generate('x25519', random), sender: suite.generate('x25519', random) }
    assert.deepEqual(await stranger.tryCreate('conversation', fresh), { type: 'refused', code: 'busy' })
    let flooding = true
    const flood = (async () => {
      while (flooding) {
        for (let n = 0; n < 16; n++) stranger.send(await stranger.ready({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, own.sender.as))
        for (let n = 0; n < 16; n++) assert.deepEqual(await stranger.reply(), { type: 'refused', code: 'denied' })
      }
    })()
    for (let n = 1; n <= 30; n++) {
      assert.deepEqual(await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as), DONE)
      const got = await bob.delivery(recipient.as)
      assert.equal(got.kind === 'block' && got.body[0], n)
      assert.deepEqual(await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [got.seq] }, recipient.as), DONE)
    }
    flooding = false
    await flood
    assert.equal(relay.sessions.status()['blocks'], 0)
  })

  it('reset what is no frame, and a frame that is not finished (attack 83)', async () => {
    const relay = await startRelay()
    const [huge, empty, slow] = [await rawStream(relay), await rawStream(relay), await rawStream(relay)]
    huge.send(Buffer.from('00004101', 'hex'))
    empty.send(Buffer.from('00000000', 'hex'))
    assert.deepEqual([await ended(huge), await ended(empty)], ['reset', 'reset'])
    slow.send(Buffer.from('0000010001', 'hex'))
    const started = performance.now()
    const drip = setInterval(() => slow.status === 'open' && slow.send(new Uint8Array(1)), 1_000)
    assert.equal(await ended(slow), 'reset')
    clearInterval(drip)
    assert.ok(performance.now() - started < MAILBOX_FRAME_TIMEOUT + 5_000)
    await until(() => relay.sessions.status()['streams'] === 0, 'no stream is left')
  })

  it('wait for who does not read, without holding what waits in memory', async () => {
    const [relay, mailboxes] = [await startRelay(), await network()]
    const QUEUES = 16
    const ann = await connect(mailboxes, 'hand-in', relay)
    const peer = await rawPeer()
    const connection = await retry(() => peer.dial(multiaddr(`${relay.addresses[0]}/p2p/${peerIdOf(relay.peer)}`)))
    const stream = await connection.newStream('/dure/mailbox/1', { maxReadBufferLength: 64 * 1024 * 1024 } as never)
    const frames: Uint8Array[] = []
    let rest = Buffer.alloc(0)
    stream.addEventListener('message', ({ data }) => {
      rest = Buffer.concat([rest, data.subarray()])
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
        frames.push(new Uint8Array(rest.subarray(4, 4 + rest.readUInt32BE(0))))
        rest = rest.subarray(4 + rest.readUInt32BE(0))
      }
    })
    const lazy = speak({
      send: async (frame) => void stream.send(Buffer.concat([Buffer.from([0, 0, frame.length >> 8, frame.length & 255]), frame])),
      frames: (async function* () {
        for (;;) {
          await until(() => frames.length > 0, 'a frame')
          yield frames.shift() as Uint8Array
        }
      })(),
      close: () => undefined,
    })
    const ends = []
    for (let n = 0; n < QUEUES; n++) ends.push(await lazy.create())
    for (const { sender } of ends) {
      for (let n = 0; n < 60; n++) ann.send(await ann.ready({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as))
      for (let n = 0; n < 60; n++) assert.deepEqual(await ann.reply(), DONE)
    }
    const subscriptions: Uint8Array[] = []
    for (const { recipient } of ends) subscriptions.push(await lazy.ready({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as))
    stream.pause()
    for (const frame of subscriptions) lazy.send(frame)
    await until(() => relay.sessions.status()['subscriptions'] === QUEUES, 'all are subscribed')
    // Sixteen MiB are due; only what the reader's window takes was read from the store.
    await until(() => (relay.sessions.status()['blocks_delivered_total'] ?? 0) > 8, 'it began')
    const [{ sender }] = ends as [(typeof ends)[0]]
    await ann.ask({ type: 'read', id: sender.id }, sender.as)
    assert.ok((relay.sessions.status()['blocks_delivered_total'] ?? 0) < 60 * QUEUES / 2)
    stream.resume()
    await until(() => relay.sessions.status()['blocks_delivered_total'] === 60 * QUEUES, 'all were sent')
  })
})
