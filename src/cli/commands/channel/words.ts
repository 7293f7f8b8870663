import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { wordRows } from '../../first-run.ts'
import { CliError } from '../../io.ts'
import type { Style } from '../../words.ts'

export const words: Register = (channel, run) => {
  channel
    .command('words')
    .summary("show the root key's 24 words")
    .argument('<channel>')
    .description('Shows the words behind the keys of a channel of yours, to be written on paper. Without them on this device, a thief of the device cannot move the channel to a new key; you can, with the paper.')
    .option('--forget', 'remove them from this device; they are on paper')
    .addHelpText('after', examples('channel words "Seoul Bakery"', 'channel words "Seoul Bakery" --forget'))
    .action(
      run<[string], { forget?: true }>(async (context, [name], options) => {
        const { api, io, json, style } = context
        if (json) throw new CliError('the words are never written as JSON', 'run it in a terminal, without --json')
        const forget = options.forget === true
        if (forget && io.stdin.isTTY && !(await io.ask.yes('Are all 24 words on paper?'))) throw new CliError('nothing was forgotten')
        const { words } = await api.call<{ words: string }>('POST', path`/v1/channels/${name}/words`, { forget })
        if (forget) context.tell('The words are no longer on this device. Moving to a new root key will ask for them.')
        else context.tell(wordsText(words, style))
      }),
    )
}

export const wordsText = (words: string, style: Style): string =>
  [
    '',
    "The channel's recovery words. Write them on paper: they bring the channel back, they alone",
    'move it to a new key, and whoever has them can take it from you.',
    '',
    ...wordRows(words, style),
    '',
  ].join('\n')
