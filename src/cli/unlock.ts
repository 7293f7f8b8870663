/** Passphrases: asked on the terminal or read from a file, never an argument or the environment. */
import { readFileSync } from 'node:fs'
import type { Context } from './command.ts'
import { CliError, type Io } from './io.ts'

export function passphraseFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch {
    throw new CliError(`the passphrase file ${file} cannot be read`)
  }
}

/** @returns the new passphrase, typed twice; empty when the person wants none */
export async function newPassphrase(io: Io, question = 'New passphrase'): Promise<string> {
  needTerminal(io)
  const first = await io.ask.secret(question)
  if (first !== '' && (await io.ask.secret('The same again')) !== first) throw new CliError('the two passphrases are not the same')
  return first
}

export function needTerminal(io: Io): void {
  if (!io.stdin.isTTY) throw new CliError('a passphrase is needed, and there is no terminal to ask on', 'give it with --passphrase-file FILE')
}

export const keyFileWarning = ({ dure }: Pick<Context, 'dure'>): string =>
  `Note: no passphrase. Whoever can copy this profile's folder can read your messages. Change that: ${dure('passphrase set')}`
