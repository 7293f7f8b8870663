/** An archive on its way to disk. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CliError } from './io.ts'

/** Writes what comes, under another name until it is whole. Never over a file that is there. @returns lines written */
export async function writeArchive(file: string, text: AsyncIterable<string>): Promise<number> {
  if (await stat(file).catch(() => undefined)) throw new CliError(`${file} is there already`, 'choose another folder, or move it away')
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const partial = `${file}.partial`
  let total = 0
  try {
    const counted = async function* () {
      for await (const chunk of text) {
        for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', at + 1)) total++
        yield chunk
      }
    }
    await pipeline(Readable.from(counted()), createWriteStream(partial, { mode: 0o600, flush: true }))
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error instanceof CliError ? error : new CliError(`the archive could not be written: ${(error as Error).message}`)
  }
  return total
}
