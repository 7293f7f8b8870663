/** The command line as a whole: which commands there are, and how it all ends. */
import { Command, CommanderError } from 'commander'
import { version } from './version.ts'
import { type Register, runner } from './command.ts'
import { registers } from './commands/index.ts'
import { inert } from './inert.ts'
import { CliError, type Io } from './io.ts'

/** Errors made for people somewhere below; all others are faults of ours. */
const WORDED = new Set(['ConfigError', 'MessengerError', 'StoreError', 'PhraseError', 'QrError', 'InviteError'])

/** @returns the exit code: 0 done, 1 refused or failed, 2 used wrongly */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const program = build(io)
  try {
    if (args.length === 0) {
      io.stdout.write(program.helpInformation())
      return 0
    }
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    report(io, error)
    return error instanceof CliError ? error.exitCode : 1
  }
}

function build(io: Io): Command {
  const program = new Command('dure')
    .description('A messenger with nobody in the middle: device to device, end-to-end encrypted.')
    .version(version(), '--version', 'the version of Dure')
    .option('--home <dir>', 'the profile to use (default: your data folder)')
    .option('--json', 'answers as JSON, one object a line')
    .helpOption('-h, --help', 'how it is used')
    .helpCommand('help [command]', 'how a command is used')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nStart with `dure start`, then `dure invite` in another terminal.\n')
  for (const register of registers as readonly Register[]) register(program, runner(io))
  quiet(program, io)
  return program
}

function quiet(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    getOutHelpWidth: () => io.stdout.columns ?? 80,
    getErrHelpWidth: () => io.stderr.columns ?? 80,
    outputError: (text, write) => {
      write(`dure: ${inert(text.trim().replace(/^error: /, 'error: '))}\n`)
      const dash = /unknown option/.test(text) && command.registeredArguments.some((argument) => argument.variadic)
      write(`dure: hint: ${dash ? 'put -- before a text that begins with a dash; ' : ''}${commandLine(command)} --help shows how it is used\n`)
    },
  })
  for (const part of command.commands) quiet(part, io)
}

/** "dure channel staff": a command with those it belongs to. */
function commandLine(command: Command): string {
  return command.parent === null ? command.name() : `${commandLine(command.parent)} ${command.name()}`
}

function report(io: Io, thrown: unknown): void {
  const error = thrown as Error & { hint?: unknown; code?: unknown }
  const worded = error instanceof CliError || WORDED.has(error.name) || typeof error.code === 'string'
  io.stderr.write(`dure: error: ${inert(worded ? error.message : `something inside Dure failed: ${error.stack ?? String(thrown)}`)}\n`)
  if (typeof error.hint === 'string' && error.hint !== '') io.stderr.write(`dure: hint: ${inert(error.hint)}\n`)
}
