import type { InviteView } from '../../messenger/views.ts'
import { codeFor, pictureFormat, writeCode } from '../code.ts'
import { type Context, examples, type Register } from '../command.ts'
import { roughly, seconds } from '../words.ts'

interface Options {
  link?: true
  qr?: string
  expires?: string
}

export const invite: Register = (program, run) => {
  program
    .command('invite')
    .summary('show a code that makes someone your contact')
    .description(
      'Shows a one-time code for a friend to scan, and the link it holds. A code shown in person lives 10 minutes, a link you send 7 days; each works once. When they answer, compare the short code and accept them.',
    )
    .option('--link', 'a link to send instead of a code to show')
    .option('--qr <file>', 'write the code to a picture, .png or .svg')
    .option('--expires <time>', 'how long it lives: 10m, 12h, 7d')
    .addHelpText('after', examples('invite', 'invite --link', 'invite --qr code.png --expires 30m'))
    .action(
      run<[], Options>(async (context, _args, options) => {
        const format = options.qr === undefined ? undefined : pictureFormat(options.qr)
        const lifetime = options.expires === undefined ? {} : { lifetime: seconds(options.expires) }
        const view = await context.api.call<InviteView>('POST', '/v1/invites', { inPerson: options.link !== true, ...lifetime })
        if (options.qr !== undefined && format !== undefined) await writeCode(options.qr, format, view.link, 0o600)
        const code = context.json || options.link === true || format !== undefined ? '' : await codeFor(context, view.link)
        context.answer({ ...view, ...(format === undefined ? {} : { file: options.qr }) }, () => inviteText(context, view, code, options.qr))
      }),
    )
}

function inviteText({ style, io, dure }: Context, view: InviteView, code: string, file: string | undefined): string {
  const left = roughly(view.expires - io.now())
  return [
    ...(code === '' ? [] : [code]),
    ...(file === undefined ? [] : [`The code is in ${file}.`]),
    view.link,
    '',
    `It works once, within ${left}. The other side runs: ${style('bold', `dure pair ${file ?? 'LINK'}`)}`,
    `Then see who answered, and compare the short code: ${style('bold', dure('requests'))}`,
  ].join('\n')
}
