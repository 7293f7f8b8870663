/**
 * A courier in a process of its own. Arguments: seed byte, listen address, 'hold' to answer no envelope; with 'lan' two
 * couriers that know each other meet by mDNS. Prints one JSON line when it is ready, and one for every event after that.
 */
import { createCourier } from '../../../src/net/index.ts'
import type { Courier, DeviceKey } from '../../../src/messenger/ports.ts'
import { keyOf, silent } from './support.ts'

const [mode = '', listen = '', seedByte = '1'] = process.argv.slice(2)
const say = (event: string, data: Record<string, unknown> = {}): void => void process.stdout.write(`${JSON.stringify({ event, ...data })}\n`)

async function run(seed: number, admitted: (device: DeviceKey) => boolean): Promise<Courier> {
  const courier = createCourier({ seed: new Uint8Array(32).fill(seed), listen: [listen], mdns: mode === 'lan', log: silent })
  courier.serve({
    admits: admitted,
    envelope: async () => {
      say('envelope')
      return mode === 'hold' ? new Promise(() => {}) : 'stored'
    },
    pairing: async (_, request) => request,
    appeared: device => say('appeared', { device }),
    vanished: device => say('vanished', { device }),
    networkChanged: () => undefined,
    addressesChanged: addresses => say('addresses', { addresses }),
  })
  await courier.start()
  return courier
}

if (mode === 'lan') {
  const [first, second] = await Promise.all([201, 202].map(seed => keyOf(new Uint8Array(32).fill(seed))))
  // A third one is a stranger to both: it is found too, and left alone.
  await Promise.all([run(201, device => device === second), run(202, device => device === first), run(203, () => true)])
  say('ready', { devices: [first, second] })
} else {
  const courier = await run(Number(seedByte), () => true)
  say('ready', { device: await keyOf(new Uint8Array(32).fill(Number(seedByte))), addresses: courier.addresses() })
}
