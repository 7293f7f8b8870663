import { readFile, stat } from 'node:fs/promises'
import type { PairView } from '../../messenger/views.ts'
import { examples, type Register, shellWord } from '../command.ts'
import { inertName } from '../inert.ts'
import { CliError } from '../io.ts'
import { readInput } from '../input.ts'
import { likenessLines, SAY_THE_CODE } from '../words.ts'

/** Photographs of phones are about 5 MB. */
const MAX_PICTURE_BYTES = 32 * 1024 * 1024

export const pair: Register = (program, run) => {
  program
    .command('pair')
    .summary('answer an invite')
    .argument('<invite>', 'the link; or a picture of the code; or - to read the link from standard input')
    .description('Answers the invite of a friend. Both of you then see the same short code: compare it before they accept.')
    .addHelpText('after', examples('pair DURE:...', 'pair code.png', 'pair - < link.txt'))
    .action(
      run<[string]>(async ({ api, answer, io, style, dure }, [given]) => {
        const invite = given === '-' ? { link: (await readInput(io)).trim(), scanned: false } : await inviteFrom(given)
        answer(await api.call<PairView>('POST', '/v1/pair', invite), (view) => {
          const name = inertName(view.name)
          const accepted = view.state === 'accepted'
          const warnings = likenessLines(view, style, accepted ? dure(`verify ${shellWord(name)}`) : SAY_THE_CODE)
          if (accepted) return [`${name} is your contact now${view.verified ? ', verified' : ''}. Say hello: ${style('bold', dure(`chat ${shellWord(name)}`))}`, ...warnings].join('\n')
          const compare = view.code === undefined ? [] : [`Compare this code with them: ${style('bold', view.code)}`]
          return [`You asked ${name}.`, ...compare, 'When they accept, you can write to each other.', ...warnings].join('\n')
        })
      }),
    )
}

async function inviteFrom(given: string): Promise<{ link: string; scanned: boolean }> {
  if (/^\s*dure:/i.test(given)) return { link: given.trim(), scanned: false }
  const found = await stat(given).catch(() => undefined)
  if (found === undefined || !found.isFile()) {
    throw new CliError('this is neither an invite link nor a picture', 'a link begins with DURE:, a picture is a PNG, JPEG or WebP file')
  }
  if (found.size > MAX_PICTURE_BYTES) throw new CliError(`${given} is too large for a picture of a code`, 'crop it to the code')
  const { readQr } = await import('../../qr/index.ts')
  return { link: await readQr(await readFile(given)), scanned: true }
}
