import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createConnections } from '../../../src/net/connections.ts'
import { createDiscovery } from '../../../src/net/discovery.ts'
import { DISCOVERY_BACKOFF, MAX_CONNECTIONS_PER_DEVICE, STRANGER_LIFETIME } from '../../../src/net/limits.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('discovery on the local network', () => {
  function setup(self: string) {
    const dialled: string[] = []
    const later: (() => void)[] = []
    const state = { time: 0, connected: false }
    const found = createDiscovery({
      self,
      admits: device => device !== 'stranger',
      connected: () => state.connected,
      dial: (device, addresses) => void dialled.push(`${device} ${addresses.join()}`),
      now: () => state.time,
      after: (_, run) => void later.push(run),
    })
    return { dialled, later, state, found }
  }

  it('calls a contact at the addresses it was found at, never a stranger or itself', () => {
    const { dialled, found } = setup('a')
    found('b', ['/ip4/10.0.0.2/tcp/1'])
    found('stranger', ['/ip4/10.0.0.3/tcp/1'])
    found('a', ['/ip4/10.0.0.1/tcp/1'])
    assert.deepEqual(dialled, ['b /ip4/10.0.0.2/tcp/1'])
  })

  it('calls once per back-off however often it is found, and not while connected', () => {
    const { dialled, state, found } = setup('a')
    for (let i = 0; i < 100; i++) found('b', [])
    assert.equal(dialled.length, 1)
    state.time += DISCOVERY_BACKOFF
    found('b', [])
    assert.equal(dialled.length, 2)
    state.time += DISCOVERY_BACKOFF
    state.connected = true
    found('b', [])
    assert.equal(dialled.length, 2)
  })

  it('leaves the first call to the smaller key, and calls itself when none comes', () => {
    const [patient, waited] = [setup('z'), setup('z')]
    patient.found('b', [])
    assert.equal(patient.dialled.length, 0)
    patient.later[0]?.()
    assert.equal(patient.dialled.length, 1)
    waited.found('b', [])
    waited.state.connected = true
    waited.later[0]?.()
    assert.equal(waited.dialled.length, 0)
  })
})

describe('the connections of devices', () => {
  const fake = (): Connection & { status: string } => {
    const connection = {
      status: 'open',
      remoteAddr: multiaddr('/ip4/93.184.216.34/tcp/1'),
      abort: () => void (connection.status = 'aborted'),
      close: async () => void (connection.status = 'closed'),
    }
    return connection as unknown as Connection & { status: string }
  }
  function setup(admitted: Set<string>) {
    const told: string[] = []
    const state = { time: 0 }
    const connections = createConnections({
      serves: () => false,
      admits: device => admitted.has(device), appeared: device => void told.push(`+${device}`), vanished: device => void told.push(`-${device}`), now: () => state.time,
    })
    return { told, state, connections }
  }

  it('appear with the first and vanish with the last', async () => {
    const { told, connections } = setup(new Set(['b']))
    const [one, two] = [fake(), fake()]
    connections.add('b', one)
    connections.add('b', two)
    connections.remove('b', one)
    await turn()
    assert.deepEqual(told, ['+b'])
    assert.equal(connections.newest('b'), two)
    connections.remove('b', two)
    await turn()
    assert.deepEqual(told, ['+b', '-b'])
    assert.equal(connections.count(), 0)
  })

  it('are few for one device: the oldest goes', () => {
    const { connections } = setup(new Set(['b']))
    const made = Array.from({ length: MAX_CONNECTIONS_PER_DEVICE + 1 }, fake)
    for (const connection of made) connections.add('b', connection)
    assert.deepEqual(made.map(({ status }) => status), ['aborted', 'open', 'open'])
  })

  it('end for a stranger after its time, and are told of once it is admitted', async () => {
    const admitted = new Set<string>()
    const { told, state, connections } = setup(admitted)
    const [stranger, friend] = [fake(), fake()]
    connections.add('stranger', stranger)
    connections.add('friend', friend)
    assert.equal(connections.strangers().length, 2)
    admitted.add('friend')
    state.time = STRANGER_LIFETIME + 1
    connections.review()
    await turn()
    assert.deepEqual([stranger.status, friend.status], ['closed', 'open'])
    assert.deepEqual(told, ['+friend'])
  })
})
