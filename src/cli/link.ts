/** A link as it is typed: itself, a picture of its code, or `-` for standard input. */
import { readFile, stat } from 'node:fs/promises'
import { readInput } from './input.ts'
import { CliError, type Io } from './io.ts'

/** Photographs of phones are about 5 MB. */
const MAX_PICTURE_BYTES = 32 * 1024 * 1024

/** @param wanted what the link should be, in the words of the error */
export async function linkFrom(io: Io, given: string, wanted: string): Promise<{ link: string; scanned: boolean }> {
  if (given === '-') return { link: (await readInput(io)).trim(), scanned: false }
  if (/^\s*dure:/i.test(given)) return { link: given.trim(), scanned: false }
  const found = await stat(given).catch(() => undefined)
  if (found === undefined || !found.isFile()) {
    throw new CliError(`this is neither ${wanted} nor a picture of its code`, 'a link begins with DURE:, a picture is a PNG, JPEG or WebP file')
  }
  if (found.size > MAX_PICTURE_BYTES) throw new CliError(`${given} is too large for a picture of a code`, 'crop it to the code')
  const { readQr } = await import('../qr/index.ts')
  return { link: await readQr(await readFile(given)), scanned: true }
}
