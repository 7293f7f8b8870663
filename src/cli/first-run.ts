/** What happens once in the life of a profile. */
import { existsSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Io } from './io.ts'
import type { Style } from './words.ts'

/** The name of the person's account on this machine; who wants another says `dure profile --name`. */
export function defaultName(): string {
  try {
    return userInfo().username || 'Me'
  } catch {
    return 'Me' // a user id without an entry, as in containers
  }
}

export const askName = async (io: Io): Promise<string> =>
  io.stdin.isTTY ? (await io.ask.text('What should your friends see as your name?', defaultName())).trim() || defaultName() : defaultName()

/** 24 words as they are copied to paper: numbered, four a row. */
export function wordRows(phrase: string, style: Style): string[] {
  const words = phrase.trim().split(' ')
  const rows: string[] = []
  for (let at = 0; at < words.length; at += 4) {
    rows.push(words.slice(at, at + 4).map((word, i) => `${style('dim', `${at + i + 1}`.padStart(4))} ${style('bold', word.padEnd(9))}`).join('').trimEnd())
  }
  return rows
}

export function phraseText(phrase: string, style: Style): string {
  return [
    '',
    'Your recovery phrase. Write it on paper now: it is shown only this once, it alone',
    'brings your account back, and whoever has it is you.',
    '',
    ...wordRows(phrase, style),
    '',
  ].join('\n')
}

const phraseFile = (home: string): string => join(home, 'recovery-phrase.txt')

/** Where nobody is there to read the phrase it must neither be lost nor end up in a log: a file of the owner's alone. */
export function keepPhrase(home: string, phrase: string): string {
  writeFileSync(phraseFile(home), `${phrase}\n`, { mode: 0o600, flag: 'wx' })
  return phraseFile(home)
}

/** A reminder as long as the phrase lies there. */
export const keptPhrase = (home: string): string | undefined => (existsSync(phraseFile(home)) ? phraseFile(home) : undefined)
