/** The network, in the place of src/net for the composition of a node under test. */
import { createCourier as create } from '../../src/net/index.ts'
import { left, meet } from './recorder.ts'

export * from '../../src/net/index.ts'

export function createCourier(options: Parameters<typeof create>[0]): ReturnType<typeof create> {
  const courier = create(options)
  return {
    ...courier,
    async send(device, addresses, envelope) {
      left(envelope)
      meet('leaves')
      const verdict = await courier.send(device, addresses, envelope)
      meet('left')
      return verdict
    },
  }
}
