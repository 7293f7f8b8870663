/** Makes pictures small enough to travel, without what a camera writes into them. */
import { type Cut, isShowable, square, whole } from './picture-sizes.ts'

/** What a profile holds; a logo is no larger. */
const PORTRAIT_BYTES = 64 * 1024
/** Of a picture of a post. Every follower keeps it: a fifth of what an entry may name. */
const POST_BYTES = 2 * 1024 * 1024
/** Nothing larger is even opened. */
const MAX_FILE_BYTES = 30 * 1024 * 1024
const QUALITIES = [0.86, 0.75, 0.6, 0.45, 0.3] as const

/** @returns a square cut from its middle, or undefined when it is no picture or cannot be made small enough */
export const scaled = (file: Blob): Promise<Blob | undefined> => redrawn(file, square, PORTRAIT_BYTES)

/** @returns the whole picture */
export const scaledWhole = (file: Blob): Promise<Blob | undefined> => redrawn(file, whole, POST_BYTES)

async function redrawn(file: Blob, cut: (width: number, height: number) => Cut, maxBytes: number): Promise<Blob | undefined> {
  if (file.size > MAX_FILE_BYTES) return undefined
  try {
    if (!isShowable(await sizeOf(file))) return undefined
    const picture = await createImageBitmap(file)
    const { x, y, width, height, drawnWidth, drawnHeight } = cut(picture.width, picture.height)
    const canvas = new OffscreenCanvas(drawnWidth, drawnHeight)
    const context = canvas.getContext('2d')
    if (!context) return undefined
    // JPEG knows no transparency: what shines through is paper, not ink
    context.fillStyle = '#fff'
    context.fillRect(0, 0, drawnWidth, drawnHeight)
    context.drawImage(picture, x, y, width, height, 0, 0, drawnWidth, drawnHeight)
    picture.close()
    for (const quality of QUALITIES) {
      const small = await canvas.convertToBlob({ type: 'image/jpeg', quality })
      if (small.size <= maxBytes) return small
    }
  } catch {
    // not a picture
  }
  return undefined
}

/** As its head says: a file of some kilobytes may unfold into gigabytes, so it is not drawn to find that out. */
async function sizeOf(file: Blob): Promise<{ width: number; height: number }> {
  const url = URL.createObjectURL(file)
  const image = new Image()
  try {
    await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject, src: url }))
    return { width: image.naturalWidth, height: image.naturalHeight }
  } finally {
    URL.revokeObjectURL(url)
  }
}

export function base64Of(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'))
    reader.readAsDataURL(blob)
  })
}
