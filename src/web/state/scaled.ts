/** Makes a picture small enough to travel with a profile, without what a camera writes into it. */

const SIDE = 512
/** What a profile holds. */
const MAX_BYTES = 64 * 1024
/** Nothing larger is even opened. */
const MAX_FILE_BYTES = 30 * 1024 * 1024
const QUALITIES = [0.86, 0.75, 0.6, 0.45, 0.3] as const

/** @returns a square cut from its middle, or undefined when it is no picture or cannot be made small enough */
export async function scaled(file: Blob): Promise<Blob | undefined> {
  if (file.size > MAX_FILE_BYTES) return undefined
  try {
    const whole = await createImageBitmap(file)
    const side = Math.min(whole.width, whole.height)
    const canvas = new OffscreenCanvas(SIDE, SIDE)
    canvas.getContext('2d')?.drawImage(whole, (whole.width - side) / 2, (whole.height - side) / 2, side, side, 0, 0, SIDE, SIDE)
    whole.close()
    for (const quality of QUALITIES) {
      const small = await canvas.convertToBlob({ type: 'image/jpeg', quality })
      if (small.size <= MAX_BYTES) return small
    }
  } catch {
    // not a picture
  }
  return undefined
}

export function base64Of(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'))
    reader.readAsDataURL(blob)
  })
}
