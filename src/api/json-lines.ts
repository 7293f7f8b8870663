/** Archives as they go through the door: one JSON object a line. */
import type { Readable } from 'node:stream'
import { MessengerError } from '../messenger/errors.ts'

export const JSON_LINES = 'application/jsonl'
/** An import is held in memory until the messenger took it; a million messages are about this much. */
const MAX_IMPORT_CHARACTERS = 256 * 1024 * 1024

export function* newlines(lines: Iterable<string>): Iterable<string> {
  for (const line of lines) yield `${line}\n`
}

export async function readLines(body: Readable): Promise<string[]> {
  const lines: string[] = []
  let rest = ''
  let characters = 0
  for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
    characters += chunk.length
    if (characters > MAX_IMPORT_CHARACTERS) throw new MessengerError('too-large', `an archive may hold ${MAX_IMPORT_CHARACTERS} characters`)
    const pieces = (rest + chunk).split('\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) if (piece !== '') lines.push(piece)
  }
  if (rest !== '') lines.push(rest)
  return lines
}
