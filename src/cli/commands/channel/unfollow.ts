import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'

export const unfollow: Register = (channel, run) => {
  channel
    .command('unfollow')
    .summary('forget a channel')
    .argument('<channel>')
    .description('Stops following and forgets everything of the channel.')
    .addHelpText('after', examples('channel unfollow "Seoul Bakery"'))
    .action(run<[string]>(async ({ api, answer }, [name]) => answer(await api.call('DELETE', path`/v1/channels/${name}`), () => 'Forgotten.')))
}
