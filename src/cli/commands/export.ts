import { join } from 'node:path'
import { writeArchive } from '../archive-file.ts'
import { examples, type Register } from '../command.ts'
import { count } from '../words.ts'

/** One file of JSON lines in the folder; the archive's README describes them. */
export const ARCHIVE_FILE = 'dure.jsonl'

export const exportArchive: Register = (program, run) => {
  program
    .command('export')
    .summary('take your history with you')
    .argument('<dir>', 'a folder; the archive in it is named dure.jsonl')
    .description('Writes contacts, history, follows and settings as JSON lines, readable by anyone who has the file. Keys are not in it.')
    .addHelpText('after', examples('export backup-2026', 'import backup-2026'))
    .action(
      run<[string]>(async ({ api, answer }, [dir]) => {
        const file = join(dir, ARCHIVE_FILE)
        const lines = await writeArchive(file, api.exported())
        answer({ file, lines }, () => `${count(lines, 'line')} in ${file}. Anyone who has this file can read it.`)
      }),
    )
}
