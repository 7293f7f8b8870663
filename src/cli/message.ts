/** What the commands about single messages share. */
import type { MessageView } from '../messenger/views.ts'
import type { Context } from './command.ts'
import { inertName } from './inert.ts'
import { readInput } from './input.ts'
import { type Io, usageError } from './io.ts'
import { deliveryMark } from './words.ts'

/** The words of the command line, or standard input when there are none. */
export async function messageFrom(io: Io, words: readonly string[]): Promise<string> {
  if (words.length > 0) return words.join(' ')
  if (io.stdin.isTTY) throw usageError('what should be said?', 'write the text after the name, or pipe it in')
  const text = (await readInput(io)).replace(/\r?\n$/, '')
  if (text === '') throw usageError('standard input is empty')
  return text
}

export function sentText(message: MessageView, { style }: Context): string {
  const state = message.delivery === undefined ? '' : `${deliveryMark(message.delivery, style, true)} `
  const held = message.delivery === 'held' ? `\n${inertName(message.name)} has a new device; answer that first: dure requests` : ''
  return `${state}for ${inertName(message.name)}  ${style('dim', message.id)}${held}`
}
