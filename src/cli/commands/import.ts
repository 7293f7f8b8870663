import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { examples, type Register } from '../command.ts'
import { CliError } from '../io.ts'
import { count } from '../words.ts'
import { ARCHIVE_FILE } from './export.ts'

export const importArchive: Register = (program, run) => {
  program
    .command('import')
    .summary('bring your history back')
    .argument('<dir>', 'the folder `dure export` wrote')
    .description('Reads contacts, followed channels and history from an archive. What is here already stays as it is.')
    .addHelpText('after', examples('import backup-2026'))
    .action(
      run<[string]>(async ({ api, answer }, [dir]) => {
        const file = (await stat(dir).catch(() => undefined))?.isFile() ? dir : join(dir, ARCHIVE_FILE)
        if (!(await stat(file).catch(() => undefined))) throw new CliError(`there is no ${ARCHIVE_FILE} in ${dir}`, 'name the folder that `dure export` wrote')
        const result = await api.imported<{ contacts: number; follows: number; messages: number; skipped: number }>(createReadStream(file))
        answer(result, ({ contacts, follows, messages, skipped }) => {
          const known = skipped === 0 ? '' : ` ${count(skipped, 'line')} ${skipped === 1 ? 'was' : 'were'} here already or could not be used.`
          const channels = follows === 0 ? '' : `, ${count(follows, 'followed channel')}`
          return `Brought back ${count(contacts, 'contact')}${channels} and ${count(messages, 'message')}.${known}`
        })
      }),
    )
}
