import assert from 'node:assert/strict'
import { announced, dialable, hostOf, judgeAddress, type Surroundings, subnetOf } from '../../../src/net/addresses.ts'
import { peerIdOf } from '../../../src/net/device-key.ts'
import { MAX_ADDRESSES_TO_DIAL, MAX_ANNOUNCED } from '../../../src/net/limits.ts'
import { withoutNames } from '../../../src/net/search/entry-points.ts'
import { asksForLoopback, resolveTarget } from '../../../src/net/surroundings.ts'
import { keyOf, nextSeed } from './support.ts'

const outside: Surroundings = { own: [{ address: '198.18.0.1', prefix: 32 }], loopback: false }
const home: Surroundings = {
  own: [{ address: '192.168.1.20', prefix: 24 }, { address: 'fd12:3456::20', prefix: 64 }, { address: '100.101.102.103', prefix: 32 }, { address: '127.0.0.1', prefix: 8 }],
  loopback: false,
}
const testing: Surroundings = { own: [], loopback: true }

const judge = (address: string, around: Surroundings, device?: string): string => {
  const verdict = judgeAddress(address, device, around)
  return typeof verdict === 'string' ? verdict : 'allowed'
}

describe('the address policy (attack 88)', () => {
  const table: [address: string, outside: string, home: string, testing: string][] = [
    ['/ip4/93.184.216.34/tcp/4001', 'allowed', 'allowed', 'allowed'],
    ['/ip4/93.184.216.34/tcp/443/tls/ws', 'allowed', 'allowed', 'allowed'],
    ['/ip4/93.184.216.34/tcp/80/ws', 'allowed', 'allowed', 'allowed'],
    ['/ip6/2606:2800:220:1:248:1893:25c8:1946/tcp/4001', 'allowed', 'allowed', 'allowed'],
    ['/dns4/example.com/tcp/443/wss', 'allowed', 'allowed', 'allowed'],
    ['/dns/example.com/tcp/4001', 'allowed', 'allowed', 'allowed'],
    // loopback
    ['/ip4/127.0.0.1/tcp/4001', 'loopback', 'loopback', 'allowed'],
    ['/ip4/127.255.255.254/tcp/4001/ws', 'loopback', 'loopback', 'allowed'],
    ['/ip6/::1/tcp/4001', 'loopback', 'loopback', 'allowed'],
    ['/ip4/127.0.0.1/tcp/22', 'loopback', 'loopback', 'port'],
    // private
    ['/ip4/192.168.1.77/tcp/4001', 'private', 'allowed', 'private'],
    ['/ip4/192.168.2.77/tcp/4001', 'private', 'private', 'private'],
    ['/ip4/192.168.1.1/tcp/80', 'private', 'port', 'private'],
    ['/ip4/10.0.0.1/tcp/4001', 'private', 'private', 'private'],
    ['/ip4/172.16.0.1/tcp/4001', 'private', 'private', 'private'],
    ['/ip4/172.32.0.1/tcp/4001', 'allowed', 'allowed', 'allowed'],
    ['/ip4/100.64.9.9/tcp/4001', 'private', 'allowed', 'private'],
    ['/ip6/fd12:3456::77/tcp/4001', 'private', 'allowed', 'private'],
    ['/ip6/fd12:3457::77/tcp/4001', 'private', 'private', 'private'],
    // never
    ['/ip4/0.0.0.0/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip4/0.1.2.3/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip4/169.254.169.254/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip4/100.100.100.200/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip4/224.0.0.251/tcp/5353', 'reserved', 'reserved', 'reserved'],
    ['/ip4/255.255.255.255/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/::/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/fe80::1/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/ff02::fb/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/fd00:ec2::254/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/::ffff:127.0.0.1/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/::ffff:7f00:1/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/::127.0.0.1/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/64:ff9b::7f00:1/tcp/4001', 'reserved', 'reserved', 'reserved'],
    ['/ip6/2002:7f00:1::/tcp/4001', 'reserved', 'reserved', 'reserved'],
    // not a transport of ours
    ['/ip4/93.184.216.34/udp/4001/quic-v1', 'transport', 'transport', 'transport'],
    ['/ip4/93.184.216.34/tcp/4001/http', 'transport', 'transport', 'transport'],
    ['/ip4/93.184.216.34', 'transport', 'transport', 'transport'],
    ['/unix/%2Fvar%2Frun%2Fdocker.sock', 'transport', 'transport', 'transport'],
    ['/dnsaddr/example.com', 'transport', 'transport', 'transport'],
    ['/ip4/93.184.216.34/tcp/4001/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit', 'transport', 'transport', 'transport'],
    ['/ip6zone/eth0/ip6/fe80::1/tcp/4001', 'transport', 'transport', 'transport'],
    ['/ip4/93.184.216.34/tcp/0', 'port', 'port', 'port'],
    // names that are no public names
    ['/dns4/localhost/tcp/4001', 'malformed', 'malformed', 'malformed'],
    ['/dns4/localhost./tcp/4001', 'malformed', 'malformed', 'malformed'],
    ['/dns4/127.0.0.1/tcp/4001', 'malformed', 'malformed', 'malformed'],
    ['/dns4/0x7f.1/tcp/4001', 'malformed', 'malformed', 'malformed'],
    ['/dns4/2130706433/tcp/4001', 'malformed', 'malformed', 'malformed'],
    ['/dns4/router.local/tcp/4001', 'private', 'private', 'private'],
    ['/dns4/metadata.google.internal/tcp/4001', 'private', 'private', 'private'],
    ['/dns4/a b.com/tcp/4001', 'malformed', 'malformed', 'malformed'],
    [`/dns4/${'a'.repeat(300)}.com/tcp/4001`, 'malformed', 'malformed', 'malformed'],
    ['', 'transport', 'transport', 'transport'],
    ['http://127.0.0.1/', 'malformed', 'malformed', 'malformed'],
    ['/ip4/127.1/tcp/4001', 'malformed', 'malformed', 'malformed'],
    ['/ip4/0177.0.0.1/tcp/4001', 'malformed', 'malformed', 'malformed'],
  ]
  for (const [address, ...verdicts] of table) {
    it(`judges ${address.slice(0, 60) || 'nothing'}: ${verdicts.join(', ')}`, () => {
      assert.deepEqual([judge(address, outside), judge(address, home), judge(address, testing)], verdicts)
    })
  }

  it('takes no peer id, or the right one, never another', async () => {
    const [device, other] = await Promise.all([keyOf(nextSeed()), keyOf(nextSeed())]).then(keys => keys.map(key => String(peerIdOf(key)))) as [string, string]
    assert.equal(judge(`/ip4/93.184.216.34/tcp/4001/p2p/${device}`, outside, device), 'allowed')
    assert.equal(judge(`/ip4/93.184.216.34/tcp/4001/p2p/${other}`, outside, device), 'other-device')
    const [target] = dialable([`/ip4/93.184.216.34/tcp/4001/p2p/${device}`], device, outside)
    assert.equal(target?.address.toString(), '/ip4/93.184.216.34/tcp/4001')
  })

  it('tries only so many addresses, each once', () => {
    const hints = Array.from({ length: 100 }, (_, i) => `/ip4/93.184.216.${i >> 1}/tcp/4001`)
    const targets = dialable(['/ip4/127.0.0.1/tcp/4001', ...hints], 'x', outside).map(target => target.host)
    assert.deepEqual(targets, Array.from({ length: MAX_ADDRESSES_TO_DIAL }, (_, i) => `93.184.216.${i}`))
  })

  it('judges what a name resolves to, and dials that and not the name', async () => {
    // The only name a machine without network resolves: to loopback.
    const target = (secure: boolean) => {
      const judged = judgeAddress(`/dns4/example.com/tcp/4001${secure ? '/tls/ws' : '/ws'}`, undefined, testing)
      assert.ok(typeof judged !== 'string')
      return { ...judged, host: 'localhost' }
    }
    assert.deepEqual(await resolveTarget(target(false), outside), [])
    assert.deepEqual(await resolveTarget(target(true), outside), [])
    assert.ok((await resolveTarget(target(false), testing)).every(address => /^\/ip[46]\/(127\.0\.0\.1|::1)\/tcp\/4001\/ws$/.test(address)))
    assert.deepEqual(await resolveTarget(target(true), testing), ['/dns4/example.com/tcp/4001/tls/ws'])
  })
})

