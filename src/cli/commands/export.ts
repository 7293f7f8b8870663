import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { examples, type Register } from '../command.ts'
import { CliError } from '../io.ts'
import { count } from '../words.ts'

/** One file of JSON lines in the folder; the archive's README describes them. */
export const ARCHIVE_FILE = 'dure.jsonl'

export const exportArchive: Register = (program, run) => {
  program
    .command('export')
    .summary('take your history with you')
    .argument('<dir>', 'a folder; the archive in it is named dure.jsonl')
    .description('Writes contacts, history and settings as JSON lines, readable by anyone who has the file. Keys are not in it.')
    .addHelpText('after', examples('export backup-2026', 'import backup-2026'))
    .action(
      run<[string]>(async ({ api, answer }, [dir]) => {
        const file = join(dir, ARCHIVE_FILE)
        if (await stat(file).catch(() => undefined)) throw new CliError(`${file} is there already`, 'choose another folder, or move it away')
        const lines = api.exported()
        await mkdir(dir, { recursive: true, mode: 0o700 })
        // under another name until it is whole
        const partial = `${file}.partial`
        let total = 0
        try {
          const counted = async function* () {
            for await (const chunk of lines) {
              for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', at + 1)) total++
              yield chunk
            }
          }
          await pipeline(Readable.from(counted()), createWriteStream(partial, { mode: 0o600, flush: true }))
          await rename(partial, file)
        } catch (error) {
          await rm(partial, { force: true })
          throw error instanceof CliError ? error : new CliError(`the archive could not be written: ${(error as Error).message}`)
        }
        answer({ file, lines: total }, () => `${count(total, 'line')} in ${file}. Anyone who has this file can read it.`)
      }),
    )
}
