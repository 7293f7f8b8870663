/** Relays of others through one of ours, on loopback: mailboxes and couriers of who hides, and strangers who would use the way for something else. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { concat, u32, utf8 } from '../../../protocols/suite/index.ts'
import { MailboxNetError } from '../../../src/messenger/mailboxes/ports.ts'
import { createGater } from '../../../src/net/gater.ts'
import { peerIdOf } from '../../../src/net/index.ts'
import { HOP_TIMEOUT, MAX_ONWARD, ONWARD_BYTES, ONWARD_PER_HOST, ONWARD_PER_HOST_PER_MINUTE, ONWARD_PER_TARGET } from '../../../src/net/relay/limits.ts'
import { blockId, body, tag } from '../relay/support.ts'
import { connect, network, type RunningRelay, startRelay } from './mailbox-support.ts'
import { cleanup, ended, LOOPBACK, party, rawPeer, retry, stopAll, until } from './support.ts'

const DONE = { type: 'done' }
const OPENING = utf8('\x13/multistream/1.0.0\n\x07/noise\n')
const [THROUGH, REFUSED, UNREACHABLE] = [1, 2, 3]
const figure = (relay: RunningRelay, name: string): number => relay.figures()['onward']?.[name] ?? NaN
const idOf = (relay: RunningRelay): string => String(peerIdOf(relay.peer))

describe('a mailbox of a contact, for who hides', function () {
  this.timeout(60_000)
  afterEach(stopAll)

  for (const listen of [LOOPBACK, `${LOOPBACK}/ws`]) {
    it(`is reached through a relay of one's own, which learns no key of it, over ${listen.endsWith('ws') ? 'WebSocket' : 'TCP'}`, async () => {
      const [ours, theirs, mailboxes] = [await startRelay({}, { listen: [listen] }), await startRelay({}, { listen: [listen] }), await network()]
      const bob = await connect(mailboxes, 'fetch', theirs)
      const { recipient, sender } = await bob.create()
      mailboxes.hideBehind(() => [ours])
      const ann = await connect(mailboxes, 'hand-in', theirs)
      for (let n = 1; n <= 10; n++) assert.deepEqual(await ann.ask({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as), DONE)
      assert.deepEqual(await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as), { type: 'subscribed', previous: tag(0), blocks: 10 })
      assert.deepEqual([figure(ours, 'streams'), figure(ours, 'opened_total'), figure(theirs, 'opened_total')], [1, 1, 0])
      assert.ok(figure(ours, 'bytes_total') > 10 * 16_640)
      assert.deepEqual([theirs.seen.length, ours.seen.length], [2, 1], 'Bob, and Ann by the one way that our relay opened')
      assert.ok(!theirs.seen.includes(ours.seen[0] ?? ''), 'the two relays see different keys')
      ann.stream.close()
      await until(() => theirs.connections() === 1 && ours.connections() === 0 && figure(ours, 'streams') === 0, 'nothing is left of it')
    })
  }

  it('is the second relay of our own when the first does not lead there, and nothing at all without one', async () => {
    const [gone, ours, theirs, mailboxes] = [await startRelay(), await startRelay(), await startRelay(), await network()]
    await gone.stop()
    mailboxes.hideBehind(() => [gone, ours])
    await connect(mailboxes, 'hand-in', theirs)
    assert.equal(figure(ours, 'opened_total'), 1)
    mailboxes.hideBehind(() => [gone])
    await until(() => theirs.connections() === 0, 'the streams of before have ended')
    await assert.rejects(mailboxes.connect('hand-in', theirs), (error: Error) => error instanceof MailboxNetError && error.code === 'unreachable' && /address is hidden/.test(error.message))
    assert.equal(theirs.seen.length, 1)
  })

  it('is what its key says, and a relay of our own is where the person said', async () => {
    const [ours, theirs, trap, mailboxes] = [await startRelay(), await startRelay(), await startRelay(), await network()]
    mailboxes.hideBehind(() => [ours])
    await assert.rejects(mailboxes.connect('hand-in', { peer: theirs.peer, addresses: trap.addresses }), (error: Error) => error instanceof MailboxNetError)
    // A contact says that the relay we use is somewhere else, to see from where we come.
    await connect(mailboxes, 'hand-in', { peer: ours.peer, addresses: trap.addresses })
    assert.equal(trap.seen.length, 0)
    mailboxes.hideBehind(undefined)
    await connect(mailboxes, 'hand-in', theirs)
    assert.equal(figure(ours, 'streams'), 0)
  })

  it('gets each block once also when our relay cuts what is too much (attack 82)', async () => {
    const [ours, theirs, mailboxes] = [await startRelay(), await startRelay(), await network()]
    const bob = await connect(mailboxes, 'fetch', theirs)
    const { recipient, sender } = await bob.create()
    mailboxes.hideBehind(() => [ours])
    const left = new Map(Array.from({ length: 60 }, (_, n) => [n + 1, blockId()]))
    let cuts = 0
    while (left.size > 0) {
      const ann = await connect(mailboxes, 'hand-in', theirs)
      try {
        for (const [n, block] of left) {
          assert.deepEqual(await ann.ask({ type: 'send', id: sender.id, block, body: body(n) }, sender.as), DONE)
          left.delete(n)
        }
      } catch (error) {
        assert.match((error as Error).message, /ended/)
        cuts++
      }
    }
    assert.ok(cuts >= 1, `${cuts} cuts`)
    assert.ok(figure(ours, 'bytes_total') > ONWARD_BYTES)
    assert.deepEqual(await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as), { type: 'subscribed', previous: tag(0), blocks: 60 })
  })
})

describe('a courier that hides', function () {
  this.timeout(60_000)
  afterEach(stopAll)

  it("calls through a contact's relay from its own relay, never from where it is", async () => {
    const [ours, theirs] = [await startRelay(), await startRelay()]
    const [ann, bob] = [await party(), await party()]
    await Promise.all([ann, bob].map(({ courier }) => courier.hideAddress(true)))
    ann.courier.useRelays([ours])
    bob.courier.useRelays([theirs])
    for (const { courier } of [ann, bob]) await until(() => courier.addresses().length > 0, 'a place')
    assert.equal(await ann.courier.send(bob.device, bob.courier.addresses(), Uint8Array.of(1)), 'stored')
    assert.deepEqual([figure(ours, 'opened_total'), figure(theirs, 'opened_total')], [1, 0])
    assert.equal(theirs.seen.length, 2, 'Bob, and Ann by the one way that our relay opened')
    await ours.stop()
    await until(() => ann.courier.addresses().length === 0 && !ann.courier.connected(bob.device), 'no place')
    const before = theirs.seen.length
    await assert.rejects(ann.courier.send(bob.device, bob.courier.addresses(), Uint8Array.of(2)))
    assert.equal(theirs.seen.length, before)
  })
})

describe('the gater of who hides', () => {
  it('lets nothing be dialled but relays of their own: libp2p calls a relay again by itself that has hung up', () => {
    const own = '/ip4/5.9.1.1/tcp/4001'
    const gate = (hidden: boolean) =>
      createGater({ admits: () => true, strangers: () => [], surroundings: () => ({ own: [], loopback: false }), ownRelay: (address) => address.startsWith(own), hidden: () => hidden })
    const denied = (hidden: boolean, address: string): unknown => gate(hidden).denyDialMultiaddr?.(multiaddr(address))
    assert.deepEqual([denied(true, own), denied(true, '/ip4/5.9.2.1/tcp/4001'), denied(false, '/ip4/5.9.2.1/tcp/4001')], [false, true, false])
  })
})

describe('strangers who would be carried onward', function () {
  this.timeout(60_000)
  let ours: RunningRelay
  let peer: Libp2p
  const heard: Buffer[] = []
  const sockets: Socket[] = []

  beforeEach(async () => {
    ours = await startRelay()
    peer = await stranger()
    heard.length = 0
    sockets.length = 0
  })
  afterEach(stopAll)

  const stranger = async (): Promise<Libp2p> => {
    const made = await rawPeer()
    await retry(async () => made.dial(multiaddr(`${ours.addresses[0]}/p2p/${idOf(ours)}`)))
    return made
  }

  /** A service on this machine: what it hears is kept, and it says what it says. */
  async function service(said?: Uint8Array): Promise<string> {
    const server: Server = createServer((socket) => {
      sockets.push(socket)
      socket.on('data', (data) => void heard.push(data)).on('error', () => undefined)
      if (said) socket.write(said)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanup(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
  }

  async function ask(address: Uint8Array | string, from = peer): Promise<{ stream: Stream; answer: number | undefined; bytes: number[] }> {
    const stream = await from.getConnections()[0]!.newStream('/dure/onward/1')
    const bytes: number[] = []
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    stream.addEventListener('message', ({ data }) => {
      bytes.push(...data.subarray())
      resolve(bytes[0])
    })
    stream.addEventListener('close', () => resolve(undefined))
    const text = typeof address === 'string' ? utf8(address) : address
    stream.send(concat(u32(text.length), text))
    return { stream, answer: await promise, bytes }
  }

  it('are not carried to addresses that are no place for a relay, nor to the relay itself (attack 88)', async () => {
    for (const address of [
      '/ip4/10.0.0.1/tcp/4001', '/ip4/192.168.1.1/tcp/4001', '/ip4/169.254.169.254/tcp/80', '/ip4/127.0.0.1/tcp/22', '/ip6/::ffff:7f00:1/tcp/4001', '/ip6/fd00::1/tcp/4001',
      '/dns4/localhost/tcp/4001', '/dns4/router.lan/tcp/4001', '/ip4/5.9.1.1/udp/4001/quic-v1', 'nonsense', ours.addresses[0] ?? '',
    ]) {
      const { stream, answer } = await ask(address)
      assert.equal(answer, REFUSED, address)
      stream.abort(new Error('heard'))
    }
    assert.equal(figure(ours, 'opened_total'), 0)
    assert.equal(figure(ours, 'refused_total'), 11)
  })

  it('are told nothing when they ask for nothing that is an address', async () => {
    for (const request of [new Uint8Array(0), new Uint8Array(321)]) assert.equal((await ask(request)).answer, undefined)
  })

  it('say to another service nothing but how libp2p begins, and hear nothing of it', async () => {
    const mail = await service(utf8('220 mail.example.org ESMTP\r\n'))
    const { stream, answer, bytes } = await ask(mail)
    assert.equal(answer, THROUGH)
    await ended(stream)
    assert.deepEqual(bytes, [THROUGH])
    const silent = await service()
    for (const said of ['GET / HTTP/1.1\r\n\r\n', '\x13/multistream/1.0.0\n\x07/tls/1', Buffer.concat([OPENING, utf8('EHLO x\r\n')])]) {
      const { stream: other } = await ask(silent)
      other.send(typeof said === 'string' ? utf8(said) : said)
      await ended(other)
    }
    const { stream: late } = await ask(silent)
    late.send(OPENING)
    await until(() => Buffer.concat(heard).equals(OPENING), 'the beginning, and it alone')
    late.send(utf8('EHLO x\r\n'))
    await ended(late)
    assert.deepEqual(Buffer.concat(heard), Buffer.from(OPENING))
    await until(() => figure(ours, 'streams') === 0, 'all have ended')
  })

  it('carry no more than their share, and what a slow reader leaves is bounded by it (attack 82)', async () => {
    const { stream, answer } = await ask(await service(OPENING))
    assert.equal(answer, THROUGH)
    stream.send(OPENING)
    await until(() => heard.length > 0, 'through')
    sockets[0]?.pause()
    for (let sent = 0; sent < 2 * ONWARD_BYTES && stream.status === 'open'; sent += 65_536) {
      stream.send(new Uint8Array(65_536))
      await new Promise(setImmediate)
    }
    await ended(stream)
    assert.ok(figure(ours, 'bytes_total') <= ONWARD_BYTES + 262_144)
    await until(() => figure(ours, 'streams') === 0, 'it has ended')
  })

  it('have few at a time, and few in a minute, under however many keys; who leaves makes room (attacks 81, 84)', async () => {
    const silent = await service()
    const open: Stream[] = []
    for (let n = 0; n < ONWARD_PER_HOST; n++) open.push((await ask(silent, await stranger())).stream)
    assert.equal(figure(ours, 'streams'), ONWARD_PER_HOST)
    assert.equal((await ask(silent)).answer, REFUSED)
    for (const stream of open) stream.abort(new Error('enough'))
    await until(() => figure(ours, 'streams') === 0, 'room again')
    let asked = ONWARD_PER_HOST
    for (; asked < ONWARD_PER_HOST_PER_MINUTE + 1; asked++) {
      const { stream, answer } = await ask(silent)
      if (answer === REFUSED) break
      stream.abort(new Error('enough'))
      await until(() => figure(ours, 'streams') === 0, 'room again')
    }
    assert.equal(asked, ONWARD_PER_HOST_PER_MINUTE)
    assert.ok(ONWARD_PER_HOST < ONWARD_PER_TARGET && ONWARD_PER_TARGET < MAX_ONWARD)
  })

  it('hold no place when the other end has hung up and they do not (attack 83)', async () => {
    const { stream, answer } = await ask(await service(OPENING))
    assert.equal(answer, THROUGH)
    sockets[0]?.end()
    await ended(stream)
    assert.equal(figure(ours, 'streams'), 0)
  })

  it('hold no place without a word, and none where nobody answers (attack 83)', async () => {
    const stream = await peer.getConnections()[0]!.newStream('/dure/onward/1')
    stream.send(u32(20).subarray(0, 3))
    const since = performance.now()
    const closed = await service()
    const nobody = closed.replace(/\d+$/, '1025')
    assert.equal((await ask(nobody)).answer, UNREACHABLE)
    await ended(stream)
    assert.ok(performance.now() - since < HOP_TIMEOUT + 2000)
    assert.equal(figure(ours, 'streams'), 0)
  })
})
