/** Standard input as text. */
import { CliError, type Io } from './io.ts'

/** The largest thing anyone writes into a command: a message, with room for its author's line ends. */
const MAX_INPUT_BYTES = 256 * 1024

export async function readInput(io: Io): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of io.stdin as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_INPUT_BYTES) throw new CliError('standard input holds too much', 'a message may have 64 KiB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
