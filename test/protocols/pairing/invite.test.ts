import assert from 'node:assert/strict'
import { base32nopad } from '@scure/base'
import fc from 'fast-check'
import { encodeInvite, type Invite, InviteError, inviteId, MAX_ADDRESSES, MAX_TEXT, parseInvite } from '../../../protocols/pairing/index.ts'
import { noble } from '../../../protocols/suite/index.ts'

const NOW = 1_800_000_000_000
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

const host = fc.oneof(
  fc.ipV4().map((ip) => `/ip4/${ip}`),
  fc.ipV6().map((ip) => `/ip6/${ip}`),
  fc.domain().map((name) => `/dns4/${name}`),
  fc.constant('/dns/RELAY.example'),
  fc.constant('/ip6zone/eth0/ip6/fe80::1'),
)
const address = fc
  .tuple(
    host,
    fc.constantFrom('/tcp/', '/udp/'),
    fc.nat(70_000),
    fc.constantFrom('', '/ws', '/wss', '/tls/ws', '/quic-v1', '/webrtc-direct', '/ws/p2p/12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt/p2p-circuit'),
  )
  .map((parts) => parts.join(''))
  .filter((text) => text.length < 199 && /^[A-Za-z0-9./:_=~+-]+$/.test(text))

const invites: fc.Arbitrary<Invite> = fc.record(
  {
    kind: fc.constant('contact' as const),
    device: bytes(32),
    bundleHash: bytes(32),
    secret: bytes(16),
    expires: fc.integer({ min: NOW / 1000 + 1, max: 0xffffffff }),
    inPerson: fc.boolean(),
    addresses: fc.array(address, { maxLength: MAX_ADDRESSES }),
  },
  { noNullPrototype: true },
)

const plain: Invite = {
  kind: 'contact',
  device: new Uint8Array(32).fill(7),
  bundleHash: new Uint8Array(32).fill(2),
  secret: new Uint8Array(16).fill(3),
  expires: NOW / 1000 + 600,
  inPerson: true,
  addresses: ['/ip4/192.0.2.7/tcp/4001', '/ip4/192.0.2.7/tcp/4002/ws', '/ip6/2001:db8::1/tcp/4001'],
}
const text = encodeInvite(plain)
const payload = text.slice('DURE:'.length)

const codeOf = (link: string, now = NOW): string => {
  try {
    parseInvite(link, now)
    return 'accepted'
  } catch (error) {
    if (error instanceof InviteError) return error.code
    throw error
  }
}

