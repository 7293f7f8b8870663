/** What a picture file says of itself, read before anything is decoded: formats are known by their bytes, not their name. */

export interface PictureHeader {
  readonly format: 'png' | 'jpeg' | 'webp'
  readonly width: number
  readonly height: number
}

/** Undefined when it is none of the three, or its dimensions are not where they must be. */
export function pictureHeader(bytes: Uint8Array): PictureHeader | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const header = png(view) ?? jpeg(view) ?? webp(view)
    return header && header.width > 0 && header.height > 0 ? header : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined // cut short
    throw error
  }
}

function png(view: Buffer): PictureHeader | undefined {
  if (view.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n' || view.toString('latin1', 12, 16) !== 'IHDR') return undefined
  return { format: 'png', width: view.readUInt32BE(16), height: view.readUInt32BE(20) }
}

/** Segments up to the start of frame (ITU-T T.81 annex B.1.1): SOF0 to SOF15 but for DHT, JPG and DAC. */
function jpeg(view: Buffer): PictureHeader | undefined {
  if (view.length < 4 || view.readUInt16BE(0) !== 0xffd8) return undefined
  for (let at = 2; ; ) {
    if (view.readUInt8(at) !== 0xff) return undefined
    const marker = view.readUInt8(at + 1)
    if (marker === 0xff) at += 1 // fill byte
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { format: 'jpeg', height: view.readUInt16BE(at + 5), width: view.readUInt16BE(at + 7) }
    } else at += 2 + view.readUInt16BE(at + 2)
  }
}

/** RFC 9649: the canvas of VP8X, else the frame of VP8 or VP8L. */
function webp(view: Buffer): PictureHeader | undefined {
  if (view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 12) !== 'WEBP') return undefined
  switch (view.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { format: 'webp', width: view.readUInt16LE(26) & 0x3fff, height: view.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = view.readUInt32LE(21)
      return { format: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { format: 'webp', width: view.readUIntLE(24, 3) + 1, height: view.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}
