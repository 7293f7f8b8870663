import type { TokenView } from '../../api/index.ts'
import { path } from '../client.ts'
import { examples, type Register } from '../command.ts'
import { inertJson, inertLine } from '../inert.ts'
import { usageError } from '../io.ts'

const several = (value: string, all: string[] = []): string[] => [...all, value]

interface Options {
  scope?: string[]
  name?: string
}

/** What programs are let in by over the page's port; over the socket of the profile they need none. */
export const token: Register = (program, run) => {
  const group = program
    .command('token')
    .summary('let programs in over the port of the page')
    .description(
      'A token lets a program use your node over http://127.0.0.1:PORT, for what its scopes name: read:messages, write:messages, read:channels, write:channels, pair. A program of yours on this machine can use the socket instead, and needs none.',
    )
  group
    .command('create')
    .summary('make a token, shown once')
    .option('--scope <scope>', 'what it may do; may be given several times', several)
    .option('--name <name>', 'what it is for')
    .addHelpText('after', examples('token create --scope read:channels', 'token create --name bot --scope read:messages --scope write:messages'))
    .action(
      run<[], Options>(async ({ api, answer, style }, _args, { scope = [], name = '' }) => {
        if (scope.length === 0) throw usageError('a token needs a scope', '--scope read:channels')
        const made = await api.call<TokenView & { token: string }>('POST', '/v1/tokens', { name, scopes: scope })
        answer(made, () => `${style('bold', made.token)}\nShown this once. It may: ${made.scopes.join(', ')}. It ends with: dure token revoke ${made.id}`)
      }),
    )
  group
    .command('list')
    .summary('the tokens there are')
    .addHelpText('after', examples('token list'))
    .action(
      run(async ({ api, json, tell, io, times, style, dure }) => {
        const all = await api.get<TokenView[]>('/v1/tokens')
        if (json) for (const one of all) io.stdout.write(`${inertJson(one)}\n`)
        else if (all.length === 0) tell(`There are no tokens. ${dure('token create --scope read:channels')} makes one.`)
        else for (const { id, name, scopes, createdAt } of all) tell(`${id}  ${scopes.join(', ')}  ${inertLine(name)}  ${style('dim', times.moment(createdAt))}`)
      }),
    )
  group
    .command('revoke')
    .summary('end a token')
    .argument('<id>', 'as `dure token list` shows it')
    .addHelpText('after', examples('token revoke 5e0a91c2'))
    .action(run<[string]>(async ({ api, answer }, [id]) => answer(await api.call('DELETE', path`/v1/tokens/${id}`), () => 'It opens nothing any more.')))
}
