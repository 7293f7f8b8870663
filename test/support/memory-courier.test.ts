import assert from 'node:assert/strict'
import { CourierError, type CourierHandlers, type DeviceKey } from '../../src/messenger/ports.ts'
import { createMemoryNetwork } from './memory-courier.ts'

/** xorshift32: the same bytes for the same seed */
function seeded(seed: number) {
  let state = seed
  return (n: number) => Uint8Array.from({ length: n }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  })
}

const code = (expected: CourierError['code']) => (error: unknown) => error instanceof CourierError && error.code === expected

function handlers(over: Partial<CourierHandlers> = {}): CourierHandlers & { got: string[]; seen: DeviceKey[] } {
  const got: string[] = []
  const seen: DeviceKey[] = []
  return {
    got,
    seen,
    admits: () => true,
    envelope: async (_, envelope) => {
      got.push(Buffer.from(envelope).toString())
      return 'stored'
    },
    pairing: async (_, request) => request,
    appeared: device => void seen.push(`+${device}`),
    vanished: device => void seen.push(`-${device}`),
    networkChanged: () => {},
    addressesChanged: () => {},
    ...over,
  }
}

async function pair(seed = 7, over: Partial<CourierHandlers> = {}) {
  const network = createMemoryNetwork({ random: seeded(seed) })
  const [a, b] = [network.courier('aa'), network.courier('bb')]
  const [atA, atB] = [handlers(), handlers(over)]
  a.serve(atA)
  b.serve(atB)
  await a.start()
  await b.start()
  return { network, a, b, atA, atB }
}

describe('the courier in memory', () => {
  it('delivers in order only when stepped, and brings the verdict back', async () => {
    const { network, a, b, atB } = await pair()
    const sent = ['1', '2', '3'].map(text => a.send('bb', b.addresses(), Buffer.from(text)))
    assert.deepEqual(atB.got, [])
    network.step()
    assert.deepEqual(atB.got, ['1'])
    await network.settle()
    assert.deepEqual(await Promise.all(sent), ['stored', 'stored', 'stored'])
    assert.deepEqual(atB.got, ['1', '2', '3'])
    assert.deepEqual(atB.seen, ['+aa'])
  })

  it('needs an address, a connection or the memory of one', async () => {
    const { network, a, b } = await pair()
    await assert.rejects(a.send('bb', [], Buffer.from('x')), code('unreachable'))
    network.meet('aa', 'bb')
    assert.equal(a.connected('bb'), true)
    network.move('bb')
    await assert.rejects(a.send('bb', [], Buffer.from('x')), code('unreachable'))
    const back = b.send('aa', [], Buffer.from('hello'))
    await network.settle()
    assert.equal(await back, 'stored')
  })

  it('loses what is under way when a device is cut off', async () => {
    const { network, a, b, atA } = await pair()
    const sent = a.send('bb', b.addresses(), Buffer.from('x'))
    await Promise.resolve()
    network.disconnect('bb')
    await assert.rejects(sent, code('unreachable'))
    assert.deepEqual(atA.seen, ['+bb', '-bb'])
    network.reconnect('bb')
    const again = a.send('bb', [], Buffer.from('x'))
    await network.settle()
    assert.equal(await again, 'stored')
  })

  it('hangs up on a device that is not admitted, yet carries its pairing', async () => {
    const { network, a, b, atB } = await pair(7, { admits: () => false })
    const sent = assert.rejects(a.send('bb', b.addresses(), Buffer.from('x')), code('refused'))
    await network.settle()
    await sent
    const reply = a.pairing('bb', b.addresses(), Buffer.from('hi'))
    await network.settle()
    assert.equal(Buffer.from(await reply).toString(), 'hi')
    assert.deepEqual(atB.seen, [])
  })

  it('tells one story for one seed, with every fault on', async () => {
    const story = async () => {
      const { network, a, b, atB } = await pair(99)
      Object.assign(network.faults, { drop: 0.2, duplicate: 0.2, reorder: 0.3 })
      const sent = Array.from({ length: 40 }, (_, i) => a.send('bb', b.addresses(), Buffer.from(String(i))).catch((error: CourierError) => error.code))
      await network.settle()
      return [await Promise.all(sent), atB.got]
    }
    const [first, second] = [await story(), await story()]
    assert.deepEqual(first, second)
    const [verdicts, got] = first as [string[], string[]]
    assert.ok(verdicts.includes('timeout') && verdicts.includes('stored'))
    assert.ok(new Set(got).size < got.length, 'something came twice')
  })

  it('moves on its own when automatic', async () => {
    const { network, a, b } = await pair()
    network.automatic = true
    assert.equal(await a.send('bb', b.addresses(), Buffer.from('x')), 'stored')
  })
})
