import type { ChannelView, StaffInvitationView, StaffView } from '../../../messenger/channels/views.ts'
import { several } from '../../channel-input.ts'
import { path } from '../../client.ts'
import { type Context, examples, type Register, shellWord } from '../../command.ts'
import { inertJson, inertName, isolated } from '../../inert.ts'
import { usageError } from '../../io.ts'
import { count, seconds } from '../../words.ts'

const SCOPES = ['text', 'pictures', 'events', 'offers', 'moderate'] as const

interface AddOptions {
  may?: string[]
  for: string
  entries?: string
  name?: string
}

export const staff: Register = (channel, run) => {
  const group = channel.command('staff').summary('who posts in your channel').description('Staff post with keys of their own, on devices of their own. You certify them and can end them; they can never fork the channel.')

  group
    .command('list')
    .summary('who may post')
    .argument('<channel>')
    .addHelpText('after', examples('channel staff list "Seoul Bakery"'))
    .action(
      run<[string]>(async (context, [name]) => {
        const all = await context.api.get<StaffView[]>(path`/v1/channels/${name}/staff`)
        for (const one of all) context.answer(one, () => staffText(one, context))
        if (all.length === 0) context.tell('Nobody posts here yet.')
      }),
    )

  group
    .command('add')
    .summary('ask a contact to post')
    .argument('<channel>')
    .argument('<contact>')
    .description('Asks a contact to post in your channel. When they accept, their posting key is certified by itself.')
    .option('--may <what>', `${SCOPES.join(', ')}; may be given several times (default: text, pictures, events, offers)`, several)
    .option('--for <time>', 'how long the certificate holds', '365d')
    .option('--entries <n>', 'how many entries they may write')
    .option('--name <name>', 'what followers see as the author')
    .addHelpText('after', examples('channel staff add "Seoul Bakery" Mina --may text --may pictures --for 90d'))
    .action(
      run<[string, string], AddOptions>(async (context, [name, contact], options) => {
        const scope = options.may ?? ['text', 'pictures', 'events', 'offers']
        const unknown = scope.find((one) => !SCOPES.includes(one as (typeof SCOPES)[number]))
        if (unknown !== undefined) throw usageError(`nobody can be allowed ${JSON.stringify(unknown)}`, `--may takes ${SCOPES.join(', ')}`)
        if (options.entries !== undefined && !/^[1-9]\d{0,8}$/.test(options.entries)) throw usageError('--entries takes a number', 'for example --entries 1000')
        const done = await context.api.call('POST', path`/v1/channels/${name}/staff`, {
          contact,
          scope,
          notAfter: context.io.now() + seconds(options.for) * 1_000,
          ...(options.name !== undefined && { name: options.name }),
          ...(options.entries !== undefined && { entries: Number(options.entries) }),
        })
        context.answer(done, () => `${inertName(contact)} is asked. They accept with: dure channel staff accept ID`)
      }),
    )

  group
    .command('remove')
    .summary('end a posting key')
    .argument('<channel>')
    .argument('<staff>', 'a name of `channel staff list`, or the log')
    .description('Ends a posting key, for example a stolen one. What you have seen of its entries stays; anything later is void for everyone.')
    .option('--reason <text>', 'why, for all to see', '')
    .addHelpText('after', examples('channel staff remove "Seoul Bakery" Mina --reason "phone stolen"'))
    .action(
      run<[string, string], { reason: string }>(async (context, [name, who], { reason }) => {
        const one = await context.api.call<StaffView>('POST', path`/v1/channels/${name}/revoke`, { staff: who, reason })
        context.answer(one, () => `${inertName(one.name)} can no longer post; ${count(one.entries, 'entry', 'entries')} stay.`)
      }),
    )

  group
    .command('invitations')
    .summary('channels that asked you to post')
    .addHelpText('after', examples('channel staff invitations'))
    .action(
      run(async (context) => {
        const all = await context.api.get<StaffInvitationView[]>('/v1/invitations')
        if (context.json) for (const one of all) context.io.stdout.write(`${inertJson(one)}\n`)
        else if (all.length === 0) context.tell('No channel asked you to post.')
        else for (const one of all) context.tell(invitationText(one, context))
      }),
    )

  group
    .command('accept')
    .summary('post for a channel')
    .argument('<id>', 'of `channel staff invitations`')
    .addHelpText('after', examples('channel staff accept abc234'))
    .action(
      run<[string]>(async (context, [id]) => {
        const view = await context.api.call<ChannelView>('POST', path`/v1/invitations/${id}/accept`)
        context.answer(view, () => `You post in ${inertName(view.name)} as soon as its owner's node has certified your key: ${context.dure(`channel post ${shellWord(inertName(view.name))} TEXT`)}`)
      }),
    )

  group
    .command('refuse')
    .summary('do not')
    .argument('<id>')
    .addHelpText('after', examples('channel staff refuse abc234'))
    .action(run<[string]>(async ({ api, answer }, [id]) => answer(await api.call('POST', path`/v1/invitations/${id}/refuse`), () => 'Refused.')))
}

export function invitationText(one: StaffInvitationView, { style, times, dure }: Context): string {
  const what = `${isolated(inertName(one.from))} asks you to post in ${isolated(inertName(one.channelName))} (${one.scope.join(', ')}) until ${times.moment(one.notAfter)}.`
  return `${what}\n  ${style('bold', dure(`channel staff accept ${one.id}`))}  or  ${style('bold', dure(`channel staff refuse ${one.id}`))}`
}

function staffText(one: StaffView, { style, times }: Context): string {
  return `${style('bold', isolated(inertName(one.name)))}  ${one.state}, ${count(one.entries, 'entry', 'entries')}, may: ${one.scope.join(', ')}, until ${times.moment(one.notAfter)}  ${style('dim', one.log.slice(0, 16))}`
}
