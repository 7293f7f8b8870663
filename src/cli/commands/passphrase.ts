import { examples, type Register } from '../command.ts'
import { CliError } from '../io.ts'
import { newPassphrase, passphraseFile } from '../unlock.ts'

export const passphrase: Register = (program, run) => {
  const command = program
    .command('passphrase')
    .summary('lock your messages with a passphrase')
    .description('Sets, changes or removes the passphrase that locks the database of this profile.')
    .addHelpText('after', examples('passphrase set', 'passphrase remove'))
  command
    .command('set')
    .description('Asks for a new passphrase; `dure start` asks for it from then on.')
    .option('--passphrase-file <file>', 'read it from a file instead (its first line)')
    .action(
      run<[], { passphraseFile?: string }>(async ({ api, answer, io }, _args, options) => {
        const next = options.passphraseFile === undefined ? await newPassphrase(io) : passphraseFile(options.passphraseFile)
        if (next === '') throw new CliError('an empty passphrase locks nothing', 'dure passphrase remove goes back to the key file')
        answer(await api.call('PUT', '/v1/passphrase', { passphrase: next }), () => 'Your messages are locked with the new passphrase. Nobody can recover it for you.')
      }),
    )
  command
    .command('remove')
    .description('Goes back to a key file: whoever can copy the folder can read it.')
    .action(
      run(async ({ api, answer }) => {
        answer(await api.call('PUT', '/v1/passphrase', { passphrase: null }), () => 'The passphrase is gone: only a key file in the same folder protects your messages now.')
      }),
    )
}
