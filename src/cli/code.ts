/** A link shown as a QR code: in the terminal, or written to a picture. */
import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Context } from './command.ts'
import { usageError } from './io.ts'
import { widthOf } from './text.ts'

type Format = 'png' | 'svg'

export function pictureFormat(file: string): Format {
  const extension = extname(file).toLowerCase()
  if (extension === '.png' || extension === '.svg') return extension.slice(1) as Format
  throw usageError(`${file} is neither .png nor .svg`, 'the name says which picture is written: --qr code.png or --qr code.svg')
}

/** @param mode 0o600 for a code that lets one person in: nobody else on this machine needs to see it */
export async function writeCode(file: string, format: Format, link: string, mode: number): Promise<void> {
  const { qrPng, qrSvg } = await import('../qr/index.ts')
  await writeFile(file, format === 'png' ? qrPng(link) : qrSvg(link), { mode })
}

/** '' with a word on standard error when the window is too narrow. */
export async function codeFor({ io, warn }: Context, link: string): Promise<string> {
  const { qrText } = await import('../qr/index.ts')
  const code = qrText(link)
  const wide = Math.max(...code.split('\n').map(widthOf))
  if (io.stdout.columns === undefined || io.stdout.columns >= wide) return code
  warn(`The window is too narrow for the code (${wide} columns): widen it, or use --qr code.png`)
  return ''
}
