import type { ChannelView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { inertName } from '../../inert.ts'
import { usageError } from '../../io.ts'
import { count } from '../../words.ts'

const MAX_DAILY = 10_000

export const mute: Register = (channel, run) => {
  for (const muted of [true, false]) {
    channel
      .command(muted ? 'mute' : 'unmute')
      .summary(muted ? 'hear nothing of new posts' : 'hear of new posts again')
      .argument('<channel>')
      .addHelpText('after', examples(`channel ${muted ? 'mute' : 'unmute'} "Seoul Bakery"`))
      .action(
        run<[string]>(async ({ api, answer }, [name]) =>
          answer(await api.call<ChannelView>('PATCH', path`/v1/channels/${name}`, { muted }), (view) =>
            muted ? `${inertName(view.name)} is muted; its posts still arrive.` : `${inertName(view.name)} tells you of new posts again.`,
          ),
        ),
      )
  }
}

export const limit: Register = (channel, run) => {
  channel
    .command('limit')
    .summary('how many posts a day you are told of')
    .argument('<channel>')
    .argument('<posts>', '0: only the daily digest')
    .description('Posts beyond the limit arrive all the same; you are told of them once a day, as a number.')
    .addHelpText('after', examples('channel limit "Seoul Bakery" 3'))
    .action(
      run<[string, string]>(async ({ api, answer }, [name, posts]) => {
        if (!/^\d{1,5}$/.test(posts) || Number(posts) > MAX_DAILY) throw usageError(`${posts} is not a number from 0 to ${MAX_DAILY}`, 'for example 3')
        const view = await api.call<ChannelView>('PATCH', path`/v1/channels/${name}`, { dailyLimit: Number(posts) })
        answer(view, () => `${inertName(view.name)}: ${count(view.dailyLimit, 'post')} a day one by one, the rest as a digest.`)
      }),
    )
}

export const rename: Register = (channel, run) => {
  channel
    .command('rename')
    .summary('call a channel something else')
    .argument('<channel>')
    .argument('<name>')
    .description('Your own name for it; followers of a channel of yours see its manifest, which `channel set --name` changes.')
    .addHelpText('after', examples('channel rename "Seoul Bakery" bakery'))
    .action(
      run<[string, string]>(async ({ api, answer }, [name, next]) =>
        answer(await api.call<ChannelView>('PATCH', path`/v1/channels/${name}`, { name: next }), (view) => `You call it ${inertName(view.name)} now.`),
      ),
    )
}