describe('our own addresses', () => {
  it('are spelled out for who looks up no name at our word: with what the name servers say, never with what lies inside (attack 88)', async () => {
    const find = async (host: string): Promise<{ address: string; family: number }[]> =>
      host === 'relay.example.org' ? [{ address: '93.184.216.34', family: 4 }, { address: '2606:2800:220:1::1', family: 6 }, { address: '127.0.1.1', family: 4 }] : []
    const given = ['/dns4/relay.example.org/tcp/4001', '/dns4/relay.example.org/tcp/4002/ws', '/dns4/gone.example.org/tcp/4001', '/ip4/93.184.216.34/tcp/4001', '/ip4/192.168.1.20/tcp/4001']
    assert.deepEqual(await withoutNames(given, find), [
      '/ip4/93.184.216.34/tcp/4001', '/ip6/2606:2800:220:1::1/tcp/4001', '/ip4/93.184.216.34/tcp/4002/ws', '/ip6/2606:2800:220:1::1/tcp/4002/ws', '/ip4/192.168.1.20/tcp/4001',
    ])
    const named = '/dns4/relay.example.org/tcp/443/tls/ws'
    assert.deepEqual(await withoutNames([named], async () => [{ address: '93.184.216.34', family: 4 }]), [named], 'its certificate is for the name')
  })

  const everything = [
    '/ip4/127.0.0.1/tcp/4001', '/ip6/::1/tcp/4001', '/ip4/192.168.1.20/tcp/4001', '/ip4/93.184.216.34/tcp/4001', '/ip6/fe80::1/tcp/4001', '/ip4/169.254.1.1/tcp/4001',
    '/ip4/0.0.0.0/tcp/4001',
  ]

  it('are given public first, without loopback, link-local or unspecified ones', () => {
    assert.deepEqual(announced(everything, false), ['/ip4/93.184.216.34/tcp/4001', '/ip4/192.168.1.20/tcp/4001'])
  })

  it('include loopback when it was asked for or is all there is', () => {
    assert.deepEqual(announced(['/ip4/127.0.0.1/tcp/1', '/ip4/192.168.1.20/tcp/1'], true), ['/ip4/192.168.1.20/tcp/1', '/ip4/127.0.0.1/tcp/1'])
    assert.deepEqual(announced(['/ip4/127.0.0.1/tcp/1', '/ip6/fe80::1/tcp/1'], false), ['/ip4/127.0.0.1/tcp/1'])
    assert.equal(asksForLoopback(['/ip4/0.0.0.0/tcp/0']), false)
    assert.equal(asksForLoopback(['/ip4/0.0.0.0/tcp/0', '/ip6/::1/tcp/0/ws']), true)
  })

  it('are not too many', () => {
    assert.equal(announced(Array.from({ length: 40 }, (_, i) => `/ip4/93.184.216.${i}/tcp/1`), false).length, MAX_ANNOUNCED)
  })
})

describe('parties behind addresses', () => {
  it('are counted by subnet and by host', () => {
    assert.equal(subnetOf('93.184.216.34'), '93.184.216.0/24')
    assert.equal(subnetOf('::ffff:93.184.216.34'), '93.184.216.0/24')
    assert.equal(subnetOf('2606:2800:220:1::1'), '2606:2800:220::/48')
    assert.equal(subnetOf('::1'), '0:0:0::/48')
    assert.equal(hostOf('93.184.216.34'), '93.184.216.34')
    assert.equal(hostOf('2606:2800:220:1:ffff::1'), '2606:2800:220:1::/64')
  })
})
