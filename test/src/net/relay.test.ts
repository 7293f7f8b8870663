/** A relay and couriers that can only meet through it, on loopback; raw libp2p peers that attack it. */
import assert from 'node:assert/strict'
import { stopAll, cleanup, code, LOOPBACK, nextSeed, party, until, type Party } from './support.ts'
import { createRelayNode, type RelayNode } from '../../../src/net/index.ts'
import type { RelayAt } from '../../../src/messenger/ports.ts'

const MANY = 1000

async function relayNode(perHost = MANY, seed = nextSeed(), listen = [LOOPBACK]): Promise<RelayNode> {
  const relay = await createRelayNode({ seed, listen, announce: [], perHost, parts: [] })
  await relay.start()
  cleanup(() => relay.stop().then(() => {}))
  return relay
}

const at = (relay: RelayNode): RelayAt => ({ peer: relay.key, addresses: relay.addresses() })

/** Somebody who listens nowhere and calls only through relays. */
async function behind(relays: readonly RelayNode[], over: Parameters<typeof party>[0] = {}): Promise<Party> {
  const made = await party(over)
  await made.courier.hideAddress(true)
  made.courier.useRelays(relays.map(at))
  return made
}

const reserved = (made: Party, count = 1): Promise<void> =>
  until(() => made.courier.relays().filter(({ state }) => state === 'reserved').length === count, 'a place at the relay')

describe('two couriers and a relay', () => {
  afterEach(stopAll)

  it('talk through it when neither can be called', async () => {
    const relay = await relayNode()
    const [ann, bob] = [await behind([relay]), await behind([relay])]
    await reserved(bob)
    const addresses = bob.courier.addresses()
    assert.equal(addresses.length, 1)
    assert.match(addresses[0] ?? '', /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3\w+\/p2p-circuit$/)
    assert.equal(await ann.courier.send(bob.device, addresses, new Uint8Array(4096).fill(7)), 'stored')
    assert.equal(bob.got.length, 1)
    assert.deepEqual([...await ann.courier.pairing(bob.device, addresses, new Uint8Array([1, 2]))], [1, 2])
    assert.deepEqual(bob.announcements.at(-1), addresses)
    assert.equal(bob.courier.peerCount(), 1, 'the relay is not a device')
    const { relay: figures } = relay.status()
    assert.equal(figures?.reservations, 2)
    assert.ok((figures?.bytes_total ?? 0) > 4096)
  })
  it('leave it alone where one can be called', async () => {
    const relay = await relayNode()
    const [ann, bob] = [await party(), await party()]
    for (const { courier } of [ann, bob]) courier.useRelays([at(relay)])
    await reserved(bob)
    const addresses = bob.courier.addresses()
    assert.deepEqual(addresses.map(address => address.includes('p2p-circuit')), [false, true])
    await Promise.all([1, 2, 3].map(n => ann.courier.send(bob.device, addresses, Uint8Array.of(n))))
    assert.deepEqual(bob.got.map(bytes => bytes[0]), [1, 2, 3])
    assert.equal(relay.status().relay?.circuits_opened_total, 0)
  })

  it('meet there when nobody answers at the addresses one had', async () => {
    const relay = await relayNode()
    const [ann, bob] = [await party(), await behind([relay])]
    await reserved(bob)
    const gone = await party()
    const before = [...gone.courier.addresses()]
    await gone.courier.stop()
    assert.equal(await ann.courier.send(bob.device, [...before, ...bob.courier.addresses()], Uint8Array.of(1)), 'stored')
  })

  it('are not found at the addresses they had before they hid', async () => {
    const relay = await relayNode()
    const [ann, bob] = [await party(), await party()]
    bob.courier.useRelays([at(relay)])
    await reserved(bob)
    const before = bob.courier.addresses().filter(address => !address.includes('p2p-circuit'))
    assert.equal(await ann.courier.send(bob.device, before, Uint8Array.of(1)), 'stored')
    await bob.courier.hideAddress(true)
    await until(() => !ann.courier.connected(bob.device), 'hung up')
    await assert.rejects(ann.courier.send(bob.device, before, Uint8Array.of(2)), code('unreachable'))
    await reserved(bob)
    assert.ok(bob.courier.addresses().every(address => address.endsWith('/p2p-circuit')))
    await assert.rejects(bob.courier.send(ann.device, ann.courier.addresses(), Uint8Array.of(3)), code('unreachable'), 'nor do they call directly')
    await bob.courier.hideAddress(false)
    assert.ok(bob.courier.addresses().some(address => !address.includes('p2p-circuit')))
  })

  it('keep their place when the relay comes back, and strangers may still pair through it', async () => {
    const seed = nextSeed()
    const relay = await relayNode(MANY, seed)
    const bob = await behind([relay], { admits: () => false })
    await reserved(bob)
    const ann = await behind([relay])
    await reserved(ann)
    assert.deepEqual([...await ann.courier.pairing(bob.device, bob.courier.addresses(), Uint8Array.of(9))], [9])
    await assert.rejects(ann.courier.send(bob.device, bob.courier.addresses(), Uint8Array.of(1)), code('refused', 'unreachable'))
    const listen = relay.addresses()
    await relay.stop()
    await until(() => bob.courier.addresses().length === 0, 'no place')
    await relayNode(MANY, seed, [...listen])
    await reserved(bob)
  })
})
