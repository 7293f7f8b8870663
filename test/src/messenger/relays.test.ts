import assert from 'node:assert/strict'
import { encodeRelayLink } from '../../../protocols/pairing/index.ts'
import { World } from '../../support/world.ts'

const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const linkOf = (byte: number, ...addresses: string[]): string => encodeRelayLink({ key: keyOf(byte), addresses: addresses.length > 0 ? addresses : ['/ip4/192.0.2.7/tcp/4001'] })

describe('the relays of a person', () => {
  it('are kept over a restart, and one that moved is renewed', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    assert.deepEqual(ann.messenger.relays(), [])
    const used = await ann.messenger.useRelay(linkOf(0x5e))
    assert.deepEqual([used.id, used.addresses], ['5e5e5e5e', ['/ip4/192.0.2.7/tcp/4001']])
    await ann.messenger.useRelay(linkOf(0x6f))
    await ann.messenger.useRelay(linkOf(0x5e, '/dns4/relay.example.org/tcp/4001'))
    await world.restart(ann)
    assert.deepEqual(ann.messenger.relays().map(({ id, addresses }) => [id, addresses[0]]), [['6f6f6f6f', '/ip4/192.0.2.7/tcp/4001'], ['5e5e5e5e', '/dns4/relay.example.org/tcp/4001']])
    assert.deepEqual(ann.messenger.status().relays, { reserved: 0, used: 2, found: 0 })
  })

  it('are found while the network is public; who chooses a private one gives them up, asks nobody, and does so after a restart', async () => {
    let searches = 0
    const world = new World({
      async relaySearch() {
        searches++
        return [1, 2].map((n) => ({ peer: `${n}`.repeat(64), addresses: [`/ip4/198.51.100.${n}/tcp/4001`] }))
      },
    })
    const ann = await world.person('Ann')
    await world.settle(30_000)
    assert.deepEqual([searches, ann.messenger.status().network, ann.messenger.status().relays], [1, 'public', { reserved: 0, used: 2, found: 2 }])
    await ann.messenger.setNetwork('private')
    assert.deepEqual([ann.messenger.status().network, ann.messenger.relays()], ['private', []])
    await assert.rejects(ann.messenger.findRelays(), { code: 'conflict' })
    await world.restart(ann)
    await world.settle(30_000)
    assert.deepEqual([searches, ann.messenger.status().network, ann.messenger.relays()], [1, 'private', []])
    await ann.messenger.setNetwork('public')
    await world.settle(30_000)
    assert.deepEqual([searches, ann.messenger.relays().length], [2, 2])
  })

  it('are looked for again soon when the network is another one', async () => {
    let searches = 0
    const world = new World({ relaySearch: async () => (searches++, []) })
    const ann = await world.person('Ann')
    await world.settle(6 * 3_600_000, 60_000)
    const before = searches
    await world.settle(20_000)
    assert.equal(searches, before, 'ever more rarely')
    world.network.move(ann.device)
    await world.settle(20_000)
    assert.equal(searches, before + 1)
  })

  it('are looked for as a run was told at its start, whatever is kept, and as it is kept in the next', async () => {
    let searches = 0
    const world = new World({ relaySearch: async () => (searches++, [{ peer: '1'.repeat(64), addresses: ['/ip4/198.51.100.1/tcp/4001'] }]) })
    const ann = await world.person('Ann')
    await world.restart(ann, ann.store, 'private')
    await world.settle(30_000)
    assert.deepEqual([searches, ann.messenger.status().network], [0, 'private'])
    await ann.messenger.setNetwork('private')
    await world.restart(ann, ann.store, 'public')
    await world.settle(30_000)
    assert.deepEqual([searches, ann.messenger.status().network, ann.messenger.relays().length], [1, 'public', 1])
    await world.restart(ann)
    await world.settle(30_000)
    assert.deepEqual([searches, ann.messenger.status().network, ann.messenger.relays()], [1, 'private', []])
  })

  it('are forgotten by an unambiguous start of their key', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    await ann.messenger.useRelay(linkOf(0x5e))
    await ann.messenger.useRelay(encodeRelayLink({ key: Uint8Array.of(0x5e, ...keyOf(0).slice(1)), addresses: ['/tcp/1'] }))
    await assert.rejects(ann.messenger.forgetRelay('5e'), { code: 'ambiguous' })
    await assert.rejects(ann.messenger.forgetRelay('77777777'), { code: 'not-found' })
    await ann.messenger.forgetRelay('5E5E')
    assert.deepEqual(ann.messenger.relays().map(({ id }) => id), ['5e000000'])
  })

  it('are not made of other codes, and not of more than a few', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    const { link } = await ann.messenger.invite({ inPerson: false })
    await assert.rejects(ann.messenger.useRelay(link), { code: 'invite-invalid', hint: 'it is a contact code' })
    await assert.rejects(ann.messenger.pair(linkOf(1), { scanned: false }), { code: 'invite-invalid', hint: 'use it: dure relay use LINK' })
    for (let i = 0; i < 8; i++) await ann.messenger.useRelay(linkOf(i))
    await assert.rejects(ann.messenger.useRelay(linkOf(9)), { code: 'too-large' })
    await ann.messenger.useRelay(linkOf(3))
    assert.equal(ann.messenger.relays().length, 8)
  })

  it('are what one hides behind: not without one, and no invite that leads nowhere', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    await assert.rejects(ann.messenger.setHideAddress(true), { code: 'conflict' })
    await ann.messenger.useRelay(linkOf(0x5e))
    await ann.messenger.setHideAddress(true)
    assert.equal(ann.messenger.status().hideAddress, true)
    assert.deepEqual(ann.messenger.status().addresses, [])
    await assert.rejects(ann.messenger.invite({ inPerson: true }), { code: 'unreachable' })
    await assert.rejects(ann.messenger.forgetRelay('5e5e'), { code: 'conflict' })
    await world.restart(ann)
    assert.equal(ann.messenger.status().hideAddress, true)
    await ann.messenger.setHideAddress(false)
    assert.equal(ann.messenger.status().addresses.length, 1)
    await ann.messenger.forgetRelay('5e5e')
  })
})
