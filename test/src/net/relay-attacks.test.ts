/** Strangers against a relay, and strangers who pose as one. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as openSocket, type Socket } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { RelayAt } from '../../../src/messenger/ports.ts'
import { createRelayNode, type RelayNode, RESERVATIONS_PER_HOST } from '../../../src/net/index.ts'
import { CIRCUIT_BYTES, CIRCUITS_PER_HOST, HOP_TIMEOUT, MAX_HOP_REQUEST } from '../../../src/net/relay/limits.ts'
import { circuit, connect, hop, NO_RESERVATION, OK, PERMISSION_DENIED, reserve, takeCalls } from './hop.ts'
import { Home } from '../../support/processes.ts'
import { cleanup, dialled, ended, LOOPBACK, nextSeed, party, rawPeer, retry, stopAll, until } from './support.ts'

describe('strangers against a relay', function () {
  this.timeout(60_000)
  let relay: RelayNode
  let id: PeerId
  let where: string

  async function startRelay(perHost: number): Promise<void> {
    relay = await createRelayNode({ seed: nextSeed(), listen: [LOOPBACK], announce: [], perHost, parts: [] })
    await relay.start()
    cleanup(() => relay.stop().then(() => {}))
    id = peerIdFromString(relay.peerId)
    where = `${relay.addresses()[0]}/p2p/${relay.peerId}`
  }
  const figure = (name: string): number => relay.status().relay?.[name] ?? 0

  async function connected(): Promise<Libp2p> {
    const peer = await rawPeer()
    await connect(peer, where)
    return peer
  }
  async function called(): Promise<{ peer: Libp2p; got: { bytes: number } }> {
    const peer = await connected()
    const got = await takeCalls(peer)
    assert.equal(await reserve(peer, id), OK)
    return { peer, got }
  }

  afterEach(stopAll)

  it('have no more places than one address may, under however many keys; who leaves makes room (attack 81)', async () => {
    await startRelay(RESERVATIONS_PER_HOST)
    const peers: Libp2p[] = []
    const answers: number[] = []
    for (let i = 0; i < 15; i++) {
      const peer = await connected()
      peers.push(peer)
      answers.push(await reserve(peer, id))
    }
    assert.deepEqual(answers, [OK, OK, ...Array.from({ length: 13 }, () => PERMISSION_DENIED)])
    assert.equal(figure('reservations'), RESERVATIONS_PER_HOST)
    assert.equal(figure('reservations_refused_total'), 13)
    assert.equal(await reserve(peers[0] as Libp2p, id), OK, 'renewing is no second place')
    await peers[0]?.stop()
    await until(() => figure('reservations') === 1, 'the place is free')
    assert.equal(await reserve(peers[9] as Libp2p, id), OK)
  })

  it('cannot call who did not ask for it, nor a third party through us (attack 81)', async () => {
    await startRelay(RESERVATIONS_PER_HOST)
    const [peer, other] = [await connected(), await connected()]
    assert.equal((await circuit(peer, id, other.peerId)).status, NO_RESERVATION)
    assert.equal((await circuit(peer, id, (await rawPeer()).peerId)).status, NO_RESERVATION)
  })

  it('find no open proxy: calls of one address, and what a call carries, are limited (attack 82)', async () => {
    await startRelay(1000)
    const targets = [await called(), await called(), await called()]
    const caller = await connected()
    const statuses: number[] = []
    const streams = []
    for (let i = 0; i < CIRCUITS_PER_HOST + 3; i++) {
      const { status, stream } = await circuit(caller, id, (targets[i % 3] as { peer: Libp2p }).peer.peerId)
      statuses.push(status)
      streams.push(stream)
    }
    assert.deepEqual(statuses, [...Array.from({ length: CIRCUITS_PER_HOST }, () => OK), PERMISSION_DENIED, PERMISSION_DENIED, PERMISSION_DENIED])
    assert.equal(figure('circuits_refused_total'), 3)

    const [first] = streams
    assert.ok(first)
    const piece = new Uint8Array(16 * 1024)
    for (let sent = 0; sent < 4 * CIRCUIT_BYTES && first.status === 'open'; sent += piece.length) {
      if (!first.send(piece)) await Promise.race([first.onDrain(), once(first, 'close')]).catch(() => {})
    }
    assert.equal(await ended(first), 'reset')
    const carried = targets[0]?.got.bytes ?? 0
    assert.ok(carried > 0 && carried <= CIRCUIT_BYTES, `${carried} bytes arrived`)
    await until(() => figure('circuits') < CIRCUITS_PER_HOST, 'its place is free')
    assert.equal((await circuit(caller, id, (targets[0] as { peer: Libp2p }).peer.peerId)).status, OK)
  })

  it('are given up when they ask and say nothing, or say too much (attacks 30, 83)', async () => {
    await startRelay(RESERVATIONS_PER_HOST)
    const peer = await connected()
    const [silent, dripping, talking] = [await hop(peer, id), await hop(peer, id), await hop(peer, id)]
    silent.send(Uint8Array.of(200))
    dripping.send(Uint8Array.of(200))
    const drip = setInterval(() => dripping.status === 'open' && dripping.send(Uint8Array.of(8)), 100)
    cleanup(() => clearInterval(drip))
    const begun = performance.now()
    talking.send(Uint8Array.of(0x80, 0x80, 0x80, 1, ...new Uint8Array(MAX_HOP_REQUEST)))
    assert.equal(await ended(talking), 'reset')
    assert.ok(performance.now() - begun < HOP_TIMEOUT)
    await Promise.all([ended(silent), ended(dripping)])
    assert.ok(performance.now() - begun < 3 * HOP_TIMEOUT)
    assert.equal(figure('circuits'), 0)
    assert.equal(await reserve(peer, id), OK, 'the connection itself did nothing wrong')
  })

  it('who open sockets and say nothing do not keep others out (attack 83)', async () => {
    await startRelay(RESERVATIONS_PER_HOST)
    const port = Number(where.split('/')[4])
    const sockets: Socket[] = []
    for (let i = 0; i < 200; i++) {
      const socket = openSocket(port, '127.0.0.1').on('error', () => {})
      sockets.push(socket)
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {})
    }
    cleanup(() => sockets.forEach((socket) => socket.destroy()))
    await until(() => sockets.every(({ readableEnded, destroyed }) => readableEnded || destroyed), 'all are hung up on', 30_000).catch(() => {
      throw new Error(`${sockets.filter(({ readableEnded, destroyed }) => !readableEnded && !destroyed).length} of 200 are still there`)
    })
    const honest = await retry(connected)
    assert.equal(await reserve(honest, id), OK)
  })

  it('with keys of another kind are hung up on (attack 85)', async () => {
    await startRelay(RESERVATIONS_PER_HOST)
    const peer = await rawPeer(await generateKeyPair('secp256k1'))
    await connect(peer, where).catch(() => {})
    await until(() => peer.getConnections().length === 0, 'hung up on')
    assert.ok((relay.status().network?.connections_refused_total ?? 0) > 0)
  })

  it('who pose as a relay bring no call, and get no place kept at theirs (attack 88)', async () => {
    const victim = await party()
    const stranger = await rawPeer()
    const connection = await stranger.dial(dialled(victim))
    const stream = await connection.newStream('/libp2p/circuit/relay/0.2.0/stop', { negotiateFully: false })
    if (stream.status === 'open') stream.send(Uint8Array.of(2, 0x08, 0))
    assert.equal(await ended(stream), 'reset')
    assert.deepEqual(victim.courier.relays(), [])
    assert.ok(victim.courier.addresses().every((address) => !address.includes('p2p-circuit')))
  })

  it('a relay that is none, or one that leaves, is left for the next', async () => {
    await startRelay(1000)
    const impostor = await rawPeer(undefined, [LOOPBACK])
    const key = (peer: PeerId): string => Buffer.from(peer.publicKey?.raw ?? []).toString('hex')
    const at = (peer: string, address: string): RelayAt => ({ peer, addresses: [address.replace(/\/p2p\/.*/, '')] })
    const second = await createRelayNode({ seed: nextSeed(), listen: [LOOPBACK], announce: [], perHost: 1000, parts: [] })
    await second.start()
    cleanup(() => second.stop().then(() => {}))

    const [ann, bob] = [await party(), await party()]
    for (const { courier } of [ann, bob]) {
      await courier.hideAddress(true)
      courier.useRelays([at(key(impostor.peerId), String(impostor.getMultiaddrs()[0])), at(relay.key, where), at(second.key, second.addresses()[0] ?? '')])
    }
    const ways = (): readonly string[] => bob.courier.addresses()
    await until(() => ways().length === 2, 'two places')
    const known = [...ways()]
    assert.equal(await ann.courier.send(bob.device, known, Uint8Array.of(1)), 'stored')
    await relay.stop()
    await until(() => ways().length === 1, 'the lost relay is told of no more')
    assert.equal(await retry(() => ann.courier.send(bob.device, known, Uint8Array.of(2))), 'stored')
    assert.equal(bob.got.length, 2)
  })
})