describe('an invite', () => {
  it('comes back from its text as it was', () => {
    fc.assert(fc.property(invites, (invite) => assert.deepEqual(parseInvite(encodeInvite(invite), NOW), invite)))
  })

  it('has one text only: what parses encodes to the same characters', () => {
    fc.assert(
      fc.property(bytes(160), fc.nat(72), (noise, length) => {
        const table = new Uint8Array(88 + length)
        table.set(noise.subarray(0, table.length))
        table.set([1, 1, 1, 0xff])
        table[87] = length < 2 ? 0 : 1
        if (length >= 2) table.set([length - 1, (noise[0] as number) % 16], 88)
        const link = `DURE:${base32nopad.encode(table)}`
        if (codeOf(link) === 'accepted') assert.equal(encodeInvite(parseInvite(link, NOW)), link)
      }),
      { numRuns: 2000 },
    )
  })

  it('with three addresses fits a QR code of version 8 in alphanumeric mode', () => {
    assert.match(text, /^[0-9A-Z $%*+\-./:]+$/)
    assert.ok(text.length <= 221, `${text.length}`) // version 8 with medium error correction holds 221
  })

  it('never carries the peer id of its own device', () => {
    const own = '/p2p/12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt' // of the key 07 07 07 ...
    const addresses = [`/ip4/192.0.2.7/tcp/4001${own}`]
    assert.deepEqual(parseInvite(encodeInvite({ ...plain, addresses }), NOW).addresses, ['/ip4/192.0.2.7/tcp/4001'])
    const other = '/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
    assert.throws(() => encodeInvite({ ...plain, addresses: [`/ip4/192.0.2.7/tcp/4001${other}`] }), { name: 'InviteError', code: 'malformed' })
  })

  it('refuses to be made with what it cannot carry', () => {
    const wrong: Partial<Invite>[] = [
      { device: new Uint8Array(31) },
      { bundleHash: new Uint8Array(64) },
      { secret: new Uint8Array(32) },
      { addresses: Array<string>(MAX_ADDRESSES + 1).fill('/ip4/192.0.2.7/tcp/1') },
      { addresses: [''] },
      { addresses: ['192.0.2.7:4001'] },
      { addresses: [`/dns4/${'a'.repeat(200)}/tcp/1`] },
      { addresses: [`${'/ip6/::'.repeat(28)}`] },
    ]
    for (const change of wrong) assert.throws(() => encodeInvite({ ...plain, ...change }), { name: 'InviteError', code: 'malformed' })
  })

  it('may be in lower case and have white space around it', () => {
    for (const link of [text.toLowerCase(), `dure:${payload}`, ` \n\t${text}\r\n`]) assert.deepEqual(parseInvite(link, NOW), plain)
  })

  it('expires by the clock it is given (attack 34)', () => {
    assert.equal(codeOf(text, plain.expires * 1000 - 1), 'accepted')
    assert.equal(codeOf(text, plain.expires * 1000), 'expired')
    assert.equal(codeOf(text, NOW + 10 * 365 * 24 * 3600 * 1000), 'expired')
  })

  it('of another kind is told apart and never taken for a contact (attacks 34, 35)', () => {
    for (const [code, kind] of [[2, 'device'], [3, 'channel'], [4, 'group']] as const) {
      const table = base32nopad.decode(payload)
      table[1] = code
      assert.throws(() => parseInvite(`DURE:${base32nopad.encode(table)}`, NOW), { code: 'other-kind', kind })
    }
  })

  const hostile: [string, string, string][] = [
    ['an authority', `dure://${payload}`, 'malformed'],
    ['userinfo', `dure://user:pass@${payload}`, 'malformed'],
    ['userinfo without slashes', `dure:user@${payload}`, 'malformed'],
    ['a host that looks like the scheme', `https://dure:${payload}@example.org/`, 'not-dure'],
    ['a scheme inside another', `javascript:dure:${payload}`, 'not-dure'],
    ['a query', `${text}?next=evil`, 'malformed'],
    ['a fragment', `${text}#evil`, 'malformed'],
    ['a percent escape', text.replace('A', '%41'), 'malformed'],
    ['a doubled percent escape', text.replace('A', '%2541'), 'malformed'],
    ['an escaped scheme', `%44URE:${payload}`, 'not-dure'],
    ['an escaped colon', `DURE%3A${payload}`, 'not-dure'],
    ['a plus for a space', `${text}+`, 'malformed'],
    ['a dotless i, whose upper case is I', `${text.toLowerCase()}ı`, 'malformed'],
    ['a long s, whose upper case is S', `${text.toLowerCase()}ſ`, 'malformed'],
    ['a Kelvin sign, whose lower case is k', `${text}\u212a`, 'malformed'],
    ['full-width letters', `ＤＵＲＥ:${payload}`, 'not-dure'],
    ['a Cyrillic scheme', `DURЕ:${payload}`, 'not-dure'],
    ['a full-width colon', `DURE：${payload}`, 'not-dure'],
    ['a zero-width joiner', `${text.slice(0, 40)}\u200d${text.slice(40)}`, 'malformed'],
    ['a right-to-left override', `\u202e${text}`, 'not-dure'],
    ['a byte order mark', `\ufeff${text}`, 'not-dure'],
    ['a no-break space in front', `\u00a0${text}`, 'not-dure'],
    ['a line break inside', `${text.slice(0, 40)}\n${text.slice(40)}`, 'malformed'],
    ['two invites', `${text} ${text}`, 'malformed'],
    ['a null character', `${text}\0`, 'malformed'],
    ['padding', `${text}====`, 'malformed'],
    ['a digit outside base32', text.replace(/[A-Z]$/, '1'), 'malformed'],
    ['mixed case', `DURE:${payload.slice(0, 50)}${payload.slice(50).toLowerCase()}`, 'malformed'],
    ['a character more', `${text}A`, 'malformed'],
    ['a character less', text.slice(0, -1), 'malformed'],
    ['nothing but the scheme', 'DURE:', 'malformed'],
    ['nothing', '', 'not-dure'],
    ['a web page', 'https://example.org/', 'not-dure'],
    ['a Wi-Fi code', 'WIFI:T:WPA;S:net;P:secret;;', 'not-dure'],
    ['an overlong payload', `DURE:${'A'.repeat(MAX_TEXT + 65)}`, 'too-long'],
    ['a hundred megabytes of blanks', ' '.repeat(100_000_000), 'too-long'],
  ]
  for (const [name, link, code] of hostile) {
    it(`refuses a link with ${name} (attacks 36, 37)`, () => assert.equal(codeOf(link), code))
  }

  it('refuses anything else without any other error (attack 36)', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (noise) => assert.notEqual(codeOf(noise), 'accepted')))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), (noise) => assert.notEqual(codeOf(`DURE:${base32nopad.encode(noise)}`), 'accepted')))
  })

  it('refuses or differs with any one character changed', () => {
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === 'B' ? 'C' : 'B') + text.slice(at + 1)
      try {
        assert.notDeepEqual(parseInvite(changed, NOW), plain)
      } catch (error) {
        assert.ok(error instanceof InviteError, String(error))
      }
    }
  })

  it('is talked about by an id that depends on the secret alone', () => {
    assert.equal(inviteId(noble, plain.secret).length, 16)
    assert.notDeepEqual(inviteId(noble, plain.secret), inviteId(noble, new Uint8Array(16)))
  })
})
