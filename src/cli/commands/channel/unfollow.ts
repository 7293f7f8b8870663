import type { ChannelView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'

export const unfollow: Register = (channel, run) => {
  channel
    .command('unfollow')
    .summary('forget a channel')
    .argument('<channel>')
    .description('Stops following and forgets everything of the channel. One that is your own, or that you post in, stays with its keys.')
    .addHelpText('after', examples('channel unfollow "Seoul Bakery"'))
    .action(
      run<[string]>(async ({ api, answer }, [name]) => {
        const { id } = await api.get<ChannelView>(path`/v1/channels/${name}`)
        const done = await api.call('DELETE', path`/v1/channels/${id}`)
        const kept = (await api.get<ChannelView[]>('/v1/channels')).find((one) => one.id === id)
        answer(done, () => (kept === undefined ? 'Forgotten.' : KEPT[kept.role]))
      }),
    )
}

const KEPT: Record<ChannelView['role'], string> = {
  owner: 'No longer followed. It is your own, so it stays here, with its root key.',
  staff: 'No longer followed. You post in it, so it stays here until its brand ends your posting key.',
  follower: 'No longer followed.',
}
