import assert from 'node:assert/strict'
import { base32nopad } from '@scure/base'
import fc from 'fast-check'
import { encodeRelayLink, InviteError, MAX_RELAY_ADDRESSES, parseChannelLink, parseInvite, parseRelayLink, type RelayLink } from '../../../protocols/pairing/index.ts'

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const address = fc
  .tuple(fc.oneof(fc.ipV4().map((ip) => `/ip4/${ip}`), fc.constant('/dns4/relay.example.org')), fc.nat(65_535), fc.constantFrom('', '/ws', '/tls/ws'))
  .map(([host, port, end]) => `${host}/tcp/${port}${end}`)
const links: fc.Arbitrary<RelayLink> = fc.record(
  { key: bytes, addresses: fc.array(address, { minLength: 1, maxLength: MAX_RELAY_ADDRESSES }) },
  { noNullPrototype: true },
)
const key = new Uint8Array(32).fill(7)

describe('a link to a relay', () => {
  it('comes back from its text as it was, also in lower case and with white space around it', () => {
    fc.assert(
      fc.property(links, (link) => {
        const text = encodeRelayLink(link)
        assert.deepEqual(parseRelayLink(text), link)
        assert.deepEqual(parseRelayLink(` \n${text.toLowerCase()}\r\n`), link)
      }),
    )
  })

  it('has one text only: what parses encodes to the same characters', () => {
    fc.assert(
      fc.property(links, fc.nat(), fc.nat(255), (link, place, byte) => {
        const table = base32nopad.decode(encodeRelayLink(link).slice('DURE:'.length))
        table[place % table.length] = byte
        const text = `DURE:${base32nopad.encode(table)}`
        try {
          assert.equal(encodeRelayLink(parseRelayLink(text)), text)
        } catch (error) {
          assert.ok(error instanceof InviteError, String(error))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('is neither an invite nor a channel (attacks 34, 35)', () => {
    const text = encodeRelayLink({ key, addresses: ['/ip4/192.0.2.7/tcp/4001'] })
    for (const parse of [() => parseInvite(text, 0), () => parseChannelLink(text)]) {
      assert.throws(parse, { name: 'InviteError', code: 'other-kind', kind: 'relay' })
    }
  })

  it('does not repeat the relay\'s own id, and is not made without a way to reach it', () => {
    const own = '/p2p/12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt' // of the key 07 07 07 ...
    assert.deepEqual(parseRelayLink(encodeRelayLink({ key, addresses: [`/ip4/192.0.2.7/tcp/4001${own}`] })).addresses, ['/ip4/192.0.2.7/tcp/4001'])
    const malformed = { name: 'InviteError', code: 'malformed' }
    assert.throws(() => encodeRelayLink({ key, addresses: [] }), malformed)
    assert.throws(() => encodeRelayLink({ key, addresses: Array.from({ length: 9 }, (_, i) => `/tcp/${i}`) }), malformed)
    assert.throws(() => encodeRelayLink({ key, addresses: ['nonsense'] }), malformed)
    assert.throws(() => encodeRelayLink({ key: key.slice(1), addresses: ['/tcp/1'] }), malformed)
  })

  it('with four addresses fits a QR code of version 7 in alphanumeric mode', () => {
    const addresses = ['/ip4/192.0.2.7/tcp/4001', '/ip4/192.0.2.7/tcp/4002/ws', '/ip6/2001:db8::1/tcp/4001', '/ip6/2001:db8::1/tcp/4002/ws']
    assert.ok(encodeRelayLink({ key, addresses }).length <= 178) // version 7 with medium error correction holds 178
  })
})
