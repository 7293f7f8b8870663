import type { DraftView } from '../../../messenger/channels/views.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { inertJson, inertLine, isolated } from '../../inert.ts'
import { fit } from '../../text.ts'

const MAX_TEXT_COLUMNS = 60

export const drafts: Register = (channel, run) => {
  channel
    .command('drafts')
    .summary('what waits to be published')
    .argument('<channel>')
    .description('Lists what you published and what is not signed yet: a post gets its number only once others have shown how far your log goes.')
    .option('--discard <draft>', 'take one back')
    .addHelpText('after', examples('channel drafts "Seoul Bakery"', 'channel drafts "Seoul Bakery" --discard 0193...'))
    .action(
      run<[string], { discard?: string }>(async (context, [name], { discard }) => {
        const { api, io, json, style } = context
        if (discard !== undefined) return context.answer(await api.call('DELETE', path`/v1/channels/${name}/drafts/${discard}`), () => 'Taken back.')
        const all = await api.get<DraftView[]>(path`/v1/channels/${name}/drafts`)
        if (json) for (const one of all) io.stdout.write(`${inertJson(one)}\n`)
        else if (all.length === 0) context.tell('Nothing waits.')
        else for (const one of all) context.tell(`${one.kind}: ${isolated(fit(inertLine(one.text), MAX_TEXT_COLUMNS))}  ${style('dim', one.id)}\n  ${inertLine(one.waiting)}`)
      }),
    )
}
