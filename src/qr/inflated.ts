/** A PNG's compressed pixels may unfold to a thousand times their size, whatever its header says (attack 30). */
import { Readable } from 'node:stream'
import { createInflate } from 'node:zlib'

/** Bytes of one pixel at the most: four samples of 16 bits. */
const MAX_PIXEL_BYTES = 8

/** Do the pixels of a PNG unfold to no more than its header can mean? Counted as they come, none are kept. */
export async function unfoldsAsItSays(png: Uint8Array, width: number, height: number): Promise<boolean> {
  // every row, and every row of the seven interlaced passes, has one byte for its filter
  const most = width * height * MAX_PIXEL_BYTES + 8 * height + 64
  const inflate = createInflate()
  let size = 0
  try {
    for await (const part of Readable.from(pixelChunks(png)).pipe(inflate)) {
      size += (part as Uint8Array).length
      if (size > most) return false
    }
  } catch {
    return false // damaged
  } finally {
    inflate.destroy()
  }
  return true
}

function* pixelChunks(png: Uint8Array): Generator<Uint8Array> {
  const view = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  for (let at = 8; at + 8 <= view.length; ) {
    const length = view.readUInt32BE(at)
    if (view.toString('latin1', at + 4, at + 8) === 'IDAT') yield view.subarray(at + 8, at + 8 + length)
    at += 12 + length
  }
}
