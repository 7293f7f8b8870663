import assert from 'node:assert/strict'
import { judgeCircuit, reachOf, type Surroundings, throughRelays } from '../../../src/net/addresses.ts'
import { MAX_CIRCUITS_TO_DIAL } from '../../../src/net/limits.ts'
import { withPorts } from '../../../src/relay/ports.ts'

const RELAY = '12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt'
const DEVICE = '12D3KooWPuRiaCbMgJeEb7TG8CpUrYnDzKQKoWrnp7Dq6yh6RZLm'
const OTHER = '12D3KooWMLnab22wx4vMUXBP92YWrZorKkwXiuNUKj46VpU3S5Fd'
const outside: Surroundings = { own: [{ address: '198.51.100.7', prefix: 24 }], loopback: false }
const onLoopback: Surroundings = { own: [], loopback: true }

describe('a way through a relay', () => {
  const taken: readonly [text: string, host: string, around: Surroundings][] = [
    [`/ip4/5.9.1.1/tcp/4001/p2p/${RELAY}/p2p-circuit`, '5.9.1.1', outside],
    [`/ip4/5.9.1.1/tcp/4002/ws/p2p/${RELAY}/p2p-circuit/p2p/${DEVICE}`, '5.9.1.1', outside],
    [`/dns4/relay.example.org/tcp/443/tls/ws/p2p/${RELAY}/p2p-circuit`, 'relay.example.org', outside],
    [`/ip4/127.0.0.1/tcp/4001/p2p/${RELAY}/p2p-circuit`, '127.0.0.1', onLoopback],
  ]
  for (const [text, host, around] of taken) {
    it(`is taken: ${text.slice(0, 40)}`, () => {
      const circuit = judgeCircuit(text, DEVICE, around)
      assert.ok(typeof circuit !== 'string', String(circuit))
      assert.equal(circuit.relay, RELAY)
      assert.equal(circuit.target.host, host)
      assert.ok(!circuit.target.address.toString().includes('p2p'))
    })
  }

  const refused: readonly [what: string, text: string, why: string][] = [
    ['a relay on loopback', `/ip4/127.0.0.1/tcp/4001/p2p/${RELAY}/p2p-circuit`, 'loopback'],
    ['a relay inside somebody else’s network', `/ip4/192.168.1.1/tcp/4001/p2p/${RELAY}/p2p-circuit`, 'private'],
    ['a relay at a reserved address', `/ip4/169.254.169.254/tcp/4001/p2p/${RELAY}/p2p-circuit`, 'reserved'],
    ['a relay at a local name', `/dns4/router.local/tcp/4001/p2p/${RELAY}/p2p-circuit`, 'private'],
    ['two relays in a row', `/ip4/5.9.1.1/tcp/4001/p2p/${RELAY}/p2p-circuit/p2p/${OTHER}/p2p-circuit`, 'transport'],
    ['a relay without a key', '/ip4/5.9.1.1/tcp/4001/p2p-circuit', 'transport'],
    ['a relay with a key of another kind', '/ip4/5.9.1.1/tcp/4001/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N/p2p-circuit', 'transport'],
    ['no relay', '/ip4/5.9.1.1/tcp/4001', 'transport'],
    ['another device', `/ip4/5.9.1.1/tcp/4001/p2p/${RELAY}/p2p-circuit/p2p/${OTHER}`, 'other-device'],
    ['the device itself', `/ip4/5.9.1.1/tcp/4001/p2p/${DEVICE}/p2p-circuit`, 'other-device'],
    ['more than an address', `/dns4/${'a.'.repeat(200)}org/tcp/1/p2p/${RELAY}/p2p-circuit`, 'malformed'],
  ]
  for (const [what, text, why] of refused) {
    it(`is refused: ${what} (attack 88)`, () => assert.equal(judgeCircuit(text, DEVICE, outside), why))
  }

  it('is tried once for each address, and not more than a few', () => {
    const hints = Array.from({ length: 20 }, (_, i) => `/ip4/5.9.1.${i >> 1}/tcp/4001/p2p/${RELAY}/p2p-circuit`)
    const circuits = throughRelays([...hints, 'nonsense'], DEVICE, outside)
    assert.equal(circuits.length, MAX_CIRCUITS_TO_DIAL)
    assert.deepEqual(circuits.map(({ target }) => target.host), ['5.9.1.0', '5.9.1.1', '5.9.1.2', '5.9.1.3'])
  })
})

describe('where an address can be reached from', () => {
  for (const [address, reach] of [
    ['/dns4/relay.example.org/tcp/443/tls/ws', 'name'], ['/ip4/5.9.1.1/tcp/1', 'internet'], ['/ip6/2a01:4f8::1/tcp/1', 'internet'], ['/ip4/10.0.0.1/tcp/1', 'network'],
    ['/ip4/100.64.0.1/tcp/1', 'network'], ['/ip4/127.0.0.1/tcp/1', 'machine'], ['/ip6/fe80::1/tcp/1', undefined], ['/ip4/0.0.0.0/tcp/1', undefined],
  ] as const) {
    it(`${address}: ${reach ?? 'nowhere'}`, () => assert.equal(reachOf(address), reach))
  }
})

describe('the ports of a relay', () => {
  it('that were left open are kept as they were chosen', () => {
    const listening = ['/ip4/127.0.0.1/tcp/5001', '/ip4/10.0.0.1/tcp/5001', '/ip4/127.0.0.1/tcp/5002/ws', '/ip6/::1/tcp/5003']
    assert.deepEqual(
      withPorts(['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws', '/ip6/::/tcp/0', '/ip6/::/tcp/0/ws', '/ip4/0.0.0.0/tcp/4001'], listening),
      ['/ip4/0.0.0.0/tcp/5001', '/ip4/0.0.0.0/tcp/5002/ws', '/ip6/::/tcp/5003', '/ip6/::/tcp/0/ws', '/ip4/0.0.0.0/tcp/4001'],
    )
  })
})
