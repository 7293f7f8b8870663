import { resolve } from 'node:path'
import { examples, type Register } from '../command.ts'
import { needTerminal, passphraseFile } from '../unlock.ts'
import { count } from '../words.ts'

export const salvage: Register = (program, run) => {
  program
    .command('salvage')
    .argument('<dir>', 'where the new profile is made; empty or not there yet')
    .summary('save what a damaged profile still holds')
    .description(
      'Copies everything readable of a damaged profile into a new one, which keeps its key. The damaged one stays as it is. The node must not run. For a while it takes twice the room.',
    )
    .option('--passphrase-file <file>', 'unlock with the first line of this file')
    .addHelpText('after', examples('salvage ./saved', 'salvage ./saved --home ./damaged'))
    .action(
      run<[string], { passphraseFile?: string }>(async (context, [dir], options) => {
        const { home, io } = context
        const out = resolve(dir)
        const app = await io.loadApp()
        const fromFile = options.passphraseFile === undefined ? undefined : { passphrase: passphraseFile(options.passphraseFile) }
        const saved = await app.salvageProfile({ home, out, unlock: fromFile ?? 'key-file' }).catch(async (error: Error & { code?: unknown }) => {
          if (error.code !== 'other-protection' || fromFile) throw error
          needTerminal(io)
          return app.salvageProfile({ home, out, unlock: { passphrase: await io.ask.secret('Passphrase') } })
        })
        context.answer({ home, out, ...saved }, () =>
          [
            `Saved into ${out}: ${count(saved.message, 'message')}, ${count(saved.contact, 'contact')}, ${count(saved.channel, 'channel')} with ${count(saved.entry, 'entry', 'entries')}.`,
            ...(saved.stranded > 0 ? [`${count(saved.stranded, 'message')} still on the way will not be sent again: send anew what you still mean.`] : []),
            ...(saved.identity ? [] : [`The identity was in the damaged part. Bring it back with its words before you start: dure init --recover --home ${out}`]),
            `Use it: dure start --home ${out}`,
            'Conversations are set up anew; your contacts see a notice.',
          ].join('\n'),
        )
      }),
    )
}
