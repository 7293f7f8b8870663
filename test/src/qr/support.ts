/** Pictures for the tests of the QR room, and the tools that make and read codes independently of us. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

/** Grey pixels, 0 is black. */
export interface Grey {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

const TOOLS = ['zbarimg', 'qrencode', 'convert', 'rsvg-convert']

/** Of the independent reader and generators, those that this machine does not have. */
export const missingTools = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)

const folder = mkdtempSync(path.join(tmpdir(), 'dure-qr-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Runs a tool that reads one file and writes another; `IN` and `OUT` in the arguments stand for them. */
export function converted(tool: string, args: readonly string[], input: { bytes: Uint8Array; extension: string }, extension: string): Uint8Array {
  const [from, to] = [path.join(folder, `in.${input.extension}`), path.join(folder, `out.${extension}`)]
  writeFileSync(from, input.bytes)
  execFileSync(tool, args.map((arg) => (arg === 'IN' ? from : arg === 'OUT' ? to : arg)))
  return readFileSync(to)
}

export const qrencoded = (text: string, ...options: string[]): Uint8Array => execFileSync('qrencode', ['-o', '-', ...options, text])

/** What zbar finds in a picture; each code's text. */
export function zbar(bytes: Uint8Array, extension: string): string[] {
  const file = path.join(folder, `zbar.${extension}`)
  writeFileSync(file, bytes)
  const { stdout } = spawnSync('zbarimg', ['-q', '--raw', '-Sdisable', '-Sqrcode.enable', file], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line !== '')
}

/** A PNG of any rows, well formed or not, with the dimensions it claims. */
export function pngOf(width: number, height: number, rows: Uint8Array): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(data.length)
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([head, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

export function pngOfGrey({ width, height, data }: Grey): Uint8Array {
  const rows = new Uint8Array(height * (width + 1))
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  return pngOf(width, height, rows)
}

/** What a terminal would show: half blocks in 256 colours (or in its own two), 8 x 16 pixels a cell, some room around. */
export function screenshot(text: string, theme: 'dark' | 'light'): Grey {
  const [background, foreground] = theme === 'dark' ? [24, 220] : [250, 30]
  const margin = 24
  const lines = text.split('\n')
  const columns = Math.max(...lines.map((line) => [...line.replace(/\x1b\[[\d;]*m/g, '')].length))
  const [width, height] = [columns * 8 + 2 * margin, lines.length * 16 + 2 * margin]
  const data = new Uint8Array(width * height).fill(background)
  const paint = (x: number, y: number, shade: number): void => {
    for (let row = 0; row < 8; row++) data.fill(shade, (y + row) * width + x, (y + row) * width + x + 8)
  }
  lines.forEach((line, at) => {
    let colours = [foreground, background] as [number, number]
    let column = 0
    for (const [, codes, character] of line.matchAll(/\x1b\[([\d;]*)m|(.)/gu)) {
      if (codes !== undefined) colours = coloured(codes, colours, [foreground, background])
      else {
        const [x, y] = [margin + column++ * 8, margin + at * 16]
        const [front, back] = colours
        paint(x, y, character === '█' || character === '▀' ? front : back)
        paint(x, y + 8, character === '█' || character === '▄' ? front : back)
      }
    }
  })
  return { width, height, data }
}

function coloured(codes: string, now: [number, number], reset: [number, number]): [number, number] {
  const next: [number, number] = codes === '0' ? [...reset] : [...now]
  for (const [, plane, colour] of codes.matchAll(/(38|48);5;(16|231)/g)) next[plane === '38' ? 0 : 1] = colour === '16' ? 0 : 255
  return next
}