describe('the process of a relay', function () {
  this.timeout(120_000)
  const relay = new Home()
  after(async () => {
    await stopAll()
    await relay.remove()
  })

  it('does not grow under half questions and calls nobody reads (attacks 30, 83, 84)', async () => {
    await relay.startRelay('--listen', LOOPBACK, '--per-ip', '100')
    const status = async (): Promise<{ peerId: string; addresses: string[]; figures: Record<string, Record<string, number>> }> => (await relay.json<never>('status'))[0] as never
    const { peerId, addresses, figures } = await status()
    const before = figures['process']?.['resident_bytes'] ?? 0
    const [id, where] = [peerIdFromString(peerId), `${addresses[0]}/p2p/${peerId}`]

    const target = await rawPeer()
    await connect(target, where)
    await takeCalls(target, { reads: false })
    assert.equal(await reserve(target, id), OK)
    const attackers: Libp2p[] = []
    while (attackers.length < 12) attackers.push(await connectedTo(where))
    const half = Uint8Array.of(0x80, 0x80, 0x80, 2, ...new Uint8Array(MAX_HOP_REQUEST - 4))
    const flood = new Uint8Array(64 * 1024)
    await Promise.all(attackers.map(async (peer, i) => {
      if (i < 4) {
        for (let n = 0; n < CIRCUITS_PER_HOST / 4; n++) {
          const { status: answer, stream } = await circuit(peer, id, target.peerId)
          assert.equal(answer, OK)
          for (let sent = 0; sent < CIRCUIT_BYTES && stream.status === 'open'; sent += flood.length) stream.send(flood)
        }
      } else {
        for (let n = 0; n < 200; n++) {
          const stream = await hop(peer, id).catch(() => undefined)
          if (stream?.status === 'open') stream.send(half)
        }
      }
    }))
    const after = (await status()).figures['process']?.['resident_bytes'] ?? Infinity
    assert.ok(after - before < 96 * 1024 * 1024, `it grew by ${Math.round((after - before) / 1024 / 1024)} MiB`)
    assert.equal(await reserve(await connectedTo(where), id), OK, 'and it still serves')
  })

  async function connectedTo(where: string): Promise<Libp2p> {
    const peer = await rawPeer()
    await connect(peer, where)
    return peer
  }
})
