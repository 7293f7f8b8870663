import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChannelId } from '../../../src/messenger/channels/ports.ts'
import { FIRST_RETRY, MAX_REPLY_FRAMES, SYNC_STREAMS } from '../../../src/net/channels/limits.ts'
import { createRoster } from '../../../src/net/channels/roster.ts'
import { SYNC_PROTOCOL } from '../../../src/net/channels/sync.ts'
import { STREAM_WINDOW } from '../../../src/net/limits.ts'
import { whereChannelsListen } from '../../../src/listening.ts'
import { encodeSyncFrame, MAX_SYNC_FRAME } from '../../../protocols/channel/index.ts'
import { u32 } from '../../../protocols/suite/index.ts'
import { CHANNEL, code, collect, follower, type Follower, heads, intruder, meeting, meshed, OTHER, row } from './channels-support.ts'
import { startRelay } from './mailbox-support.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { cleanup, LOOPBACK, rawPeer, stopAll, until } from './support.ts'

const joined = (...all: (Follower | undefined)[]): Follower[] => all.filter(each => each !== undefined)
const connected = (a: Follower, b: Follower, channel: ChannelId = CHANNEL) => until(() => a.gossip.peers(channel).includes(b.key), 'they share the channel')

describe('the channel network', () => {
  afterEach(stopAll)

  describe('gossip', () => {
    it('spreads a message to everybody, also to whom the author has never met', async () => {
      const all = await row(4)
      const [a, b, c, d] = all
      assert.ok(a && b && c && d)
      await meshed(all)
      assert.ok((await a.gossip.publish(CHANNEL, Buffer.from('fresh bread'))) >= 1)
      await until(() => [b, c, d].every(({ got }) => got.length === 1), 'it reached all')
      assert.deepEqual([a.got, b.got, c.got, d.got], [[], ['fresh bread'], ['fresh bread'], ['fresh bread']])
      assert.deepEqual([d.told, d.gossip.peers(CHANNEL)], [[c.key], [c.key]])
    })

    it('does so over WebSocket too, and with 64 KiB', async () => {
      const all = await row(3, i => (i === 1 ? { options: { listen: async () => [`${LOOPBACK}/ws`] } } : {}))
      const [a, b, c] = all
      assert.ok(a && b && c)
      await meshed(all)
      const large = 'x'.repeat(65_537)
      await a.gossip.publish(CHANNEL, Buffer.from(large))
      await until(() => b.got.length === 1 && c.got.length === 1, 'it reached both')
      assert.deepEqual([b.got, c.got], [[large], [large]])
    })

    it('passes nothing on that was not accepted, and hangs up on who keeps sending what is forged', async () => {
      const judged: string[] = []
      const all = await row(3, i => (i !== 1 ? {} : {
        message(_, from, message) {
          judged.push(`${from.slice(0, 4)} ${Buffer.from(message)}`)
          return Buffer.from(message).toString().startsWith('probe') ? 'accept' : Buffer.from(message).toString().startsWith('early') ? 'ignore' : 'reject'
        },
      }))
      const [a, b, c] = all
      assert.ok(a && b && c)
      for (let i = 0; c.got.length === 0; i++) {
        await a.gossip.publish(CHANNEL, Buffer.from(`probe ${i}`))
        await delay(20)
      }
      await a.gossip.publish(CHANNEL, Buffer.from('early'))
      await a.gossip.publish(CHANNEL, Buffer.from('forged 0'))
      await until(() => judged.some(line => line.endsWith('forged 0')), 'it was judged')
      // Worse than c from the first one on, and gone after ten.
      assert.deepEqual(b.gossip.peers(CHANNEL), [c.key, a.key])
      for (let i = 1; i < 10; i++) await a.gossip.publish(CHANNEL, Buffer.from(`forged ${i}`))
      await until(() => b.gossip.peers(CHANNEL).length === 1, 'it was hung up on')
      assert.deepEqual(b.gossip.peers(CHANNEL), [c.key])
      assert.ok(c.got.every(text => text.startsWith('probe')), c.got.join())
      await assert.rejects(collect(b.gossip.request(a.key, heads())), code('unreachable'))
    })

    it('tells a peer of a channel only when it has shown that it knows it', async () => {
      const victim = await follower()
      victim.gossip.join(meeting(), [])
      victim.gossip.join(meeting(OTHER), [])
      const stranger = await intruder(victim)
      const third = 'e3'.repeat(32)
      // Two heartbeats and every exchange of subscriptions pass.
      await delay(2200)
      assert.deepEqual(stranger.topics(), [])
      await stranger.say({ subscriptions: [{ subscribe: true, topic: meeting().topic }, { subscribe: true, topic: meeting(third).topic }] })
      await until(() => stranger.topics().length > 0, 'it is answered')
      assert.deepEqual(stranger.topics(), [meeting().topic])
      // A question about a channel shows the same.
      const stream = await stranger.connection.newStream(SYNC_PROTOCOL)
      const question = heads(OTHER)
      stream.send(Buffer.concat([u32(question.length), question]))
      await until(() => stranger.topics().length === 2, 'it is told of the other')
      victim.gossip.join(meeting(third), [])
      await delay(100)
      assert.deepEqual(stranger.topics(), [meeting().topic, meeting(OTHER).topic].sort())
      victim.gossip.leave(OTHER)
      await until(() => stranger.topics().length === 1, 'it is told of the end')
    })

    it('keeps who reads privately out of the gossip, and answers its questions', async () => {
      const [a, b] = await row(2, () => ({ answer: () => [Buffer.from('head')] }))
      const reader = await follower()
      assert.ok(a && b)
      await meshed([a, b])
      reader.gossip.join(meeting(CHANNEL, 'private'), [a.hint()])
      await assert.rejects(reader.gossip.publish(CHANNEL, Buffer.from('x')), TypeError)
      assert.deepEqual(await collect(reader.gossip.request(a.key, heads())), ['head'])
      await a.gossip.publish(CHANNEL, Buffer.from('news'))
      await until(() => b.got.length === 1, 'the others have it')
      assert.deepEqual([reader.got, reader.gossip.peers(CHANNEL)], [[], [a.key]])
      assert.deepEqual(a.gossip.peers(CHANNEL), [b.key])
      assert.deepEqual(reader.gossip.hints(CHANNEL), [a.hint()])
      // And the other way round: an open one falls silent.
      b.gossip.join(meeting(CHANNEL, 'private'), [])
      await until(() => a.gossip.peers(CHANNEL).length === 0, 'it has left')
    })

    it('comes back to peers that went away', async () => {
      const [a, b] = await row(2)
      assert.ok(a && b)
      await connected(a, b)
      await a.gossip.stop()
      await until(() => b.gossip.peers(CHANNEL).length === 0, 'it is gone')
      await a.gossip.start()
      a.gossip.join(meeting(), [b.hint()])
      await connected(b, a)
      await meshed([a, b])
    })

    it('says who can be dialled, itself first', async () => {
      const [a, b] = await row(2)
      assert.ok(a && b)
      await connected(a, b)
      await until(() => a.gossip.hints(CHANNEL).length === 2, 'addresses were exchanged')
      assert.deepEqual(a.gossip.hints(CHANNEL), [a.hint(), b.hint()])
      await a.gossip.stop()
      await assert.rejects(a.gossip.publish(CHANNEL, Buffer.from('x')), code('stopped'))
      await assert.rejects(collect(a.gossip.request(b.key, heads())), code('stopped'))
    })
  })

  it('listens elsewhere when its first channel is joined and somebody has taken its port meanwhile', async () => {
    const store = createMemoryStore()
    const where = (): Promise<string[]> => whereChannelsListen(store, [LOOPBACK], [])
    const [before = ''] = await where()
    assert.deepEqual(await where(), [before], 'as long as nobody has it')
    const taken = createServer().listen(Number(before.split('/').at(-1)), '127.0.0.1')
    cleanup(() => void taken.close())
    await once(taken, 'listening')
    const [a, b] = [await follower({ options: { listen: where } }), await follower()]
    a.gossip.join(meeting(), [])
    assert.notDeepEqual(a.gossip.addresses(), [before])
    b.gossip.join(meeting(), [a.hint()])
    await connected(b, a)
  })

  describe('finding', () => {
    it('calls a peer that hangs up at once ever more seldom, and one that was there for long at once', () => {
      let time = 1_000_000
      const roster = createRoster(meeting(), () => time)
      roster.hint({ peer: 'full', addresses: [] })
      const calls: number[] = []
      for (const end = time + 60_000; time < end; time += FIRST_RETRY) {
        if (!roster.due().includes('full')) continue
        calls.push((time - 1_000_000) / FIRST_RETRY)
        roster.dialled('full')
        roster.hold('full')
        roster.lose('full')
      }
      assert.deepEqual(calls, [0, 1, 3, 7, 15])
      time += 3_600_000
      assert.deepEqual(roster.due(), ['full'])
      roster.dialled('full')
      time += FIRST_RETRY
      assert.deepEqual(roster.due(), ['full'])
    })

    it('asks the hints, and tells of who has it', async () => {
      const a = await follower()
      a.gossip.join(meeting(), [])
      const b = await follower()
      b.gossip.join(meeting(CHANNEL, 'private'), [a.hint(), { peer: 'ab'.repeat(32), addresses: ['/ip4/127.0.0.1/tcp/2'] }])
      assert.deepEqual(b.gossip.peers(CHANNEL), [])
      await b.gossip.find(CHANNEL)
      assert.deepEqual([b.told, b.gossip.peers(CHANNEL)], [[a.key], [a.key]])
    })

    it('finds followers through the DHT, who meet in the gossip', async () => {
      const server = { dht: 'server' } as const
      const all = await Promise.all([0, 1, 2, 3].map(async () => follower({ options: server, recognises: (_, tags) => tags.map(() => true) })))
      const [a, b, between, far] = all
      assert.ok(a && b && between && far)
      // All they have in common at first is another channel of one in the middle.
      for (const each of all) each.gossip.join(meeting(OTHER), each === between ? [] : [between.hint()])
      await until(() => between.gossip.peers(OTHER).length === 3, 'all know the one between')
      a.gossip.join(meeting(), [])
      b.gossip.join(meeting(), [])
      await until(() => {
        void b.gossip.find(CHANNEL)
        return b.gossip.peers(CHANNEL).includes(a.key)
      }, 'they have found each other', 30_000)
      await meshed(joined(a, b))
    })

    it('finds followers when all that both were told of is a relay, and leaves it alone while there is nothing to look for', async () => {
      const relay = await startRelay()
      const options = { dht: 'server', entryPoints: relay.entryPoints } as const
      const [brand, other] = [await follower({ options, recognises: (_, tags) => tags.map(() => true) }), await follower({ options: { ...options, dht: 'client' } })]
      brand.gossip.join(meeting(), [])
      await until(() => relay.figures().network?.provider_records === 1, 'the relay keeps the record', 30_000)
      assert.equal(relay.seen.length, 1, 'nobody else has called it')
      other.gossip.join(meeting(), [])
      await other.gossip.find(CHANNEL)
      await until(() => other.gossip.peers(CHANNEL).includes(brand.key), 'they have found each other')
      await meshed([brand, other])
    })

    it('finds followers who were told of different relays, once the relays have met', async () => {
      const relays = [await startRelay(), await startRelay(), await startRelay()] as const
      const [first, middle, last] = relays
      await first.meet(middle)
      await last.meet(middle)
      await until(() => relays.every(relay => relay.figures().network?.dht_peers !== 0), 'they know each other')
      const brand = await follower({ options: { dht: 'server', entryPoints: first.entryPoints }, recognises: (_, tags) => tags.map(() => true) })
      const other = await follower({ options: { dht: 'client', entryPoints: last.entryPoints } })
      brand.gossip.join(meeting(), [])
      await until(() => relays.some(relay => relay.figures().network?.provider_records === 1), 'a relay keeps the record', 30_000)
      other.gossip.join(meeting(), [])
      await until(() => {
        void other.gossip.find(CHANNEL)
        return other.gossip.peers(CHANNEL).includes(brand.key)
      }, 'they have found each other', 30_000)
    })

    it('takes a relay that is called by a name into the DHT, as its address is told there as well', async () => {
      const [asks, named] = [await startRelay(), await startRelay({}, { announce: ['/dns4/relay.example.org/tcp/4001'], announceWithoutNames: ['/ip4/127.0.0.1/tcp/4001'] })]
      await asks.meet(named)
      await until(() => asks.figures().network?.dht_peers === 1, 'it is known')
      assert.deepEqual(named.addresses, ['/dns4/relay.example.org/tcp/4001'], 'people are told the name')
    })

    it('finds followers on the local network with names only they recognise', async () => {
      const options = { mdns: true }
      let asked = 0
      const recognises = (yes: boolean) => (_: Uint8Array, tags: readonly Uint8Array[]) => {
        asked++
        return tags.map(() => yes)
      }
      const a = await follower({ options, recognises: recognises(true) })
      const b = await follower({ options, recognises: recognises(false) })
      const c = await follower({ options })
      a.gossip.join(meeting(), [])
      c.gossip.join(meeting(), [])
      await until(() => {
        void c.gossip.find(CHANNEL)
        return c.gossip.peers(CHANNEL).includes(a.key) && asked > 1
      }, 'it has asked both', 20_000)
      assert.deepEqual(c.gossip.peers(CHANNEL), [a.key])
      assert.deepEqual(b.told, [])
    })
  })

  it('asks no neighbour for a channel that is read in private, as long as who was named for it can be asked', async () => {
    const options = { mdns: true }
    const questions: string[] = []
    const named = await follower()
    const neighbour = await follower({ options, recognises: (nonce, tags) => {
      questions.push(Buffer.from(nonce).toString('hex'))
      return tags.map(() => false)
    } })
    const [reader, other] = [await follower({ options }), await follower({ options })]
    reader.gossip.join(meeting(CHANNEL, 'private'), [named.hint()])
    await reader.gossip.find(CHANNEL)
    assert.deepEqual(reader.gossip.peers(CHANNEL), [named.key])
    other.gossip.join(meeting(OTHER), [])
    await until(() => questions.length > 0, 'the local network is there', 20_000)
    for (let i = 0; i < 5; i++) {
      await reader.gossip.find(CHANNEL)
      await delay(200)
    }
    assert.equal(questions.length, 1)
    assert.deepEqual(neighbour.told, [])
  }).timeout(30_000)

  describe('sync', () => {
    it('answers a request frame by frame, many at a time', async () => {
      const [a, b] = await row(2, i => (i === 0 ? { answer: (_, request) => [request, Buffer.from('one'), Buffer.from('two')] } : {}))
      assert.ok(a && b)
      const answers = await Promise.all(Array.from({ length: SYNC_STREAMS * 3 }, () => collect(b.gossip.request(a.key, heads()))))
      for (const answer of answers) assert.deepEqual(answer, [Buffer.from(heads()).toString(), 'one', 'two'])
      await assert.rejects(collect(b.gossip.request('ab'.repeat(32), heads())), code('unreachable'))
    })

    it('no longer counts on who says that it does not have the channel', async () => {
      const [a, b] = [await follower({ answer: () => [encodeSyncFrame({ type: 'refused', code: 'unknown' })] }), await follower()]
      b.gossip.join(meeting(), [a.hint()])
      await connected(b, a)
      await collect(b.gossip.request(a.key, heads()))
      assert.deepEqual(b.gossip.peers(CHANNEL), [])
    })

    it('makes frames no faster than they are read', async () => {
      const frame = new Uint8Array(64 * 1024)
      let made = 0
      let returned = false
      const [a, b] = await row(2, i => (i === 1 ? {} : {
        async *answer() {
          try {
            for (;;) {
              made++
              yield frame
            }
          } finally {
            returned = true
          }
        },
      }))
      assert.ok(a && b)
      const reader = b.gossip.request(a.key, heads())[Symbol.asyncIterator]()
      for (let i = 0; i < 3; i++) assert.equal((await reader.next()).value?.length, frame.length)
      await delay(300)
      // Three that were read, a window under way, one read ahead, and what the sender has in hand.
      assert.ok(made <= 3 + STREAM_WINDOW / frame.length + 5, `${made} frames were made`)
      for (let i = 0; i < 50; i++) await reader.next()
      assert.ok(made >= 53)
      await reader.return?.()
      await until(() => returned, 'the answer is given up')
    })

    it('gives up on a server that says nothing', async function () {
      this.timeout(30_000)
      const [a, b] = await row(2, i => (i === 1 ? {} : {
        async *answer() {
          yield Buffer.from('one')
          await new Promise(() => undefined)
        },
      }))
      assert.ok(a && b)
      const got: string[] = []
      await assert.rejects(async () => {
        for await (const frame of b.gossip.request(a.key, heads())) got.push(Buffer.from(frame).toString())
      }, code('timeout'))
      assert.deepEqual(got, ['one'])
    })

    it('gives up on a server that does not end', async () => {
      const [a, b] = await row(2, i => (i === 1 ? {} : {
        *answer() {
          for (;;) yield Buffer.from('more')
        },
      }))
      assert.ok(a && b)
      let got = 0
      await assert.rejects(async () => {
        for await (const _ of b.gossip.request(a.key, heads())) got++
      }, code('oversized'))
      assert.equal(got, MAX_REPLY_FRAMES)
    })

    it('tells a cut stream, a refusal and the end of the connection apart', async () => {
      let cut: () => void = () => undefined
      const [a, b] = await row(2, i => (i === 1 ? {} : {
        async *answer(_: string, request: Uint8Array) {
          if (request.length < 33) throw new Error('garbage')
          yield Buffer.from('one')
          cut()
          await new Promise(() => undefined)
        },
      }))
      assert.ok(a && b)
      await assert.rejects(collect(b.gossip.request(a.key, Buffer.from('?'))), code('refused'))
      cut = () => void a.gossip.stop()
      await assert.rejects(collect(b.gossip.request(a.key, heads())), code('unreachable', 'refused'))
    })

    it('holds it against nobody when it fails to answer for reasons of its own', async () => {
      const [a, b] = await row(2, () => ({
        answer: () => {
          throw new Error('the disk is gone')
        },
      }))
      assert.ok(a && b)
      await connected(a, b)
      for (let i = 0; i < 6; i++) await assert.rejects(collect(b.gossip.request(a.key, heads())), code('refused'))
      assert.deepEqual([a.gossip.peers(CHANNEL), b.gossip.peers(CHANNEL)], [[b.key], [a.key]])
    })

    it('refuses frames that are too large, empty or broken off, from a server that has no manners', async () => {
      const server = await rawPeer(undefined, [LOOPBACK])
      const key = Buffer.from(server.peerId.publicKey?.raw ?? []).toString('hex')
      let bytes: Uint8Array = new Uint8Array()
      await server.handle(SYNC_PROTOCOL, async stream => {
        stream.send(bytes)
        await stream.close()
      })
      const frame = Buffer.concat([u32(3), Buffer.from('one')])
      for (const [sent, expected] of [
        [Buffer.concat([frame, u32(MAX_SYNC_FRAME + 1)]), 'oversized'],
        [Buffer.concat([frame, u32(0)]), 'oversized'],
        [Buffer.concat([frame, frame.subarray(0, 5)]), 'unreachable'],
      ] as const) {
        const asking = await follower()
        asking.gossip.join(meeting(), [{ peer: key, addresses: server.getMultiaddrs().map(String) }])
        bytes = sent
        const got: string[] = []
        await assert.rejects(async () => {
          for await (const each of asking.gossip.request(key, heads())) got.push(Buffer.from(each).toString())
        }, code(expected))
        assert.deepEqual(got, ['one'])
      }
    })

    it('ends when the reader no longer wants it, also while it waits its turn', async () => {
      const [a, b] = await row(2, i => (i === 1 ? {} : {
        async *answer() {
          yield Buffer.from('one')
          await new Promise(() => undefined)
        },
      }))
      assert.ok(a && b)
      const enough = new AbortController()
      const reasons = await Promise.allSettled(Array.from({ length: SYNC_STREAMS + 2 }, async () => {
        for await (const _ of b.gossip.request(a.key, heads(), { signal: enough.signal })) enough.abort(new Error('enough'))
      }))
      assert.deepEqual(reasons.map(each => each.status === 'rejected' && (each.reason as Error).message), Array.from({ length: SYNC_STREAMS + 2 }, () => 'enough'))
    })

    it('hangs up on a peer that is reported for its lies', async () => {
      const [a, b] = await row(2)
      assert.ok(a && b)
      await connected(b, a)
      for (let i = 0; i < 3; i++) b.gossip.report(a.key, 'invalid')
      await until(() => b.gossip.peers(CHANNEL).length === 0 && a.gossip.peers(CHANNEL).length === 0, 'hung up')
      await assert.rejects(collect(b.gossip.request(a.key, heads())), code('unreachable'))
      await assert.rejects(collect(a.gossip.request(b.key, heads())), code('unreachable', 'refused'))
    })
  })
})
