import type { ChannelView } from '../../../messenger/channels/views.ts'
import { examples, type Register } from '../../command.ts'
import { inertJson, inertName } from '../../inert.ts'
import { channelLine } from '../../posts.ts'
import { widthOf } from '../../text.ts'

export const list: Register = (channel, run) => {
  channel
    .command('list')
    .summary('your channels')
    .description('Lists the channels you follow, own or post in, with what is new.')
    .addHelpText('after', examples('channel list', 'channel list --json'))
    .action(
      run(async (context) => {
        const { api, io, json, style } = context
        const all = await api.get<ChannelView[]>('/v1/channels')
        if (json) for (const one of all) io.stdout.write(`${inertJson(one)}\n`)
        else if (all.length === 0) context.tell(`You follow no channel yet. Follow one: ${context.dure('channel follow LINK')}`)
        else {
          const room = Math.min(24, Math.max(...all.map((one) => widthOf(inertName(one.name)))))
          for (const one of all) context.tell(channelLine(one, io.stdout.columns ?? 80, room, style))
        }
      }),
    )
}
