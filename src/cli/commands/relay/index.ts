/** `dure relay ...`, in the order the help lists them. */
import type { Register } from '../../command.ts'
import { find } from './find.ts'
import { forget } from './forget.ts'
import { list } from './list.ts'
import { mirror } from './mirror/index.ts'
import { start } from './start.ts'
import { use } from './use.ts'

const registers: readonly Register[] = [start, use, find, list, forget, mirror]

export const relay: Register = (program, run) => {
  const group = program
    .command('relay')
    .summary('use relays, or run one')
    .description('People behind routers meet through relays: nodes of volunteers that pass sealed bytes on and can read none of them.')
  for (const register of registers) register(group, run)
}
