import { path } from '../../client.ts'
import { codeFor, pictureFormat, writeCode } from '../../code.ts'
import { examples, type Register } from '../../command.ts'

export const invite: Register = (channel, run) => {
  channel
    .command('invite')
    .summary('show how others follow a channel')
    .argument('<channel>')
    .description('Shows the code and the link by which anyone follows the channel. It holds no secret and does not expire: print it on a poster.')
    .option('--link', 'only the link')
    .option('--qr <file>', 'write the code to a picture, .png or .svg')
    .addHelpText('after', examples('channel invite "Seoul Bakery"', 'channel invite "Seoul Bakery" --qr poster.svg'))
    .action(
      run<[string], { link?: true; qr?: string }>(async (context, [name], options) => {
        const format = options.qr === undefined ? undefined : pictureFormat(options.qr)
        const view = await context.api.get<{ link: string }>(path`/v1/channels/${name}/link`)
        if (options.qr !== undefined && format !== undefined) await writeCode(options.qr, format, view.link, 0o644)
        const code = context.json || options.link === true || format !== undefined ? '' : await codeFor(context, view.link)
        context.answer({ ...view, ...(format === undefined ? {} : { file: options.qr }) }, () =>
          [...(code === '' ? [] : [code]), ...(options.qr === undefined ? [] : [`The code is in ${options.qr}.`]), view.link].join('\n'),
        )
      }),
    )
}
