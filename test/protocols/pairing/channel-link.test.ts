import assert from 'node:assert/strict'
import { base32nopad } from '@scure/base'
import fc from 'fast-check'
import { type ChannelLink, encodeChannelLink, InviteError, MAX_LINK_PEERS, MAX_PEER_ADDRESSES, MAX_TEXT, parseChannelLink, parseInvite } from '../../../protocols/pairing/index.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const address = fc.tuple(fc.oneof(fc.ipV4().map((ip) => `/ip4/${ip}`), fc.constant('/dns4/node.example.org')), fc.nat(65_535), fc.constantFrom('', '/ws')).map(([host, port, end]) => `${host}/tcp/${port}${end}`)
const links: fc.Arbitrary<ChannelLink> = fc.record(
  {
    channel: bytes(32),
    peers: fc.array(fc.record({ key: bytes(32), addresses: fc.array(address, { maxLength: MAX_PEER_ADDRESSES }) }, { noNullPrototype: true }), { maxLength: MAX_LINK_PEERS }),
  },
  { noNullPrototype: true },
)
const channel = new Uint8Array(32).fill(7)
const peer = { key: new Uint8Array(32).fill(7), addresses: ['/ip4/192.0.2.7/tcp/4001', '/ip4/192.0.2.7/tcp/4002/ws', '/ip6/2001:db8::1/tcp/4001'] }

describe('a link to a channel', () => {
  it('comes back from its text as it was, also in lower case and with white space around it', () => {
    fc.assert(
      fc.property(links, (link) => {
        const text = encodeChannelLink(link)
        assert.deepEqual(parseChannelLink(text), link)
        assert.deepEqual(parseChannelLink(` \n${text.toLowerCase()}\r\n`), link)
      }),
    )
  })

  it('has one text only: what parses encodes to the same characters', () => {
    fc.assert(
      fc.property(links, fc.nat(), fc.nat(255), (link, place, byte) => {
        const table = base32nopad.decode(encodeChannelLink(link).slice('DURE:'.length))
        table[place % table.length] = byte
        const text = `DURE:${base32nopad.encode(table)}`
        try {
          assert.equal(encodeChannelLink(parseChannelLink(text)), text)
        } catch (error) {
          assert.ok(error instanceof InviteError, String(error))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('is no invite to a contact, however long it is (attacks 34, 35)', () => {
    const long = { key: channel, addresses: Array.from({ length: 4 }, (_, i) => `/dns4/${'a'.repeat(170)}/tcp/${i}`) }
    for (const peers of [[], [peer], [long, long, long]]) {
      assert.throws(() => parseInvite(encodeChannelLink({ channel, peers }), 0), { name: 'InviteError', code: 'other-kind', kind: 'channel' })
    }
  })

  it('to two peers fits a QR code of version 10 in alphanumeric mode', () => {
    const text = encodeChannelLink({ channel, peers: [peer, peer] })
    assert.ok(text.length <= 311, `${text.length}`) // version 10 with medium error correction holds 311
  })

  it('leaves out hints rather than not to be made', () => {
    const own = '/p2p/12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt' // of the key 07 07 07 ...
    const addresses = ['/ip4/user@host/tcp/1', 'nonsense', `/ip4/192.0.2.7/tcp/4001${own}`, `/dns4/${'a'.repeat(300)}/tcp/1`, '/tcp/1', '/tcp/2', '/tcp/3', '/tcp/4']
    const six = Array.from({ length: 6 }, () => ({ key: peer.key, addresses }))
    const { peers } = parseChannelLink(encodeChannelLink({ channel, peers: six }))
    assert.equal(peers.length, MAX_LINK_PEERS)
    assert.deepEqual(peers[0], { key: peer.key, addresses: ['/ip4/192.0.2.7/tcp/4001', '/tcp/1', '/tcp/2', '/tcp/3'] })
  })

  it('keeps to one QR code, with the first peers of those that are too many', () => {
    const long = Array.from({ length: 4 }, (_, i) => ({ key: new Uint8Array(32).fill(i), addresses: Array.from({ length: 4 }, (_, j) => `/dns4/${'a'.repeat(170)}/tcp/${j}`) }))
    const text = encodeChannelLink({ channel, peers: long })
    assert.ok(text.length <= MAX_TEXT)
    assert.deepEqual(parseChannelLink(text).peers, long.slice(0, 3))
  })

  it('is not made of an id or a key of another length', () => {
    assert.throws(() => encodeChannelLink({ channel: new Uint8Array(64), peers: [] }), { name: 'InviteError', code: 'malformed' })
    assert.throws(() => encodeChannelLink({ channel, peers: [{ key: new Uint8Array(33), addresses: [] }] }), { name: 'InviteError', code: 'malformed' })
  })
})
