import type { ChannelView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { examples, type Register, shellWord } from '../../command.ts'
import { inertLine, inertName } from '../../inert.ts'
import { domainText } from '../../posts.ts'

export const domain: Register = (channel, run) => {
  channel
    .command('domain')
    .summary('how a channel proves its domain')
    .argument('<channel>')
    .description('Shows what to put on your web server so that followers see that the channel controls the domain.')
    .addHelpText('after', examples('channel domain "Seoul Bakery"'))
    .action(
      run<[string]>(async ({ api, answer, io, dure }, [name]) => {
        const view = await api.get<ChannelView>(path`/v1/channels/${name}`)
        const wellKnown = { dure: 1, channels: [view.id] }
        const site = view.domain === undefined ? 'YOUR.DOMAIN' : inertLine(view.domain.domain)
        answer({ url: `https://${site}/.well-known/dure.json`, content: wellKnown, domain: view.domain }, () =>
          [
            view.domain === undefined ? `First name the domain: ${dure(`channel set ${shellWord(inertName(view.name))} --domain YOUR.DOMAIN`)}` : domainText(view.domain, io.now()),
            `Put this at https://${site}/.well-known/dure.json (https, no redirect):`,
            `  ${JSON.stringify(wellKnown)}`,
            'Followers look when they follow, and weekly.',
          ].join('\n'),
        )
      }),
    )
}
