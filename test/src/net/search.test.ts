/** A small DHT of the public kind on loopback, a relay that announces itself there, and somebody who knows neither. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, isIPv4, type Socket } from 'node:net'
import { announceRelay, findRelays, WELL_KNOWN } from '../../../src/net/index.ts'
import type { RelayAt } from '../../../src/messenger/ports.ts'
import { blockOf, judgeAddress, reachOf } from '../../../src/net/addresses.ts'
import { MAX_PROVIDERS_PER_ANSWER } from '../../../src/net/channels/limits.ts'
import { aroundOf, isEntryPoint } from '../../../src/net/search/entry-points.ts'
import { ownAddresses } from '../../../src/net/surroundings.ts'
import { type DhtPeer, dhtPeer, furtherThan, gush, inventions, lie, named, RELAYS_CID } from '../../support/public-dht.ts'
import { startRelay } from './mailbox-support.ts'
import { cleanup, heap, LOOPBACK, nextSeed, stopAll, until } from './support.ts'

const SILENT_PEER = WELL_KNOWN[0]?.split('/p2p/')[1] ?? ''

async function server(entry?: string): Promise<DhtPeer> {
  const peer = await dhtPeer(LOOPBACK, { entry })
  cleanup(async () => peer.node.stop())
  return peer
}

async function announced(entry: string): Promise<RelayAt> {
  const seed = nextSeed()
  const relay = await startRelay({}, { seed })
  const announcing = announceRelay({ seed, entryPoints: [entry], addresses: relay.addresses })
  cleanup(async () => announcing.stop())
  await until(() => announcing.announced, 'the announcement', 60_000)
  return { peer: relay.peer, addresses: relay.addresses }
}

/** Takes connections; says nothing for ever, or hangs up at once. Counts them. */
async function listener(then: 'silent' | 'hang up'): Promise<{ address: string; calls: () => number }> {
  const sockets: Socket[] = []
  const listening = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    if (then === 'hang up') socket.destroy()
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  cleanup(async () => {
    for (const socket of sockets) socket.destroy()
    listening.close()
  })
  return { address: `/ip4/127.0.0.1/tcp/${(listening.address() as AddressInfo).port}`, calls: () => sockets.length }
}
const silent = async (): Promise<string> => `${(await listener('silent')).address}/p2p/${SILENT_PEER}`

const forTheTest = (): AbortSignal => AbortSignal.timeout(60_000)

describe('the search for relays', function () {
  this.timeout(120_000)
  afterEach(stopAll)

  it('finds one that announced itself, past an entry point that hangs and peers that only claim to be relays (attack 78)', async () => {
    const first = await server()
    const others = [await server(first.address), await server(first.address)]
    for (const { node } of others) for await (const _ of node.services.dht.provide(RELAYS_CID, { signal: forTheTest() }));
    const relay = await announced(first.address)
    const found = await findRelays([await silent(), first.address], forTheTest())
    assert.deepEqual(found, [relay])
  })

  it('is nobody’s alone: one peer that answers with thousands of relays hides none that others know (attack 78)', async () => {
    const honest = await server()
    const relay = await announced(honest.address)
    const bystander = await listener('hang up')
    const liar = await dhtPeer(LOOPBACK, { privateKey: await furtherThan(honest.node.peerId) })
    cleanup(async () => liar.node.stop())
    let asked = 0
    lie(liar, () => (asked++, { providers: inventions(400, [bystander.address]), closer: [named(honest.node.peerId, [honest.address])] }))
    assert.deepEqual(await findRelays([liar.address], forTheTest()), [relay])
    assert.ok(asked > 0)
    assert.ok(bystander.calls() <= MAX_PROVIDERS_PER_ANSWER, `${bystander.calls()} calls to whom the liar named`)
  })

  it('ends, and keeps no more than it can use, when peers answer without end and name ever new ones (attacks 78, 88)', async () => {
    const honest = await server()
    const relay = await announced(honest.address)
    const bystander = await listener('hang up')
    const [liar, gusher] = [await server(), await server()]
    lie(liar, () => ({ providers: inventions(400, [bystander.address]), closer: inventions(400, [bystander.address]) }))
    const gushed = await gush(gusher)
    const before = heap()
    let most = 0
    const looking = setInterval(() => (most = Math.max(most, heap() - before)), 250)
    try {
      assert.deepEqual(await findRelays([liar.address, gusher.address, honest.address], forTheTest()), [relay])
    } finally {
      clearInterval(looking)
    }
    assert.ok(gushed() > 0 && gushed() < 4 * 1024 * 1024, `${gushed()} bytes were taken`)
    assert.ok(most < 24 * 1024 * 1024, `${most} bytes`)
    assert.ok(bystander.calls() < 400, `${bystander.calls()} calls to whom the liar named`)
  })

  it('leads nobody who begins on the internet to this machine or into its networks (attack 88)', async () => {
    const own = ownAddresses().find(({ address }) => isIPv4(address) && reachOf(`/ip4/${address}/tcp/1`) === 'network')
    const inside = ['/ip4/127.0.0.1/tcp/4001', '/ip6/::1/tcp/4001', ...(own ? [`/ip4/${own.address}/tcp/4001`] : [])]
    const led = (entry: string): string[] => inside.filter((address) => typeof judgeAddress(address, undefined, aroundOf([`${entry}/p2p/${SILENT_PEER}`])) !== 'string')
    for (const entry of ['/ip4/8.8.4.4/tcp/4001', '/dns4/relay.example.org/tcp/4001', '/dnsaddr/example.org']) assert.deepEqual(led(entry), [], entry)
    assert.deepEqual(led('/ip4/127.0.0.1/tcp/4001'), inside.slice(0, 2))
    if (own) assert.deepEqual(led(`/ip4/${own.address}/tcp/4001`), inside.slice(2))
  })

  it('takes one relay of a subnet: /16 of IPv4, /32 of IPv6 (attack 79)', async () => {
    const blocks = ['5.9.1.1', '5.9.200.7', '5.10.1.1', '2a00:1:2::1', '2a00:1:ffff::1', '2a00:2::1'].map(blockOf)
    assert.deepEqual(blocks, ['5.9.0.0/16', '5.9.0.0/16', '5.10.0.0/16', '2a00:1::/32', '2a00:1::/32', '2a00:2::/32'])
    const first = await server()
    await announced(first.address)
    await announced(first.address)
    assert.equal((await findRelays([first.address], forTheTest()))?.length, 1)
  })

  it('ends soon with nobody where no entry point answers, and asks nobody where there is none', async () => {
    const before = performance.now()
    assert.equal(await findRelays([await silent()], forTheTest()), undefined)
    assert.ok(performance.now() - before < 20_000)
    assert.equal(await findRelays([], forTheTest()), undefined)
  })

  it('begins only at peers with an Ed25519 key (attack 85)', () => {
    for (const text of WELL_KNOWN) assert.ok(isEntryPoint(text))
    assert.ok(isEntryPoint(`/ip4/198.18.0.1/tcp/4001/p2p/${SILENT_PEER}`) === false, 'reserved')
    for (const text of ['/ip4/8.8.4.4/tcp/4001', '/ip4/8.8.4.4/tcp/4001/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN', 'relay']) assert.equal(isEntryPoint(text), false)
  })
})
