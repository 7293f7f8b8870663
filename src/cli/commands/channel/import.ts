import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChannelProofView } from '../../../messenger/channels/views.ts'
import { examples, type Register } from '../../command.ts'
import { inertLine, inertName } from '../../inert.ts'
import { CliError } from '../../io.ts'
import { CHANNEL_FILE } from './export.ts'

export const importChannel: Register = (channel, run) => {
  channel
    .command('import')
    .summary('check an exported channel')
    .argument('<dir>', `the folder of an export, or its ${CHANNEL_FILE}`)
    .description('Checks every signature and every number of an exported channel, without any network.')
    .option('--keep', 'follow it from there')
    .addHelpText('after', examples('channel import bakery', 'channel import bakery --keep'))
    .action(
      run<[string], { keep?: true }>(async ({ api, answer, style }, [dir], options) => {
        const file = (await stat(dir).catch(() => undefined))?.isFile() ? dir : join(dir, CHANNEL_FILE)
        if (!(await stat(file).catch(() => undefined))) throw new CliError(`there is no ${CHANNEL_FILE} in ${dir}`, 'name the folder that `dure channel export` wrote')
        const view = await api.imported<ChannelProofView>(createReadStream(file), `/v1/channel-import?keep=${options.keep === true}`)
        answer(view, () => [style('bold', inertName(view.name)), ...view.lines.map((line) => `  ${inertLine(line)}`)].join('\n'))
      }),
    )
}
