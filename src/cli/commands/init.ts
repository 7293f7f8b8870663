import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'
import { readInput } from '../input.ts'
import { CliError, type Io } from '../io.ts'
import { askName, keepPhrase, phraseText } from '../first-run.ts'
import { keyFileWarning, newPassphrase, passphraseFile } from '../unlock.ts'

interface Options {
  name?: string
  recover?: true
  passphraseFile?: string
}

export const init: Register = (program, run) => {
  program
    .command('init')
    .summary('make an identity, or restore yours')
    .description(
      'Makes an identity in an empty profile and shows its recovery phrase, once. With --recover it restores the identity of a phrase you wrote down. The node need not run.',
    )
    .option('--name <name>', 'the name your contacts see')
    .option('--recover', 'restore from the 24 words, asked for or read from standard input')
    .option('--passphrase-file <file>', 'lock the profile with the first line of this file')
    .addHelpText('after', examples('init --name Ana', 'init --recover', 'init --recover < words.txt'))
    .action(
      run<[], Options>(async (context, _args, options) => {
        const { io, home, style } = context
        const words = options.recover === true ? { phrase: await askPhrase(io) } : {}
        const name = options.name ?? (await askName(io))
        const passphrase = await passphraseFor(io, options)
        const { createProfile } = await io.loadApp()
        const { phrase } = await createProfile({ home, name, unlock: passphrase === '' ? 'key-file' : { passphrase }, ...words }).catch(refusal)

        const recovered = options.recover === true
        const file = !recovered && context.json ? keepPhrase(home, phrase) : undefined
        context.answer({ home, name, recovered, protection: passphrase === '' ? 'key file' : 'passphrase', ...(file && { phraseFile: file }) }, () =>
          [
            recovered ? `Welcome back, ${inertName(name)}. Your contacts will see that you have a new device.` : `Hello, ${inertName(name)}.`,
            ...(recovered ? [] : [phraseText(phrase, style)]),
            `Start it: ${style('bold', context.start)}`,
          ].join('\n'),
        )
        if (passphrase === '') context.warn(keyFileWarning(context))
      }),
    )
}

/** A profile that opens with another key than a new one would is somebody's already. */
function refusal(error: Error & { code?: unknown }): never {
  if (error.code === 'other-protection' || error.code === 'wrong-passphrase') {
    throw new CliError('there is an identity here already', 'choose another --home for a second one', { code: 'conflict' })
  }
  if (error.name === 'PhraseError') throw new CliError(error.message, 'compare the words and their order with your paper', { code: 'bad-phrase' })
  throw error
}

async function askPhrase(io: Io): Promise<string> {
  const typed = io.stdin.isTTY ? await io.ask.text('Your 24 recovery words') : await readInput(io)
  return typed.trim().replace(/\s+/g, ' ')
}

/** '' for none. Only a person who makes the identity at a terminal is asked. */
async function passphraseFor(io: Io, options: Options): Promise<string> {
  if (options.passphraseFile !== undefined) return passphraseFile(options.passphraseFile)
  if (!io.stdin.isTTY || options.name !== undefined) return ''
  return newPassphrase(io, 'A passphrase that locks your messages (Enter for none)')
}
