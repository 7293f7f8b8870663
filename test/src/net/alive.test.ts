/** Connections that look open after a sleep or on another network, on which nobody answers any more. */
import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import type { Connection } from '@libp2p/interface'
import { PING_PROTOCOL } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { endUnlessAlive } from '../../../src/net/alive.ts'
import { dialled, listening, LOOPBACK, party, rawPeer, stopAll, wireTo } from './support.ts'

const closed = async (connection: Connection): Promise<void> => {
  if (connection.status !== 'closed' && connection.status !== 'aborted') await new Promise((resolve) => connection.addEventListener('close', resolve))
}

describe('a connection of before', function () {
  this.timeout(60_000)
  afterEach(stopAll)

  it('is ended when nobody answers on it', async () => {
    const [near, far] = [await rawPeer(), await rawPeer(undefined, [LOOPBACK])]
    const [address] = far.getMultiaddrs()
    const wire = await wireTo(Number(/tcp\/(\d+)/.exec(String(address))?.[1]))
    const connection = await near.dial(multiaddr(`/ip4/127.0.0.1/tcp/${wire.port}/p2p/${far.peerId}`))
    wire.cut()
    await endUnlessAlive(connection)
    await closed(connection)
    assert.equal(connection.status, 'aborted')
  })

  it('stands when somebody answers, also one who does not know the question', async () => {
    const [near, far, plain] = [await rawPeer(), await rawPeer(undefined, [LOOPBACK]), await rawPeer(undefined, [LOOPBACK])]
    await far.handle(PING_PROTOCOL, () => undefined)
    for (const other of [far, plain]) {
      const connection = await near.dial(other.getMultiaddrs())
      await endUnlessAlive(connection)
      assert.equal(connection.status, 'open')
    }
  })
})

describe('a node whose network is another one', function () {
  this.timeout(60_000)
  const { networkInterfaces } = os
  const { now } = Date
  afterEach(async () => {
    Date.now = now
    os.networkInterfaces = networkInterfaces
    syncBuiltinESMExports()
    await stopAll()
  })

  const CHANGES: Readonly<Record<string, () => void>> = {
    'after a sleep': () => {
      Date.now = () => now() + 3_600_000
    },
    'at another address': () => {
      const moved = { address: '10.20.30.40', netmask: '255.255.255.0', family: 'IPv4', mac: '00:00:00:00:00:01', internal: false, cidr: '10.20.30.40/24' } as const
      os.networkInterfaces = () => ({ ...networkInterfaces(), moved: [moved] })
      syncBuiltinESMExports()
    },
  }

  for (const [how, change] of Object.entries(CHANGES)) {
    it(`${how} asks on every connection whether somebody is still there, and says that it is elsewhere`, async () => {
      let tell = (): void => undefined
      const node = await party({ networkChanged: () => tell() })
      const peers = [await rawPeer(), await rawPeer()]
      const questions = await Promise.all(peers.map(listening))
      for (const peer of peers) await peer.dial(dialled(node))
      const told = new Promise<void>((resolve) => (tell = resolve))
      change()
      await Promise.all([told, ...questions.map(({ asked }) => asked)])
    })
  }
})
