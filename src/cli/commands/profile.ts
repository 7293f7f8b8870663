import { readFile } from 'node:fs/promises'
import type { SelfView } from '../../messenger/views.ts'
import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'
import { CliError } from '../io.ts'

/** The content room's limit for a picture. */
const MAX_PICTURE_BYTES = 64 * 1024

interface Options {
  name?: string
  picture?: string | false
}

export const profile: Register = (program, run) => {
  program
    .command('profile')
    .summary('your name and picture')
    .description('Shows or changes what your contacts see of you.')
    .option('--name <name>', 'the name you go by')
    .option('--picture <file>', 'a PNG, JPEG or WebP file of up to 64 KiB')
    .option('--no-picture', 'take your picture away')
    .addHelpText('after', examples('profile --name "Ana Kim"', 'profile --picture me.jpg'))
    .action(
      run<[], Options>(async ({ api, answer }, _args, { name, picture }) => {
        const changes = {
          ...(name === undefined ? {} : { name }),
          ...(picture === undefined ? {} : { picture: picture === false ? null : await pictureFrom(picture) }),
        }
        const view = Object.keys(changes).length === 0 ? await api.get<SelfView>('/v1/id') : await api.call<SelfView>('PATCH', '/v1/profile', changes)
        answer(view, (self) => `Your contacts see you as ${inertName(self.name)}.`)
      }),
    )
}

async function pictureFrom(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => {
    throw new CliError(`${file} cannot be read`)
  })
  const ascii = bytes.toString('latin1', 0, 12)
  const known = ascii.startsWith('\x89PNG') || ascii.startsWith('\xff\xd8\xff') || (ascii.startsWith('RIFF') && ascii.endsWith('WEBP'))
  if (!known) throw new CliError(`${file} is no picture Dure knows`, 'use a PNG, JPEG or WebP file')
  if (bytes.length > MAX_PICTURE_BYTES) throw new CliError(`${file} is larger than 64 KiB`, 'make it smaller, 256 pixels are plenty')
  return bytes.toString('base64')
}
