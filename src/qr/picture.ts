/** A code as a picture file: PNG (ISO/IEC 15948, one bit a pixel) and SVG. */
import { crc32, deflateSync } from 'node:zlib'
import { type Modules, modulesOf, QUIET_ZONE } from './modules.ts'

/** Pixels a module: what messengers and mail programs scale down is still readable. */
const SCALE = 8
const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

/** @throws QrError too-long */
export function qrPng(text: string): Uint8Array {
  const modules = modulesOf(text, 'medium', QUIET_ZONE)
  const size = modules.length * SCALE
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header[8] = 1 // bits a sample; grey, deflate, no filter method but 0, not interlaced: all 0
  const rows = modules.flatMap((row) => Array<Uint8Array>(SCALE).fill(pngRow(row)))
  const file = [PNG_SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]
  return new Uint8Array(Buffer.concat(file))
}

/** Filter type 0, then the pixels: 1 is white. */
function pngRow(row: Modules[number]): Uint8Array {
  const out = new Uint8Array(1 + Math.ceil((row.length * SCALE) / 8))
  for (let pixel = 0; pixel < row.length * SCALE; pixel++) {
    const isDark = row[Math.floor(pixel / SCALE)]
    const at = 1 + (pixel >> 3)
    if (!isDark) out[at] = (out[at] ?? 0) | (0x80 >> (pixel & 7))
  }
  return out
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** With its own white background: a page or viewer may be dark. @throws QrError too-long */
export function qrSvg(text: string): string {
  const modules = modulesOf(text, 'medium', QUIET_ZONE)
  const size = modules.length
  const path = modules.map((row, y) => runs(row).map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`).join('')).join('')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size * SCALE}" height="${size * SCALE}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>\n`
  )
}

/** Where dark modules begin and how many follow each other. */
function runs(row: Modules[number]): [x: number, width: number][] {
  const found: [number, number][] = []
  row.forEach((isDark, x) => {
    const last = found.at(-1)
    if (!isDark) return
    if (last && last[0] + last[1] === x) last[1]++
    else found.push([x, 1])
  })
  return found
}
