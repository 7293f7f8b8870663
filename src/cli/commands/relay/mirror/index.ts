/** `dure relay mirror ...`: for operators, over the door of their relay. */
import type { Register } from '../../../command.ts'
import { add } from './add.ts'
import { list } from './list.ts'
import { remove } from './remove.ts'

export const mirror: Register = (relay, run) => {
  const group = relay
    .command('mirror')
    .summary('channels your relay keeps and serves')
    .description('The relay you run follows channels you choose and serves them while nobody else who has them is on: a brand whose phone is off still reaches its followers.')
  for (const register of [add, list, remove]) register(group, run)
}
