/** Numbers as they are typed behind an option. */
import { usageError } from './io.ts'

/** @throws CliError (usage) unless it is a whole number within the bounds */
export function wholeNumber(text: string, what: string, least: number, most: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most) throw usageError(`${text} is not ${what}`, `a whole number up to ${most}`)
  return value
}

export const portNumber = (text: string): number => wholeNumber(text, 'a port', 0, 65_535)
