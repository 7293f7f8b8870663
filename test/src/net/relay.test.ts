/** A relay and couriers that can only meet through it, on loopback; raw libp2p peers that attack it. */
import assert from 'node:assert/strict'
import { stopAll, cleanup, LOOPBACK, nextSeed, party, until, type Party } from './support.ts'
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
})
