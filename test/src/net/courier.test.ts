import assert from 'node:assert/strict'
import { createCourier, UnsafeEnvironmentError } from '../../../src/net/index.ts'
import type { Verdict } from '../../../src/messenger/ports.ts'
import { code, cleanup, LOOPBACK, nextSeed, party, silent, stopAll, until } from './support.ts'

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()

describe('the courier over libp2p', () => {
  afterEach(stopAll)

  for (const [name, listen] of [['TCP', LOOPBACK], ['WebSocket', `${LOOPBACK}/ws`]] as const) {
    it(`carries envelopes in order and brings their verdicts back over ${name}`, async () => {
      const [a, b] = [await party(), await party({ options: { listen: [listen] } })]
      const sent = Array.from({ length: 300 }, (_, i) => a.courier.send(b.device, b.courier.addresses(), Buffer.from(`envelope ${i}`)))
      assert.deepEqual(new Set(await Promise.all(sent)), new Set(['stored']))
      assert.deepEqual(b.got.map(text), Array.from({ length: 300 }, (_, i) => `envelope ${i}`))
      assert.equal(a.courier.connected(b.device), true)
      assert.equal(b.courier.peerCount(), 1)
    })
  }

  it('answers over the connection the other side made, without any address', async () => {
    const [a, b] = [await party(), await party()]
    await a.courier.send(b.device, b.courier.addresses(), Buffer.from('hello'))
    assert.equal(await b.courier.send(a.device, [], Buffer.from('back')), 'stored')
    assert.deepEqual(a.got.map(text), ['back'])
  })

  it('carries the largest envelope and refuses a larger one before sending it', async () => {
    const [a, b] = [await party(), await party()]
    const largest = new Uint8Array(4 * 65536).map((_, i) => i)
    assert.equal(await a.courier.send(b.device, b.courier.addresses(), largest), 'stored')
    assert.deepEqual(b.got[0], largest)
    await assert.rejects(a.courier.send(b.device, [], new Uint8Array(4 * 65536 + 1)), { name: 'FrameError', code: 'oversized' })
    assert.equal(a.courier.connected(b.device), true)
  })

  it('hands over envelopes without waiting for earlier verdicts, and takes verdicts in any order', async () => {
    const waiting: ((verdict: Verdict) => void)[] = []
    const b = await party({ envelope: () => new Promise<Verdict>(resolve => void waiting.push(resolve)) })
    const a = await party()
    const sent = [1, 2, 3].map(i => a.courier.send(b.device, b.courier.addresses(), Buffer.from([i])))
    await until(() => waiting.length === 3, 'all three in the handler')
    waiting[2]?.('no-session')
    assert.equal(await sent[2], 'no-session')
    waiting[0]?.('stored')
    waiting[1]?.('stored')
    assert.deepEqual(await Promise.all(sent), ['stored', 'stored', 'no-session'])
  })

  it('reports a device nobody can reach as unreachable', async () => {
    const a = await party()
    const stranger = 'ab'.repeat(32)
    await assert.rejects(a.courier.send(stranger, [], Buffer.from('x')), code('unreachable'))
    await assert.rejects(a.courier.send(stranger, ['/ip4/127.0.0.1/tcp/9'], Buffer.from('x')), code('unreachable'))
    await assert.rejects(a.courier.send('not a key', [], Buffer.from('x')), code('unreachable'))
    await assert.rejects(a.courier.pairing(stranger, ['/ip4/127.0.0.1/tcp/1025'], Buffer.from('x')), code('unreachable'))
  })

  it('does not take another device at the right address for the one it wants', async () => {
    const [a, b, c] = [await party(), await party(), await party()]
    await assert.rejects(a.courier.send(c.device, b.courier.addresses(), Buffer.from('for c')), code('unreachable'))
    assert.deepEqual([b.got.length, c.got.length], [0, 0])
  })

  it('rejects what is in flight when the other side goes, tells of it, and delivers again when it is back elsewhere', async () => {
    let hold = true
    const stuck = { envelope: () => (hold ? new Promise<Verdict>(() => {}) : Promise.resolve<Verdict>('stored')) }
    const a = await party()
    const b = await party(stuck)
    const before = b.courier.addresses()
    const sent = assert.rejects(a.courier.send(b.device, before, Buffer.from('x')), code('unreachable', 'refused'))
    await until(() => a.courier.connected(b.device), 'a connection')
    await b.courier.stop()
    await sent
    await until(() => !a.courier.connected(b.device), 'the connection is gone')
    hold = false
    const again = await party({ ...stuck, options: { seed: b.seed } })
    assert.notDeepEqual(again.courier.addresses(), before)
    // Our hints are stale; the contact is not lost, because it calls us.
    await assert.rejects(a.courier.send(b.device, before, Buffer.from('x')), code('unreachable'))
    await again.courier.send(a.device, a.courier.addresses(), Buffer.from('i moved'))
    assert.equal(await a.courier.send(b.device, before, Buffer.from('x')), 'stored')
    await until(() => a.seen.length === 3, 'appeared, vanished, appeared')
    const b8 = b.device.slice(0, 8)
    assert.deepEqual(a.seen, [`+${b8}`, `-${b8}`, `+${b8}`])
  })

  it('carries one pairing request and its reply, for a stranger too', async () => {
    const b = await party({ admits: () => false, pairing: async (from, request) => Buffer.from(`${from.slice(0, 4)} asked ${text(request)}`) })
    const a = await party()
    const replies = await Promise.all(['1', '2'].map(i => a.courier.pairing(b.device, b.courier.addresses(), Buffer.from(i))))
    assert.deepEqual(replies.map(text), ['1', '2'].map(i => `${a.device.slice(0, 4)} asked ${i}`))
    assert.deepEqual(b.seen, [], 'strangers do not appear')
  })

  it('tells the requester nothing when the pairing is declined', async () => {
    const b = await party({ pairing: async () => Promise.reject(new Error('the secret reason')) })
    const a = await party()
    await assert.rejects(a.courier.pairing(b.device, b.courier.addresses(), Buffer.from('x')), (error: Error) =>
      code('refused')(error) && !error.message.includes('secret'))
  })

  it('tells of a device that is admitted only after it connected', async () => {
    let admitted = false
    const b = await party({ admits: () => admitted })
    const a = await party()
    await a.courier.pairing(b.device, b.courier.addresses(), Buffer.from('x'))
    admitted = true
    assert.equal(await b.courier.send(a.device, [], Buffer.from('welcome')), 'stored')
    assert.equal(await a.courier.send(b.device, [], Buffer.from('thanks')), 'stored')
  })

  it('settles when both sides call at once', async () => {
    const [a, b] = [await party(), await party()]
    const all = Array.from({ length: 20 }, (_, i) => [
      a.courier.send(b.device, b.courier.addresses(), Buffer.from([i])),
      b.courier.send(a.device, a.courier.addresses(), Buffer.from([i])),
    ]).flat()
    assert.deepEqual(new Set(await Promise.all(all)), new Set(['stored']))
    assert.deepEqual(a.got.map(x => x[0]), Array.from({ length: 20 }, (_, i) => i))
    assert.deepEqual(b.got.map(x => x[0]), Array.from({ length: 20 }, (_, i) => i))
  })

  it('rejects everything as stopped once it is stopped, and stops within two seconds with a hanging peer', async () => {
    const b = await party({ envelope: () => new Promise<Verdict>(() => {}) })
    const a = await party()
    const sent = assert.rejects(a.courier.send(b.device, b.courier.addresses(), Buffer.from('x')), code('stopped'))
    await until(() => a.courier.connected(b.device), 'a connection')
    const begun = performance.now()
    await a.courier.stop()
    assert.ok(performance.now() - begun < 2000)
    await sent
    await assert.rejects(a.courier.send(b.device, b.courier.addresses(), Buffer.from('x')), code('stopped'))
    await assert.rejects(a.courier.pairing(b.device, b.courier.addresses(), Buffer.from('x')), code('stopped'))
    assert.deepEqual(a.courier.addresses(), [])
  })

  it('starts again after a stop', async () => {
    const [a, b] = [await party(), await party()]
    await a.courier.send(b.device, b.courier.addresses(), Buffer.from('1'))
    await a.courier.stop()
    await a.courier.start()
    assert.equal(await a.courier.send(b.device, b.courier.addresses(), Buffer.from('2')), 'stored')
  })

  it('announces loopback only because it listens there explicitly, and says so once', async () => {
    const a = await party()
    assert.match(a.courier.addresses().join(), /^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)
    assert.deepEqual(a.announcements, [a.courier.addresses()])
  })

  it('refuses to start when session keys would be dumped (attack 87)', () => {
    process.env.DUMP_SESSION_KEYS = '1'
    cleanup(() => {
      delete process.env.DUMP_SESSION_KEYS
    })
    assert.throws(() => createCourier({ seed: nextSeed(), mdns: false, log: silent }), UnsafeEnvironmentError)
  })
})
