import assert from 'node:assert/strict'
import type { RelayAt } from '../../../src/messenger/ports.ts'
import { FIRST_RELAY_RETRY, LAST_RELAY_RETRY, LAST_RELAY_RETRY_ALONE } from '../../../src/net/limits.ts'
import { createRelays, type Relays } from '../../../src/net/relays.ts'

const relay = (peer: string, ...addresses: string[]): RelayAt => ({ peer, addresses: addresses.length > 0 ? addresses : [`/ip4/192.0.2.1/tcp/${peer.length}`] })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Relays that answer as the test says, and a clock that only it turns. */
function world(answers: (relay: RelayAt) => boolean = () => true, alone = false): { relays: Relays; tried: string[]; waits: { delay: number; run: () => void }[]; changes: () => number } {
  const tried: string[] = []
  const waits: { delay: number; run: () => void }[] = []
  let changes = 0
  const relays = createRelays({
    async reserve(at) {
      tried.push(at.peer)
      if (!answers(at)) throw new Error('away')
    },
    changed: () => changes++,
    alone: () => alone,
    after(delay, run) {
      const wait = { delay, run }
      waits.push(wait)
      return () => void (waits.includes(wait) && waits.splice(waits.indexOf(wait), 1))
    },
    chance: () => 0.5,
  })
  return { relays, tried, waits, changes: () => changes }
}

describe('the relays a person chose', () => {
  it('are each asked for a place, and told of once there is one', async () => {
    const { relays, tried, changes } = world(({ peer }) => peer === 'here')
    relays.use([relay('here'), relay('gone')])
    assert.deepEqual(tried, [], 'nothing happens before the network is up')
    relays.start()
    await turn()
    assert.deepEqual(tried, ['here', 'gone'])
    assert.deepEqual(relays.reserved().map(({ peer }) => peer), ['here'])
    assert.deepEqual(relays.states(), [{ peer: 'here', state: 'reserved' }, { peer: 'gone', state: 'away' }])
    assert.equal(changes(), 1)
  })

  it('that do not answer are asked again ever more rarely, and at once when the network changes', async () => {
    const { relays, tried, waits } = world(() => false)
    relays.use([relay('gone')])
    relays.start()
    await turn()
    const delays: number[] = []
    for (let i = 0; i < 12; i++) {
      const [next] = waits.splice(0)
      delays.push(next?.delay ?? 0)
      next?.run()
      await turn()
    }
    assert.deepEqual(delays.slice(0, 4), [1, 2, 4, 8].map((n) => n * FIRST_RELAY_RETRY))
    assert.equal(delays.at(-1), LAST_RELAY_RETRY)
    assert.equal(tried.length, 13)
    relays.retryNow()
    await turn()
    assert.equal(tried.length, 14)
    assert.equal(waits.length, 1, 'one wait, not one for each time')
    assert.equal(waits[0]?.delay, FIRST_RELAY_RETRY)
  })

  it('are asked within seconds again, however long they were away, while nobody at all answers', async () => {
    const { relays, waits } = world(() => false, true)
    relays.use([relay('gone')])
    relays.start()
    await turn()
    for (let i = 0; i < 20; i++) {
      waits.splice(0)[0]?.run()
      await turn()
    }
    assert.equal(waits[0]?.delay, LAST_RELAY_RETRY_ALONE)
  })

  it('that are lost are no way to us any more, and asked again', async () => {
    const { relays, tried, waits, changes } = world()
    relays.use([relay('one'), relay('two')])
    relays.start()
    await turn()
    relays.lost('one')
    assert.deepEqual(relays.reserved().map(({ peer }) => peer), ['two'])
    assert.equal(changes(), 3)
    relays.lost('one')
    relays.lost('stranger')
    assert.equal(waits.length, 1)
    waits[0]?.run()
    await turn()
    assert.deepEqual(tried, ['one', 'two', 'one'])
    assert.equal(relays.reserved().length, 2)
  })

  it('change without those that stay being asked anew; a moved one is', async () => {
    const { relays, tried } = world()
    relays.use([relay('one'), relay('two', '/ip4/192.0.2.2/tcp/1')])
    relays.start()
    await turn()
    relays.use([relay('one'), relay('two', '/ip4/192.0.2.2/tcp/2'), relay('three')])
    await turn()
    assert.deepEqual(tried, ['one', 'two', 'two', 'three'])
    assert.ok(relays.has('/ip4/192.0.2.2/tcp/2') && !relays.has('/ip4/192.0.2.2/tcp/1'))
    relays.use([])
    assert.ok(!relays.knows('one'))
    assert.deepEqual(relays.reserved(), [])
  })

  it('stop asking when the network is down', async () => {
    const { relays, tried, waits } = world(() => false)
    relays.use([relay('gone')])
    relays.start()
    await turn()
    relays.stop()
    assert.equal(waits.length, 0)
    relays.retryNow()
    assert.equal(tried.length, 1)
    assert.deepEqual(relays.states(), [{ peer: 'gone', state: 'trying' }])
  })
})
