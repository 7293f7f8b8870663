/** Where a node is asked to listen and cannot. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { openssl, secureRandom } from '../../../src/crypto/index.ts'
import { createCourier, createGossip, createRelayNode, isListenable } from '../../../src/net/index.ts'
import { cleanup, LOOPBACK, nextSeed, silent, stopAll } from './support.ts'

/** Belongs to documentation (RFC 5737): no machine has it. */
const ELSEWHERE = '/ip4/192.0.2.7/tcp/0'

async function taken(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  cleanup(() => void server.close())
  await once(server, 'listening')
  return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
}

describe('an address to listen at', () => {
  afterEach(stopAll)

  for (const address of ['/ip4/0.0.0.0/tcp/4001', '/ip4/127.0.0.1/tcp/0/ws', '/ip6/::1/tcp/4001', '/dns4/localhost/tcp/4001']) {
    it(`can be ${address}`, () => assert.ok(isListenable(address)))
  }
  for (const address of ['hello', '127.0.0.1:4001', '/ip4/127.0.0.1', '/ip4/127.0.0.1/tcp/65536', '/ip4/300.0.0.1/tcp/1', '/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/tcp/1/p2p-circuit', '']) {
    it(`cannot be "${address}"`, () => assert.equal(isListenable(address), false))
  }

  it('that somebody has, or that is none of this machine, is named with what is wrong with it, by a device, a channel node and a relay', async () => {
    const there = await taken()
    const listen = [LOOPBACK, there, ELSEWHERE]
    const courier = createCourier({ seed: nextSeed(), listen, mdns: false, log: silent })
    courier.serve({} as Parameters<typeof courier.serve>[0])
    const gossip = createGossip({ seed: nextSeed(), suite: openssl, random: secureRandom, listen: async () => listen, mdns: false, dht: 'off', log: silent })
    gossip.serve({} as Parameters<typeof gossip.serve>[0])
    const relay = await createRelayNode({ seed: nextSeed(), listen, announce: [], perHost: 1, parts: [] })
    for (const node of [courier, gossip, relay]) {
      await assert.rejects(async () => node.start(), {
        name: 'ListenError',
        code: 'cannot-listen',
        message: `cannot listen at ${there}: the port is taken; ${ELSEWHERE}: this machine has no such address`,
      })
    }
  })

  it('that was taken can be listened at when it is free', async () => {
    const there = await taken()
    const gossip = createGossip({ seed: nextSeed(), suite: openssl, random: secureRandom, listen: async () => [there], mdns: false, dht: 'off', log: silent })
    gossip.serve({ addressesChanged: () => undefined } as unknown as Parameters<typeof gossip.serve>[0])
    await assert.rejects(gossip.start(), { code: 'cannot-listen' })
    await stopAll()
    await gossip.start()
    assert.deepEqual(gossip.addresses(), [there])
    await gossip.stop()
  })
})
