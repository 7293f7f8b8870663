/** The relay a command is about: the one of --home, else the one beside the person's profile. */
import { homeDirectory, relayDirectory } from '../../../config.ts'
import { Client } from '../../client.ts'
import { type Context, shellWord } from '../../command.ts'

export const relayHome = ({ home, io }: Context): string => (home === homeDirectory(undefined, io.env) ? relayDirectory(undefined, io.env) : home)

export function relayClient(context: Context): Client {
  const home = relayHome(context)
  const where = home === relayDirectory(undefined, context.io.env) || home === context.home ? '' : ` --home ${shellWord(home)}`
  return new Client(home, `start it in another terminal: ${context.dure('relay')}${where}`, 'the relay')
}
