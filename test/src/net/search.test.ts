/** A small DHT of the public kind on loopback, a relay that announces itself there, and somebody who knows neither. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { type KadDHT, kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create } from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { announceRelay, findRelays, WELL_KNOWN } from '../../../src/net/index.ts'
import { isEntryPoint } from '../../../src/net/search/entry-points.ts'
import { RELAYS_KEY } from '../../../src/net/search/relays-key.ts'
import { startRelay } from './mailbox-support.ts'
import { cleanup, LOOPBACK, nextSeed, stopAll, until } from './support.ts'

const SILENT_PEER = WELL_KNOWN[0]?.split('/p2p/')[1] ?? ''

async function server(entry?: string): Promise<{ node: Libp2p<{ dht: KadDHT }>; address: string }> {
  const node = (await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', nextSeed()),
    addresses: { listen: [LOOPBACK] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { ping: ping(), identify: identify(), dht: kadDHT({ protocol: '/ipfs/kad/1.0.0', clientMode: false, peerInfoMapper: (peer) => peer }) },
  } as never)) as unknown as Libp2p<{ dht: KadDHT }>
  cleanup(async () => node.stop())
  if (entry !== undefined) await node.dial(multiaddr(entry))
  return { node, address: node.getMultiaddrs()[0]?.toString() ?? '' }
}

/** Takes connections and never says a word. */
async function silent(): Promise<string> {
  const sockets: Socket[] = []
  const listener = createServer((socket) => void sockets.push(socket.on('error', () => {})))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  cleanup(async () => {
    for (const socket of sockets) socket.destroy()
    listener.close()
  })
  return `/ip4/127.0.0.1/tcp/${(listener.address() as AddressInfo).port}/p2p/${SILENT_PEER}`
}

const forTheTest = (): AbortSignal => AbortSignal.timeout(60_000)

describe('the search for relays', function () {
  this.timeout(120_000)
  afterEach(stopAll)

  it('finds one that announced itself, past an entry point that hangs and peers that only claim to be relays (attack 78)', async () => {
    const first = await server()
    const others = [await server(first.address), await server(first.address)]
    for (const { node } of others) {
      for await (const _ of node.services.dht.provide(CID.createV1(raw.code, create(sha256.code, RELAYS_KEY)), { signal: forTheTest() }));
    }
    const seed = nextSeed()
    const relay = await startRelay({}, { seed })
    const announcing = announceRelay({ seed, entryPoints: [first.address], addresses: relay.addresses })
    cleanup(async () => announcing.stop())
    await until(() => announcing.announced, 'the announcement')

    const found = await findRelays([await silent(), first.address], forTheTest())
    assert.deepEqual(found, [{ peer: relay.peer, addresses: relay.addresses }])
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
