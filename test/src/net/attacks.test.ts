import assert from 'node:assert/strict'
import { connect as connectTcp, type Socket } from 'node:net'
import { generateKeyPair, publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { u32 } from '../../../protocols/suite/index.ts'
import type { Verdict } from '../../../src/messenger/ports.ts'
import { encodeEnvelope, encodeFrame, encodeVerdicts } from '../../../src/net/framing.ts'
import {
  MAX_EARLY_STREAMS, MAX_ENVELOPE, MAX_IN_FLIGHT, MAX_PAIRING_FRAME, MAX_SOCKETS, MAX_STRANGERS_PER_SUBNET, MAX_WEBSOCKET_MESSAGE, PAIRING_PER_DEVICE_PER_MINUTE,
} from '../../../src/net/limits.ts'
import { cleanup, code, dialled, ended, heap, LOOPBACK, party, type Party, rawPeer, retry, stopAll, until } from './support.ts'

const DIRECT = '/dure/direct/1'
const PAIRING = '/dure/pairing/1'

/** A raw peer connected to the victim, and a stream of it. */
async function attack(victim: Party, protocol: string): Promise<{ attacker: Libp2p; connection: Connection; stream: Stream }> {
  const attacker = await rawPeer()
  const connection = await retry(() => attacker.dial(dialled(victim)))
  return { attacker, connection, stream: await connection.newStream(protocol) }
}

const portOf = (victim: Party): number => Number(victim.courier.addresses()[0]?.split('/')[4])

/** The victim still serves an honest peer. */
async function stillServes(victim: Party): Promise<void> {
  const honest = await party()
  assert.equal(await honest.courier.send(victim.device, victim.courier.addresses(), Buffer.from('honest')), 'stored')
}

describe('a courier under attack', () => {
  afterEach(stopAll)

  describe('by frames', () => {
    const bad: [string, Uint8Array][] = [
      ['garbage', new Uint8Array(64).fill(0x5a)],
      ['a length over the limit', u32(MAX_ENVELOPE + 6)],
      ['the largest length there is', u32(0xffffffff)],
      ['an empty frame', u32(0)],
      ['another frame type', encodeVerdicts([{ counter: 0, verdict: 'stored' }, { counter: 1, verdict: 'stored' }])],
      ['an unknown frame type', new Uint8Array([0, 0, 0, 6, 9, 0, 0, 0, 0, 1])],
      ['a counter that does not start at 0', encodeEnvelope(1, new Uint8Array(3))],
    ]
    for (const [name, bytes] of bad) {
      it(`drops a direct stream that carries ${name}`, async () => {
        const victim = await party()
        const { stream, connection } = await attack(victim, DIRECT)
        stream.send(bytes)
        assert.equal(await ended(stream), 'reset')
        assert.equal(connection.status, 'open')
        assert.equal(victim.got.length, 0)
        await stillServes(victim)
      })
    }

    it('drops a stream that repeats a counter, after taking the first', async () => {
      const victim = await party()
      const { stream } = await attack(victim, DIRECT)
      stream.send(encodeEnvelope(0, new Uint8Array([1])))
      stream.send(encodeEnvelope(0, new Uint8Array([2])))
      assert.equal(await ended(stream), 'reset')
      assert.deepEqual(victim.got, [new Uint8Array([1])])
    })

    it('drops a stream that ends inside a frame', async () => {
      const victim = await party()
      const { stream } = await attack(victim, DIRECT)
      stream.send(encodeEnvelope(0, new Uint8Array(100)).subarray(0, 50))
      await stream.close()
      assert.equal(await ended(stream), 'reset')
      assert.equal(victim.got.length, 0)
    })

    it('drops the stream of an envelope that is garbage, and keeps the verdicts before it', async () => {
      const victim = await party({ envelope: async (_, [first]) => (first === 1 ? 'stored' : Promise.reject(new Error('garbage'))) })
      const a = await party()
      const [good, garbage] = [1, 2].map(i => a.courier.send(victim.device, victim.courier.addresses(), new Uint8Array([i])))
      await assert.rejects(garbage as Promise<Verdict>, code('refused'))
      assert.equal(await good, 'stored')
    })

    it('gives up on a receiver that answers what was never sent, or in another language', async () => {
      for (const answer of [encodeVerdicts([{ counter: 5, verdict: 'stored' }]), new Uint8Array(40).fill(7), encodeEnvelope(0, new Uint8Array(4))]) {
        const liar = await rawPeer(undefined, [LOOPBACK])
        await liar.handle(DIRECT, stream => void stream.send(answer))
        const a = await party()
        const device = Buffer.from(liar.peerId.publicKey?.raw ?? []).toString('hex')
        await assert.rejects(a.courier.send(device, liar.getMultiaddrs().map(String), new Uint8Array([1])), code('refused'))
      }
    })

    it('resets a pairing stream that carries too much, too little, or more than one request', async () => {
      const victim = await party()
      const request = encodeFrame('request', new Uint8Array([1]))
      for (const bytes of [u32(MAX_PAIRING_FRAME + 2), u32(0), encodeFrame('reply', new Uint8Array([1])), Buffer.concat([request, request])]) {
        const { stream, attacker } = await attack(victim, PAIRING)
        stream.send(bytes)
        assert.equal(await ended(stream), 'reset')
        await attacker.stop()
      }
    })
  })

  describe('by strangers', () => {
    it('hangs up on a stranger who sends, without a word (attack 67)', async () => {
      const victim = await party({ admits: () => false })
      const { stream, connection } = await attack(victim, DIRECT)
      let answered = 0
      stream.addEventListener('message', ({ data }) => void (answered += data.byteLength))
      // It need not even send: opening the stream is enough.
      await ended(stream)
      await until(() => connection.status !== 'open', 'the connection is gone')
      assert.equal(answered, 0)
      assert.equal(victim.got.length, 0)
      const a = await party()
      await assert.rejects(a.courier.send(victim.device, victim.courier.addresses(), new Uint8Array([1])), code('unreachable', 'refused'))
    })

    it('hangs up on a device that is blocked while its stream is open (attack 67)', async () => {
      let admitted = true
      const victim = await party({ admits: () => admitted })
      const { stream, connection } = await attack(victim, DIRECT)
      stream.send(encodeEnvelope(0, new Uint8Array([1])))
      await until(() => victim.got.length === 1, 'the first envelope')
      admitted = false
      stream.send(encodeEnvelope(1, new Uint8Array([2])))
      await until(() => connection.status !== 'open', 'the connection is gone')
      assert.equal(victim.got.length, 1)
    })

    it('tells a stranger neither its addresses nor its protocols', async () => {
      const victim = await party({ admits: () => false })
      const { connection } = await attack(victim, PAIRING)
      const stream = await connection.newStream('/ipfs/id/1.0.0')
      assert.equal(await ended(stream), 'reset')
    })

    it('takes only so many strangers of one subnet, and contacts beside them (attack 79)', async () => {
      const friends = new Set<string>()
      const victim = await party({ admits: device => friends.has(device) })
      const connections: Connection[] = []
      // One after the other and slowly enough for the limit on new connections a second.
      for (let i = 0; i < MAX_STRANGERS_PER_SUBNET + 2; i++) {
        const attacker = await rawPeer()
        await until(() => victim.courier.peerCount() === Math.min(i, MAX_STRANGERS_PER_SUBNET), 'earlier ones settled')
        connections.push(await retry(() => attacker.dial(dialled(victim))))
        await until(() => victim.courier.peerCount() >= Math.min(i + 1, MAX_STRANGERS_PER_SUBNET), 'this one settled')
      }
      await until(() => connections.filter(({ status }) => status === 'open').length === MAX_STRANGERS_PER_SUBNET, 'the surplus was hung up on')
      const friend = await party()
      friends.add(friend.device)
      assert.equal(await retry(() => friend.courier.send(victim.device, victim.courier.addresses(), new Uint8Array([1]))), 'stored')
    })

    it('answers only so many pairing requests of one device', async () => {
      let asked = 0
      const victim = await party({ pairing: async () => new Uint8Array([++asked]) })
      const a = await party()
      for (let i = 0; i < PAIRING_PER_DEVICE_PER_MINUTE; i++) await a.courier.pairing(victim.device, victim.courier.addresses(), new Uint8Array([1]))
      await assert.rejects(a.courier.pairing(victim.device, victim.courier.addresses(), new Uint8Array([1])), code('refused'))
      assert.equal(asked, PAIRING_PER_DEVICE_PER_MINUTE)
    })
  })

  describe('by keys', () => {
    for (const type of ['RSA', 'secp256k1'] as const) {
      it(`refuses a peer with a key of type ${type} (attack 85)`, async () => {
        const victim = await party()
        const key = await (type === 'RSA' ? generateKeyPair('RSA', 2048) : generateKeyPair('secp256k1'))
        const attacker = await rawPeer(key)
        const connection = await attacker.dial(dialled(victim)).catch(() => undefined)
        if (connection) await until(() => connection.status !== 'open', 'hung up')
        assert.equal(victim.courier.peerCount(), 0)
      })
    }

    it('refuses a Noise payload that claims another identity (attack 86)', async () => {
      const [victim, friend] = [await party(), await party()]
      const own = await generateKeyPair('Ed25519')
      // Claims the friend's key, and signs the Noise static key with its own.
      const forged = Object.create(own, { publicKey: { value: publicKeyFromRaw(Buffer.from(friend.device, 'hex')) } })
      const attacker = await rawPeer(forged)
      // The attacker sends the last message of the handshake and may believe for a moment.
      const connection = await attacker.dial(dialled(victim)).catch(() => undefined)
      if (connection) await until(() => connection.status !== 'open', 'hung up')
      assert.equal(victim.courier.connected(friend.device), false)
      assert.deepEqual(victim.seen, [])
    })
  })

  describe('by resources', () => {
    it('reads no faster than its handler stores, and its memory stays bounded (attack 84)', async function () {
      this.timeout(30_000)
      const waiting: ((verdict: Verdict) => void)[] = []
      const victim = await party({ envelope: () => new Promise<Verdict>(resolve => void waiting.push(resolve)) })
      const { stream } = await attack(victim, DIRECT)
      // 64 MiB offered by a peer that obeys only the window.
      const envelope = new Uint8Array(16384)
      let offered = 0
      const offer = (): void => {
        while (offered < 4096 && stream.status === 'open' && stream.send(encodeEnvelope(offered++, envelope)));
      }
      const before = heap()
      stream.addEventListener('drain', offer)
      offer()
      await until(() => waiting.length >= 64, 'the handler is full')
      let [last, since] = [0, performance.now()]
      await until(() => {
        if (offered !== last) [last, since] = [offered, performance.now()]
        return performance.now() - since > 300
      }, 'the sender is stopped or has sent everything')
      assert.ok(waiting.length <= MAX_IN_FLIGHT, `${waiting.length} waiting`)
      assert.ok(heap() - before < 50 * 1024 * 1024, `heap grew by ${heap() - before}`)
      assert.equal(stream.status, 'open', 'backpressure, not abort')
      assert.ok(offered < 400, `${offered} offered`)
      let answered = 0
      stream.addEventListener('message', ({ data }) => void (answered += data.byteLength))
      const store = setInterval(() => waiting.splice(0).forEach(resolve => resolve('stored')), 1)
      cleanup(() => clearInterval(store))
      await until(() => offered >= 1024, 'it goes on once the handler stores')
      assert.ok(answered > 0)
    })

    it('bounds what a peer that never reads its verdicts can make it hold', async () => {
      const victim = await party()
      const { stream } = await attack(victim, DIRECT)
      stream.pause()
      let counter = 0
      const offer = (): void => {
        while (counter < 50_000 && stream.status === 'open' && stream.send(encodeEnvelope(counter++, new Uint8Array([1]))));
      }
      stream.addEventListener('drain', offer)
      offer()
      await until(() => counter >= 50_000 || stream.status !== 'open', 'all offered or dropped')
      await stillServes(victim)
    })

    it('closes the connection of a peer that floods it with streams (attack 84)', async () => {
      const victim = await party()
      const attacker = await rawPeer()
      const connection = await attacker.dial(dialled(victim))
      const before = heap()
      await Promise.all(Array.from({ length: 500 }, () => connection.newStream(PAIRING, { maxOutboundStreams: 10_000, negotiateFully: false }).catch(() => {})))
      await until(() => connection.status !== 'open' || connection.streams.length <= MAX_EARLY_STREAMS + 40, 'the flood was cut')
      assert.ok(heap() - before < 50 * 1024 * 1024)
      await stillServes(victim)
    })

    it('outlives 500 silent sockets, over TCP and over WebSocket, and frees them (attack 83)', async function () {
      this.timeout(30_000)
      await Promise.all([LOOPBACK, `${LOOPBACK}/ws`].map(async listen => {
        const victim = await party({ options: { listen: [listen] } })
        const early = await party()
        await early.courier.send(victim.device, victim.courier.addresses(), Buffer.from('early'))
        const sockets = Array.from({ length: 500 }, (): Socket => connectTcp(portOf(victim), '127.0.0.1').on('error', () => {}).resume())
        cleanup(() => sockets.forEach(socket => socket.destroy()))
        await until(() => sockets.filter(socket => !socket.destroyed).length <= MAX_SOCKETS, 'the surplus was dropped')
        // INBOUND_UPGRADE_TIMEOUT frees the rest.
        await until(() => sockets.every(socket => socket.destroyed), 'all were dropped', 15_000)
        assert.equal(early.seen.length, 1, 'who was connected before still is')
        await stillServes(victim)
      }))
    })

    it('stops within two seconds while silent sockets are open', async () => {
      const warnings: string[] = []
      const log = { info: () => {}, warn: (fact: string) => void warnings.push(fact) }
      const victim = await party({ options: { listen: [LOOPBACK, `${LOOPBACK}/ws`], log } })
      const ports = victim.courier.addresses().map(address => Number(address.split('/')[4]))
      const sockets = ports.map(port => connectTcp(port, '127.0.0.1').on('error', () => {}))
      cleanup(() => sockets.forEach(socket => socket.destroy()))
      await until(() => sockets.every(socket => !socket.connecting), 'connected')
      const begun = performance.now()
      await victim.courier.stop()
      assert.ok(performance.now() - begun < 2000)
      assert.deepEqual(warnings, [])
    })

    it('drops a WebSocket whose message is larger than any of ours, before it is authenticated (attack 30)', async () => {
      const victim = await party({ options: { listen: [`${LOOPBACK}/ws`] } })
      const socket = new WebSocket(`ws://127.0.0.1:${portOf(victim)}`)
      const closed = new Promise<number>(resolve => socket.addEventListener('close', ({ code }) => resolve(code)))
      socket.addEventListener('open', () => socket.send(new Uint8Array(MAX_WEBSOCKET_MESSAGE + 1)))
      assert.ok([1006, 1009].includes(await closed))
      await stillServes(victim)
    })

    it('outlives a malformed WebSocket frame', async () => {
      const victim = await party({ options: { listen: [`${LOOPBACK}/ws`] } })
      const socket = connectTcp(portOf(victim), '127.0.0.1')
      cleanup(() => void socket.destroy())
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n')
      socket.once('data', () => socket.write(new Uint8Array([0xff, 0xff, 0xff, 0xff])))
      await new Promise(resolve => socket.on('close', resolve))
      await stillServes(victim)
    })
  })
})
